//! The struct attribute: `impl Endpoint`.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::{binding, options, registration};
use crate::{diagnostics::at, model::Endpoint, parse::Item};

/// The struct, its `Endpoint` and its registration:
///
/// ```text
/// struct Echo;
///
/// const _: () = {
///     use ::wsframe::private::NoHandler as _;
///
///     impl ::wsframe::Endpoint for Echo { … }
///
///     ::wsframe::private::inventory::submit! { … }
/// };
/// ```
///
/// `NoHandler` has an empty function for each handler; an inherent function of the same name, made
/// by a method attribute, goes before it. That works for calls by path only: with `self.hidden()`
/// and a `&self` receiver the empty one would win.
pub(crate) fn endpoint(item: &Item, endpoint: &Endpoint) -> TokenStream {
    let (krate, ident) = (endpoint.krate(), endpoint.ident());
    let item = item.tokens();
    let path = endpoint.template().literal();
    let options = options::options(krate, ident, endpoint.settings());
    let states = binding::states(endpoint);
    let bind = binding::bind(endpoint);
    let registration = registration::registration(endpoint);
    quote_spanned! {at(ident.span())=>
        #item

        const _: () = {
            use #krate::private::NoHandler as _;

            impl #krate::Endpoint for #ident {
                const PATH: &'static str = #path;
                #options
                #states
                #bind
                #krate::private::handlers!();
            }

            #registration
        };
    }
}
