//! What is generated when there were mistakes: the item, so that the rest of the user's code still
//! finds it, and the messages.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Path;

use crate::{
    diagnostics::{Errors, at},
    parse::AnyItem,
};

/// The item, and an `Endpoint` that is never used, so that its handlers and its registration by hand
/// raise no second message.
pub(crate) fn endpoint(item: &AnyItem, krate: &Path, errors: Errors) -> TokenStream {
    let tokens = &item.tokens;
    let errors = errors.into_tokens();
    let dummy = item.name.as_ref().map(|name| {
        quote_spanned! {at(name.span())=>
            impl #krate::Endpoint for #name {
                const PATH: &'static str = "/";

                async fn bind(
                    _: &mut #krate::Handshake,
                ) -> ::core::result::Result<Self, #krate::Refusal> {
                    ::core::unreachable!()
                }
            }
        }
    });
    quote_spanned!(at(proc_macro2::Span::call_site())=> #tokens #dummy #errors)
}

/// The same on the dialling side.
pub(crate) fn client_endpoint(item: &AnyItem, krate: &Path, errors: Errors) -> TokenStream {
    let endpoint = endpoint(item, krate, errors);
    let dummy = item
        .name
        .as_ref()
        .map(|name| quote_spanned!(at(name.span())=> impl #krate::ClientEndpoint for #name {}));
    quote_spanned!(at(proc_macro2::Span::call_site())=> #endpoint #dummy)
}

/// The method alone. Without its hidden function the endpoint is one that has no such handler.
pub(crate) fn handler(item: &TokenStream, errors: Errors) -> TokenStream {
    let errors = errors.into_tokens();
    quote_spanned!(at(proc_macro2::Span::call_site())=> #item #errors)
}
