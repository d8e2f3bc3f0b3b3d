use http::{Method, Request, Version};

use super::*;
use crate::handshake::Origins;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A request head as lines: the request line, then `name: value`.
fn head(request: &str, lines: &[&str]) -> Parts {
    let mut words = request.split(' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let mut builder = Request::builder().method(method.unwrap()).uri(target.unwrap()).version(
        match version.unwrap() {
            "HTTP/1.0" => Version::HTTP_10,
            "HTTP/1.1" => Version::HTTP_11,
            "HTTP/2" => Version::HTTP_2,
            other => panic!("{other}"),
        },
    );
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let value = value.strip_prefix(' ').unwrap_or(value);
        builder = builder.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    builder.body(()).unwrap().into_parts().0
}

const GOOD: [&str; 5] = [
    "Host: example.org",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// The good request with all lines of one header replaced by these.
fn with(name: &str, values: &[&str]) -> Parts {
    let mut parts = head("GET /chat HTTP/1.1", &GOOD);
    let name: HeaderName = name.parse().unwrap();
    parts.headers.remove(&name);
    for value in values {
        parts.headers.append(&name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    parts
}

fn ask(head: &Parts) -> Result<Agreement, Refusal> {
    ask_in(Form::Upgrade, head)
}

fn ask_in(form: Form, head: &Parts) -> Result<Agreement, Refusal> {
    let origins = AllowedOrigins::new(&Origins::SameHost).unwrap();
    let subprotocols = ["chat.v2".into(), "chat.v1".into(), "Chat".into()];
    negotiate(
        head,
        form,
        &Policy {
            origins: &origins,
            subprotocols: &subprotocols,
            deflate: None,
            tls: false,
            choices: None,
        },
    )
}

/// 101, or the status of the refusal.
fn status(head: &Parts) -> u16 {
    match ask(head) {
        Ok(_) => 101,
        Err(refusal) => refusal.status().as_u16(),
    }
}

#[test]
fn the_example_of_the_specification_is_accepted() {
    let head = head(
        "GET /chat HTTP/1.1",
        &[
            "Host: server.example.com",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Origin: http://server.example.com",
            "Sec-WebSocket-Protocol: chat, superchat",
            "Sec-WebSocket-Version: 13",
        ],
    );
    let agreement = ask(&head).unwrap();
    assert_eq!(agreement.accept.unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(agreement.subprotocol, None);
}

#[test]
fn method_version_and_target() {
    let table = [
        ("GET /chat HTTP/1.1", 101),
        ("GET /chat?a=b HTTP/1.1", 101),
        ("POST /chat HTTP/1.1", 405),
        ("HEAD /chat HTTP/1.1", 405),
        ("OPTIONS * HTTP/1.1", 405),
        ("CONNECT example.org:80 HTTP/1.1", 405),
        ("get /chat HTTP/1.1", 405),
        ("GET /chat HTTP/1.0", 400),
        ("GET /chat HTTP/2", 400),
        ("GET * HTTP/1.1", 400),
        ("GET http://example.org/chat HTTP/1.1", 101),
        ("GET http://EXAMPLE.org:80/chat HTTP/1.1", 101),
        ("GET https://example.org:443/chat HTTP/1.1", 101),
        ("GET http://example.org:81/chat HTTP/1.1", 400),
        ("GET http://evil.com/chat HTTP/1.1", 400),
        ("GET http://u@example.org/chat HTTP/1.1", 400),
        ("GET ftp://example.org/chat HTTP/1.1", 400),
    ];
    for (request, wanted) in table {
        assert_eq!(status(&head(request, &GOOD)), wanted, "{request}");
    }
    let refusal = ask(&head("POST /chat HTTP/1.1", &GOOD)).unwrap_err();
    assert_eq!(refusal.headers()[http::header::ALLOW], "GET");
}

#[test]
fn one_header_at_a_time() {
    let table: [(&str, &[&str], u16); _] = [
        ("host", &["example.org:8080"], 101),
        ("host", &["[::1]:8080"], 101),
        ("host", &[], 400),
        ("host", &[""], 400),
        ("host", &["example.org", "example.org"], 400),
        ("host", &["example.org, evil.com"], 400),
        ("host", &["user@example.org"], 400),
        ("host", &["example.org/path"], 400),
        ("host", &["ex\u{e4}mple.org"], 400),
        // A body, announced in any way.
        ("content-length", &["0"], 101),
        ("content-length", &["5"], 400),
        ("content-length", &["0", "5"], 400),
        ("content-length", &["+0"], 400),
        ("transfer-encoding", &["chunked"], 400),
        ("transfer-encoding", &["identity"], 400),
        // Upgrade.
        ("upgrade", &["WebSocket"], 101),
        ("upgrade", &["\twebsocket\t"], 101),
        ("upgrade", &["h2c, websocket"], 101),
        ("upgrade", &["h2c", "websocket"], 101),
        ("upgrade", &[], 426),
        ("upgrade", &[""], 426),
        ("upgrade", &["h2c"], 426),
        ("upgrade", &["TLS/1.0"], 426),
        ("upgrade", &["websocket/13"], 426),
        ("upgrade", &["websockets"], 426),
        ("upgrade", &["web socket"], 426),
        ("upgrade", &["\"websocket\""], 426),
        // Connection.
        ("connection", &["upgrade"], 101),
        ("connection", &["keep-alive, Upgrade"], 101),
        ("connection", &["keep-alive", "UPGRADE"], 101),
        ("connection", &["keep-alive,\tupgrade\t,"], 101),
        ("connection", &["close, upgrade"], 101),
        ("connection", &[], 400),
        ("connection", &["keep-alive"], 400),
        ("connection", &["upgraded"], 400),
        ("connection", &["keep-alive upgrade"], 400),
        ("connection", &["upgrade;q=1"], 400),
        ("connection", &["upgrade, authorization"], 400),
        ("connection", &["upgrade", "Cookie"], 400),
        ("connection", &["upgrade, origin"], 400),
        ("connection", &["upgrade, \u{e9}"], 400),
        // Version.
        ("sec-websocket-version", &[], 426),
        ("sec-websocket-version", &[""], 426),
        ("sec-websocket-version", &["0"], 426),
        ("sec-websocket-version", &["7"], 426),
        ("sec-websocket-version", &["8"], 426),
        ("sec-websocket-version", &["14"], 426),
        ("sec-websocket-version", &["013"], 426),
        ("sec-websocket-version", &["13, 8"], 426),
        ("sec-websocket-version", &["13", "13"], 426),
        // Key.
        ("sec-websocket-key", &["AQIDBAUGBwgJCgsMDQ4PEA=="], 101),
        ("sec-websocket-key", &["AQIDBAUGBwgJCgsMDQ4PEC=="], 101),
        ("sec-websocket-key", &["+/+/+/+/+/+/+/+/+/+/+w=="], 101),
        ("sec-websocket-key", &[], 400),
        ("sec-websocket-key", &[""], 400),
        ("sec-websocket-key", &["dGhlIHNhbXBsZSBub25j"], 400),
        ("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZWU="], 400),
        ("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZQ"], 400),
        ("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZQ= "], 400),
        ("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZW=="], 101),
        ("sec-websocket-key", &["dGhlIHNhbXBsZSBub2 jZQ=="], 400),
        ("sec-websocket-key", &["dGhlIHNhbXBsZSBub2-_ZQ=="], 400),
        ("sec-websocket-key", &["========================"], 400),
        ("sec-websocket-key", &["d\u{e9}hlIHNhbXBsZSBub25jZ=="], 400),
        ("sec-websocket-key", &[KEY, KEY], 400),
        // Origin.
        ("origin", &["https://example.org"], 101),
        ("origin", &["https://evil.com"], 403),
        ("origin", &["null"], 403),
        ("origin", &["http://a:b"], 403),
        ("origin", &["https://example.org", "https://example.org"], 403),
        // Extensions: no offer is accepted, none does harm.
        ("sec-websocket-extensions", &["permessage-deflate; client_max_window_bits"], 101),
        ("sec-websocket-extensions", &[";;,=\"", "\u{e9}"], 101),
    ];
    for (name, values, wanted) in table {
        assert_eq!(status(&with(name, values)), wanted, "{name}: {values:?}");
    }
}

