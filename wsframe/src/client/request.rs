//! The head of the request: what the caller asked for, and what makes it a handshake.

use data_encoding::BASE64;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request,
    header::{
        AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, ORIGIN,
        PROXY_AUTHORIZATION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    },
};
#[cfg(feature = "http2")]
use http::{Method, Uri, Version, uri::PathAndQuery};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;

use super::{error::ConnectError, url::Target};
use crate::handshake::{Deflate, deflate, is_token};

/// What makes the handshake and the framing of the request.
const OURS: [HeaderName; 13] = [
    HOST,
    CONNECTION,
    UPGRADE,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    TE,
    TRAILER,
    EXPECT,
    SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION,
];

/// What the caller asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    headers: HeaderMap,
    subprotocols: Vec<String>,
    deflate: Option<Deflate>,
    /// The first thing that was set and cannot be sent.
    invalid: Option<String>,
}

impl Asked {
    pub(super) fn subprotocols(&self) -> &[String] {
        &self.subprotocols
    }

    pub(super) fn deflate(&self) -> Option<Deflate> {
        self.deflate
    }

    /// Compression is offered.
    pub(super) fn deflated(&mut self, deflate: Deflate) {
        self.deflate = Some(deflate);
    }

    fn complain(&mut self, text: String) {
        self.invalid.get_or_insert(text);
    }

    pub(super) fn header(&mut self, name: &str, value: &str) {
        let Ok(name) = HeaderName::try_from(name) else {
            return self.complain(format!("{name:?} is no name of a header"));
        };
        if OURS.contains(&name) {
            return self.complain(format!("the header `{name}` is written by the handshake"));
        }
        match HeaderValue::try_from(value) {
            Ok(mut value) => {
                value.set_sensitive([AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(&name));
                self.headers.append(name, value);
            }
            // The value may be a secret.
            Err(_) => self.complain(format!("the value of `{name}` is none of a header")),
        }
    }

    pub(super) fn subprotocol(&mut self, name: String) {
        if !is_token(name.as_bytes()) {
            self.complain(format!("{name:?} is no name of a subprotocol"));
        } else if self.subprotocols.contains(&name) {
            self.complain(format!("the subprotocol `{name}` is asked for twice"));
        } else {
            self.subprotocols.push(name);
        }
    }

    pub(super) fn origin(&mut self, origin: &str) {
        self.headers.remove(ORIGIN);
        self.header(ORIGIN.as_str(), origin);
    }

    pub(super) fn cookie(&mut self, name: &str, value: &str) {
        let splits = |byte: u8| byte == b';' || byte.is_ascii_control();
        if !is_token(name.as_bytes()) || value.bytes().any(splits) {
            return self.complain(format!("the cookie {name:?} is none"));
        }
        let mut line = match self.headers.remove(COOKIE) {
            Some(before) => [before.as_bytes(), b"; "].concat(),
            None => Vec::new(),
        };
        line.extend_from_slice(format!("{name}={value}").as_bytes());
        match HeaderValue::from_bytes(&line) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.insert(COOKIE, value);
            }
            Err(_) => self.complain(format!("the cookie {name:?} is none")),
        }
    }

    pub(super) fn basic(&mut self, user: &str, password: &str) {
        match basic(user, password) {
            Ok(value) => {
                self.headers.insert(AUTHORIZATION, value);
            }
            Err(why) => self.complain(why.to_owned()),
        }
    }

    pub(super) fn bearer(&mut self, token: &str) {
        self.headers.remove(AUTHORIZATION);
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"));
    }

    /// Forgets what only the server that was dialled may know.
    pub(super) fn without_secrets(mut self) -> Self {
        for secret in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
            self.headers.remove(secret);
        }
        self
    }

    /// The request, and the key whose answer has to come back.
    pub(super) fn request(
        &self,
        target: &Target,
    ) -> Result<(Request<String>, String), ConnectError> {
        let key = generate_key();
        let sent = HeaderValue::try_from(&key).map_err(|_| invalid("the key is no header"))?;
        let mut headers = HeaderMap::new();
        headers.insert(HOST, target.authority.clone());
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_KEY, sent);
        self.describe(target, &mut headers)?;
        let mut request = Request::new(String::new());
        *request.uri_mut() = target.uri.clone();
        *request.headers_mut() = headers;
        Ok((request, key))
    }

    /// The request over HTTP/2, where nothing is upgraded and no key is needed; RFC 8441 section 5.
    #[cfg(feature = "http2")]
    pub(super) fn extended_connect(&self, target: &Target) -> Result<Request<()>, ConnectError> {
        let path = target.uri.path_and_query().cloned();
        let uri = Uri::builder()
            .scheme(if target.secure { "https" } else { "http" })
            .authority(target.authority.as_bytes())
            .path_and_query(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
            .build()
            .map_err(|_| ConnectError::InvalidUrl("it makes no request"))?;
        let mut request = Request::new(());
        *request.method_mut() = Method::CONNECT;
        *request.uri_mut() = uri;
        *request.version_mut() = Version::HTTP_2;
        request.extensions_mut().insert(h2::ext::Protocol::from_static("websocket"));
        self.describe(target, request.headers_mut())?;
        Ok(request)
    }

    /// Adds what the request says in any version of HTTP.
    ///
    /// # Errors
    ///
    /// What was set and cannot be sent.
    pub(super) fn describe(
        &self,
        target: &Target,
        headers: &mut HeaderMap,
    ) -> Result<(), ConnectError> {
        if let Some(text) = &self.invalid {
            return Err(invalid(text));
        }
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        if !self.subprotocols.is_empty() {
            let names = HeaderValue::try_from(self.subprotocols.join(", "));
            let names = names.map_err(|_| invalid("the subprotocols are no header"))?;
            headers.insert(SEC_WEBSOCKET_PROTOCOL, names);
        }
        if let Some(offer) = self.deflate.as_ref().and_then(deflate::offer) {
            headers.insert(SEC_WEBSOCKET_EXTENSIONS, offer);
        }
        if let Some((user, password)) = &target.credentials
            && !self.headers.contains_key(AUTHORIZATION)
        {
            headers.insert(AUTHORIZATION, basic(user, password).map_err(invalid)?);
        }
        headers.extend(self.headers.clone());
        Ok(())
    }
}

