//! What client and server agree on, out of the request head alone.

use std::{borrow::Cow, collections::HashSet, fmt};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CONNECTION, CONTENT_LENGTH, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
        SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING,
        UPGRADE,
    },
    request::Parts,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    authority::{Authority, default_port},
    deflate::{self, Agreed, Deflate},
    form::Form,
    list::{contains, elements, is_token},
    origin::AllowedOrigins,
    refusal::Refusal,
};

/// What the endpoint that was asked for allows and offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy<'a> {
    pub(crate) origins: &'a AllowedOrigins,
    /// The subprotocols that it speaks, each a token.
    pub(crate) subprotocols: &'a [Cow<'static, str>],
    /// How messages may be compressed.
    pub(crate) deflate: Option<Deflate>,
    /// Whether this server itself took off the TLS of the connection.
    pub(crate) tls: bool,
    /// Who is asked before origin and subprotocol are settled.
    pub(crate) choices: Option<&'a dyn Choices>,
}

/// What the application computes of a negotiation.
pub(crate) trait Choices: fmt::Debug {
    /// Whether this origin may connect; `allowed` is what the policy says.
    fn origin(&self, head: &Parts, allowed: bool) -> bool;

    /// The subprotocol to be answered, which is one of `requested`.
    ///
    /// # Errors
    ///
    /// A refusal, if there is no answer that makes sense.
    fn subprotocol(
        &self,
        head: &Parts,
        requested: &[&str],
        spoken: &[Cow<'static, str>],
    ) -> Result<Option<Box<str>>, Refusal>;

    /// How messages of this connection may be compressed; `deflate` is what the policy says.
    ///
    /// # Errors
    ///
    /// A refusal, if that cannot be.
    fn deflate(&self, head: &Parts, deflate: Option<Deflate>) -> Result<Option<Deflate>, Refusal>;
}

/// A handshake that may be answered with the 101, or over HTTP/2 the 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// The value of `Sec-WebSocket-Accept`, where there is a key to be answered.
    pub(crate) accept: Option<HeaderValue>,
    /// The subprotocol to answer: the endpoint's own spelling, or a token of the request that the
    /// application chose.
    pub(crate) subprotocol: Option<Box<str>>,
    /// How messages are compressed, if they are.
    pub(crate) deflate: Option<Agreed>,
}

impl Agreement {
    /// The form of the handshake.
    pub(crate) fn form(&self) -> Form {
        if self.accept.is_some() { Form::Upgrade } else { Form::ExtendedConnect }
    }

    /// Puts the headers of the 101 among those that user code asked for. What belongs to the
    /// handshake or to the framing of the response replaces theirs.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        for name in [
            CONNECTION,
            CONTENT_LENGTH,
            TRANSFER_ENCODING,
            UPGRADE,
            SEC_WEBSOCKET_ACCEPT,
            SEC_WEBSOCKET_EXTENSIONS,
            SEC_WEBSOCKET_KEY,
            SEC_WEBSOCKET_PROTOCOL,
            SEC_WEBSOCKET_VERSION,
        ] {
            headers.remove(name);
        }
        if let Some(accept) = &self.accept {
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept.clone());
        }
        if let Some(name) = self.subprotocol.as_deref().and_then(|name| name.parse().ok()) {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, name);
        }
        if let Some(extension) = self.deflate.and_then(|agreed| agreed.header()) {
            headers.insert(SEC_WEBSOCKET_EXTENSIONS, extension);
        }
    }
}

/// Whether a request asks for a WebSocket: `websocket` is among what its `Upgrade` names. Whether
/// it asks in the right form is for [`negotiate`] to say.
pub(crate) fn is_websocket(headers: &HeaderMap) -> bool {
    contains(headers, &UPGRADE, "websocket")
}

/// Checks the head of a handshake and agrees on the rest.
///
/// # Errors
///
/// The first check that fails, in this order:
///
/// 1. the method: 405
/// 2. the version of HTTP, the target, `Host`, no body: 400. Until here the request may not even be HTTP as
///    we and a proxy in front of us would both read it, so nothing else in it counts
/// 3. `Upgrade` has `websocket`: 426, the answer to a plain GET
/// 4. `Connection` has `upgrade` and names no header of substance: 400
/// 5. the version: 426 with the one we speak
/// 6. the key: 400
/// 7. the origin: 403, and nothing else is 403. After the form, because a request in the wrong
///    form is no browser's; before the subprotocols, so that a stranger learns nothing about them
/// 8. the subprotocols: 400
///
/// 3, 4 and 6 are HTTP/1.1's; who asks over HTTP/2 has said the same with `:protocol`, and its head
/// has been made [even](Form::even).
///
/// `Sec-WebSocket-Extensions` is never a reason to refuse: an offer that cannot be accepted is
/// passed over, whatever is wrong with it.
///
/// Specification: RFC 6455 section 4.2, RFC 7692 section 5, RFC 8441 section 5.
pub(crate) fn negotiate(
    head: &Parts,
    form: Form,
    policy: &Policy<'_>,
) -> Result<Agreement, Refusal> {
    form.check(head)?;
    let host = check_http(head)?;
    let headers = &head.headers;
    if form == Form::Upgrade {
        check_upgrade(headers)?;
    }
    if single(headers, &SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Refusal::upgrade_required("send one `Sec-WebSocket-Version: 13`"));
    }
    let accept = match form {
        Form::Upgrade => Some(answer_key(headers)?),
        Form::ExtendedConnect => None,
    };
    let allowed = policy.origins.allow(headers, &host, policy.tls);
    if !policy.choices.map_or(allowed, |choices| choices.origin(head, allowed)) {
        return Err(Refusal::forbidden("this origin is not allowed"));
    }
    let subprotocol = choose_subprotocol(head, policy)?;
    let deflate = match policy.choices {
        Some(choices) => choices.deflate(head, policy.deflate)?,
        None => policy.deflate,
    };
    let deflate = deflate.and_then(|deflate| deflate::accept(headers, &deflate));
    Ok(Agreement { accept, subprotocol, deflate })
}

