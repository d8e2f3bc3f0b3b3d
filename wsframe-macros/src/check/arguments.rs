//! Which arguments a handler takes.

use syn::Signature;

use crate::{
    diagnostics::{Errors, quoted},
    model::{Argument, Role},
    parse::{Attribute, Kind},
};

/// Reports arguments that the handler cannot get, gets in another form, or lacks.
pub(crate) fn arguments(
    attribute: Attribute,
    signature: &Signature,
    arguments: &[Argument],
    errors: &mut Errors,
) {
    for (i, argument) in arguments.iter().enumerate() {
        let (role, ty) = (argument.role(), argument.ty());
        let earlier = &arguments[..i];
        if !is_given(attribute, role) {
            let text = format!("{} cannot be an argument of {}", quoted(ty), takes(attribute));
            errors.over(ty, text);
        } else if let Some(instead) = role.instead_of(argument.passing()) {
            errors.over(ty, format!("take {instead}, not {}", quoted(ty)));
        } else if earlier.iter().any(|other| other.role().name() == role.name()) {
            let text = match role {
                // As `OnMessage` of Jakarta takes parts.
                Role::Payload(last)
                    if attribute == Attribute::Message
                        && last.is_bool()
                        && earlier.iter().any(is_whole) =>
                {
                    "a message has one payload; for a message in parts take `part: Part<Text>` or \
                     `part: Part<Bytes>`, which says whether it is the last"
                        .to_owned()
                }
                Role::Payload(_) => format!(
                    "a message has one payload, and {} is a second; for several shapes of messages \
                     take `Json<T>` of an enum, and make a field of what does not come from the \
                     message, such as `#[state]`",
                    quoted(ty)
                ),
                _ => format!("`{}` is taken twice", role.name()),
            };
            errors.over(ty, text);
        }
    }
    // An argument that cannot be there was probably meant to be the one that is missing.
    if arguments.iter().any(|argument| !is_given(attribute, argument.role())) {
        return;
    }
    let has = |name| arguments.iter().any(|argument| argument.role().name() == name);
    match attribute {
        Attribute::Message if !has("payload") => errors.at(
            signature.ident.span(),
            "`#[on_message]` takes the message's payload: add an argument such as `text: String` or \
             `bytes: Bytes`",
        ),
        Attribute::Event if !has("payload") => errors.at(
            signature.ident.span(),
            "`#[on_event]` takes the value that `session.tell(…)` was given: add an argument such as \
             `price: Price`",
        ),
        Attribute::Error if !has("Failure") => errors.at(
            signature.ident.span(),
            "`#[on_error]` takes what went wrong: add an argument `failure: &Failure`",
        ),
        _ => {}
    }
}

/// A payload that could come in parts.
fn is_whole(argument: &Argument) -> bool {
    match argument.role() {
        Role::Payload(payload) => {
            !payload.is_piecewise() && matches!(payload.kind(), Some(Kind::Text | Kind::Binary))
        }
        _ => false,
    }
}

fn is_given(attribute: Attribute, role: &Role) -> bool {
    match role {
        Role::Session => !matches!(attribute, Attribute::Handshake | Attribute::Disconnect),
        Role::CloseReason => attribute == Attribute::Close,
        Role::Failure => attribute == Attribute::Error,
        Role::Handshake => attribute == Attribute::Handshake,
        Role::Disconnect => attribute == Attribute::Disconnect,
        Role::Payload(_) => matches!(attribute, Attribute::Message | Attribute::Event),
    }
}

fn takes(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Handshake => {
            "`#[on_handshake]`, which takes `&mut Handshake`; there is no session before the 101"
        }
        Attribute::Open => "`#[on_open]`, which takes `&Session`",
        Attribute::Message => "`#[on_message]`, which takes one payload and `&Session`",
        Attribute::Tick => "`#[on_tick]`, which takes `&Session`",
        Attribute::Event => "`#[on_event]`, which takes one value and `&Session`",
        Attribute::Close => "`#[on_close]`, which takes `&Session` and `CloseReason`",
        Attribute::Error => "`#[on_error]`, which takes `&Failure` and `&Session`",
        Attribute::Disconnect => {
            "`#[on_disconnect]`, which takes `&Disconnect`; there is no session any more, or none yet"
        }
    }
}
