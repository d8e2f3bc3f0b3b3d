//! Serving over HTTP/2, without TLS.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing::get as on_get};
use futures_util::{SinkExt, StreamExt};
use http::{Method, Request, StatusCode};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message as Sent;
use wsframe::{
    Body, Bytes, Client as Dialling, Close, ConnectError, HandshakeFault, Message, Options,
    PeerAddr, Rate, Server, prelude::*,
};
use wsframe_tests::{
    Client, Event, Multiplexed, OverStream, Probe, Running, Watch, get, probe, request, serve, soon,
};

/// A server with a probe that speaks both, and what the probe tells.
async fn both() -> (Running, Watch) {
    let (server, watch) = probe();
    (serve(server.http2(true)).await, watch)
}

async fn says(socket: &mut OverStream, text: &str) {
    soon("a write", socket.send(Sent::text(text))).await.unwrap();
}

async fn hears(socket: &mut OverStream) -> Sent {
    soon("a message", socket.next()).await.expect("a message").unwrap()
}

/// What a socket is closed with, after which its stream has to end.
async fn closes(socket: &mut OverStream) -> u16 {
    let Sent::Close(Some(close)) = hears(socket).await else { panic!("a close frame") };
    soon("the answer", socket.close(None)).await.ok();
    assert!(soon("the end", socket.next()).await.is_none_or(|end| end.is_err()));
    close.code.into()
}

#[tokio::test]
async fn several_sockets_over_one_connection() {
    let (server, mut watch) = both().await;
    let client = Multiplexed::connect(server.addr).await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(client.open("/probe").await);
        watch.opened().await;
    }
    // The sessions count, and the connection that carries them.
    assert_eq!((server.handle.sessions().len(), server.handle.connections()), (3, 4));
    for (i, socket) in sockets.iter_mut().enumerate() {
        says(socket, &format!("echo {i}")).await;
    }
    for (i, socket) in sockets.iter_mut().enumerate() {
        assert_eq!(hears(socket).await, Sent::text(i.to_string()));
        watch.message().await;
    }
    // One ends, the others go on.
    let mut first = sockets.remove(0);
    says(&mut first, "close 4000").await;
    watch.message().await;
    assert_eq!(closes(&mut first).await, 4000);
    assert_eq!(watch.closed().await.code(), 4000);
    for socket in &mut sockets {
        says(socket, "echo still").await;
        assert_eq!(hears(socket).await, Sent::text("still"));
        watch.message().await;
    }
    // The connection is lost, and with it all that is left.
    drop((client, sockets));
    server.stop().await;
}

#[tokio::test]
async fn a_reader_that_is_late_holds_up_nobody_else() {
    let (server, mut watch) = both().await;
    let client = Multiplexed::connect(server.addr).await;
    let (mut slow, mut quick) = (client.open("/probe").await, client.open("/probe").await);
    watch.opened().await;
    watch.opened().await;
    says(&mut slow, "wait").await;
    watch.message().await;
    // More than is read ahead and its window hold, so that the last ones wait in the client.
    let filling = tokio::spawn(async move {
        for _ in 0..20 {
            slow.send(Sent::binary(vec![0; 60_000])).await.unwrap();
        }
        slow
    });
    for i in 0..50 {
        says(&mut quick, &format!("echo {i}")).await;
        assert_eq!(hears(&mut quick).await, Sent::text(i.to_string()));
        watch.message().await;
    }
    assert!(!filling.is_finished());
    watch.release();
    let mut slow = soon("the rest", filling).await.unwrap();
    assert_eq!(hears(&mut slow).await, Sent::text("released"));
    for _ in 0..20 {
        assert_eq!(hears(&mut slow).await.len(), 60_000);
    }
}

/// The same facts as over HTTP/1.1.
#[server_endpoint("/facts/<room>", subprotocols = ["chat.v2", "chat.v1"])]
struct Facts {
    room: String,
}

impl Facts {
    #[on_open]
    fn tell(&self, session: &Session) -> String {
        let head = session.head().expect("a head");
        let mut names: Vec<_> = head.headers.keys().map(|name| name.as_str()).collect();
        names.retain(|name| ["host", "x-mark", "origin"].contains(name));
        names.sort_unstable();
        format!(
            "{} {} {:?} {names:?} {:?} {:?} {}",
            self.room,
            head.uri,
            head.headers["x-mark"],
            session.param("room"),
            session.subprotocol(),
            session.peer().is_some(),
        )
    }
}

