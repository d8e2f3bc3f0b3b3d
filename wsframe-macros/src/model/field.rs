//! A field: where its value comes from.

use syn::{Attribute, Expr, GenericArgument, LitStr, Member, PathArguments, Type, ext::IdentExt};

use super::Template;
use crate::{
    diagnostics::{Errors, quoted},
    parse::{SourceAttr, SourceSyntax, literal::is_token},
};

/// A field of an endpoint.
pub(crate) struct Field {
    member: Member,
    ty: Type,
    cfgs: Vec<Attribute>,
    source: Source,
}

/// Where a field's value comes from, in the order of binding.
pub(crate) enum Source {
    /// `FromHandshake`.
    Extract,
    /// Who the session belongs to; `optional` if that may be nobody.
    Principal { optional: bool },
    /// A parameter of the path.
    Param { name: String },
    /// Text that may be missing, there, or there several times.
    Text { place: TextPlace, name: String, shape: Shape },
    /// The server's shared state.
    State,
    /// The expression of `#[default(…)]`.
    Value(Expr),
    /// Nothing is said.
    Initial,
}

/// Where text comes from, in the order of binding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TextPlace {
    Query,
    Header,
    Cookie,
}

/// How often a text must be there. The type is what one of them parses to.
pub(crate) enum Shape {
    Once(Type),
    Optional(Type),
    Many(Type),
}

impl Field {
    pub(crate) fn new(
        member: Member,
        field: &syn::Field,
        attrs: Vec<SourceAttr>,
        template: Option<&Template>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let name = match &member {
            Member::Named(ident) => Some(ident.unraw().to_string()),
            Member::Unnamed(_) => None,
        };
        let param = name.as_deref().filter(|name| template.is_some_and(|t| t.has(name)));
        let source = match (param, at_most_one(attrs, errors)?) {
            (Some(param), Some(attr)) => {
                let text = format!(
                    "the field `{param}` is the parameter `<{param}>` of the path, so it has no \
                     second source; remove the attribute or rename one of the two"
                );
                errors.over(&attr.attribute, text);
                return None;
            }
            (Some(param), None) => {
                refuse_wrapper(&field.ty, &["Option", "Vec"], errors, |inner| {
                    format!(
                        "a parameter of the path is always there, once; write {}",
                        quoted(inner)
                    )
                })?;
                refuse_borrowed(&field.ty, errors)?;
                Source::Param { name: param.to_owned() }
            }
            (None, Some(attr)) => Source::new(attr, name.as_deref(), &field.ty, errors)?,
            (None, None) => Source::Initial,
        };
        let cfgs = field.attrs.iter().filter(|a| a.path().is_ident("cfg")).cloned().collect();
        Some(Self { member, ty: field.ty.clone(), cfgs, source })
    }

    pub(crate) fn member(&self) -> &Member {
        &self.member
    }

    pub(crate) fn ty(&self) -> &Type {
        &self.ty
    }

