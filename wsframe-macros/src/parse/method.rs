//! What a method attribute stands on: attributes and signature. The body stays unread, so that one
//! that is half typed does not get in the way.

use proc_macro2::TokenStream;
use syn::{
    Signature, Token, Visibility,
    parse::{ParseStream, Parser},
};

use super::Attribute;

/// A method without its body.
pub(crate) struct Method {
    pub(crate) attrs: Vec<syn::Attribute>,
    pub(crate) signature: Signature,
}

impl Method {
    /// # Errors
    ///
    /// If it is not a method.
    pub(crate) fn parse(attribute: Attribute, item: TokenStream) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| {
            let attrs = input.call(syn::Attribute::parse_outer)?;
            input.parse::<Visibility>()?;
            let (start, is_function) = (input.span(), is_function(input));
            let signature = input.parse::<Signature>().map_err(|error| {
                // A signature with a mistake in it is told apart from another thing altogether.
                if is_function { error } else { misplaced(attribute, start) }
            })?;
            let body = input.span();
            let empty = input.is_empty() || input.peek(Token![;]);
            input.parse::<TokenStream>()?;
            if empty {
                return Err(syn::Error::new(
                    body,
                    "a handler is a method with a body, in an `impl` block of the endpoint's struct",
                ));
            }
            Ok(Self { attrs, signature })
        };
        parser.parse2(item)
    }
}

fn is_function(input: ParseStream<'_>) -> bool {
    input.peek(Token![async])
        || input.peek(Token![unsafe])
        || (input.peek(Token![const]) && !input.peek3(Token![:]))
        || input.peek(Token![extern])
        || input.peek(Token![fn])
}

fn misplaced(attribute: Attribute, span: proc_macro2::Span) -> syn::Error {
    let name = attribute.name();
    syn::Error::new(
        span,
        format!("`#[{name}]` belongs on a method, in an `impl` block of the endpoint's struct"),
    )
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn the_body_is_not_read() {
        let method = Method::parse(
            Attribute::Open,
            quote! { /// Opens.
            #[cfg(unix)] pub(crate) async fn opened(&mut self) { let x = ; session. } },
        );
        assert_eq!(method.unwrap().attrs.len(), 2);
    }

    #[test]
    fn what_is_no_method_is_refused() {
        for (item, part) in [
            ("struct Chat;", "belongs on a method"),
            ("impl Chat {}", "belongs on a method"),
            ("const A: u8 = 1;", "belongs on a method"),
            ("async fn", "expected"),
            ("fn opened(&self);", "with a body"),
        ] {
            let item = item.parse().unwrap();
            let error = Method::parse(Attribute::Open, item).err().unwrap().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