#[tokio::test]
async fn an_endpoint_sees_no_difference() {
    let server = serve(Server::new().only::<Facts>().http2(true)).await;
    let path = "/facts/den?a=b";
    let mut old = Client::tcp(server.addr).await;
    let headers = "X-Mark: 1\r\nSec-WebSocket-Protocol: chat.v1\r\nOrigin: http://localhost\r\n";
    old.write(request(path, headers)).await;
    assert_eq!(old.response().await.status, 101);
    let expected = old.expect_text().await;
    assert!(expected.starts_with("den /facts/den?a=b \"1\" [\"host\", \"origin\", "), "{expected}");

    let client = Multiplexed::connect(server.addr).await;
    let origin = format!("http://{}", server.addr);
    let headers = [("x-mark", "1"), ("sec-websocket-protocol", "chat.v1"), ("origin", &*origin)];
    let (answer, mut socket) = client.opened(client.handshake(path, &headers)).await;
    assert_eq!(hears(&mut socket).await, Sent::text(expected));
    assert_eq!(answer.headers()["sec-websocket-protocol"], "chat.v1");
    for name in ["sec-websocket-accept", "upgrade", "connection", "content-length"] {
        assert!(!answer.headers().contains_key(name), "{name}");
    }
}

/// Compresses.
#[server_endpoint("/deflated", deflate = on)]
struct Deflated;

impl Deflated {
    #[on_message]
    fn echo(&self, text: String) -> String {
        text
    }
}

#[tokio::test]
async fn compressed() {
    let server = serve(Server::new().only::<Deflated>().http2(true)).await;
    let dialling = Dialling::new(format!("ws://{}/deflated", server.addr))
        .http2(true)
        .options(Options::new().deflate(true));
    let (session, mut messages) = soon("a session", dialling.connect()).await.unwrap();
    assert!(session.extensions().is_some_and(|all| all.starts_with("permessage-deflate")));
    let text = "again and again ".repeat(1000);
    session.send(&*text).await.unwrap();
    assert_eq!(soon("the echo", messages.next()).await, Some(Message::from(text)));
}

#[tokio::test]
async fn the_same_checks() {
    let (server, mut watch) = probe();
    let server = serve(server.http2(true).max_headers(20)).await;
    let client = Multiplexed::connect(server.addr).await;
    let handshake = |path: &str, headers: &[(&str, &str)]| client.handshake(path, headers);
    let plain = |method, path| client.head(method, path, None, &[]);
    let versionless = client.head(Method::CONNECT, "/probe", Some("websocket"), &[]);
    let other = client.head(Method::CONNECT, "/probe", Some("connect-udp"), &[]);
    let mut proxying = plain(Method::CONNECT, "/");
    *proxying.uri_mut() = "example.org:443".parse().unwrap();
    let names: Vec<_> = (0..30).map(|i| format!("x-{i}")).collect();
    let many: Vec<_> = names.iter().map(|name| (&**name, "1")).collect();
    for (request, status, text) in [
        (handshake("/missing", &[]), 404, "not found"),
        (handshake("/probe", &[("origin", "http://evil.example")]), 403, "origin"),
        (handshake("/probe", &[("host", "evil.example")]), 400, ":authority"),
        (handshake("/probe", &[("sec-websocket-protocol", "a,a")]), 400, "twice"),
        (handshake("/probe", &[("sec-websocket-version", "12")]), 426, "13"),
        (versionless, 426, "13"),
        (handshake("/probe?bind=refuse", &[]), 401, "who are you?"),
        (handshake("/probe?bind=panic", &[]), 500, "internal"),
        (plain(Method::GET, "/probe"), 400, "extended CONNECT"),
        (plain(Method::POST, "/probe"), 405, "GET"),
        (plain(Method::GET, "/missing"), 404, "not found"),
        (other, 501, "only `websocket`"),
        (proxying, 405, "no proxy"),
        (handshake("/probe", &many), 431, "too many"),
    ] {
        let shown = format!("{request:?}");
        let answer = client.ask(request).await;
        assert_eq!(answer.status(), status, "{shown}");
        assert!(answer.body().contains(text), "{shown}: {answer:?}");
        assert!(!answer.headers().contains_key("connection"), "{shown}");
    }
    // None of them has ended the connection.
    let mut socket = client.open("/probe").await;
    watch.opened().await;
    says(&mut socket, "echo here").await;
    assert_eq!(hears(&mut socket).await, Sent::text("here"));
}

