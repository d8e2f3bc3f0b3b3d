//! What has broken other servers, sent to this one. `docs/guide/security.md` says which advisory
//! is held by which test.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::Router;
use tokio::net::TcpListener;
use wsframe::{
    Body, Deployment, Endpoint, Handshake, Message, Outcome, Refusal, Reply, Route, Server,
    ServerHandle, Session,
};
use wsframe_tests::{Client, enter, get, probe, probed, request, serve};

/// An endpoint without a word about origins.
#[wsframe::server_endpoint("/open")]
struct Open;

struct ByHand;

impl Endpoint for ByHand {
    const PATH: &'static str = "/by-hand";

    async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

async fn statuses(addr: std::net::SocketAddr, paths: &[&str]) {
    for path in paths {
        assert_eq!(Client::ask(addr, request(path, "")).await.status, 101, "{path}");
        for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
            let foreign = request(path, &format!("Origin: {origin}\r\n"));
            let response = Client::ask(addr, foreign).await;
            assert_eq!(response.status, 403, "{path} {origin}");
            assert_eq!(response.header("connection"), Some("close"), "{path} {origin}");
        }
    }
}

/// Spring CVE-2026-59390: one of several ways of registering an endpoint forgot the origin.
#[tokio::test]
async fn every_way_of_registering_checks_the_origin() {
    let echo = || Route::new("/route").on_message(|_, message: Message| async move { message });
    let server = Server::new()
        .only::<Open>()
        .endpoint::<ByHand>()
        .mount("/mounted", ["wsframe-tests"])
        .deploy(echo())
        .deploy(Deployment::of::<Open>().at("/elsewhere"));
    let running = serve(server).await;
    running.handle.deploy(Route::new("/late")).unwrap();
    let all = ["/mounted/open", "/by-hand", "/route", "/elsewhere", "/late"];
    let table: Vec<_> = all.into_iter().collect();
    statuses(running.addr, &table).await;

    let inside = Server::new().only::<Open>();
    let handle = inside.handle();
    let upgrades = move |request: axum::extract::Request| {
        let handle: ServerHandle = handle.clone();
        async move { handle.upgrade::<Open>(request, &[]).await.map(axum::body::Body::new) }
    };
    let app = Router::new()
        .route("/upgraded", axum::routing::any(upgrades))
        .nest_service("/inside", inside.into_service().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let host = tokio::spawn(async move { axum::serve(listener, app).await });
    statuses(addr, &["/upgraded", "/inside/open"]).await;
    host.abort();
}

/// Pingora RUSTSEC-2026-0033, Envoy CVE-2025-64763, kemal#767: what follows a refused upgrade was
/// served as a request.
#[tokio::test]
async fn nothing_is_served_behind_a_refused_upgrade() {
    let seen = Arc::new(AtomicUsize::new(0));
    let admin = {
        let seen = seen.clone();
        tower::service_fn(move |_| {
            seen.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, std::convert::Infallible>(http::Response::new(Body::from("admin"))) }
        })
    };
    let (server, _watch) = probe();
    let server = serve(server.fallback(admin)).await;
    for refused in [
        request("/probe", "Origin: https://evil.example\r\n"),
        request("/probe?bind=refuse", ""),
        request("/probe", "").replace("13", "8"),
        request("/probe", "").replace("Connection: Upgrade", "Connection: keep-alive"),
    ] {
        let mut client = Client::tcp(server.addr).await;
        client.write(format!("{refused}{}", get("/admin"))).await;
        let response = client.response().await;
        assert!((400..500).contains(&response.status), "{response:?}");
        assert_eq!(response.header("connection").map(|line| line.contains("close")), Some(true));
        client.expect_end().await;
    }
    assert_eq!(seen.load(Ordering::Relaxed), 0);
}

/// hyper RUSTSEC-2020-0008, 2021-0020, 2021-0078: a request with a body, or with two opinions of it.
#[tokio::test]
async fn a_handshake_with_a_body_is_refused() {
    let (server, watch) = probed(|options| options).await;
    for body in [
        "Content-Length: 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\nhello",
    ] {
        let mut client = Client::tcp(server.addr).await;
        let head = request("/probe", "");
        let head = head.strip_suffix("\r\n").expect("an empty line");
        client.write(format!("{head}{body}{}", request("/probe", ""))).await;
        assert_eq!(client.response().await.status, 400, "{body:?}");
        client.expect_end().await;
    }
    assert!(watch.is_quiet());
}

