use http::HeaderValue;

use super::*;

fn allow(origins: &Origins, lines: &[&str], host: &str, tls: bool) -> bool {
    let allowed = AllowedOrigins::new(origins).unwrap();
    allowed.allow(&headers(lines), &Authority::parse(host).unwrap(), tls)
}

fn headers(lines: &[&str]) -> HeaderMap {
    lines.iter().map(|line| (ORIGIN, HeaderValue::from_bytes(line.as_bytes()).unwrap())).collect()
}

/// What no origin of ours is, in any spelling.
const FOREIGN: [&str; 33] = [
    "null",
    "",
    "http://",
    "https://evil.com",
    "https://example.org.evil.com",
    "https://evil-example.org",
    "https://evilexample.org",
    "https://sub.example.org",
    "https://example.or",
    "https://example.org.",
    "https://example.org:8443",
    "https://example.org:",
    "https://example.org:443:443",
    "https://example.org:b",
    "http://a:b",
    "https://example.org/",
    "https://example.org/path",
    "https://example.org?x",
    "https://example.org#x",
    "https://example.org`.evil.com",
    "https://evil.com`example.org",
    "https://user@example.org",
    "https://example.org@evil.com",
    "https://example.org%2eevil.com",
    "https://example.org\\.evil.com",
    "https://example.org evil.com",
    "https://example.org, https://evil.com",
    "example.org",
    "//example.org",
    "://example.org",
    "capacitor://example.org",
    "https:/example.org",
    "https://ex\u{e4}mple.org",
];

#[test]
fn the_same_host_is_host_and_port() {
    let table = [
        // origin, host, allowed without TLS of ours, and with it
        ("https://example.org", "example.org", true, true),
        ("https://EXAMPLE.org", "Example.ORG", true, true),
        ("HTTPS://example.org", "example.org", true, true),
        ("https://example.org:443", "example.org", true, true),
        ("https://example.org", "example.org:443", true, true),
        ("http://example.org", "example.org", true, false),
        ("http://example.org", "example.org:80", true, true),
        ("http://example.org", "example.org:443", false, false),
        ("https://example.org", "example.org:80", false, false),
        ("http://example.org:80", "example.org", true, false),
        ("http://localhost:8080", "localhost:8080", true, true),
        ("https://localhost:8080", "localhost:8080", true, true),
        ("http://localhost:3000", "localhost:8080", false, false),
        ("http://localhost:8080", "127.0.0.1:8080", false, false),
        ("http://[::1]:8080", "[0:0::1]:8080", true, true),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example", true, true),
        ("https://evil.example", "xn--bcher-kva.example", false, false),
    ];
    for (origin, host, plain, tls) in table {
        assert_eq!(allow(&Origins::SameHost, &[origin], host, false), plain, "{origin} {host}");
        assert_eq!(allow(&Origins::SameHost, &[origin], host, true), tls, "{origin} {host} TLS");
    }
}

#[test]
fn strangers_are_refused_whether_or_not_there_is_a_list() {
    let list = Origins::from(["https://example.org", "https://app.example.org"]);
    for origin in FOREIGN {
        assert!(!allow(&Origins::SameHost, &[origin], "example.org", false), "{origin}");
        assert!(!allow(&list, &[origin], "example.org", false), "{origin}");
        assert!(!allow(&list, &[origin], "api.example.org", false), "{origin}");
        assert!(allow(&Origins::Any, &[origin], "example.org", false), "{origin}");
    }
}

#[test]
fn a_listed_origin_is_scheme_host_and_port() {
    let list = Origins::from(vec![
        "https://example.org",
        "HTTP://LocalHost:3000",
        "capacitor://localhost",
        "https://[::1]:1",
    ]);
    let table = [
        ("https://example.org", true),
        ("https://example.org:443", true),
        ("https://EXAMPLE.ORG", true),
        ("http://example.org", false),
        ("http://example.org:443", false),
        ("wss://example.org", false),
        ("http://localhost:3000", true),
        ("http://localhost", false),
        ("https://localhost:3000", false),
        ("capacitor://localhost", true),
        ("capacitor://localhost:80", false),
        ("https://[0::1]:1", true),
        // The same host stays allowed beside the list.
        ("https://api.test", true),
    ];
    for (origin, wanted) in table {
        assert_eq!(allow(&list, &[origin], "api.test", false), wanted, "{origin}");
    }
}

#[test]
fn none_is_allowed_and_two_are_not() {
    for origins in [Origins::SameHost, Origins::Any, Origins::from("https://a.test")] {
        assert!(allow(&origins, &[], "a.test", false));
        assert!(allow(&origins, &["https://a.test"], "a.test", false));
        assert!(!allow(&origins, &["https://a.test", "https://a.test"], "a.test", false));
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let mut headers = HeaderMap::new();
    headers.insert(ORIGIN, HeaderValue::from_bytes(b"https://a\xff.test").unwrap());
    let host = Authority::parse("a.test").unwrap();
    assert!(!AllowedOrigins::new(&Origins::SameHost).unwrap().allow(&headers, &host, false));
    assert_eq!(line_to_add(&headers), None);
}

#[test]
fn an_entry_that_is_no_origin_is_a_fault() {
    let table = [
        ("*", "write `any`"),
        ("null", "sandboxed"),
        ("example.org", "write `https://example.org`"),
        ("localhost:3000", "the scheme is missing"),
        ("https://example.org/", "no path; write `https://example.org`"),
        ("https://example.org/app?x", "no path; write `https://example.org`"),
        ("https://*.example.org", "scheme://host"),
        ("https://", "scheme://host"),
        ("", "scheme://host"),
        ("https://u@example.org", "scheme://host"),
        ("https://example.org:x", "scheme://host"),
        ("a\nb", "a\\nb"),
    ];
    for (entry, wanted) in table {
        let mistakes = AllowedOrigins::new(&Origins::list([entry])).expect_err(entry);
        assert!(mistakes.len() == 1 && mistakes[0].contains(wanted), "{entry:?}: {mistakes:?}");
    }
    let several = Origins::from(vec!["*".to_owned(), "https://ok.test".into(), "x y".into()]);
    assert_eq!(AllowedOrigins::new(&several).unwrap_err().len(), 2);
}

#[test]
fn the_line_to_add_lets_the_origin_in() {
    for origin in ["https://example.org", "http://localhost:3000", "capacitor://localhost"] {
        let line = line_to_add(&headers(&[origin])).unwrap();
        assert_eq!(line, format!("origins = [\"{origin}\"]"));
        assert!(allow(&Origins::list([origin]), &[origin], "api.test", false));
    }
    for origin in ["null", "https://a\"]\u{9}b", "https://evil.test/\u{e9}", "x"] {
        assert_eq!(line_to_add(&headers(&[origin])), None, "{origin}");
    }
    assert_eq!(line_to_add(&headers(&[])), None);
    assert_eq!(line_to_add(&headers(&["https://a.test", "https://b.test"])), None);
}
