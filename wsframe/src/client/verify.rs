//! Whether an answer really opens a WebSocket; RFC 6455 sections 4.1 and 4.2.2.

use http::{
    HeaderMap, HeaderValue, Version,
    header::{
        CONNECTION, CONTENT_LENGTH, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL,
        TRANSFER_ENCODING, UPGRADE,
    },
    response::Parts,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{error::HandshakeFault, request::Asked};
use crate::handshake::{Agreed, contains, deflate, elements};

/// What was agreed on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) subprotocol: Option<Box<str>>,
    pub(super) deflate: Option<Agreed>,
}

/// Checks a 101 against what was asked for.
pub(super) fn verify(head: &Parts, key: &str, asked: &Asked) -> Result<Answered, HandshakeFault> {
    let headers = &head.headers;
    if head.version != Version::HTTP_11 {
        return Err(HandshakeFault::Version);
    }
    // What follows would be taken for frames; RFC 9112 section 6.3. A length of nothing is harmless.
    let some = |length: &HeaderValue| length.as_bytes() != b"0";
    if headers.contains_key(TRANSFER_ENCODING) || headers.get_all(CONTENT_LENGTH).iter().any(some) {
        return Err(HandshakeFault::Body);
    }
    let mut upgrade = elements(headers, &UPGRADE);
    let websocket = |name: &[u8]| name.eq_ignore_ascii_case(b"websocket");
    if !upgrade.next().is_some_and(websocket) || upgrade.next().is_some() {
        return Err(HandshakeFault::Upgrade);
    }
    if !contains(headers, &CONNECTION, "upgrade") {
        return Err(HandshakeFault::Connection);
    }
    let mut accept = headers.get_all(SEC_WEBSOCKET_ACCEPT).iter();
    let wanted = derive_accept_key(key.as_bytes());
    if accept.next().is_none_or(|accept| accept.as_bytes().trim_ascii() != wanted.as_bytes())
        || accept.next().is_some()
    {
        return Err(HandshakeFault::Accept);
    }
    agreed(headers, asked)
}

/// Checks what was negotiated, which is said in the same way over HTTP/2.
pub(super) fn agreed(headers: &HeaderMap, asked: &Asked) -> Result<Answered, HandshakeFault> {
    let deflate = deflate::verify(headers, asked.deflate().as_ref())
        .map_err(|deflate::NotOffered| HandshakeFault::Extension)?;
    let mut answered = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let Some(name) = answered.next() else {
        return Ok(Answered { subprotocol: None, deflate });
    };
    let found =
        asked.subprotocols().iter().find(|known| known.as_bytes() == name.as_bytes().trim_ascii());
    match found {
        Some(known) if answered.next().is_none() => {
            Ok(Answered { subprotocol: Some(known.as_str().into()), deflate })
        }
        _ => Err(HandshakeFault::Subprotocol),
    }
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const RIGHT: [(&str, &str); 3] = [
        ("upgrade", "WebSocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ];

    fn answer(lines: &[(&str, &str)]) -> Result<Option<Box<str>>, HandshakeFault> {
        let mut response = Response::builder().status(101);
        for (name, value) in lines {
            response = response.header(*name, *value);
        }
        let mut asked = Asked::default();
        asked.subprotocol("chat.v2".into());
        asked.subprotocol("chat.v1".into());
        let answered = verify(&response.body(()).unwrap().into_parts().0, KEY, &asked)?;
        assert_eq!(answered.deflate, None);
        Ok(answered.subprotocol)
    }

    #[test]
    fn the_right_answer_opens() {
        assert_eq!(answer(&RIGHT), Ok(None));
        assert_eq!(answer(&[&RIGHT[..], &[("content-length", "0")]].concat()), Ok(None));
        let agreed = [&RIGHT[..], &[("sec-websocket-protocol", "chat.v1")]].concat();
        assert_eq!(answer(&agreed), Ok(Some("chat.v1".into())));
    }

    #[test]
    fn what_is_missing_or_another_is_a_fault() {
        for (name, value, fault) in [
            ("upgrade", "h2c", HandshakeFault::Upgrade),
            ("upgrade", "websocket, h2c", HandshakeFault::Upgrade),
            ("connection", "keep-alive", HandshakeFault::Connection),
            ("sec-websocket-accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", HandshakeFault::Accept),
            ("sec-websocket-accept", "S3PPLMBITXAQ9KYGZZHZRBK+XOO=", HandshakeFault::Accept),
        ] {
            let mut lines = RIGHT.to_vec();
            let at = lines.iter().position(|line| line.0 == name).unwrap();
            lines[at].1 = value;
            assert_eq!(answer(&lines), Err(fault), "{name}: {value}");
            lines.remove(at);
            assert_eq!(answer(&lines), Err(fault), "no {name}");
        }
    }

    #[test]
    fn what_was_not_asked_for_is_a_fault() {
        for (name, value, fault) in [
            ("sec-websocket-protocol", "other", HandshakeFault::Subprotocol),
            ("sec-websocket-protocol", "Chat.v1", HandshakeFault::Subprotocol),
            ("sec-websocket-protocol", "chat.v1, chat.v2", HandshakeFault::Subprotocol),
            ("sec-websocket-protocol", "", HandshakeFault::Subprotocol),
            ("sec-websocket-extensions", "permessage-deflate", HandshakeFault::Extension),
            ("sec-websocket-accept", RIGHT[2].1, HandshakeFault::Accept),
            ("content-length", "5", HandshakeFault::Body),
            ("transfer-encoding", "chunked", HandshakeFault::Body),
        ] {
            let lines = [&RIGHT[..], &[(name, value)]].concat();
            assert_eq!(answer(&lines), Err(fault), "{name}: {value}");
        }
    }
}
