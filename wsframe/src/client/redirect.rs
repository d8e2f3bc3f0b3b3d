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
    let mut to = match Target::parse(&resolve(from, location)) {
        Ok(to) => to,
        Err(ConnectError::InvalidUrl(why)) => return Err(ConnectError::Redirect(why)),
        Err(error) => return Err(error),
    };
    if to.credentials.is_none() && to.is_at(from) {
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
            _ => scheme.to_owned(),
        };
        return format!("{scheme}://{rest}");
    }
    if reference.starts_with("//") {
        return format!("ws:{reference}");
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
    let host = if from.host.contains(':') { format!("[{}]", from.host) } else { from.host.clone() };
    format!("ws://{host}:{}{path}", from.port)
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
        let from = Target::parse("ws://ann:secret@a:81/x/y?z=1").unwrap();
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
        assert!(matches!(to("https://b/"), Err(ConnectError::NoTls)));
        let from = Target::parse("ws://a/").unwrap();
        assert!(next(&from, StatusCode::FOUND, &HeaderMap::new()).unwrap().is_none());
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_static("/b"));
        for status in [200, 300, 304, 305, 404] {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(next(&from, status, &headers).unwrap().is_none(), "{status}");
        }
    }
}
