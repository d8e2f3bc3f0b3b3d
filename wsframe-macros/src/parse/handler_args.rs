//! Which method attribute, and `(text, crate = …)`.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{
    Expr, LitStr, Member, Path, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use super::literal;
use crate::{diagnostics::Errors, names};

/// The method attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Handshake,
    Open,
    Message,
    Tick,
    Event,
    Close,
    Error,
    Disconnect,
}

impl Attribute {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Handshake => "on_handshake",
            Self::Open => "on_open",
            Self::Message => "on_message",
            Self::Tick => "on_tick",
            Self::Event => "on_event",
            Self::Close => "on_close",
            Self::Error => "on_error",
            Self::Disconnect => "on_disconnect",
        }
    }
}

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Binary,
    Pong,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Pong => "pong",
        }
    }
}

/// The arguments of a method attribute.
#[derive(Default)]
pub(crate) struct HandlerArgs {
    pub(crate) kind: Option<(Kind, Span)>,
    /// The field of `coder = field`.
    pub(crate) coder: Option<Member>,
    /// Where `blocking` stands.
    pub(crate) blocking: Option<Span>,
    pub(crate) krate: Option<Path>,
    /// The period of `#[on_tick(every = …)]`.
    pub(crate) every: Option<Every>,
    /// Whether something was refused, which may have been the kind.
    pub(crate) is_malformed: bool,
}

/// A period: a literal with a unit, or a constant expression.
pub(crate) enum Every {
    Literal(Duration),
    Expr(Expr),
}

impl Every {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(LitStr) {
            return input.parse().map(Self::Expr);
        }
        let literal: LitStr = input.parse()?;
        match literal::duration(&literal.value()) {
            Ok(period) if !period.is_zero() => Ok(Self::Literal(period)),
            Ok(_) => Err(syn::Error::new(literal.span(), "a tick takes its time; write `\"1ms\"`")),
            Err(text) => Err(syn::Error::new(literal.span(), text)),
        }
    }
}

impl HandlerArgs {
    pub(crate) fn parse(attribute: Attribute, args: TokenStream, errors: &mut Errors) -> Self {
        let mut out = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                out.parse_one(attribute, input, errors)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        match parser.parse2(args) {
            Err(error) => {
                errors.add(error);
                out.is_malformed = true;
            }
            Ok(()) if attribute == Attribute::Tick && out.every.is_none() => {
                errors.at(Span::call_site(), usage(attribute));
            }
            Ok(()) => {}
        }
        out
    }

