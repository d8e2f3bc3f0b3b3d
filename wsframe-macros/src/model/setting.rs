//! An option of the attribute with its value.

use std::time::Duration;

use proc_macro2::{Ident, Span};
use syn::{Expr, ExprArray, ExprLit, Lit, LitInt, LitStr, spanned::Spanned};

use crate::{
    diagnostics::{Errors, did_you_mean},
    parse::{OptionArg, Side, literal},
};

/// One option and its value.
pub(crate) struct Setting {
    name: Ident,
    value: Value,
    span: Span,
}

/// The value of an option.
pub(crate) enum Value {
    /// A constant expression of the user's; the compiler checks its type.
    Expr(Expr),
    /// Bytes, or a count.
    Number(u64),
    Duration(Duration),
    /// `off`: no duration.
    Off,
    /// A variant of `Overflow`.
    Overflow(&'static str),
    /// A variant of `Origins`.
    Origins(&'static str),
    OriginList(ExprArray),
    /// `on` or `off`.
    Deflate(bool),
    /// `off`: no rate.
    NoRate,
    /// An amount, in so many seconds.
    Rate(u64, u64),
    /// A variant of `Excess`.
    Excess(&'static str),
    /// A variant of `Keep`.
    Keep(&'static str),
}

/// What an option takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Size,
    Count,
    /// `zero` says whether a duration of zero has a meaning, `off` whether there may be none.
    Duration {
        zero: bool,
        off: bool,
    },
    Overflow,
    Origins,
    Subprotocols,
    Deflate,
    Keep,
    /// Of bytes, or of messages.
    Rate {
        bytes: bool,
    },
    Excess,
}

const TIMEOUT: Form = Form::Duration { zero: false, off: false };
const MAYBE_OFF: Form = Form::Duration { zero: false, off: true };
/// Zero does not wait.
const PATIENCE: Form = Form::Duration { zero: true, off: false };

const KNOWN: [(&str, Form); 23] = [
    ("subprotocols", Form::Subprotocols),
    ("origins", Form::Origins),
    ("max_message_size", Form::Size),
    ("max_frame_size", Form::Size),
    ("max_fragments", Form::Count),
    ("assembly_timeout", MAYBE_OFF),
    ("outbox", Form::Size),
    ("outbox_messages", Form::Count),
    ("overflow", Form::Overflow),
    ("inbound", Form::Size),
    ("inbound_messages", Form::Count),
    ("ping_interval", MAYBE_OFF),
    ("pong_timeout", TIMEOUT),
    ("idle_timeout", MAYBE_OFF),
    ("write_timeout", TIMEOUT),
    ("send_timeout", PATIENCE),
    ("close_timeout", PATIENCE),
    ("finish_within", PATIENCE),
    ("deflate", Form::Deflate),
    ("keep", Form::Keep),
    ("message_rate", Form::Rate { bytes: false }),
    ("byte_rate", Form::Rate { bytes: true }),
    ("excess", Form::Excess),
];

impl Setting {
    pub(crate) fn new_all(side: Side, options: Vec<OptionArg>, errors: &mut Errors) -> Vec<Self> {
        let mut seen: Vec<Ident> = Vec::new();
        let mut settings = Vec::new();
        for option in options {
            if seen.contains(&option.name) {
                errors.at(option.name.span(), format!("`{}` is given twice", option.name));
                continue;
            }
            seen.push(option.name.clone());
            settings.extend(errors.take(Self::new(side, option)));
        }
        settings
    }

    fn new(side: Side, OptionArg { name, value }: OptionArg) -> syn::Result<Self> {
        if side == Side::Client && name == "origins" {
            let text = "`origins` are those that a server lets in; what a client sends is said with \
                        `Client::new(url).origin(…)`";
            return Err(syn::Error::new(name.span(), text));
        }
        let Some((_, form)) = KNOWN.iter().find(|(known, _)| name == known) else {
            return Err(syn::Error::new(name.span(), unknown(side, &name)));
        };
        let span = value.span();
        let value = form.value(&name, value)?;
        Ok(Self { name, value, span })
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.name
    }

    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    /// Where the value stands.
    pub(crate) fn span(&self) -> Span {
        self.span
    }
}

impl Form {
    fn value(self, name: &Ident, value: Expr) -> syn::Result<Value> {
        let fail = |text: String| Err(syn::Error::new_spanned(&value, text));
        match (self, word(&value).as_deref(), literal(&value)) {
            (Self::Duration { off: true, .. }, Some("off"), _) => Ok(Value::Off),
            (Self::Deflate, Some("on"), _) => Ok(Value::Deflate(true)),
            (Self::Deflate, Some("off"), _) => Ok(Value::Deflate(false)),
            (Self::Deflate, _, Some(Lit::Bool(on))) => Ok(Value::Deflate(on.value)),
            (Self::Rate { .. }, Some("off"), _) => Ok(Value::NoRate),
            (_, Some("off"), _) => fail(format!("`{name}` cannot be off")),
            (Self::Overflow, Some("close"), _) => Ok(Value::Overflow("Close")),
            (Self::Overflow, Some("drop_oldest"), _) => Ok(Value::Overflow("DropOldest")),
            (Self::Overflow, Some("drop_newest"), _) => Ok(Value::Overflow("DropNewest")),
            (Self::Excess, Some("close"), _) => Ok(Value::Excess("Close")),
            (Self::Excess, Some("drop"), _) => Ok(Value::Excess("Drop")),
            (Self::Origins, Some("any"), _) => Ok(Value::Origins("Any")),
            (Self::Origins, Some("same_host"), _) => Ok(Value::Origins("SameHost")),
            // A constant's name is no lower-case word.
            (Self::Overflow | Self::Origins | Self::Excess | Self::Deflate, Some(word), _)
                if is_lower(word) =>
            {
                let guess = did_you_mean(word, self.words().iter().copied());
                fail(format!("`{word}` is unknown{guess} write {}", self.expected()))
            }
            (Self::Size, _, Some(Lit::Str(text))) => {
                nonzero(text, literal::size, false).map(Value::Number)
            }
            (Self::Size, _, Some(Lit::Int(number))) => integer(number).map(Value::Number),
            (Self::Count, _, Some(Lit::Int(number))) => integer(number).map(Value::Number),
            (Self::Duration { zero: true, .. }, _, Some(Lit::Str(text))) => {
                read(text, literal::duration).map(Value::Duration)
            }
            (Self::Duration { off, .. }, _, Some(Lit::Str(text))) => {
                nonzero(text, literal::duration, off).map(Value::Duration)
            }
            (Self::Rate { bytes }, _, Some(Lit::Str(text))) => {
                let (amount, seconds) = read(text, |text| literal::rate(text, bytes))?;
                Ok(Value::Rate(amount, seconds))
            }
            (Self::Duration { .. }, _, Some(Lit::Int(number))) => {
                fail(format!("a duration needs a unit: `{name} = \"{number}s\"`"))
            }
            (_, _, Some(_)) => fail(format!("write {}", self.expected())),
            (Self::Origins | Self::Subprotocols, ..) => self.list(value),
            (Self::Keep, ..) => self.kept(value),
            _ => Ok(Value::Expr(value)),
        }
    }

    /// `["a", "b"]`, or an expression that is one.
    fn list(self, value: Expr) -> syn::Result<Value> {
        let Expr::Array(array) = value else { return Ok(Value::Expr(value)) };
        if array.elems.is_empty() {
            let text = format!("the list is empty; write {}", self.expected());
            return Err(syn::Error::new_spanned(array, text));
        }
        let mut errors = Errors::default();
        let mut seen = Vec::new();
        for element in &array.elems {
            let Some(Lit::Str(text)) = literal(element) else { continue };
            let text = text.value();
            if let Some(fault) = self.element(&text) {
                errors.over(element, fault);
            } else if seen.contains(&text) {
                errors.over(element, format!("`{text}` is listed twice"));
            }
            seen.push(text);
        }
        errors.into_result()?;
        Ok(match self {
            Self::Origins => Value::OriginList(array),
            _ => Value::Expr(Expr::Array(array)),
        })
    }

    /// `[headers, uri]` or one of them, or an expression that is a `Keep`.
    fn kept(self, value: Expr) -> syn::Result<Value> {
        let Expr::Array(array) = &value else {
            return match word(&value) {
                Some(word) if is_lower(&word) => {
                    let text = format!("write {}", self.expected());
                    Err(syn::Error::new_spanned(&value, text))
                }
                _ => Ok(Value::Expr(value)),
            };
        };
        let mut errors = Errors::default();
        let (mut headers, mut uri) = (false, false);
        for element in &array.elems {
            let kept = match word(element).as_deref() {
                Some("headers") => &mut headers,
                Some("uri") => &mut uri,
                _ => {
                    errors.over(element, format!("write {}", self.expected()));
                    continue;
                }
            };
            if std::mem::replace(kept, true) {
                errors.over(element, "it is listed twice".to_owned());
            }
        }
        errors.into_result()?;
        Ok(Value::Keep(match (headers, uri) {
            (true, true) => "HeadersAndUri",
            (true, false) => "Headers",
            (false, true) => "Uri",
            (false, false) => "Nothing",
        }))
    }

    /// What is wrong with an element of a list. The server looks closer when it starts.
    fn element(self, text: &str) -> Option<String> {
        if self == Self::Origins {
            let host = text.split_once("://").map(|(_, host)| host);
            return match host {
                None if text == "*" => Some("every origin is written `origins = any`".into()),
                None => Some(format!("an origin has a scheme: `https://{text}`")),
                Some(host) if host.contains(['/', '?', '#']) => {
                    Some("an origin ends behind the host or the port; remove what follows".into())
                }
                Some(_) => None,
            };
        }
        (!literal::is_token(text)).then(|| {
            format!(
                "`{text}` is no name of a subprotocol; it consists of letters, digits and signs \
                 such as `-` and `.`"
            )
        })
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Overflow => &["close", "drop_oldest", "drop_newest"],
            Self::Origins => &["any", "same_host"],
            Self::Deflate => &["on", "off"],
            Self::Excess => &["close", "drop"],
            _ => &[],
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Size => "a number of bytes, or a string with a unit such as `\"64KiB\"`",
            Self::Count => "a whole number",
            Self::Duration { off: true, .. } => "a string with a unit such as `\"25s\"`, or `off`",
            Self::Duration { off: false, .. } => "a string with a unit such as `\"25s\"`",
            Self::Overflow => "`close`, `drop_oldest` or `drop_newest`",
            Self::Origins => "`any`, `same_host` or a list such as `[\"https://example.org\"]`",
            Self::Deflate => "`on`, `off` or a value such as `Deflate::new().level(1)`",
            Self::Rate { bytes: false } => "a rate such as `\"20/s\"` or `\"600/min\"`, or `off`",
            Self::Rate { bytes: true } => "a rate such as `\"64KiB/s\"`, or `off`",
            Self::Excess => "`close` or `drop`",
            Self::Keep => "`[headers, uri]`, or one of the two",
            Self::Subprotocols => "a list such as `[\"chat.v2\", \"chat.v1\"]`",
        }
    }
}

fn unknown(side: Side, name: &Ident) -> String {
    let known = KNOWN.iter().map(|(known, _)| *known).chain(["crate"]);
    let known = known.filter(|known| side == Side::Server || *known != "origins");
    let list = known.clone().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    let text = name.to_string();
    let guess = match text.contains("compress") || text.contains("deflate") {
        true => ", did you mean `deflate`?".to_owned(),
        false => did_you_mean(&text, known),
    };
    format!("unknown option `{name}`{guess} the options are {list}")
}

/// The value, if it is a single word.
fn word(value: &Expr) -> Option<String> {
    match value {
        Expr::Path(path) => path.path.get_ident().map(Ident::to_string),
        _ => None,
    }
}

fn is_lower(word: &str) -> bool {
    !word.contains(char::is_uppercase)
}

fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

fn read<T>(text: &LitStr, read: impl Fn(&str) -> Result<T, String>) -> syn::Result<T> {
    read(&text.value()).map_err(|message| syn::Error::new(text.span(), message))
}

const ZERO: &str = "zero leaves nothing to work with";

/// Refuses zero, which may have been meant as `off`.
fn nonzero<T: Default + PartialEq>(
    text: &LitStr,
    how: fn(&str) -> Result<T, String>,
    off: bool,
) -> syn::Result<T> {
    let value = read(text, how)?;
    if value == T::default() {
        let hint = if off { "; write `off` for none" } else { "" };
        return Err(syn::Error::new(text.span(), format!("{ZERO}{hint}")));
    }
    Ok(value)
}

fn integer(number: &LitInt) -> syn::Result<u64> {
    match number.base10_parse()? {
        0 => Err(syn::Error::new(number.span(), ZERO)),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn fault(name: &str, value: Expr) -> String {
        let name = Ident::new(name, Span::call_site());
        match Setting::new(Side::Server, OptionArg { name, value }) {
            Ok(_) => "accepted".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn values_of_every_form_are_taken() {
        let values: [(&str, Expr); 30] = [
            ("max_message_size", parse_quote!("64KiB")),
            ("max_message_size", parse_quote!(64 * 1024)),
            ("max_frame_size", parse_quote!(LIMIT)),
            ("max_fragments", parse_quote!(16)),
            ("ping_interval", parse_quote!("25s")),
            ("ping_interval", parse_quote!(off)),
            ("idle_timeout", parse_quote!(config::IDLE)),
            ("send_timeout", parse_quote!("0s")),
            ("overflow", parse_quote!(drop_oldest)),
            ("overflow", parse_quote!(Overflow::Close)),
            ("overflow", parse_quote!(POLICY)),
            ("origins", parse_quote!(any)),
            ("deflate", parse_quote!(on)),
            ("deflate", parse_quote!(off)),
            ("deflate", parse_quote!(true)),
            ("deflate", parse_quote!(Deflate::new().level(1))),
            ("deflate", parse_quote!(SMALL)),
            ("origins", parse_quote!(same_host)),
            ("origins", parse_quote!(["https://example.org", "http://localhost:3000"])),
            ("origins", parse_quote!([FIRST])),
            ("subprotocols", parse_quote!(["chat.v2", "chat.v1"])),
            ("subprotocols", parse_quote!(PROTOCOLS)),
            ("keep", parse_quote!([headers, uri])),
            ("keep", parse_quote!([uri])),
            ("keep", parse_quote!(Keep::Uri)),
            ("message_rate", parse_quote!("20/s")),
            ("message_rate", parse_quote!(Rate::per_second(20).burst(100))),
            ("byte_rate", parse_quote!("64KiB/s")),
            ("byte_rate", parse_quote!(off)),
            ("excess", parse_quote!(drop)),
        ];
        for (name, value) in values {
            assert_eq!(fault(name, value), "accepted", "{name}");
        }
    }

    #[test]
    fn mistakes_say_what_to_write() {
        let table: [(&str, Expr, &str); 30] = [
            ("ping_intervall", parse_quote!("25s"), "did you mean `ping_interval`?"),
            ("compression", parse_quote!(1), "did you mean `deflate`?"),
            ("deflate", parse_quote!(1), "write `on`, `off`"),
            ("deflate", parse_quote!("on"), "write `on`, `off`"),
            ("deflate", parse_quote!(onn), "did you mean `on`?"),
            ("deflates", parse_quote!(on), "did you mean `deflate`?"),
            ("ping_interval", parse_quote!(25), "`ping_interval = \"25s\"`"),
            ("ping_interval", parse_quote!("0s"), "zero"),
            ("ping_interval", parse_quote!(true), "or `off`"),
            ("pong_timeout", parse_quote!(off), "cannot be off"),
            ("pong_timeout", parse_quote!("10KiB"), "no unit of a duration"),
            ("max_message_size", parse_quote!("64s"), "no unit of a size"),
            ("max_message_size", parse_quote!(0), "zero"),
            ("max_message_size", parse_quote!(1.5), "a number of bytes"),
            ("max_fragments", parse_quote!("16"), "a whole number"),
            ("overflow", parse_quote!(drop_older), "did you mean `drop_oldest`?"),
            ("overflow", parse_quote!("close"), "`close`, `drop_oldest`"),
            ("origins", parse_quote!("https://a"), "a list"),
            ("origins", parse_quote!([]), "empty"),
            ("origins", parse_quote!(["example.org"]), "`https://example.org`"),
            ("origins", parse_quote!(["https://a/"]), "ends behind the host"),
            ("subprotocols", parse_quote!(["a", "a b", "a"]), "no name of a subprotocol"),
            ("keep", parse_quote!(headers), "write `[headers, uri]`"),
            ("keep", parse_quote!([header]), "write `[headers, uri]`"),
            ("keep", parse_quote!([uri, uri]), "listed twice"),
            ("keep", parse_quote!("uri"), "write `[headers, uri]`"),
            ("message_rate", parse_quote!(20), "a rate such as"),
            ("message_rate", parse_quote!("20"), "with `/s` or `/min`"),
            ("byte_rate", parse_quote!("0/s"), "zero"),
            ("excess", parse_quote!(dropp), "did you mean `drop`?"),
        ];
        for (name, value, part) in table {
            let fault = fault(name, value);
            assert!(fault.contains(part), "{name}: {fault}");
        }
    }

    #[test]
    fn an_option_is_given_once() {
        let option = || OptionArg {
            name: Ident::new("outbox", Span::call_site()),
            value: parse_quote!("1MiB"),
        };
        let mut errors = Errors::default();
        assert_eq!(Setting::new_all(Side::Server, vec![option(), option()], &mut errors).len(), 1);
        assert_eq!(errors.messages(), ["`outbox` is given twice"]);
    }
}