#[test]
fn a_refused_version_names_ours() {
    for head in [with("sec-websocket-version", &["8"]), with("upgrade", &[])] {
        let refusal = ask(&head).unwrap_err();
        assert_eq!(refusal.headers()[SEC_WEBSOCKET_VERSION], "13");
        assert_eq!(refusal.headers()[UPGRADE], "websocket");
    }
}

#[test]
fn the_first_check_decides() {
    // Everything is wrong; what is mended, the next check takes over.
    let mut lines = vec![
        "Host: example.org/",
        "Connection: cookie",
        "Sec-WebSocket-Version: 8",
        "Sec-WebSocket-Key: x",
        "Origin: https://evil.com",
        "Sec-WebSocket-Protocol: a b",
    ];
    let mut request = "POST /chat HTTP/1.0";
    let mut statuses = Vec::new();
    for mend in 0..8 {
        statuses.push(status(&head(request, &lines)));
        match mend {
            0 => request = "GET /chat HTTP/1.1",
            1 => lines[0] = "Host: example.org",
            2 => lines.push("Upgrade: websocket"),
            3 => lines[1] = "Connection: upgrade",
            4 => lines[2] = "Sec-WebSocket-Version: 13",
            5 => lines[3] = GOOD[4],
            6 => lines[4] = "Origin: https://example.org",
            _ => lines[5] = "Sec-WebSocket-Protocol: a",
        }
    }
    statuses.push(status(&head(request, &lines)));
    assert_eq!(statuses, [405, 400, 426, 400, 426, 400, 403, 400, 101]);
}

