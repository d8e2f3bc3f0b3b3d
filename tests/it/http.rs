//! The fallback: which requests it gets, and that connections serve them as HTTP should.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    routing::{get as on_get, post},
};
use futures_util::stream;
use http::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
};
use wsframe::{Body, PeerAddr};
use wsframe_tests::{Client, get, probe, request, serve, soon};

/// Its status is one that nobody else here answers with.
async fn teapot(request: Request<axum::body::Body>) -> (StatusCode, String) {
    let upgrade = request.extensions().get::<hyper::upgrade::OnUpgrade>().is_some();
    (StatusCode::IM_A_TEAPOT, format!("{} upgrade={upgrade}", request.uri()))
}

#[tokio::test]
async fn the_fallback_gets_what_is_no_handshake_for_an_endpoint() {
    let (bare, _watch) = probe();
    let bare = serve(bare).await;
    let (server, mut watch) = probe();
    let server = serve(server.fallback(Router::new().fallback(teapot))).await;
    let upgrade = request("/probe", "");
    // The request; its status without a fallback and with one.
    let cases = [
        (get("/"), 404, 418),
        (get("/nothing?x=1"), 404, 418),
        (get("/probe/"), 404, 418),
        (get("/%zz"), 400, 418),
        (get("/probe"), 426, 418),
        (get("/probe").replace("GET", "POST"), 405, 418),
        (upgrade.replace("websocket", "h2c"), 426, 418),
        (upgrade.replace("/probe", "/other"), 404, 418),
        (upgrade.clone(), 101, 101),
        (upgrade.replace("GET", "POST"), 405, 405),
        (upgrade.replace("13", "8"), 426, 426),
        (upgrade.replace("Connection: Upgrade\r\n", ""), 400, 400),
        (request("/probe", "Origin: http://evil.example\r\n"), 403, 403),
        (request("/probe?bind=refuse", ""), 401, 401),
        (request("/probe?bind=panic", ""), 500, 500),
    ];
    for (request, without, with) in cases {
        assert_eq!(Client::ask(bare.addr, &request).await.status, without, "{request}");
        assert_eq!(Client::ask(server.addr, &request).await.status, with, "{request}");
    }
    watch.opened().await;
    server.stop().await;
}

#[tokio::test]
async fn a_request_reaches_the_fallback_as_it_came() {
    let (server, _watch) = probe();
    let server = serve(server.fallback(Router::new().fallback(teapot))).await;
    let response = Client::ask(server.addr, request("/a%20b?c=d", "")).await;
    assert_eq!(response.body, b"/a%20b?c=d upgrade=true");
    assert_eq!(response.header("connection"), Some("close"), "it was a handshake");
    let response = Client::ask(server.addr, get("/a%20b?c=d")).await;
    assert_eq!(response.body, b"/a%20b?c=d upgrade=false");
    assert_eq!(response.header("connection"), None);

    let (server, _watch) = probe();
    let address = |peer: axum::Extension<PeerAddr>| async move { peer.0.0.to_string() };
    let server = serve(server.fallback(Router::new().fallback(address))).await;
    let mut client = Client::tcp(server.addr).await;
    client.write(get("/")).await;
    let peer = client.response().await.body;
    assert_eq!(peer, client.tcp.local_addr().unwrap().to_string().as_bytes());
}

/// HTTP for as long as it likes, then a WebSocket: one connection all the time.
#[tokio::test]
async fn a_connection_is_kept_alive_and_then_upgraded() {
    let (server, mut watch) = probe();
    let page = Router::new().route("/", on_get("page"));
    let server = serve(server.max_connections(1).fallback(page)).await;
    let mut client = Client::tcp(server.addr).await;
    for (path, status) in [("/", 200), ("/missing", 404), ("/", 200)] {
        client.write(get(path)).await;
        assert_eq!(client.response().await.status, status);
        assert_eq!(server.handle.connections(), 1);
    }
    // Full for others, the fallback included.
    assert_eq!(Client::ask(server.addr, get("/")).await.status, 503);

    client.write(request("/probe", "")).await;
    assert_eq!(client.response().await.status, 101);
    let session = watch.opened().await;
    assert_eq!(session.peer(), client.tcp.local_addr().ok());
    let response = Client::ask(server.addr, get("/")).await;
    assert_eq!((response.status, response.header("connection")), (503, Some("close")));
    client.text("echo hello").await;
    assert_eq!(client.expect_text().await, "hello");
    client.close(1000, "").await;
    client.expect_close().await;
    client.expect_end().await;
    while server.handle.connections() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(Client::ask(server.addr, get("/")).await.status, 200);
    server.stop().await;
}

/// Many requests in one segment are answered one after the other.
#[tokio::test]
async fn pipelined_requests_are_answered_until_one_is_a_refused_handshake() {
    let (server, _watch) = probe();
    let server = serve(server.fallback(Router::new().route("/", on_get("page")))).await;
    let refused = [
        (request("/probe", "Origin: http://evil.example\r\n"), 403),
        // By the fallback; what follows may have been meant for a WebSocket as well.
        (request("/missing", ""), 404),
    ];
    for (refused, status) in refused {
        let mut client = Client::tcp(server.addr).await;
        client.write(format!("{0}{0}{refused}{0}", get("/"))).await;
        for expected in [200, 200, status] {
            assert_eq!(client.response().await.status, expected);
        }
        client.expect_end().await;
    }
}

