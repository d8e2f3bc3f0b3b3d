//! A handler: which event, which method, which arguments.

use proc_macro2::{Ident, Span};
use syn::{Attribute as Attr, Member, Path, ReturnType, Type, spanned::Spanned};

use super::{Argument, Payload, Role};
use crate::{
    diagnostics::{Errors, quoted},
    names,
    parse::{Attribute, Every, HandlerArgs, Kind, Method},
};

/// A handler.
pub(crate) struct Handler {
    krate: Path,
    event: Event,
    every: Option<Every>,
    method: Ident,
    is_async: bool,
    is_blocking: bool,
    coder: Option<Member>,
    arguments: Vec<Argument>,
    cfgs: Vec<Attr>,
    output: Option<Span>,
}

/// What a handler handles; one handler for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Handshake,
    Open,
    Message(Kind),
    Tick,
    Told,
    Close,
    Error,
    Disconnect,
}

impl Handler {
    /// `None` if a message handler has no payload of a known kind.
    pub(crate) fn new(
        attribute: Attribute,
        args: HandlerArgs,
        method: Method,
        arguments: Vec<Argument>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let signature = method.signature;
        let event = match attribute {
            Attribute::Handshake => Event::Handshake,
            Attribute::Open => Event::Open,
            Attribute::Message => Event::Message(kind(&args, &arguments, errors)?),
            Attribute::Tick => Event::Tick,
            Attribute::Event => Event::Told,
            Attribute::Close => Event::Close,
            Attribute::Error => Event::Error,
            Attribute::Disconnect => Event::Disconnect,
        };
        Some(Self {
            krate: args.krate.unwrap_or_else(names::default_crate),
            every: args.every,
            event,
            is_async: signature.asyncness.is_some(),
            is_blocking: args.blocking.is_some(),
            coder: args.coder,
            arguments,
            cfgs: method.attrs.into_iter().filter(|attr| attr.path().is_ident("cfg")).collect(),
            output: match &signature.output {
                ReturnType::Default => None,
                ReturnType::Type(_, ty) => Some(ty.span()),
            },
            method: signature.ident,
        })
    }

    /// The path of the runtime.
    pub(crate) fn krate(&self) -> &Path {
        &self.krate
    }

    pub(crate) fn event(&self) -> Event {
        self.event
    }

    /// The period, if it ticks.
    pub(crate) fn every(&self) -> Option<&Every> {
        self.every.as_ref()
    }

    pub(crate) fn method(&self) -> &Ident {
        &self.method
    }

    pub(crate) fn is_async(&self) -> bool {
        self.is_async
    }

    /// Whether it runs on a thread of its own.
    pub(crate) fn is_blocking(&self) -> bool {
        self.is_blocking
    }

    /// The field that decodes and encodes, if not the types do.
    pub(crate) fn coder(&self) -> Option<&Member> {
        self.coder.as_ref()
    }

    pub(crate) fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// The payload, if the message need not be all here.
    pub(crate) fn piecewise(&self) -> Option<&Argument> {
        self.arguments.iter().find(|argument| match argument.role() {
            Role::Payload(payload) => payload.is_piecewise(),
            _ => false,
        })
    }

    pub(crate) fn cfgs(&self) -> &[Attr] {
        &self.cfgs
    }

    /// Where the returned type stands, if one is written.
    pub(crate) fn output(&self) -> Option<Span> {
        self.output
    }
}

/// The kind of a message handler, from the attribute or from the payload.
fn kind(args: &HandlerArgs, arguments: &[Argument], errors: &mut Errors) -> Option<Kind> {
    let (ty, payload) = arguments.iter().find_map(|argument| match argument.role() {
        Role::Payload(payload) => Some((argument.ty(), payload)),
        _ => None,
    })?;
    // With a coder, the payload's type says nothing about the message.
    if let Some(coder) = &args.coder {
        let kind = args.kind.map(|(kind, _)| kind);
        if kind.is_none() && !args.is_malformed {
            errors.over(
                coder,
                "say which kind of message the coder takes: `#[on_message(text, coder = …)]` or \
                 `#[on_message(binary, coder = …)]`",
            );
        }
        return kind;
    }
    if !payload.is_divisible() {
        errors.over(
            ty,
            "a part is a piece of text or of bytes, whatever it means as a whole; take `Part<Text>` \
             or `Part<Bytes>`",
        );
        return None;
    }
    match (args.kind, payload.kind()) {
        (Some((said, span)), Some(known)) if said != known && payload.is_fixed() => {
            errors.at(
                span,
                format!(
                    "{} is the payload of a {} message; {}",
                    quoted(ty),
                    known.name(),
                    instead(said)
                ),
            );
            None
        }
        // The message about the attribute says how a kind is written.
        (None, None) if args.is_malformed => None,
        (Some((Kind::Pong, span)), _) if payload.is_piecewise() => {
            errors.at(span, "a pong is always whole; take `Pong`");
            None
        }
        (Some((said, _)), _) => Some(said),
        (None, Some(known)) => Some(known),
        (None, None) => {
            if let Payload::Type(inner) = payload
                && payload.is_foreign()
            {
                let json = syn::parse_quote!(Json<#inner>);
                let text = format!(
                    "no message decodes to {} as it is; take {}, or `String`",
                    quoted(inner),
                    quoted(&json)
                );
                errors.over(ty, text);
                return None;
            }
            // `impl Trait` and the like can be no payload at all, whatever the kind.
            let text = match payload {
                Payload::Part(_) | Payload::Reader => format!(
                    "say which kind of message {} is taken from: `#[on_message(text)]` or \
                     `#[on_message(binary)]`",
                    quoted(ty)
                ),
                Payload::Type(ty) if matches!(**ty, Type::Path(_)) => format!(
                    "say which kind of message {} is decoded from: `#[on_message(text)]` or \
                     `#[on_message(binary)]`",
                    quoted(ty)
                ),
                _ => format!(
                    "{} cannot be a payload; take `String`, `&str`, `Text`, `Json<T>`, a number, \
                     `Bytes`, `Vec<u8>`, `&[u8]`, `Pong`, or a type of your own that implements \
                     `FromMessage`",
                    quoted(ty)
                ),
            };
            errors.over(ty, text);
            None
        }
    }
}

fn instead(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "for text take `String`, `&str`, `Text`, `Json<T>` or a number",
        Kind::Binary => "for binary take `Bytes`, `Vec<u8>`, `&[u8]` or `MessagePack<T>`",
        Kind::Pong => "for pong take `Pong`",
    }
}
