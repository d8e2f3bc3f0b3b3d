//! The two forms of a handshake, and what is different in the newer one.

use http::{
    HeaderValue, Method, StatusCode, Uri, Version,
    header::{CONNECTION, HOST, UPGRADE},
    request::Parts,
};

use super::{authority::Authority, refusal::Refusal};

/// How a request asks for a WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// It has the connection upgraded; RFC 6455.
    #[default]
    Upgrade,
    /// It has a stream of HTTP/2 connected; RFC 8441. There is no key, because no cache and no proxy
    /// takes this for something else.
    ExtendedConnect,
}

impl Form {
    /// The status of the answer that opens the session.
    pub(crate) fn opens(self) -> StatusCode {
        match self {
            Self::Upgrade => StatusCode::SWITCHING_PROTOCOLS,
            Self::ExtendedConnect => StatusCode::OK,
        }
    }

    /// Gives the head the form that every head has for those who come after: the target is a path,
    /// and `Host` has the authority.
    ///
    /// # Errors
    ///
    /// 400 where the target is no path at a host of the web, or `Host` names another one.
    pub(crate) fn even(self, head: &mut Parts) -> Result<(), Refusal> {
        if self == Self::Upgrade {
            return Ok(());
        }
        let web = matches!(head.uri.scheme_str(), Some("http" | "https"));
        let authority = head.uri.authority().map(|authority| authority.as_str().to_owned());
        let (true, Some(authority), Some(path)) = (web, authority, head.uri.path_and_query())
        else {
            return Err(Refusal::bad_request("the request target must be a path of this host"));
        };
        let path = Uri::from(path.clone());
        let at = Authority::parse(&authority);
        let same = |host: &HeaderValue| host.to_str().ok().and_then(Authority::parse) == at;
        if at.is_none() || !head.headers.get_all(HOST).iter().all(same) {
            return Err(Refusal::bad_request("`:authority` must be `name` or `name:port`"));
        }
        let host = HeaderValue::try_from(authority).map_err(|_| Refusal::internal())?;
        head.headers.insert(HOST, host);
        head.uri = path;
        Ok(())
    }

    /// The method and the version that it comes with.
    pub(super) fn check(self, head: &Parts) -> Result<(), Refusal> {
        let (method, version) = match self {
            Self::Upgrade => (Method::GET, Version::HTTP_11),
            Self::ExtendedConnect => (Method::CONNECT, Version::HTTP_2),
        };
        if head.method != method {
            return Err(Refusal::method_not_allowed());
        }
        if head.version == version {
            return Ok(());
        }
        Err(Refusal::bad_request(if head.version == Version::HTTP_2 {
            "over HTTP/2 a WebSocket handshake is an extended CONNECT"
        } else {
            "a WebSocket handshake is HTTP/1.1"
        }))
    }
}

/// Takes off an answer what HTTP/2 has no place for.
pub(crate) fn even_answer<B>(version: Version, answer: &mut http::Response<B>) {
    if version == Version::HTTP_2 {
        answer.headers_mut().remove(CONNECTION);
        answer.headers_mut().remove(UPGRADE);
    }
}