#[tokio::test]
async fn every_head_has_its_time() {
    let (server, _watch) = probe();
    let server = server.fallback(Router::new().route("/", on_get("page")));
    let server = serve(server.head_timeout(Duration::from_millis(500))).await;
    for unfinished in ["", "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow"] {
        let mut client = Client::tcp(server.addr).await;
        client.write(get("/")).await;
        assert_eq!(client.response().await.status, 200);
        client.write(unfinished).await;
        client.expect_end().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_panic_or_an_error_of_the_fallback_is_a_500() {
    let boom = || async {
        if true {
            panic!("secret words")
        }
    };
    let panics = Router::new().route("/boom", on_get(boom)).route("/", on_get("page"));
    let (server, _watch) = probe();
    let server = serve(server.fallback(panics)).await;
    let mut client = Client::tcp(server.addr).await;
    client.write(get("/boom")).await;
    let response = client.response().await;
    assert_eq!((response.status, &*response.body), (500, &b"internal error"[..]));
    // It is one response that failed, not the connection.
    client.write(get("/")).await;
    assert_eq!(client.response().await.status, 200);

    let fails = tower::service_fn(|_| async { Err::<Response<Body>, _>("secret words") });
    let (server, _watch) = probe();
    let server = serve(server.fallback(fails)).await;
    let response = Client::ask(server.addr, get("/")).await;
    assert_eq!((response.status, &*response.body), (500, &b"internal error"[..]));
}

/// The second half is sent when the first has come back: nothing on the way collects a body.
#[tokio::test]
async fn bodies_stream_both_ways() {
    const HALF: usize = 4 << 20;
    let (server, _watch) = probe();
    let echo = Router::new().route("/", post(|body: axum::body::Body| async { body }));
    let server = serve(server.fallback(echo)).await;
    let mut client = Client::tcp(server.addr).await;
    let head = get("/").replace("GET", "POST");
    let length = format!("\r\nContent-Length: {}\r\n\r\n", 2 * HALF);
    client.write(head.replace("\r\n\r\n", &length)).await;
    let sent: Vec<u8> = (0..2 * HALF).map(|i| (i % 251) as u8).collect();
    let (mut reader, mut writer) = client.tcp.split();
    let mut received = Vec::new();
    let mut head = None;
    for half in [0..HALF, HALF..2 * HALF] {
        let until = half.end;
        let write = async { writer.write_all(&sent[half]).await.unwrap() };
        let read = async {
            while received.len() < until + head.unwrap_or(1024) {
                assert!(reader.read_buf(&mut received).await.unwrap() > 0, "cut");
                if head.is_none() {
                    head = received.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
                }
            }
        };
        soon("half a body", async { tokio::join!(write, read) }).await;
    }
    assert!(received[head.unwrap()..] == sent, "the body is another");
}

/// An upgrade that the fallback accepts is its own, and counts as a connection as long as it lives.
#[tokio::test]
async fn the_fallback_may_upgrade_by_itself() {
    let upgrades = tower::service_fn(|mut request: Request<Body>| async move {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut stream = TokioIo::new(upgrade.await.unwrap());
            while let Ok(byte) = stream.read_u8().await {
                stream.write_u8(byte + 1).await.unwrap();
            }
        });
        let response = Response::builder().status(101).header(header::UPGRADE, "websocket");
        Ok::<_, Infallible>(
            response.header(header::CONNECTION, "upgrade").body(Body::empty()).unwrap(),
        )
    });
    let (server, watch) = probe();
    let server = serve(server.max_connections(1).fallback(upgrades)).await;
    let mut client = Client::tcp(server.addr).await;
    client.write(request("/other", "")).await;
    assert_eq!(client.response().await.status, 101);
    for byte in [1, 2, 3] {
        client.write([byte]).await;
        assert_eq!(soon("a byte", client.tcp.read_u8()).await.unwrap(), byte + 1);
    }
    assert_eq!(server.handle.connections(), 1);
    assert_eq!(Client::ask(server.addr, get("/")).await.status, 503);
    drop(client);
    while server.handle.connections() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(watch.is_quiet());
    server.stop().await;
}

#[tokio::test]
async fn a_shutdown_ends_http_too() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (entered, release) = (entered.clone(), release.clone());
        move || async move {
            entered.notify_one();
            release.notified().await;
            "done"
        }
    };
    let endless = || async {
        let chunks = stream::repeat_with(|| Ok::<_, Infallible>("more"));
        axum::body::Body::from_stream(chunks)
    };
    let page = Router::new().route("/", on_get("page")).route("/slow", on_get(slow));
    let (server, _watch) = probe();
    let server = serve(server.fallback(page)).await;
    let mut idle = Client::tcp(server.addr).await;
    idle.write(get("/")).await;
    assert_eq!(idle.response().await.status, 200);
    let mut busy = Client::tcp(server.addr).await;
    busy.write(get("/slow")).await;
    entered.notified().await;
    server.handle.shutdown();
    // Who waits for a request goes at once, who is answered gets the answer.
    idle.expect_end().await;
    release.notify_one();
    assert_eq!(busy.response().await.body, b"done");
    busy.expect_end().await;
    server.stop().await;

    // What streams for ever has the grace time.
    let (server, _watch) = probe();
    let server = server.fallback(Router::new().route("/", on_get(endless)));
    let server = serve(server.shutdown_grace(Duration::from_millis(50))).await;
    let mut client = Client::tcp(server.addr).await;
    client.write(get("/")).await;
    assert_eq!(client.response().await.status, 200);
    server.handle.shutdown();
    let mut rest = vec![0; 1 << 16];
    while matches!(soon("the end", client.tcp.read(&mut rest)).await, Ok(n) if n > 0) {}
    soon("stopped", server.handle.stopped()).await;
}
