//! Where an answer sends us instead, and what may go along.

use http::{HeaderMap, StatusCode, header::LOCATION};

use super::{error::ConnectError, url::Target};

/// Whether an answer names another place.
pub(super) fn leads_on(status: StatusCode, headers: &HeaderMap) -> bool {
    headers.contains_key(LOCATION)
        && matches!(
            status,
            StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT
        )
}

/// The place that an answer sends us to; `None` if it sends us nowhere.
pub(super) fn next(
    from: &Target,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Target>, ConnectError> {
    let Some(location) = headers.get(LOCATION).filter(|_| leads_on(status, headers)) else {
        return Ok(None);
    };
    let Ok(location) = location.to_str() else {
        return Err(ConnectError::Redirect("it is not ASCII"));
    };
    let resolved = resolve(from, location);
    if from.secure && !resolved.starts_with("wss:") {
        return Err(ConnectError::Redirect("it leads out of TLS"));
    }
    let mut to = match Target::parse(&resolved) {
        Ok(to) => to,
        Err(ConnectError::InvalidUrl(why)) => return Err(ConnectError::Redirect(why)),
        Err(error) => return Err(error),
    };
    if to.credentials.is_some() {
        // From others, it serves to deceive; RFC 9110 section 4.2.4.
        return Err(ConnectError::Redirect("it has a user or a password in it"));
    }
    if to.is_at(from) {
        to.credentials.clone_from(&from.credentials);
    }
    Ok(Some(to))
}

/// The URL of a reference; RFC 3986 section 5.2. A fragment is nothing that is sent.
fn resolve(from: &Target, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or_default();
    if let Some((scheme, rest)) = reference.split_once("://")
        && !scheme.contains(['/', '?'])
    {
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => "ws".to_owned(),
            "https" => "wss".to_owned(),
            other => other.to_owned(),
        };
        return format!("{scheme}://{rest}");
    }
    let scheme = if from.secure { "wss" } else { "ws" };
    if reference.starts_with("//") {
        return format!("{scheme}:{reference}");
    }
    let base = from.uri.path();
    let path = if reference.is_empty() {
        from.uri.to_string()
    } else if reference.starts_with('?') {
        format!("{base}{reference}")
    } else if reference.starts_with('/') {
        without_dots(reference)
    } else {
        let folder = base.rfind('/').map_or("/", |slash| &base[..=slash]);
        without_dots(&format!("{folder}{reference}"))
    };
    format!("{scheme}://{}{path}", from.host_and_port())
}

/// Without `.` and `..` in the path; RFC 3986 section 5.2.4.
fn without_dots(path: &str) -> String {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut kept = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if segments.peek().is_none() {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    let path = format!("/{}", kept.join("/"));
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn to(location: &str) -> Result<Option<Target>, ConnectError> {
        from("ws://ann:secret@a:81/x/y?z=1", location)
    }

    fn from(url: &str, location: &str) -> Result<Option<Target>, ConnectError> {
        let from = Target::parse(url).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_str(location).unwrap());
        next(&from, StatusCode::FOUND, &headers)
    }

    #[test]
    fn references_are_resolved() {
        for (location, host, port, path) in [
            ("ws://b/c", "b", 80, "/c"),
            ("http://b:8080/c?d", "b", 8080, "/c?d"),
            ("HTTP://b", "b", 80, "/"),
            ("//b/c", "b", 80, "/c"),
            ("/c/./d/../e?f=/../g", "a", 81, "/c/e?f=/../g"),
            ("c", "a", 81, "/x/c"),
            ("../c/", "a", 81, "/c/"),
            ("../../..", "a", 81, "/"),
            (".", "a", 81, "/x/"),
            ("?q", "a", 81, "/x/y?q"),
            ("", "a", 81, "/x/y?z=1"),
            ("/c#d", "a", 81, "/c"),
            ("/go?to=ws://b/", "a", 81, "/go?to=ws://b/"),
        ] {
            let target = to(location).unwrap().unwrap();
            let found = (&*target.host, target.port, target.uri.to_string());
            assert_eq!(found, (host, port, path.to_owned()), "{location}");
        }
    }

    #[test]
    fn a_password_stays_with_its_place() {
        let known = Some(("ann".to_owned(), "secret".to_owned()));
        for same in ["/c", "ws://a:81/", "http://A:81/"] {
            assert_eq!(to(same).unwrap().unwrap().credentials, known, "{same}");
        }
        for other in ["ws://a/", "ws://b:81/", "//a/"] {
            assert_eq!(to(other).unwrap().unwrap().credentials, None, "{other}");
        }
    }

    #[test]
    fn what_leads_nowhere() {
        assert!(matches!(to("ftp://b/"), Err(ConnectError::Redirect(_))));
        assert!(matches!(to("ws://b:0/"), Err(ConnectError::Redirect(_))));
        assert!(matches!(to("ws://ann@b/"), Err(ConnectError::Redirect(_))));
        assert!(matches!(to("//ann:x@a:81/"), Err(ConnectError::Redirect(_))));
        let from = Target::parse("ws://a/").unwrap();
        assert!(next(&from, StatusCode::FOUND, &HeaderMap::new()).unwrap().is_none());
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_static("/b"));
        for status in [200, 300, 304, 305, 404] {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(next(&from, status, &headers).unwrap().is_none(), "{status}");
        }
    }

    #[test]
    fn no_way_leads_out_of_tls() {
        if !cfg!(feature = "tls") {
            assert!(matches!(to("https://b/"), Err(ConnectError::NoTls)));
            return;
        }
        let place = |url, location| {
            let target = from(url, location).unwrap().unwrap();
            (target.secure, target.host_and_port(), target.uri.to_string())
        };
        for (url, location, wanted) in [
            ("ws://a/x", "https://a/y", (true, "a:443", "/y")),
            ("wss://a/x", "//b/y", (true, "b:443", "/y")),
            ("wss://a/x", "y", (true, "a:443", "/y")),
            ("wss://a:80/x", "HTTPS://a:80", (true, "a:80", "/")),
        ] {
            let wanted = (wanted.0, wanted.1.to_owned(), wanted.2.to_owned());
            assert_eq!(place(url, location), wanted, "{location} of {url}");
        }
        for location in ["http://a/y", "ws://a/y", "ws://a:443/y", "WS://a/y"] {
            let error = from("wss://a/x", location).unwrap_err();
            assert!(error.to_string().contains("out of TLS"), "{location}: {error}");
        }
        // The same host and port, but another scheme: the password stays behind.
        assert!(from("ws://ann:x@a:443/", "https://a/").unwrap().unwrap().credentials.is_none());
        assert!(from("wss://ann:x@a/", "https://a:443/").unwrap().unwrap().credentials.is_some());
    }
}