#[tokio::test]
async fn http_beside_it_and_layers_around_it() {
    async fn peer(request: axum::extract::Request) -> String {
        let peer = request.extensions().get::<PeerAddr>().expect("a peer");
        format!("{} {}", request.uri().path(), peer.0.ip())
    }
    let (server, mut watch) = probe();
    let layer = tower::util::MapResponseLayer::new(|mut response: http::Response<Body>| {
        response.headers_mut().insert("x-layer", "here".parse().unwrap());
        response.headers_mut().insert("sec-websocket-accept", "mine".parse().unwrap());
        response.headers_mut().insert("connection", "keep-alive".parse().unwrap());
        response
    });
    let pages = Router::new().route("/page", on_get(peer)).route("/probe", on_get("a page too"));
    let server = serve(server.fallback(pages).layer(layer).http2(true)).await;
    let client = Multiplexed::connect(server.addr).await;
    let (answer, _socket) = client.opened(client.handshake("/probe", &[])).await;
    watch.opened().await;
    assert_eq!(answer.headers()["x-layer"], "here");
    assert!(!answer.headers().contains_key("sec-websocket-accept"));
    for (path, status, body) in
        [("/page", 200, "/page 127.0.0.1"), ("/probe", 200, "a page too"), ("/missing", 404, "")]
    {
        let answer = client.ask(client.head(Method::GET, path, None, &[])).await;
        assert_eq!((answer.status().as_u16(), &**answer.body()), (status, body));
        assert_eq!(answer.headers()["x-layer"], "here");
    }
    // The fallback's, as is every handshake for another path.
    let answer = client.ask(client.handshake("/page", &[])).await;
    assert_eq!(answer.status(), 405);
}