/// A target that is a path here, one `Host`, no body.
fn check_http(head: &Parts) -> Result<Authority, Refusal> {
    let host = single(&head.headers, &HOST)
        .and_then(|host| Authority::parse(host.to_str().ok()?))
        .ok_or_else(|| Refusal::bad_request("send one `Host: name` or `Host: name:port`"))?;
    if !head.uri.path().starts_with('/') || !target_is_at(head, &host) {
        return Err(Refusal::bad_request("the request target must be a path of this host"));
    }
    // A body that we do not read would be taken for the first frames.
    let has_body = head.headers.contains_key(TRANSFER_ENCODING)
        || head.headers.get_all(CONTENT_LENGTH).iter().any(|length| length != "0");
    if has_body {
        return Err(Refusal::bad_request("a WebSocket handshake has no body"));
    }
    Ok(host)
}

/// Whether an absolute target (`GET http://host/path`) names the host that `Host` names. RFC 9112
/// section 3.2.2 wants it accepted; if the two differed, the origin would be compared with a host
/// that is not the one routed to.
fn target_is_at(head: &Parts, host: &Authority) -> bool {
    let Some(target) = head.uri.authority() else {
        return true;
    };
    let usual = head.uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
    let (Some(usual), Some(target)) =
        (usual.and_then(default_port), Authority::parse(target.as_str()))
    else {
        return false;
    };
    target.host == host.host && target.port.unwrap_or(usual) == host.port.unwrap_or(usual)
}

/// The connection is to be upgraded, and to this.
fn check_upgrade(headers: &HeaderMap) -> Result<(), Refusal> {
    if !is_websocket(headers) {
        return Err(Refusal::upgrade_required(
            "here is a WebSocket: send `Upgrade: websocket`; a proxy in between must pass it on",
        ));
    }
    check_connection(headers)
}

/// What the key is answered with.
fn answer_key(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let key = single(headers, &SEC_WEBSOCKET_KEY)
        .filter(|key| is_key(key.as_bytes()))
        .ok_or_else(|| Refusal::bad_request("`Sec-WebSocket-Key` must be 16 bytes in base64"))?;
    HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| Refusal::internal())
}

/// `Connection` names `upgrade`, and beside it only what has no content of its own.
///
/// What it names, a proxy takes off: `Connection: upgrade, authorization` makes the proxy that
/// checked `Authorization` and the server behind it see two requests. A header that was nominated
/// can therefore not be trusted to be what came in, and no client has a reason to nominate one.
fn check_connection(headers: &HeaderMap) -> Result<(), Refusal> {
    let harmless = |name: &[u8]| {
        ["upgrade", "keep-alive", "close"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    };
    if !contains(headers, &CONNECTION, "upgrade") {
        return Err(Refusal::bad_request(
            "`Connection` must name `upgrade`; a proxy in between must pass it on",
        ));
    }
    if !elements(headers, &CONNECTION).all(harmless) {
        return Err(Refusal::bad_request("`Connection` may name `upgrade` and `keep-alive` only"));
    }
    Ok(())
}

/// The client's first that the endpoint speaks; `None` if they have none in common, and then the
/// answer has no such header and a client may well hang up.
fn choose_subprotocol(head: &Parts, policy: &Policy<'_>) -> Result<Option<Box<str>>, Refusal> {
    let headers = &head.headers;
    let mut seen = HashSet::new();
    let mut requested = Vec::new();
    for name in elements(headers, &SEC_WEBSOCKET_PROTOCOL) {
        let token = std::str::from_utf8(name).ok().filter(|_| is_token(name)).ok_or_else(|| {
            Refusal::bad_request("`Sec-WebSocket-Protocol` must be a list of tokens")
        })?;
        if !seen.insert(token) {
            return Err(Refusal::bad_request("`Sec-WebSocket-Protocol` names one twice"));
        }
        requested.push(token);
    }
    if requested.is_empty() && headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Err(Refusal::bad_request("`Sec-WebSocket-Protocol` must name one at least"));
    }
    let spoken = policy.subprotocols;
    match policy.choices {
        Some(choices) => choices.subprotocol(head, &requested, spoken),
        None => Ok(requested
            .iter()
            .find_map(|name| spoken.iter().find(|known| known == name))
            .map(|name| (**name).into())),
    }
}

/// The value of a header that must be there once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    lines.next().filter(|_| lines.next().is_none())
}

/// Whether this is 16 bytes in base64: 22 characters and `==`.
///
/// The last character carries two bits, and the four below them should be zero. They are not
/// looked at: the key is never decoded, and the example of RFC 6455 section 4.1
/// (`AQIDBAUGBwgJCgsMDQ4PEC==`) has one of them set.
fn is_key(key: &[u8]) -> bool {
    key.len() == 24
        && key.ends_with(b"==")
        && key[..22].iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte))
}

#[cfg(test)]
mod tests;
