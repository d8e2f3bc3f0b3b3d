//! The URL: where to dial, what to ask for, as whom.

use http::{HeaderValue, Uri, uri::PathAndQuery};

use super::error::ConnectError;
use crate::{handshake::Authority, route};

/// A URL that can be dialled.
#[derive(Debug)]
pub(super) struct Target {
    /// Over TLS.
    pub(super) secure: bool,
    /// A name or an address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of `Host`.
    pub(super) authority: HeaderValue,
    /// Path and query as they were written, for the request line.
    pub(super) uri: Uri,
    /// Name and password, decoded.
    pub(super) credentials: Option<Credentials>,
}

/// Name and password.
pub(super) type Credentials = (String, String);

impl Target {
    /// Reads `ws[s]://[user[:password]@]host[:port][/path][?query]`.
    ///
    /// As strict as [`Authority`]: what two programs might read differently is refused.
    ///
    /// Specification: RFC 6455 section 3.
    pub(super) fn parse(url: &str) -> Result<Self, ConnectError> {
        let wrong = |why| Err(ConnectError::InvalidUrl(why));
        let Some((scheme, rest)) = url.split_once("://") else {
            return wrong("it does not begin with `ws://` or `wss://`");
        };
        let secure = scheme.eq_ignore_ascii_case("wss");
        if !secure && !scheme.eq_ignore_ascii_case("ws") {
            return wrong("its scheme is neither `ws` nor `wss`");
        }
        if rest.contains('#') {
            return wrong("a WebSocket URL has no fragment");
        }
        if rest.bytes().any(|byte| byte.is_ascii_control() || byte == b' ' || byte == b'\\') {
            return wrong("blanks, control characters and backslashes must be percent-encoded");
        }
        let (before, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (credentials, authority) = place(before).map_err(ConnectError::InvalidUrl)?;
        if !path.is_ascii() {
            return wrong("characters outside of ASCII must be percent-encoded");
        }
        if secure && !cfg!(feature = "tls") {
            return Err(ConnectError::NoTls);
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let Ok(path) = PathAndQuery::try_from(path) else {
            return wrong("its path or query is none");
        };
        let usual = if secure { 443 } else { 80 };
        let port = authority.port.unwrap_or(usual);
        let named = match port {
            port if port == usual => authority.host.to_string(),
            port => format!("{}:{port}", authority.host),
        };
        let Ok(named) = HeaderValue::try_from(named) else { return wrong("its host is none") };
        let host = authority.host.trim_matches(['[', ']']).to_owned();
        Ok(Self { secure, host, port, authority: named, uri: Uri::from(path), credentials })
    }

    /// The host, in brackets if it is an IPv6 address, and the port in any case.
    pub(super) fn host_and_port(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// Whether it is served from the same place as `other`, in the same way.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }
}

/// Reads `[user[:password]@]host[:port]`.
pub(super) fn place(text: &str) -> Result<(Option<Credentials>, Authority), &'static str> {
    let (user, place) = match text.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, text),
    };
    if !place.is_ascii() {
        return Err("its host is not ASCII; write the punycode form (`xn--…`)");
    }
    if user.is_some_and(|user| !user.is_ascii()) {
        return Err("characters outside of ASCII must be percent-encoded");
    }
    let Some(authority) = Authority::parse(place) else {
        return Err("its host or port is none");
    };
    if authority.port == Some(0) {
        return Err("port 0 cannot be dialled");
    }
    Ok((user.map(credentials).transpose()?, authority))
}

fn credentials(user: &str) -> Result<Credentials, &'static str> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let decode = |text| match route::decode(text) {
        Ok(text) if !user.contains('@') => Ok(text.into_owned()),
        _ => Err("its user or password is not properly percent-encoded"),
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
    }

    #[test]
    fn wss_needs_tls() {
        if cfg!(feature = "tls") {
            let target = Target::parse("WSS://A:443/x").unwrap();
            assert!(target.secure && target.authority == "a");
            assert_eq!(Target::parse("wss://[::1]").unwrap().host_and_port(), "[::1]:443");
            assert_eq!(Target::parse("wss://a:80/").unwrap().authority, "a:80");
        } else {
            assert!(matches!(Target::parse("wss://a/"), Err(ConnectError::NoTls)));
        }
    }
}