#[test]
fn the_first_of_the_clients_subprotocols_wins() {
    type Answer = Result<Option<&'static str>, u16>;
    let table: [(&[&str], Answer); _] = [
        (&[], Ok(None)),
        (&["chat.v1"], Ok(Some("chat.v1"))),
        (&["chat.v1, chat.v2"], Ok(Some("chat.v1"))),
        (&["soap, chat.v2,chat.v1"], Ok(Some("chat.v2"))),
        (&["soap", "chat.v2"], Ok(Some("chat.v2"))),
        (&["soap,,\tchat.v2\t,"], Ok(Some("chat.v2"))),
        (&["soap, xmpp"], Ok(None)),
        // Names are compared as they are.
        (&["CHAT.V1"], Ok(None)),
        (&["chat, Chat"], Ok(Some("Chat"))),
        // A secret in the list is no subprotocol of ours, so it is never echoed.
        (&["bearer.s3cr3t"], Ok(None)),
        (&["bearer.s3cr3t, chat.v1"], Ok(Some("chat.v1"))),
        (&[""], Err(400)),
        (&[" , ,"], Err(400)),
        (&["chat.v1, chat.v1"], Err(400)),
        (&["chat.v1", "soap, chat.v1"], Err(400)),
        (&["chat v1"], Err(400)),
        (&["chat.v1, a/b"], Err(400)),
        (&["\"chat.v1\""], Err(400)),
        (&["chat.v1;x"], Err(400)),
        (&["ch\u{e4}t"], Err(400)),
    ];
    for (lines, wanted) in table {
        let found = ask(&with("sec-websocket-protocol", lines));
        let found = found.as_ref().map(|agreement| agreement.subprotocol.as_deref());
        assert_eq!(found.map_err(|refusal| refusal.status().as_u16()), wanted, "{lines:?}");
    }
}

/// Long lists cost time in proportion: twenty megabytes of them are read in one go.
#[test]
fn long_headers_cost_linear_time() {
    let begin = std::time::Instant::now();
    let spaces = format!("{}chat.v1", " ".repeat(8 << 20));
    assert_eq!(status(&with("sec-websocket-protocol", &[&spaces])), 101);
    let names = (0..200_000).map(|i| format!("p{i}")).collect::<Vec<_>>().join(",");
    assert_eq!(status(&with("sec-websocket-protocol", &[&names])), 101);
    let commas = format!("{}upgrade", ",".repeat(8 << 20));
    assert_eq!(status(&with("connection", &[&commas])), 101);
    let offers = vec!["permessage-deflate"; 10_000].join(",");
    assert_eq!(status(&with("sec-websocket-extensions", &[&offers])), 101);
    assert!(begin.elapsed() < std::time::Duration::from_secs(20));
}

#[test]
fn no_refusal_repeats_the_request() {
    let secret = "s3cr3t";
    for name in [
        "host",
        "content-length",
        "transfer-encoding",
        "upgrade",
        "connection",
        "origin",
        "sec-websocket-version",
        "sec-websocket-key",
        "sec-websocket-protocol",
    ] {
        for value in [format!("{secret} {secret}"), format!("https://{secret}")] {
            let refusal = ask(&with(name, &[&value])).expect_err(name);
            assert!(!format!("{refusal:?}").contains(secret), "{name}: {refusal}");
        }
    }
}

#[test]
fn asking_for_a_websocket_is_the_upgrade_header() {
    assert!(is_websocket(&with("connection", &[]).headers));
    assert!(is_websocket(&with("upgrade", &["h2c", "x, WebSocket"]).headers));
    assert!(!is_websocket(&with("upgrade", &[]).headers));
    assert!(!is_websocket(&with("upgrade", &["h2c"]).headers));
}

#[test]
fn the_headers_of_the_101_cannot_be_overridden() {
    let agreement = ask(&with("sec-websocket-protocol", &["chat.v1"])).unwrap();
    let mut headers = HeaderMap::new();
    for name in [
        "upgrade",
        "connection",
        "sec-websocket-accept",
        "sec-websocket-protocol",
        "sec-websocket-extensions",
        "sec-websocket-version",
        "content-length",
        "transfer-encoding",
        "set-cookie",
    ] {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static("theirs"));
    }
    agreement.write(&mut headers);
    let mut written =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
    let mut written = written.by_ref().collect::<Vec<_>>();
    written.sort();
    assert_eq!(
        written,
        [
            "connection: upgrade",
            "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "sec-websocket-protocol: chat.v1",
            "set-cookie: theirs",
            "upgrade: websocket",
        ]
    );
}