fn invalid(text: &str) -> ConnectError {
    ConnectError::InvalidRequest(text.to_owned())
}

/// Basic credentials; RFC 7617 section 2.
pub(super) fn basic(user: &str, password: &str) -> Result<HeaderValue, &'static str> {
    if user.contains(':') {
        return Err("a user of basic credentials has no `:`");
    }
    if user.chars().chain(password.chars()).any(char::is_control) {
        return Err("basic credentials have no control characters");
    }
    let encoded = BASE64.encode(format!("{user}:{password}").as_bytes());
    let mut value = HeaderValue::try_from(format!("Basic {encoded}"))
        .map_err(|_| "the credentials are no header")?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(url: &str, set: impl FnOnce(&mut Asked)) -> Result<HeaderMap, ConnectError> {
        let mut asked = Asked::default();
        set(&mut asked);
        Ok(asked.request(&Target::parse(url)?)?.0.into_parts().0.headers)
    }

    #[test]
    fn the_head_says_what_was_asked_for() {
        let headers = head("ws://ann:x@a:81/", |asked| {
            asked.header("x-many", "1");
            asked.header("X-Many", "2");
            asked.cookie("a", "1");
            asked.cookie("b", "2");
            asked.subprotocol("v2".into());
            asked.subprotocol("v1".into());
            asked.origin("https://one.test");
            asked.origin("https://a.test");
        })
        .unwrap();
        assert_eq!(headers[HOST], "a:81");
        assert_eq!(headers[COOKIE], "a=1; b=2");
        assert_eq!(headers[SEC_WEBSOCKET_PROTOCOL], "v2, v1");
        assert_eq!(headers[ORIGIN], "https://a.test");
        assert_eq!(headers[AUTHORIZATION], "Basic YW5uOng=");
        assert_eq!(headers.get_all("x-many").iter().count(), 2);
        assert!(!format!("{headers:?}").contains("YW5uOng="), "a secret is shown");
    }

    #[test]
    fn what_is_set_goes_before_the_url() {
        let headers = head("ws://ann:x@a/", |asked| asked.bearer("t")).unwrap();
        assert_eq!(headers.get_all(AUTHORIZATION).iter().collect::<Vec<_>>(), ["Bearer t"]);
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        type Set = fn(&mut Asked);
        let table: [(&str, Set); 10] = [
            ("name of a header", |asked| asked.header("a b", "x")),
            ("value of", |asked| asked.header("a", "x\r\ny: z")),
            ("handshake", |asked| asked.header("Upgrade", "h2c")),
            ("handshake", |asked| asked.header("content-length", "5")),
            ("subprotocol", |asked| asked.subprotocol("a b".into())),
            ("twice", |asked| {
                asked.subprotocol("a".into());
                asked.subprotocol("a".into());
            }),
            ("cookie", |asked| asked.cookie("a", "1; b=2")),
            ("`:`", |asked| asked.basic("a:b", "c")),
            ("control", |asked| asked.basic("a", "\n")),
            ("value of", |asked| asked.bearer("a\nb")),
        ];
        for (word, set) in table {
            match head("ws://a/", set) {
                Err(ConnectError::InvalidRequest(text)) => assert!(text.contains(word), "{text}"),
                other => panic!("{word}: {other:?}"),
            }
        }
        assert!(matches!(head("ws://a%3Ab@c/", |_| {}), Err(ConnectError::InvalidRequest(_))));
    }
}