    pub(crate) fn cfgs(&self) -> &[Attribute] {
        &self.cfgs
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Whether this is the field of the path's parameter `name`.
    pub(crate) fn is_param(&self, name: &str) -> bool {
        matches!(&self.source, Source::Param { name: own } if own == name)
    }
}

impl Source {
    fn new(attr: SourceAttr, field: Option<&str>, ty: &Type, errors: &mut Errors) -> Option<Self> {
        let span = attr.span();
        let mut text = |place: TextPlace, name: Option<LitStr>| {
            let (name, span) = match (name, field) {
                (Some(name), _) => (name.value(), name.span()),
                (None, Some(field)) => (field.to_owned(), span),
                (None, None) => {
                    let attr = place.attribute();
                    let text = format!("a field without a name needs one here: `#[{attr}(\"…\")]`");
                    errors.at(span, text);
                    return None;
                }
            };
            if let Some(text) = place.refuse(&name) {
                errors.at(span, text);
                return None;
            }
            // Header names are compared without regard to case; `http` asks for small letters.
            let name = if place == TextPlace::Header { name.to_ascii_lowercase() } else { name };
            if place == TextPlace::Cookie {
                refuse_wrapper(ty, &["Vec"], errors, |inner| {
                    let optional = syn::parse_quote!(Option<#inner>);
                    let (inner, optional) = (quoted(inner), quoted(&optional));
                    format!("a cookie is there once or not at all; write {inner} or {optional}")
                })?;
            }
            let shape = Shape::of(ty);
            let (Shape::Once(inner) | Shape::Optional(inner) | Shape::Many(inner)) = &shape;
            refuse_borrowed(inner, errors)?;
            Some(Self::Text { place, name, shape })
        };
        match attr.syntax {
            SourceSyntax::Query(name) => text(TextPlace::Query, name),
            SourceSyntax::Header(name) => text(TextPlace::Header, Some(name)),
            SourceSyntax::Cookie(name) => text(TextPlace::Cookie, name),
            SourceSyntax::State => Some(Self::State),
            SourceSyntax::Principal => {
                Some(Self::Principal { optional: matches!(Shape::of(ty), Shape::Optional(_)) })
            }
            SourceSyntax::Extract => {
                // Neither the user nor we can implement the trait for these.
                refuse_wrapper(ty, &["Option", "Vec"], errors, |inner| {
                    format!(
                        "an extractor decides itself whether something may be missing; write {} or \
                         another type that implements `FromHandshake`",
                        quoted(inner)
                    )
                })?;
                Some(Self::Extract)
            }
            SourceSyntax::Default(value) => Some(Self::Value(value)),
        }
    }

    /// The place in the order of binding: who is not allowed in learns that first.
    pub(crate) fn turn(&self) -> u8 {
        match self {
            Self::Extract => 0,
            Self::Principal { .. } => 1,
            Self::Param { .. } => 2,
            Self::Text { place: TextPlace::Query, .. } => 3,
            Self::Text { place: TextPlace::Header, .. } => 4,
            Self::Text { place: TextPlace::Cookie, .. } => 5,
            Self::State => 6,
            Self::Value(_) | Self::Initial => 7,
        }
    }
}

impl TextPlace {
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }

    /// What is wrong with a name, if anything.
    fn refuse(self, name: &str) -> Option<String> {
        match self {
            Self::Query if name.is_empty() => Some("a query parameter has a name".into()),
            Self::Header if !is_token(name) => {
                Some(format!("`{name}` is not a valid header name; write one like `x-request-id`"))
            }
            Self::Cookie if !is_token(name) => Some(format!("`{name}` is not a valid cookie name")),
            _ => None,
        }
    }
}

impl Shape {
    fn of(ty: &Type) -> Self {
        match wrapped(ty) {
            Some(("Option", inner)) => Self::Optional(inner),
            Some((_, inner)) => Self::Many(inner),
            None => Self::Once(ty.clone()),
        }
    }
}

/// `Option` or `Vec` and what is in it. Only the name can be seen here, which is as documented.
fn wrapped(ty: &Type) -> Option<(&'static str, Type)> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Group(group) => return wrapped(&group.elem),
        Type::Paren(paren) => return wrapped(&paren.elem),
        _ => return None,
    };
    let last = path.segments.last()?;
    let wrapper = ["Option", "Vec"].into_iter().find(|name| last.ident == name)?;
    match &last.arguments {
        PathArguments::AngleBracketed(args) => match (args.args.first()?, args.args.len()) {
            (GenericArgument::Type(inner), 1) => Some((wrapper, inner.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// A reference never implements `FromStr`.
fn refuse_borrowed(ty: &Type, errors: &mut Errors) -> Option<()> {
    match ty {
        Type::Reference(reference) => {
            let owned = match &*reference.elem {
                Type::Path(path) if path.path.is_ident("str") => syn::parse_quote!(String),
                other => other.clone(),
            };
            let text = format!(
                "the object outlives the request, so it owns what it takes from there; write {}",
                quoted(&owned)
            );
            errors.over(ty, text);
            None
        }
        _ => Some(()),
    }
}

fn refuse_wrapper(
    ty: &Type,
    wrappers: &[&str],
    errors: &mut Errors,
    message: impl FnOnce(&Type) -> String,
) -> Option<()> {
    match wrapped(ty) {
        Some((wrapper, inner)) if wrappers.contains(&wrapper) => {
            errors.over(ty, message(&inner));
            None
        }
        _ => Some(()),
    }
}

/// The only one, if there is one; `None` if there are more, which is reported at the second.
fn at_most_one(attrs: Vec<SourceAttr>, errors: &mut Errors) -> Option<Option<SourceAttr>> {
    let mut attrs = attrs.into_iter();
    let first = attrs.next();
    match attrs.next() {
        None => Some(first),
        Some(second) => {
            let text = "a field comes from one place; remove this attribute or the other";
            errors.over(&second.attribute, text);
            None
        }
    }
}
