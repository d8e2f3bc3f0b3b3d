//! What the struct attribute stands on.

use std::mem;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Fields, Generics, ItemStruct, spanned::Spanned};

use super::{Side, SourceAttr};
use crate::diagnostics::Errors;

/// A struct that can be an endpoint: it has no generics.
pub(crate) struct Item {
    syntax: ItemStruct,
    pub(crate) fields: Fields,
    /// Another attribute that makes an endpoint, taken off.
    pub(crate) second: Option<(syn::Attribute, Side)>,
}

/// What is left to re-emit when there were mistakes.
pub(crate) struct AnyItem {
    /// The item; helper attributes are still on it if it is no struct.
    pub(crate) tokens: TokenStream,
    /// The type, if it has a name and no generics.
    pub(crate) name: Option<Ident>,
}

impl Item {
    /// # Errors
    ///
    /// What is not a struct without generics, to be re-emitted, and the message.
    pub(crate) fn parse(side: Side, tokens: TokenStream) -> Result<Self, (AnyItem, syn::Error)> {
        match syn::parse2::<syn::Item>(tokens.clone()) {
            Ok(syn::Item::Struct(mut syntax)) => {
                let fields = mem::replace(&mut syntax.fields, Fields::Unit);
                let second = take_second(&mut syntax.attrs);
                let mut item = Self { syntax, fields, second };
                let Some(error) = refuse_generics(side, &item.syntax.generics) else {
                    return Ok(item);
                };
                // One message is enough: what else is wrong can be said when this is mended.
                SourceAttr::take_all(&mut item.fields, &mut Errors::default());
                Err((AnyItem { tokens: item.tokens(), name: None }, error))
            }
            Ok(item) => {
                let (name, error) = refuse(side, &item);
                Err((AnyItem { tokens, name }, error))
            }
            Err(error) => Err((AnyItem { tokens, name: None }, error)),
        }
    }

    pub(crate) fn ident(&self) -> &Ident {
        &self.syntax.ident
    }

    /// The struct with the fields as they are now.
    pub(crate) fn tokens(&self) -> TokenStream {
        let syntax = ItemStruct { fields: self.fields.clone(), ..self.syntax.clone() };
        syntax.into_token_stream()
    }
}

impl From<Item> for AnyItem {
    fn from(item: Item) -> Self {
        Self { tokens: item.tokens(), name: Some(item.syntax.ident) }
    }
}

/// Left on, it would be a second `impl Endpoint`, about which rustc says no more than that.
fn take_second(attrs: &mut Vec<syn::Attribute>) -> Option<(syn::Attribute, Side)> {
    let side = |attr: &syn::Attribute| {
        let last = attr.path().segments.last()?;
        [Side::Server, Side::Client].into_iter().find(|side| last.ident == side.attribute())
    };
    let second = attrs.iter().find_map(|attr| Some((attr.clone(), side(attr)?)));
    attrs.retain(|attr| side(attr).is_none());
    second
}

/// The message at the keyword, and the name if it is that of a type without generics.
fn refuse(side: Side, item: &syn::Item) -> (Option<Ident>, syn::Error) {
    let plain =
        |ident: &Ident, generics: &Generics| generics.params.is_empty().then(|| ident.clone());
    let (name, span, what) = match item {
        syn::Item::Enum(item) => {
            (plain(&item.ident, &item.generics), item.enum_token.span(), "an enum")
        }
        syn::Item::Union(item) => {
            (plain(&item.ident, &item.generics), item.union_token.span(), "a union")
        }
        syn::Item::Fn(item) => (None, item.sig.fn_token.span(), "a function"),
        syn::Item::Impl(item) => (None, item.impl_token.span(), "an `impl` block"),
        syn::Item::Trait(item) => (None, item.trait_token.span(), "a trait"),
        syn::Item::Mod(item) => (None, item.mod_token.span(), "a module"),
        other => (None, other.span(), "this item"),
    };
    let text = format!("`#[{}]` belongs on a struct, not on {what}", side.attribute());
    (name, syn::Error::new(span, text))
}

/// A handler on a generic struct would be passed over in silence: with bounds on its `impl` alone,
/// the empty handler of `NoHandler` applies to more types and wins.
fn refuse_generics(side: Side, generics: &Generics) -> Option<syn::Error> {
    let text = match side {
        Side::Server => {
            "an endpoint that registers itself is one type, so it cannot be generic; \
             remove the parameters, or implement `wsframe::Endpoint` by hand and register each \
             type with `Server::endpoint`"
        }
        Side::Client => {
            "an annotated endpoint is one type, so it cannot be generic; remove the parameters, or \
             implement `wsframe::Endpoint` and `wsframe::ClientEndpoint` by hand"
        }
    };
    (!generics.params.is_empty()).then(|| syn::Error::new_spanned(generics, text))
}
