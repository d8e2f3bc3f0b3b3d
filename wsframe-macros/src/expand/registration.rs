//! The descriptor that the server finds at start-up.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::{diagnostics::at, model::Endpoint};

/// ```text
/// inventory::submit! {
///     Descriptor::of::<Chat>(Place { package: "chat-app", file: "src/main.rs", line: 12 })
/// }
/// ```
///
/// `file!` and `line!` tell the place of the outermost macro, which is the user's attribute.
pub(super) fn registration(endpoint: &Endpoint) -> TokenStream {
    let (krate, ident) = (endpoint.krate(), endpoint.ident());
    quote_spanned! {at(ident.span())=>
        #krate::private::inventory::submit! {
            #krate::private::Descriptor::of::<#ident>(#krate::private::Place {
                package: ::core::env!("CARGO_PKG_NAME"),
                file: ::core::file!(),
                line: ::core::line!(),
            })
        }
    }
}
