//! The two forms of a handshake, and what is different in the newer one.

use http::{HeaderValue, Method, StatusCode, Uri, Version, header::HOST, request::Parts};

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

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn connect(uri: &str, hosts: &[&str]) -> Parts {
        let mut request = Request::builder().method("CONNECT").uri(uri).version(Version::HTTP_2);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_head_becomes_what_it_is_over_http1() {
        for hosts in [&[][..], &["chat.test:8080"], &["Chat.test:8080", "chat.test:8080"]] {
            let mut head = connect("https://Chat.test:8080/a/b?c=d", hosts);
            Form::ExtendedConnect.even(&mut head).unwrap();
            assert_eq!(head.uri, "/a/b?c=d");
            let hosts: Vec<_> = head.headers.get_all(HOST).iter().collect();
            assert_eq!(hosts, ["Chat.test:8080"]);
        }
    }

    #[test]
    fn a_target_that_two_programs_may_read_differently_is_refused() {
        for (uri, hosts) in [
            ("/a", &[][..]),
            ("chat.test:443", &[]),
            ("ftp://chat.test/a", &[]),
            ("http://user@chat.test/a", &[]),
            ("http://chat.test/a", &["evil.test"]),
            ("http://chat.test/a", &["chat.test", "evil.test"]),
            ("http://chat.test/a", &["chat.test:80"]),
        ] {
            let refused = Form::ExtendedConnect.even(&mut connect(uri, hosts)).unwrap_err();
            assert_eq!(refused.status(), 400, "{uri} {hosts:?}");
        }
    }

    #[test]
    fn each_form_has_its_method_and_its_version() {
        use Form::{ExtendedConnect, Upgrade};
        let status = |form: Form, method: &str, version| {
            let mut head = connect("http://chat.test/", &[]);
            head.method = method.parse().unwrap();
            head.version = version;
            form.check(&head).map_or_else(|refusal| refusal.status(), |()| StatusCode::OK).as_u16()
        };
        for (form, method, version, expected) in [
            (Upgrade, "GET", Version::HTTP_11, 200),
            (Upgrade, "GET", Version::HTTP_10, 400),
            (Upgrade, "GET", Version::HTTP_2, 400),
            (Upgrade, "POST", Version::HTTP_11, 405),
            (Upgrade, "CONNECT", Version::HTTP_2, 405),
            (ExtendedConnect, "CONNECT", Version::HTTP_2, 200),
            (ExtendedConnect, "CONNECT", Version::HTTP_11, 400),
            (ExtendedConnect, "GET", Version::HTTP_2, 405),
        ] {
            assert_eq!(status(form, method, version), expected, "{form:?} {method} {version:?}");
        }
    }
}
