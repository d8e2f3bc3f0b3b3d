//! The URL: where to dial, what to ask for, as whom.

use http::{HeaderValue, Uri, uri::PathAndQuery};

use super::error::ConnectError;
use crate::{handshake::Authority, route};

/// A URL that can be dialled.
#[derive(Debug)]
pub(super) struct Target {
    /// A name or an address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of `Host`.
    pub(super) authority: HeaderValue,
    /// Path and query as they were written, for the request line.
    pub(super) uri: Uri,
    /// Name and password, decoded.
    pub(super) credentials: Option<(String, String)>,
}

impl Target {
    /// Reads `ws://[user[:password]@]host[:port][/path][?query]`.
    ///
    /// As strict as [`Authority`]: what two programs might read differently is refused.
    ///
    /// Specification: RFC 6455 section 3.
    pub(super) fn parse(url: &str) -> Result<Self, ConnectError> {
        let wrong = |why| Err(ConnectError::InvalidUrl(why));
        let Some((scheme, rest)) = url.split_once("://") else {
            return wrong("it does not begin with `ws://`");
        };
        if !scheme.eq_ignore_ascii_case("ws") && !scheme.eq_ignore_ascii_case("wss") {
            return wrong("its scheme is neither `ws` nor `wss`");
        }
        if rest.contains('#') {
            return wrong("a WebSocket URL has no fragment");
        }
        if rest.bytes().any(|byte| byte.is_ascii_control() || byte == b' ' || byte == b'\\') {
            return wrong("blanks, control characters and backslashes must be percent-encoded");
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (place, path) = rest.split_at(end);
        let (user, place) = match place.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, place),
        };
        if !place.is_ascii() {
            return wrong("its host is not ASCII; write the punycode form (`xn--…`)");
        }
        if !rest.is_ascii() {
            return wrong("characters outside of ASCII must be percent-encoded");
        }
        let Some(authority) = Authority::parse(place) else {
            return wrong("its host or port is none");
        };
        if authority.port == Some(0) {
            return wrong("port 0 cannot be dialled");
        }
        let credentials = user.map(credentials).transpose()?;
        if scheme.eq_ignore_ascii_case("wss") {
            return Err(ConnectError::NoTls);
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let Ok(path) = PathAndQuery::try_from(path) else {
            return wrong("its path or query is none");
        };
        let port = authority.port.unwrap_or(80);
        let named = match port {
            80 => authority.host.to_string(),
            port => format!("{}:{port}", authority.host),
        };
        let Ok(named) = HeaderValue::try_from(named) else { return wrong("its host is none") };
        let host = authority.host.trim_matches(['[', ']']).to_owned();
        Ok(Self { host, port, authority: named, uri: Uri::from(path), credentials })
    }

    /// Whether it is served from the same place as `other`.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        self.host == other.host && self.port == other.port
    }
}

fn credentials(user: &str) -> Result<(String, String), ConnectError> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let decode = |text| match route::decode(text) {
        Ok(text) if !user.contains('@') => Ok(text.into_owned()),
        _ => Err(ConnectError::InvalidUrl("its user or password is not properly percent-encoded")),
    };
    Ok((decode(name)?, decode(password)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_dialled() {
        let table = [
            ("ws://example.org", ("example.org", 80, "example.org", "/")),
            ("WS://Example.org:80/", ("example.org", 80, "example.org", "/")),
            ("ws://a:8080/chat/x%2Fy?q=%20&r", ("a", 8080, "a:8080", "/chat/x%2Fy?q=%20&r")),
            ("ws://a?nick=bot", ("a", 80, "a", "/?nick=bot")),
            ("ws://[::1]:9/x", ("::1", 9, "[::1]:9", "/x")),
            ("ws://[0:0::1]", ("::1", 80, "[::1]", "/")),
            ("ws://a//b", ("a", 80, "a", "//b")),
            ("ws://a/b@c?d://e", ("a", 80, "a", "/b@c?d://e")),
        ];
        for (url, wanted) in table {
            let target = Target::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            let authority = target.authority.to_str().unwrap();
            let found = (
                &*target.host,
                target.port,
                authority,
                target.uri.path_and_query().unwrap().as_str(),
            );
            assert_eq!(found, wanted, "{url}");
            assert!(target.credentials.is_none());
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let of = |url| Target::parse(url).unwrap().credentials.unwrap();
        assert_eq!(of("ws://ann:s%3Ac@a/"), ("ann".into(), "s:c".into()));
        assert_eq!(of("ws://ann@a/"), ("ann".into(), "".into()));
    }

    #[test]
    fn what_cannot_be_dialled_says_why() {
        let table = [
            ("example.org", "begin"),
            ("http://a", "scheme"),
            ("ws://a/#b", "fragment"),
            ("ws://a/#", "fragment"),
            ("ws://bücher.example/", "punycode"),
            ("ws://a/ü", "percent"),
            ("ws://a/b c", "percent"),
            ("ws://a/\r\nx: y", "percent"),
            ("ws://a\\b", "percent"),
            ("ws://", "host"),
            ("ws:///x", "host"),
            ("ws://a:", "host"),
            ("ws://a:65536", "host"),
            ("ws://::1", "host"),
            ("ws://a:0", "port 0"),
            ("ws://a@b@c", "password"),
            ("ws://a%zz@c", "password"),
            ("wss://ü", "punycode"),
        ];
        for (url, word) in table {
            match Target::parse(url) {
                Err(ConnectError::InvalidUrl(why)) => assert!(why.contains(word), "{url}: {why}"),
                other => panic!("{url}: {other:?}"),
            }
        }
        assert!(matches!(Target::parse("wss://a/"), Err(ConnectError::NoTls)));
    }
}