    fn parse_one(
        &mut self,
        attribute: Attribute,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> syn::Result<()> {
        let unknown = |span| syn::Error::new(span, usage(attribute));
        let word = input.call(Ident::parse_any).map_err(|error| unknown(error.span()))?;
        if word == "crate" {
            input.parse::<Token![=]>()?;
            self.krate = Some(names::parse_crate(input)?);
            return Ok(());
        }
        if word == "every" && attribute == Attribute::Tick {
            input.parse::<Token![=]>()?;
            self.every = Some(Every::parse(input)?);
            return Ok(());
        }
        if word == "coder" && attribute == Attribute::Message {
            if !input.peek(Token![=]) {
                let text = "name the field that codes: `coder = codec`";
                return Err(syn::Error::new(word.span(), text));
            }
            input.parse::<Token![=]>()?;
            let field = input.call(parse_field)?;
            if self.coder.replace(field).is_some() {
                errors.at(word.span(), "a handler has one coder");
            }
            return Ok(());
        }
        if word == "blocking" {
            if input.peek(Token![=]) {
                return Err(input.error("`blocking` takes no value; write the word alone"));
            }
            if attribute != Attribute::Message {
                errors.at(
                    word.span(),
                    format!(
                        "`#[{}]` cannot be `blocking`, only `#[on_message]` can; in an `async fn`, \
                         await `tokio::task::spawn_blocking(…)`",
                        attribute.name()
                    ),
                );
            } else if self.blocking.replace(word.span()).is_some() {
                errors.at(word.span(), "`blocking` is said twice");
            }
            return Ok(());
        }
        let kind = match &*word.to_string() {
            "text" => Kind::Text,
            "binary" => Kind::Binary,
            "pong" => Kind::Pong,
            _ => return Err(unknown(word.span())),
        };
        if attribute != Attribute::Message {
            errors.add(unknown(word.span()));
        } else if self.kind.replace((kind, word.span())).is_some() {
            errors.at(
                word.span(),
                "a handler is for one kind; write `#[on_message(…)]` twice to use one method for two",
            );
        }
        Ok(())
    }
}

/// A field of the endpoint, without `self`.
fn parse_field(input: ParseStream<'_>) -> syn::Result<Member> {
    const HOW: &str = "name a field of the endpoint, without `self`: `coder = codec`";
    if input.peek(Token![self]) {
        return Err(input.error(HOW));
    }
    let field = input.parse::<Member>().map_err(|error| syn::Error::new(error.span(), HOW))?;
    if input.is_empty() || input.peek(Token![,]) { Ok(field) } else { Err(input.error(HOW)) }
}

fn usage(attribute: Attribute) -> String {
    let takes = match attribute {
        Attribute::Message => {
            "`text`, `binary` or `pong`, or nothing where the payload tells, `blocking` and `coder = \
             field`"
        }
        Attribute::Tick => "its period: `#[on_tick(every = \"100ms\")]`",
        _ => "no arguments",
    };
    format!("`#[{}]` takes {takes}", attribute.name())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn parse(attribute: Attribute, args: TokenStream) -> (HandlerArgs, Vec<String>) {
        let mut errors = Errors::default();
        let args = HandlerArgs::parse(attribute, args, &mut errors);
        (args, errors.messages())
    }

    #[test]
    fn a_kind_and_a_crate_are_read_in_any_order() {
        for args in [quote!(binary, crate = ws), quote!(crate = ws, binary,)] {
            let (args, errors) = parse(Attribute::Message, args);
            assert_eq!(errors, [""; 0]);
            assert_eq!(args.kind.map(|(kind, _)| kind), Some(Kind::Binary));
            assert!(args.krate.is_some());
        }
    }

    #[test]
    fn blocking_goes_with_a_kind_and_without() {
        for (args, kind) in [
            (quote!(blocking), None),
            (quote!(text, blocking), Some(Kind::Text)),
            (quote!(blocking, crate = ws, text), Some(Kind::Text)),
        ] {
            let (args, errors) = parse(Attribute::Message, args);
            assert_eq!(errors, [""; 0]);
            assert_eq!(args.kind.map(|(kind, _)| kind), kind);
            assert!(args.blocking.is_some());
        }
        assert!(parse(Attribute::Message, quote!(text)).0.blocking.is_none());
    }

    #[test]
    fn a_coder_is_a_field() {
        for args in [quote!(text, coder = codec), quote!(coder = 0, blocking), quote!(coder = r#in)]
        {
            let (args, errors) = parse(Attribute::Message, args);
            assert_eq!(errors, [""; 0]);
            assert!(args.coder.is_some());
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (attribute, args) in [
            (Attribute::Message, quote!(json)),
            (Attribute::Message, quote!("text")),
            (Attribute::Message, quote!(text, binary)),
            (Attribute::Open, quote!(text)),
            (Attribute::Close, quote!(now)),
            (Attribute::Message, quote!(blocking, blocking)),
            (Attribute::Message, quote!(blocking = true)),
            (Attribute::Close, quote!(blocking)),
            (Attribute::Message, quote!(coder)),
            (Attribute::Message, quote!(coder = self.codec)),
            (Attribute::Message, quote!(coder = codec.inner)),
            (Attribute::Message, quote!(coder = "codec")),
            (Attribute::Message, quote!(coder = a, coder = b)),
            (Attribute::Open, quote!(coder = codec)),
        ] {
            let text = args.to_string();
            assert_eq!(parse(attribute, args).1.len(), 1, "{text}");
        }
    }
}
