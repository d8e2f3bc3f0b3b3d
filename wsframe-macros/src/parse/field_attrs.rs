//! `#[query]`, `#[header("…")]`, `#[cookie]`, `#[state]`, `#[extract]`, `#[principal]`,
//! `#[default(…)]`.

use proc_macro2::Span;
use syn::{Attribute, Expr, Field, Fields, LitStr, Meta, spanned::Spanned};

use crate::diagnostics::Errors;

/// One helper attribute of a field.
pub(crate) struct SourceAttr {
    pub(crate) attribute: Attribute,
    pub(crate) syntax: SourceSyntax,
}

/// What a helper attribute says.
pub(crate) enum SourceSyntax {
    Query(Option<LitStr>),
    Header(LitStr),
    Cookie(Option<LitStr>),
    State,
    Extract,
    Principal,
    Default(Expr),
}

/// The helper attributes of one field; `None` if one of them was malformed.
pub(crate) type FieldSources = Option<Vec<SourceAttr>>;

impl SourceAttr {
    /// Takes the helper attributes off all fields, since rustc does not know them.
    pub(crate) fn take_all(fields: &mut Fields, errors: &mut Errors) -> Vec<FieldSources> {
        fields.iter_mut().map(|field| take(field, errors)).collect()
    }

    pub(crate) fn span(&self) -> Span {
        self.attribute.path().span()
    }
}

fn take(field: &mut Field, errors: &mut Errors) -> FieldSources {
    let mut sources = Some(Vec::new());
    for attribute in std::mem::take(&mut field.attrs) {
        let Some(syntax) = parse(&attribute) else {
            field.attrs.push(attribute);
            continue;
        };
        match errors.take(syntax) {
            Some(syntax) => {
                if let Some(sources) = &mut sources {
                    sources.push(SourceAttr { attribute, syntax });
                }
            }
            None => sources = None,
        }
    }
    sources
}

/// `None` for the attributes of others.
fn parse(attribute: &Attribute) -> Option<syn::Result<SourceSyntax>> {
    let name = attribute.path().get_ident()?.to_string();
    let named = |example: &str| -> syn::Result<LitStr> {
        match &attribute.meta {
            Meta::List(_) => attribute
                .parse_args()
                .map_err(|error| syn::Error::new(error.span(), format!("write `{example}`"))),
            other => Err(syn::Error::new_spanned(other, format!("write `{example}`"))),
        }
    };
    let maybe_named = |example: &str| match &attribute.meta {
        Meta::Path(_) => Ok(None),
        _ => named(example).map(Some),
    };
    let bare = |syntax: SourceSyntax| match &attribute.meta {
        Meta::Path(_) => Ok(syntax),
        other => Err(syn::Error::new_spanned(other, format!("`#[{name}]` takes no arguments"))),
    };
    Some(match &*name {
        "query" => maybe_named("#[query]` or `#[query(\"name\")]").map(SourceSyntax::Query),
        "header" => named("#[header(\"x-name\")]").map(SourceSyntax::Header),
        "cookie" => maybe_named("#[cookie]` or `#[cookie(\"name\")]").map(SourceSyntax::Cookie),
        "state" => bare(SourceSyntax::State),
        "extract" => bare(SourceSyntax::Extract),
        "principal" => bare(SourceSyntax::Principal),
        "default" => match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                attribute.parse_args().map(SourceSyntax::Default)
            }
            other => Err(syn::Error::new_spanned(
                other,
                "write `#[default(value)]`; a field without an attribute starts at \
                 `Default::default()`",
            )),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::{ItemStruct, parse_quote};

    use super::*;

    #[test]
    fn only_our_attributes_are_taken() {
        let mut item: ItemStruct = parse_quote! {
            struct Chat {
                /// Kept.
                #[cfg(unix)] #[serde(default)] #[query("n")] a: u8,
                #[default(1 + 1)] b: u8,
                c: u8,
            }
        };
        let mut errors = Errors::default();
        let sources = SourceAttr::take_all(&mut item.fields, &mut errors);
        assert!(errors.is_empty());
        let counts: Vec<_> = sources.iter().map(|s| s.as_ref().unwrap().len()).collect();
        assert_eq!(counts, [1, 1, 0]);
        let left = item.into_token_stream().to_string();
        assert!(left.contains("serde") && left.contains("cfg") && left.contains("Kept"));
        assert!(!left.contains("query") && !left.contains("1 + 1"));
    }

    #[test]
    fn malformed_ones_are_taken_and_reported() {
        let mut item: ItemStruct = parse_quote! {
            struct Chat {
                #[query = "n"] a: u8,
                #[header] b: u8,
                #[state(1)] c: u8,
                #[default] d: u8,
                #[cookie(5)] e: u8,
            }
        };
        let mut errors = Errors::default();
        let sources = SourceAttr::take_all(&mut item.fields, &mut errors);
        assert!(sources.iter().all(Option::is_none));
        assert_eq!(errors.messages().len(), 5);
        assert!(!item.into_token_stream().to_string().contains('#'));
    }
}
