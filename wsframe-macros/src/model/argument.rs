//! An argument of a handler: what it is, told by its type.

use syn::{FnArg, GenericArgument, PathArguments, Signature, Type, TypePath, TypeReference};

use crate::parse::{Attribute, Kind};

/// What is parsed from text.
const PARSED: [&str; 16] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize",
];

/// An argument of a handler.
pub(crate) struct Argument {
    role: Role,
    passing: Passing,
    ty: Type,
}

/// What an argument is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Session,
    CloseReason,
    Failure,
    Handshake,
    Disconnect,
    /// Of this type, decoded with `FromMessage`.
    Payload(Payload),
}

/// What the payload decodes to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Payload {
    /// `&str`: `Text`, borrowed.
    Str,
    /// `&[u8]`: `Bytes`, borrowed.
    Slice,
    /// `Part<T>`: a part of a message, with a payload of this type.
    Part(Box<Type>),
    /// `MessageReader`: a message while it arrives.
    Reader,
    Type(Box<Type>),
}

/// How an argument is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    Value,
    Ref,
    Mut,
}

impl Argument {
    /// All arguments but the receiver.
    pub(crate) fn all(attribute: Attribute, signature: &Signature) -> Vec<Self> {
        let typed = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&*typed.ty),
            FnArg::Receiver(_) => None,
        });
        typed.map(|ty| Self::new(attribute, ty)).collect()
    }

    fn new(attribute: Attribute, ty: &Type) -> Self {
        let (passing, inner) = match strip(ty) {
            Type::Reference(TypeReference { mutability: None, elem, .. }) => {
                (Passing::Ref, strip(elem))
            }
            Type::Reference(TypeReference { elem, .. }) => (Passing::Mut, strip(elem)),
            other => (Passing::Value, other),
        };
        let role = match last_segment(inner).as_deref() {
            Some("Session") => Role::Session,
            Some("CloseReason") => Role::CloseReason,
            Some("Failure") => Role::Failure,
            Some("Handshake") => Role::Handshake,
            // Elsewhere it may well be a type of the user's.
            Some("Disconnect") if attribute == Attribute::Disconnect => Role::Disconnect,
            // An event is of whatever type it is.
            _ if attribute == Attribute::Event => {
                Role::Payload(Payload::Type(Box::new(inner.clone())))
            }
            _ => Role::Payload(Payload::new(inner)),
        };
        Self { role, passing, ty: ty.clone() }
    }

    pub(crate) fn role(&self) -> &Role {
        &self.role
    }

    pub(crate) fn passing(&self) -> Passing {
        self.passing
    }

    /// The type as it was written.
    pub(crate) fn ty(&self) -> &Type {
        &self.ty
    }
}

impl Role {
    /// Its name for messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Session => "Session",
            Self::CloseReason => "CloseReason",
            Self::Failure => "Failure",
            Self::Handshake => "Handshake",
            Self::Disconnect => "Disconnect",
            Self::Payload(_) => "payload",
        }
    }

    /// What to write if it cannot be taken like this.
    pub(crate) fn instead_of(&self, passing: Passing) -> Option<&'static str> {
        match (self, passing) {
            (Self::Session, Passing::Mut) => Some("`&Session` or `Session`"),
            (Self::CloseReason, Passing::Mut) => Some("`CloseReason` or `&CloseReason`"),
            (Self::Failure, Passing::Value | Passing::Mut) => Some("`&Failure`"),
            (Self::Handshake, Passing::Value) => Some("`&mut Handshake`"),
            (Self::Disconnect, Passing::Mut) => Some("`&Disconnect` or `Disconnect`"),
            (Self::Payload(Payload::Reader), Passing::Ref | Passing::Mut) => {
                Some("`mut reader: MessageReader`")
            }
            (Self::Payload(_), Passing::Mut) => Some("the payload by value or behind `&`"),
            _ => None,
        }
    }
}

impl Payload {
    fn new(ty: &Type) -> Self {
        match ty {
            Type::Path(path) if path.path.is_ident("str") => Self::Str,
            Type::Slice(slice) if is_u8(&slice.elem) => Self::Slice,
            ty if last_segment(ty).as_deref() == Some("MessageReader") => Self::Reader,
            ty if last_segment(ty).as_deref() == Some("Part")
                && let Some(inner) = type_arguments(ty).next() =>
            {
                Self::Part(Box::new(strip(inner).clone()))
            }
            other => Self::Type(Box::new(other.clone())),
        }
    }