/// Says what it was asked, and answers what it holds.
#[derive(Debug)]
struct Asked {
    origin: bool,
    subprotocol: Result<Option<Box<str>>, Refusal>,
    calls: std::sync::Mutex<Vec<String>>,
}

impl Choices for Asked {
    fn origin(&self, _: &Parts, allowed: bool) -> bool {
        self.calls.lock().unwrap().push(format!("origin {allowed}"));
        self.origin
    }

    fn subprotocol(
        &self,
        _: &Parts,
        requested: &[&str],
        spoken: &[Cow<'static, str>],
    ) -> Result<Option<Box<str>>, Refusal> {
        self.calls.lock().unwrap().push(format!("{requested:?} {spoken:?}"));
        self.subprotocol.clone()
    }

    fn deflate(&self, _: &Parts, deflate: Option<Deflate>) -> Result<Option<Deflate>, Refusal> {
        Ok(deflate)
    }
}

#[test]
fn choices_are_asked_after_the_form_and_have_the_last_word() {
    let origins = AllowedOrigins::new(&Origins::default()).unwrap();
    let spoken = ["a".into()];
    let ask = |head: &Parts, origin, subprotocol| {
        let asked = Asked { origin, subprotocol, calls: std::sync::Mutex::default() };
        let policy = Policy {
            origins: &origins,
            subprotocols: &spoken,
            deflate: None,
            tls: false,
            choices: Some(&asked),
        };
        let agreed = negotiate(head, Form::Upgrade, &policy).map(|agreement| agreement.subprotocol);
        (agreed.map_err(|refusal| refusal.status().as_u16()), asked.calls.into_inner().unwrap())
    };
    let mut head = with("Sec-WebSocket-Protocol", &["b, a"]);
    let list = r#"["b", "a"] ["a"]"#.to_owned();
    let good = ask(&head, true, Ok(Some("b".into())));
    assert_eq!(good, (Ok(Some("b".into())), vec!["origin true".into(), list.clone()]));
    let none = ask(&head, true, Ok(None));
    assert_eq!(none, (Ok(None), vec!["origin true".into(), list.clone()]));
    assert_eq!(ask(&head, true, Err(Refusal::internal())).0, Err(500));
    assert_eq!(ask(&head, false, Ok(None)), (Err(403), vec!["origin true".into()]));
    head.headers.insert("origin", HeaderValue::from_static("https://evil.test"));
    let opened = ask(&head, true, Ok(None));
    assert_eq!(opened, (Ok(None), vec!["origin false".into(), list]));
    // Nobody is asked about a list that is malformed, or a handshake that is.
    assert_eq!(ask(&with("Sec-WebSocket-Protocol", &["a, a"]), true, Ok(None)).1.len(), 1);
    assert_eq!(ask(&with("Sec-WebSocket-Version", &["8"]), true, Ok(None)), (Err(426), vec![]));
}

/// Over HTTP/2 there is neither a key nor anything to be upgraded, and the rest is the same.
#[test]
fn an_extended_connect() {
    let base = ["Host: example.org", "Sec-WebSocket-Version: 13"];
    let ask = |more: &[&str], without: &str| {
        let mut lines = [&base[..], more].concat();
        lines.retain(|line| without.is_empty() || !line.starts_with(without));
        let mut head = head("GET /chat HTTP/2", &lines);
        head.method = Method::CONNECT;
        ask_in(Form::ExtendedConnect, &head)
    };
    let agreement = ask(&["Sec-WebSocket-Protocol: chat.v1"], "").unwrap();
    assert_eq!((agreement.form(), agreement.accept.as_ref()), (Form::ExtendedConnect, None));
    // What user code says of the handshake does not go out.
    let mut headers = HeaderMap::new();
    for name in [UPGRADE, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL] {
        headers.insert(name, HeaderValue::from_static("mine"));
    }
    agreement.write(&mut headers);
    let expected = HeaderMap::from_iter([(SEC_WEBSOCKET_PROTOCOL, "chat.v1".parse().unwrap())]);
    assert_eq!(headers, expected);
    for (more, without, status) in [
        (&["Origin: http://evil.example"][..], "", 403),
        (&["Content-Length: 5"], "", 400),
        (&["Sec-WebSocket-Protocol: chat.v1, chat.v1"], "", 400),
        (&[], "Sec-WebSocket-Version", 426),
        (&[], "Host", 400),
    ] {
        assert_eq!(ask(more, without).unwrap_err().status(), status, "{more:?} {without}");
    }
}