/// A layer may turn the answer that opens into another one, and then nothing opens.
#[tokio::test]
async fn a_layer_that_refuses_opens_nothing() {
    let (server, mut watch) = probe();
    let layer = tower::util::MapResponseLayer::new(|mut response: http::Response<Body>| {
        *response.status_mut() = StatusCode::FORBIDDEN;
        response
    });
    let server = serve(server.layer(layer).http2(true)).await;
    let client = Multiplexed::connect(server.addr).await;
    let answer = client.ask(client.handshake("/probe", &[])).await;
    assert_eq!(answer.status(), 403);
    assert!(matches!(watch.next().await, Event::Dropped));
    assert!(server.handle.sessions().is_empty());
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn our_client_and_http1_on_the_same_port() {
    let (server, mut watch) = both().await;
    let dialling = Dialling::new(format!("ws://{}/probe", server.addr))
        .http2(true)
        .options(Options::new().max_message_size(1 << 20));
    let (session, mut messages) = soon("a session", dialling.connect()).await.unwrap();
    watch.opened().await;
    let big = Message::from(Bytes::from(vec![7; 60_000]));
    for _ in 0..20 {
        session.send(big.clone()).await.unwrap();
        assert_eq!(soon("the echo", messages.next()).await, Some(big.clone()));
        watch.message().await;
    }
    session.close(Close::normal());
    assert!(soon("the end", session.closed()).await.was_clean());
    assert_eq!(watch.closed().await.code(), 1000);

    // One byte after the other, and in one piece with the first frame.
    for piece in [1, 3, 4, 1000] {
        let mut client = Client::tcp(server.addr).await;
        let bytes = [request("/probe", "").into_bytes(), Client::frame(0x81, b"echo x")].concat();
        for bytes in bytes.chunks(piece) {
            client.write(bytes).await;
        }
        assert_eq!(client.response().await.status, 101);
        assert_eq!(client.expect_text().await, "x");
        watch.opened().await;
        watch.message().await;
        client.close(1000, "").await;
        client.expect_close().await;
        watch.closed().await;
    }
    // Begins like the other one.
    for (request, status) in [("PROPFIND /probe HTTP/1.1\r\nHost: x\r\n\r\n", 405), ("P", 0)] {
        let mut client = Client::tcp(server.addr).await;
        client.write(request).await;
        if status > 0 {
            assert_eq!(client.response().await.status, status);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn off_unless_it_is_on() {
    let (server, _watch) = probe();
    let server = serve(server).await;
    let dialling = Dialling::new(format!("ws://{}/probe", server.addr)).http2(true);
    let fault = soon("an answer", dialling.connect()).await.expect_err("no HTTP/2");
    assert!(
        matches!(fault, ConnectError::Handshake(HandshakeFault::NotHttp | HandshakeFault::Closed)),
        "{fault:?}"
    );
    // There is no way up from HTTP/1.1.
    let (server, _watch) = both().await;
    let upgrade = "GET /missing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n\
                   Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    assert_eq!(Client::ask(server.addr, upgrade).await.status, 404);
}

#[tokio::test]
async fn a_shutdown_tells_sessions_and_the_connection() {
    let (server, mut watch) = both().await;
    let mut client = Multiplexed::connect(server.addr).await;
    let mut sockets = vec![client.open("/probe").await, client.open("/probe").await];
    watch.opened().await;
    watch.opened().await;
    says(&mut sockets[0], "wait").await;
    watch.message().await;
    server.handle.shutdown();
    for socket in &mut sockets {
        assert_eq!(closes(socket).await, 1001);
    }
    watch.release();
    // GOAWAY without a complaint.
    client.ended_by_server().await.expect("an orderly end");
    server.stop().await;
}

/// Nor do a session whose client says nothing more and a connection that does not answer hold up the
/// end for longer than the grace.
#[tokio::test]
async fn a_shutdown_is_not_held_up() {
    let (server, mut watch) = probe();
    let server = serve(server.http2(true).shutdown_grace(Duration::from_millis(100))).await;
    let client = Multiplexed::connect(server.addr).await;
    let mut socket = client.open("/probe").await;
    watch.opened().await;
    says(&mut socket, "wait").await;
    watch.message().await;
    let mut silent = Client::tcp(server.addr).await;
    silent.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    server.handle.shutdown();
    soon("the end", server.handle.stopped()).await;
    watch.release();
    soon("the connections", async {
        while server.handle.connections() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn each_session_counts() {
    let (server, mut watch) = probe();
    let server = serve(server.http2(true).max_connections(3)).await;
    let client = Multiplexed::connect(server.addr).await;
    let _two = [client.open("/probe").await, client.open("/probe").await];
    let answer = client.ask(client.handshake("/probe", &[])).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    // Nor is there room for another connection, which is told in the way that it speaks.
    let mut other = Multiplexed::connect(server.addr).await;
    let answer = other.ask(other.head(Method::GET, "/probe", None, &[])).await;
    assert_eq!(answer.status(), 503);
    other.ended_by_server().await.expect("an orderly end");
    assert_eq!(Client::ask(server.addr, get("/probe")).await.status, 503);
    watch.opened().await;

    let (server, _watch) = probe();
    let server = serve(server.http2(true).max_connections_per_address(2)).await;
    let client = Multiplexed::connect(server.addr).await;
    let mut one = client.open("/probe").await;
    assert_eq!(client.ask(client.handshake("/probe", &[])).await.status(), 429);
    says(&mut one, "close 1000").await;
    closes(&mut one).await;
    while server.handle.connections() > 1 {
        tokio::task::yield_now().await;
    }
    drop(client.open("/probe").await);

    let (server, _watch) = probe();
    let server = serve(server.http2(true).connection_rate(Rate::per_second(1).burst(2))).await;
    let client = Multiplexed::connect(server.addr).await;
    let _one = client.open("/probe").await;
    assert_eq!(client.ask(client.handshake("/probe", &[])).await.status(), 503);
}

/// Serves an app on a free port, over HTTP/1.1 and HTTP/2.
async fn host(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    addr
}

#[tokio::test]
async fn inside_axum() {
    let (server, mut watch) = probe();
    let handle = server.handle();
    let by_hand = handle.clone();
    let app = Router::new()
        .route("/page", on_get("page"))
        .route(
            "/by/hand",
            axum::routing::any(move |request: Request<axum::body::Body>| {
                let handle = by_hand.clone();
                async move { handle.upgrade::<Probe>(request, &[]).await }
            }),
        )
        .nest_service("/ws", server.into_service().unwrap());
    let client = Multiplexed::connect(host(app).await).await;
    for path in ["/ws/probe", "/by/hand"] {
        let mut socket = client.open(path).await;
        watch.opened().await;
        says(&mut socket, "echo here").await;
        assert_eq!(hears(&mut socket).await, Sent::text("here"));
        watch.message().await;
        says(&mut socket, "close 4000").await;
        watch.message().await;
        assert_eq!(closes(&mut socket).await, 4000);
        watch.closed().await;
        let evil = client.handshake(path, &[("origin", "http://evil.example")]);
        assert_eq!(client.ask(evil).await.status(), 403);
    }
    assert_eq!(client.ask(client.head(Method::GET, "/page", None, &[])).await.status(), 200);
    let mut socket = client.open("/ws/probe").await;
    watch.opened().await;
    handle.shutdown();
    assert_eq!(closes(&mut socket).await, 1001);
    watch.closed().await;
    soon("stopped", handle.stopped()).await;
    assert_eq!(client.ask(client.handshake("/ws/probe", &[])).await.status(), 503);
}
