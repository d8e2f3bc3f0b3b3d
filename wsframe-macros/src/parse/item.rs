//! What the struct attribute stands on.

use std::mem;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Fields, Generics, ItemStruct, spanned::Spanned};

use super::SourceAttr;
use crate::diagnostics::Errors;

/// A struct that can be an endpoint: it has no generics.
pub(crate) struct Item {
    syntax: ItemStruct,
    pub(crate) fields: Fields,
    /// Another `#[server_endpoint]`, taken off.
    pub(crate) second: Option<syn::Attribute>,
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
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self, (AnyItem, syn::Error)> {
        match syn::parse2::<syn::Item>(tokens.clone()) {
            Ok(syn::Item::Struct(mut syntax)) => {
                let fields = mem::replace(&mut syntax.fields, Fields::Unit);
                let second = take_second(&mut syntax.attrs);
                let mut item = Self { syntax, fields, second };
                let Some(error) = refuse_generics(&item.syntax.generics) else { return Ok(item) };
                // One message is enough: what else is wrong can be said when this is mended.
                SourceAttr::take_all(&mut item.fields, &mut Errors::default());
                Err((AnyItem { tokens: item.tokens(), name: None }, error))
            }
            Ok(item) => {
                let (name, error) = refuse(&item);
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
fn take_second(attrs: &mut Vec<syn::Attribute>) -> Option<syn::Attribute> {
    let is_ours = |attr: &syn::Attribute| {
        attr.path().segments.last().is_some_and(|last| last.ident == "server_endpoint")
    };
    let second = attrs.iter().find(|attr| is_ours(attr)).cloned();
    attrs.retain(|attr| !is_ours(attr));
    second
}

/// The message at the keyword, and the name if it is that of a type without generics.
fn refuse(item: &syn::Item) -> (Option<Ident>, syn::Error) {
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
    let text = format!("`#[server_endpoint]` belongs on a struct, not on {what}");
    (name, syn::Error::new(span, text))
}

/// A handler on a generic struct would be passed over in silence: with bounds on its `impl` alone,
/// the empty handler of `NoHandler` applies to more types and wins.
fn refuse_generics(generics: &Generics) -> Option<syn::Error> {
    (!generics.params.is_empty()).then(|| {
        syn::Error::new_spanned(
            generics,
            "an endpoint that registers itself is one type, so it cannot be generic; \
             remove the parameters, or implement `wsframe::Endpoint` by hand and register each \
             type with `Server::endpoint`",
        )
    })
}