/// Requests that are none, or no handshakes, in the words of HTTP.
#[tokio::test]
async fn strange_request_lines_open_nothing() {
    let (server, watch) = probed(|options| options).await;
    for (line, expected) in [
        ("POST /probe HTTP/1.1", 405),
        ("PUT /probe HTTP/1.1", 405),
        ("get /probe HTTP/1.1", 405),
        ("GET /probe HTTP/1.0", 400),
        ("GET /probe HTTP/1.2", 400),
        ("GET /probe HTTP/2.0", 400),
        ("GET http://evil.example/probe HTTP/1.1", 400),
        ("GET * HTTP/1.1", 400),
        ("GET  /probe HTTP/1.1", 400),
        ("GET /pr\0be HTTP/1.1", 400),
        ("GET /probe\x1b[2J HTTP/1.1", 400),
        ("PRI * HTTP/2.0", 400),
        ("\x16\x03\x01\x02\x00", 400),
    ] {
        let request = request("/probe", "").replacen("GET /probe HTTP/1.1", line, 1);
        let mut client = Client::tcp(server.addr).await;
        client.write(&request).await;
        let status = client.response().await.status;
        let refused =
            if expected == 400 { (400..500).contains(&status) } else { status == expected };
        assert!(refused, "{line:?}: {status}");
    }
    assert!(watch.is_quiet());
}

/// tungstenite RUSTSEC-2023-0065, ws CVE-2021-32640 and CVE-2024-37890: heads that are long, or have
/// long lists in them, cost no time out of proportion, and no header is missing silently.
#[tokio::test]
async fn long_heads_are_refused() {
    let (server, watch) = probed(|options| options).await;
    let spaces = format!("Sec-WebSocket-Protocol: a{}b\r\n", " ".repeat(32 * 1024));
    let offers = "permessage-deflate; client_max_window_bits, ".repeat(10_000);
    let offers = format!("Sec-WebSocket-Extensions: {offers}\r\n");
    let many: String = (0..101).map(|n| format!("X-{n}: y\r\n")).collect();
    for lines in [spaces, offers, many] {
        assert_eq!(Client::ask(server.addr, request("/probe", &lines)).await.status, 431);
    }
    // Within the limit they are read.
    let spaces = format!("Sec-WebSocket-Protocol: a{},b\r\n", " ".repeat(8 * 1024));
    assert_eq!(Client::ask(server.addr, request("/probe", &spaces)).await.status, 101);
    let offers = format!("Sec-WebSocket-Extensions: {}a\r\n", "a, ".repeat(4 * 1024));
    assert_eq!(Client::ask(server.addr, request("/probe", &offers)).await.status, 101);
    drop(watch);

    // Twenty megabytes are not read to their end.
    let mut client = Client::tcp(server.addr).await;
    let head = request("/probe", "");
    let head = head.strip_suffix("\r\n").expect("an empty line");
    client.write(format!("{head}X-Large: ")).await;
    let (mut reads, mut writes) = client.tcp.into_split();
    let floods = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let chunk = vec![b'y'; 64 * 1024];
        let mut sent = 0;
        while sent < 20 << 20 && writes.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
        sent
    });
    let mut answer = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut reads, &mut answer).await;
    assert!(floods.await.unwrap() < 20 << 20, "the server hung up before");
}

/// Peers that say nothing, or a byte now and then, go when the head has had its time; meanwhile the
/// others are served.
#[tokio::test]
async fn slow_heads_keep_nobody_out() {
    const SLOW: usize = 500;
    let (server, mut watch) = probe();
    let server = serve(server.head_timeout(Duration::from_millis(500))).await;
    let mut slow = Vec::new();
    for n in 0..SLOW {
        let mut client = Client::tcp(server.addr).await;
        if n % 2 == 0 {
            client.write("GET /probe HTTP/1.1\r\nX-Slow: ").await;
        }
        slow.push(client);
    }
    for _ in 0..20 {
        let (mut client, _) = enter(&server, &mut watch).await;
        client.send(0x82, "hello").await;
        assert_eq!(client.next().await.expect("an echo").payload, b"hello");
        watch.message().await;
        client.close(1000, "").await;
        client.expect_close().await;
        watch.closed().await;
    }
    for client in &mut slow {
        client.expect_end().await;
    }
    while server.handle.connections() > 0 {
        tokio::task::yield_now().await;
    }
}

/// Keeps strangers out, whatever the path looks like.
struct Guarded;

static ADMITTED: AtomicUsize = AtomicUsize::new(0);

impl Endpoint for Guarded {
    const PATH: &'static str = "/guarded/<name>";

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        ADMITTED.fetch_add(1, Ordering::Relaxed);
        let length = handshake.param("name").ok_or_else(Refusal::internal)?.len();
        handshake.response_headers_mut().insert("x-length", length.into());
        Ok(Self)
    }

    async fn on_open(&mut self, session: &Session) -> Outcome {
        Ok(Reply::message(session.param("name").unwrap_or_default()))
    }
}