    /// The kind of message that the type belongs to, if it is one of those that everybody uses.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Str => Some(Kind::Text),
            Self::Slice => Some(Kind::Binary),
            Self::Part(ty) | Self::Type(ty) => Self::kind_of(ty),
            Self::Reader => None,
        }
    }

    pub(crate) fn is_bool(&self) -> bool {
        matches!(self, Self::Type(ty) if matches!(&**ty, Type::Path(path) if path.path.is_ident("bool")))
    }

    /// Whether the message need not be all here.
    pub(crate) fn is_piecewise(&self) -> bool {
        matches!(self, Self::Part(_) | Self::Reader)
    }

    /// Of a part: whether its type is one that a piece of a message can have.
    pub(crate) fn is_divisible(&self) -> bool {
        match self {
            Self::Part(ty) => match last_segment(ty).as_deref() {
                Some("Text" | "String" | "Bytes" | "Message") => true,
                Some("Vec") => is_vec_u8(ty),
                _ => false,
            },
            _ => true,
        }
    }

    fn kind_of(ty: &Type) -> Option<Kind> {
        match last_segment(ty)?.as_str() {
            "String" | "Text" | "Json" => Some(Kind::Text),
            "Bytes" | "MessagePack" | "Protobuf" => Some(Kind::Binary),
            name if PARSED.contains(&name) => Some(Kind::Text),
            "Vec" if is_vec_u8(ty) => Some(Kind::Binary),
            "Pong" => Some(Kind::Pong),
            // Of one kind, if both candidates are known and of that kind.
            "Either" => {
                let mut kinds = type_arguments(ty).map(|ty| Self::kind_of(strip(ty)));
                let first = kinds.next()??;
                kinds.all(|kind| kind == Some(first)).then_some(first)
            }
            _ => None,
        }
    }

    /// Whether it is a type of the standard library that nobody can implement `FromMessage` for.
    pub(crate) fn is_foreign(&self) -> bool {
        const FOREIGN: [&str; 10] = [
            "Vec", "VecDeque", "Option", "Result", "HashMap", "HashSet", "BTreeMap", "BTreeSet",
            "Arc", "Rc",
        ];
        match self {
            Self::Str | Self::Slice | Self::Part(_) | Self::Reader => false,
            Self::Type(ty) => last_segment(ty).is_some_and(|name| FOREIGN.contains(&&*name)),
        }
    }

    /// Whether it can belong to no other kind. A type of several segments may be the user's own,
    /// JSON can travel in binary messages too, and `Either` may hold it.
    pub(crate) fn is_fixed(&self) -> bool {
        match self {
            Self::Str | Self::Slice | Self::Part(_) => true,
            Self::Reader => false,
            Self::Type(ty) => match &**ty {
                Type::Path(path) => {
                    let name = &path.path.segments[0].ident;
                    path.path.segments.len() == 1 && name != "Json" && name != "Either"
                }
                _ => false,
            },
        }
    }
}

/// The type without the parentheses and invisible groups around it.
fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => strip(&paren.elem),
        Type::Group(group) => strip(&group.elem),
        other => other,
    }
}

fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(TypePath { qself: None, path, .. }) => {
            Some(path.segments.last()?.ident.to_string())
        }
        _ => None,
    }
}

fn is_u8(ty: &Type) -> bool {
    matches!(strip(ty), Type::Path(path) if path.path.is_ident("u8"))
}

fn is_vec_u8(ty: &Type) -> bool {
    type_arguments(ty).next().is_some_and(is_u8)
}

/// The types in the angle brackets of its last segment.
fn type_arguments(ty: &Type) -> impl Iterator<Item = &Type> {
    let arguments = match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.arguments),
        _ => None,
    };
    let arguments = match arguments {
        Some(PathArguments::AngleBracketed(arguments)) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn kind(ty: &Type) -> Option<Kind> {
        match Argument::new(Attribute::Message, ty).role() {
            Role::Payload(payload) => payload.kind(),
            other => panic!("{}", other.name()),
        }
    }

    #[test]
    fn the_kind_follows_from_the_type() {
        for ty in [
            parse_quote!(String),
            parse_quote!(std::string::String),
            parse_quote!(&str),
            parse_quote!(&'a str),
            parse_quote!(Text),
            parse_quote!(&wsframe::Text),
            parse_quote!(Json<Move>),
            parse_quote!((String)),
            parse_quote!(u32),
            parse_quote!(&f64),
            parse_quote!(bool),
            parse_quote!(char),
            parse_quote!(Either<i64, String>),
            parse_quote!(&wsframe::Either<Json<Move>, Either<bool, Text>>),
        ] {
            assert_eq!(kind(&ty), Some(Kind::Text));
        }
        for ty in [
            parse_quote!(Bytes),
            parse_quote!(Vec<u8>),
            parse_quote!(&[u8]),
            parse_quote!(&Bytes),
            parse_quote!(MessagePack<Move>),
            parse_quote!(wsframe::Protobuf<Move>),
            parse_quote!(Either<MessagePack<Move>, Bytes>),
            parse_quote!(Part<Bytes>),
            parse_quote!(&wsframe::Part<Vec<u8>>),
        ] {
            assert_eq!(kind(&ty), Some(Kind::Binary));
        }
        assert_eq!(kind(&parse_quote!(Pong)), Some(Kind::Pong));
        assert_eq!(kind(&parse_quote!(&Pong)), Some(Kind::Pong));
        for ty in [
            parse_quote!(Vec<u16>),
            parse_quote!(Move),
            parse_quote!((u8, u8)),
            parse_quote!(Either),
            parse_quote!(Either<String, Bytes>),
            parse_quote!(Either<Move, String>),
            parse_quote!(Either<String, Either<String, Move>>),
            parse_quote!(Part),
            parse_quote!(Part<Message>),
            parse_quote!(MessageReader),
        ] {
            assert_eq!(kind(&ty), None);
        }
    }

    #[test]
    fn roles_follow_from_the_last_segment() {
        for (ty, name, passing) in [
            (parse_quote!(&Session), "Session", Passing::Ref),
            (parse_quote!(wsframe::Session), "Session", Passing::Value),
            (parse_quote!(CloseReason), "CloseReason", Passing::Value),
            (parse_quote!(&Failure), "Failure", Passing::Ref),
            (parse_quote!(&mut Handshake), "Handshake", Passing::Mut),
            (parse_quote!(String), "payload", Passing::Value),
        ] {
            let argument = Argument::new(Attribute::Message, &ty);
            assert_eq!((argument.role().name(), argument.passing()), (name, passing));
        }
    }
}
