//! The struct attribute of the dialling side: `impl Endpoint` and `impl ClientEndpoint`.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::options;
use crate::{diagnostics::at, model::ClientEndpoint, names, parse::Item};

/// As on the server's side, but that nothing is bound and nothing registered:
///
/// ```text
/// struct Bot { … }
///
/// const _: () = {
///     use ::wsframe::private::NoHandler as _;
///
///     impl ::wsframe::Endpoint for Bot { … }
///
///     impl ::wsframe::ClientEndpoint for Bot { … }
///
///     impl Bot {
///         #[doc(hidden)]
///         #[allow(dead_code)]
///         pub(crate) const __WSFRAME_SIDE: ::wsframe::private::Dials = …;
///     }
/// };
/// ```
///
/// The constant is what a handler that a client cannot have is refused by.
pub(crate) fn client_endpoint(item: &Item, endpoint: &ClientEndpoint) -> TokenStream {
    let (krate, ident) = (endpoint.krate(), endpoint.ident());
    let item = item.tokens();
    let options = options::options(krate, ident, endpoint.settings());
    let side = names::hidden_side(ident.span());
    quote_spanned! {at(ident.span())=>
        #item

        const _: () = {
            use #krate::private::NoHandler as _;

            impl #krate::Endpoint for #ident {
                #options
                #krate::private::unserved!();
                #krate::private::handlers!();
            }

            impl #krate::ClientEndpoint for #ident {
                #krate::private::reconnecting!();
            }

            impl #ident {
                #[doc(hidden)]
                #[allow(dead_code)]
                pub(crate) const #side: #krate::private::Dials = #krate::private::Dials;
            }
        };
    }
}