/// Tomcat CVE-2026-76183, Next.js GHSA-c4j6-fc7j-m34r: another name of a path, and the upgrade itself,
/// went around what stands before the endpoint.
#[tokio::test]
async fn no_spelling_of_a_path_goes_around_a_guard() {
    let layered = Arc::new(AtomicUsize::new(0));
    let server = Server::new().without_link_time().endpoint::<Guarded>();
    let seen = layered.clone();
    let layer = tower::layer::layer_fn(move |inner: wsframe::HttpService| {
        let seen = seen.clone();
        tower::service_fn(move |request: http::Request<Body>| {
            seen.fetch_add(1, Ordering::Relaxed);
            let inner = inner.clone();
            async move { tower::ServiceExt::oneshot(inner, request).await }
        })
    });
    let server = serve(server.layer(layer)).await;
    let long = format!("/guarded/{}", "a".repeat(8 * 1024));
    // The path, and the length of the parameter where it reaches the endpoint.
    let table: [(&str, Result<usize, u16>); _] = [
        ("/guarded/ann", Ok(3)),
        ("/guarded/%61nn", Ok(3)),
        ("/%67uarded/ann", Ok(3)),
        ("/guarded/a%2Fb", Ok(3)),
        ("/guarded/%2e%2e%2f", Ok(3)),
        ("/guarded/%252e", Ok(3)),
        ("/guarded/..", Err(404)),
        ("/guarded/ann;x=1", Ok(7)),
        ("/guarded/ann?x=1", Ok(3)),
        (&long, Ok(8 * 1024)),
        ("/guarded/ann/", Err(404)),
        ("/guarded/", Err(404)),
        ("/guarded", Err(404)),
        ("//guarded/ann", Err(404)),
        ("/guarded//ann", Err(404)),
        ("/x/../guarded/ann", Err(404)),
        ("/./guarded/ann", Err(404)),
        ("/Guarded/ann", Err(404)),
        ("/guarded%2Fann", Err(404)),
        ("/guarded;x/ann", Err(404)),
        ("/guarded/%c0%af", Err(400)),
        ("/guarded/%ff", Err(400)),
        ("/guarded/%zz", Err(400)),
        ("/guarded/%", Err(400)),
    ];
    let mut admitted = 0;
    for (n, (path, expected)) in table.into_iter().enumerate() {
        let response = Client::ask(server.addr, request(path, "")).await;
        match expected {
            Ok(length) => {
                admitted += 1;
                assert_eq!(response.status, 101, "{path}");
                assert_eq!(response.header("x-length"), Some(&*length.to_string()), "{path}");
            }
            Err(status) => assert_eq!(response.status, status, "{path}"),
        }
        assert_eq!(ADMITTED.load(Ordering::Relaxed), admitted, "{path}");
        assert_eq!(layered.load(Ordering::Relaxed), n + 1, "{path}");
    }
}

/// Spring CVE-2026-41838, socket.io CVE-2017-16031: ids that can be guessed.
#[tokio::test]
async fn ids_are_long_and_never_come_twice() {
    let sessions = wsframe::testing::Sessions::<Open>::of();
    let mut ids = HashSet::new();
    let mut ones = [0_usize; 128];
    const DRAWN: usize = 2000;
    for _ in 0..DRAWN {
        let (session, _peer) = sessions.open();
        let bits = u128::from_ne_bytes(*session.id().as_bytes());
        for (n, ones) in ones.iter_mut().enumerate() {
            *ones += usize::from(bits >> n & 1 == 1);
        }
        assert!(ids.insert(session.id()));
    }
    // No bit is constant, or nearly so: ten standard deviations.
    assert!(ones.iter().all(|ones| ones.abs_diff(DRAWN / 2) < 230), "{ones:?}");
}

/// Vert.x CVE-2023-32081: frames that came before the one with the password were handled.
#[tokio::test]
async fn nothing_is_handled_before_on_open_is_done() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::tcp(server.addr).await;
    let mut bytes = request("/probe?open=wait", "").into_bytes();
    bytes.extend(Client::frame(0x81, b"echo early"));
    client.write(bytes).await;
    assert_eq!(client.response().await.status, 101);
    let session = watch.opened().await;
    // A ping behind the message is answered, so the message was read before.
    client.send(0x89, "read").await;
    assert_eq!(client.next().await.expect("a pong").payload, b"read");
    assert!(watch.is_quiet(), "on_open still waits");
    watch.release();
    assert_eq!(client.expect_text().await, "released");
    assert_eq!(client.expect_text().await, "early");
    watch.message().await;

    // What comes before an on_open that fails is never handled.
    let mut client = Client::tcp(server.addr).await;
    let mut bytes = request("/probe?open=kick", "").into_bytes();
    bytes.extend(Client::frame(0x81, b"echo early"));
    client.write(bytes).await;
    assert_eq!(client.response().await.status, 101);
    watch.opened().await;
    assert_eq!(client.expect_close().await.0, 4003);
    client.close(4003, "").await;
    assert_eq!(watch.closed().await.code(), 4003);
    drop(session);
}
