//! The object, from the handshake: `bind`, and the `states` that it takes.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::{Path, Type, spanned::Spanned};

use crate::{
    diagnostics::at,
    model::{Endpoint, Field, Shape, Source},
};

/// One struct literal:
///
/// ```text
/// async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
///     Ok(Self {
///         user: <User as FromHandshake>::from_handshake(handshake).await?,
///         room: bind::path::<String>(handshake, "room")?,
///         nick: bind::query::<String>(handshake, "nick")?,
///         said: bind::initial::<u32>(),
///     })
/// }
/// ```
///
/// The fields of a literal are evaluated in the order in which it is written, which here is the order
/// of binding. So there are no local variables that an expression of the user's could meet.
pub(super) fn bind(endpoint: &Endpoint) -> TokenStream {
    let krate = endpoint.krate();
    let span = at(endpoint.ident().span());
    let mut fields: Vec<&Field> = endpoint.fields().iter().collect();
    fields.sort_by_key(|field| field.source().turn());
    let asks = fields.iter().any(|f| !matches!(f.source(), Source::Value(_) | Source::Initial));
    let handshake = if asks { quote_spanned!(span=> handshake) } else { quote_spanned!(span=> _) };
    let fields = fields.into_iter().map(|field| {
        let (cfgs, member) = (field.cfgs(), field.member());
        let value = value(krate, field, &handshake);
        quote_spanned!(span=> #(#cfgs)* #member: #value)
    });
    quote_spanned! {span=>
        async fn bind(
            #handshake: &mut #krate::Handshake,
        ) -> ::core::result::Result<Self, #krate::Refusal> {
            ::core::result::Result::Ok(Self { #(#fields),* })
        }
    }
}

/// The value of one field. Its type is spelt out, so that a missing trait is reported there.
fn value(krate: &Path, field: &Field, handshake: &TokenStream) -> TokenStream {
    let ty = field.ty();
    let span = at(ty.span());
    match field.source() {
        Source::Extract => quote_spanned! {span=>
            <#ty as #krate::FromHandshake>::from_handshake(#handshake).await?
        },
        Source::Principal { optional } => {
            let name = if *optional { "principal_option" } else { "principal" };
            let function = Ident::new(name, span);
            quote_spanned!(span=> #krate::private::bind::#function(#handshake)?)
        }
        Source::Param { name } => quote_spanned! {span=>
            #krate::private::bind::path::<#ty>(#handshake, #name)?
        },
        Source::Text { place, name, shape } => {
            let (suffix, ty): (&str, &Type) = match shape {
                Shape::Once(ty) => ("", ty),
                Shape::Optional(ty) => ("_option", ty),
                Shape::Many(ty) => ("_vec", ty),
            };
            let function = Ident::new(&format!("{}{suffix}", place.attribute()), span);
            quote_spanned!(span=> #krate::private::bind::#function::<#ty>(#handshake, #name)?)
        }
        Source::State => quote_spanned!(span=> #krate::private::bind::state::<#ty>(#handshake)?),
        Source::Value(value) => quote_spanned!(span=> #value),
        Source::Initial => quote_spanned!(span=> #krate::private::bind::initial::<#ty>()),
    }
}

/// What the server checks before it starts; nothing if there are no `#[state]` fields.
///
/// ```text
/// fn states() -> Vec<StateKey> {
///     Vec::from([bind::state_key::<Arc<Log>>()])
/// }
/// ```
pub(super) fn states(endpoint: &Endpoint) -> TokenStream {
    let krate = endpoint.krate();
    let span = at(endpoint.ident().span());
    let keys: Vec<_> = endpoint
        .fields()
        .iter()
        .filter(|field| matches!(field.source(), Source::State))
        .map(|field| {
            let (cfgs, ty) = (field.cfgs(), field.ty());
            quote_spanned!(at(ty.span())=> #(#cfgs)* #krate::private::bind::state_key::<#ty>())
        })
        .collect();
    if keys.is_empty() {
        return TokenStream::new();
    }
    quote_spanned! {span=>
        fn states() -> ::std::vec::Vec<#krate::StateKey> {
            ::std::vec::Vec::from([#(#keys),*])
        }
    }
}
