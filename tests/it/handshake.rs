//! Requests: which ones open a session, and what the others are answered.

use std::time::Duration;

use wsframe::{Options, Server};
use wsframe_tests::{Client, Event, Probe, Watch, probed, request, serve};

async fn status(addr: std::net::SocketAddr, request: &str) -> u16 {
    let response = Client::ask(addr, request).await;
    if response.status != 101 {
        assert_eq!(response.header("connection"), Some("close"), "{request}: {response:?}");
    }
    response.status
}

/// RFC 6455 section 4.2: every part of the request that can be missing or wrong.
#[tokio::test]
async fn malformed_requests_get_the_status_of_the_map() {
    let (server, _watch) = probed(|options| options).await;
    let good = request("/probe", "");
    assert_eq!(status(server.addr, &good).await, 101);
    let cases = [
        ("GET ", "POST ", 405),
        ("HTTP/1.1", "HTTP/1.0", 400),
        ("Host: localhost\r\n", "", 400),
        ("Connection: Upgrade\r\n", "", 400),
        ("Connection: Upgrade", "Connection: close", 400),
        ("Connection: Upgrade", "Connection: keep-alive,\tUPGRADE", 101),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: upgrade", 101),
        ("Connection: Upgrade", "Connection: upgrade, authorization", 400),
        ("Upgrade: websocket\r\n", "", 426),
        ("Upgrade: websocket", "Upgrade: h2c", 426),
        ("Upgrade: websocket", "Upgrade: WebSocket", 101),
        ("Version: 13", "Version: 8", 426),
        ("Version: 13", "Version: 13, 8", 426),
        ("Sec-WebSocket-Version: 13\r\n", "", 426),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==", "dG9vIHNob3J0", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==", "!!!!!!!!!!!!!!!!!!!!!!==", 400),
        ("\r\n\r\n", "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", 400),
        ("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello", 400),
        ("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("\r\n\r\n", "\r\nOrigin: http://localhost\r\n\r\n", 101),
        ("\r\n\r\n", "\r\nOrigin: http://evil.example\r\n\r\n", 403),
        ("\r\n\r\n", "\r\nOrigin: http://localhost.evil.example\r\n\r\n", 403),
        ("\r\n\r\n", "\r\nOrigin: null\r\n\r\n", 403),
        ("\r\n\r\n", "\r\nSec-WebSocket-Protocol: a, , b b\r\n\r\n", 400),
        ("/probe", "/nothing", 404),
        ("/probe", "/probe/", 404),
        ("/probe", "/%zz", 400),
        ("/probe", "/%ff", 400),
        ("/probe", "/probe?bind=refuse", 401),
        ("/probe", "/probe?bind=panic", 500),
    ];
    for (from, to, expected) in cases {
        assert!(good.contains(from), "{from}");
        let request = good.replacen(from, to, 1);
        assert_eq!(status(server.addr, &request).await, expected, "{from:?} as {to:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_told_which_one_is() {
    let (server, _watch) = probed(|options| options).await;
    let response = Client::ask(server.addr, request("/probe", "").replace("13", "7")).await;
    assert_eq!(response.status, 426);
    assert_eq!(response.header("sec-websocket-version"), Some("13"));
}

#[tokio::test]
async fn the_answer_is_the_one_of_the_rfc() {
    let (server, _watch) = probed(|options| options).await;
    let response = Client::ask(server.addr, request("/probe", "")).await;
    assert_eq!(response.status, 101);
    assert_eq!(response.header("upgrade"), Some("websocket"));
    assert_eq!(response.header("connection"), Some("upgrade"));
    // The example of RFC 6455 section 1.3.
    assert_eq!(response.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(response.header("sec-websocket-protocol"), None);
    assert_eq!(response.header("sec-websocket-extensions"), None);
}

#[tokio::test]
async fn the_subprotocol_is_the_clients_first_that_is_offered() {
    let offered = |options: Options| options.subprotocols(["v10.stomp", "soap"]);
    let (server, mut watch) = probed(offered).await;
    for (wanted, expected) in [
        ("Sec-WebSocket-Protocol: x, soap, v10.stomp\r\n", Some("soap")),
        ("Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: v10.stomp\r\n", Some("v10.stomp")),
        ("Sec-WebSocket-Protocol: SOAP\r\n", None),
        ("", None),
    ] {
        let response = Client::ask(server.addr, request("/probe", wanted)).await;
        assert_eq!(response.status, 101);
        assert_eq!(response.header("sec-websocket-protocol"), expected, "{wanted}");
        assert_eq!(watch.opened().await.subprotocol(), expected);
        watch.closed().await;
    }
}

#[tokio::test]
async fn listed_origins_may_connect() {
    let listed = |options: Options| options.origins(["https://app.example"]);
    let (server, _watch) = probed(listed).await;
    for (origin, expected) in [
        ("https://app.example", 101),
        ("https://APP.example:443", 101),
        ("http://app.example", 403),
        ("https://app.example:8443", 403),
        ("https://app.example.evil", 403),
        ("http://localhost", 101),
    ] {
        let request = request("/probe", &format!("Origin: {origin}\r\n"));
        assert_eq!(status(server.addr, &request).await, expected, "{origin}");
    }
}

/// What a client pipelines behind its request belongs to the WebSocket, if there is one, and to
/// nobody if not.
#[tokio::test]
async fn what_follows_the_request_is_not_lost_and_not_misread() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::tcp(server.addr).await;
    let mut bytes = request("/probe", "").into_bytes();
    bytes.extend(Client::frame(0x81, b"echo early"));
    client.write(&bytes).await;
    assert_eq!(client.response().await.status, 101);
    assert_eq!(client.expect_text().await, "early");
    watch.opened().await;

    // Byte by byte.
    let mut client = Client::tcp(server.addr).await;
    for byte in &bytes {
        client.write([*byte]).await;
    }
    assert_eq!(client.response().await.status, 101);
    assert_eq!(client.expect_text().await, "early");

    // Refused: the second request must not be answered.
    let mut client = Client::tcp(server.addr).await;
    let refused = request("/probe", "Origin: http://evil.example\r\n");
    client.write(format!("{refused}{}", request("/probe", ""))).await;
    assert_eq!(client.response().await.status, 403);
    client.expect_end().await;
}

#[tokio::test]
async fn an_oversized_head_is_refused() {
    let (server, _watch) = probed(|options| options).await;
    let many: String = (0..101).map(|i| format!("X-{i}: y\r\n")).collect();
    let response = Client::ask(server.addr, request("/probe", &many)).await;
    assert_eq!(response.status, 431);
    let large = format!("X-Large: {}\r\n", "y".repeat(64 * 1024));
    let response = Client::ask(server.addr, request("/probe", &large)).await;
    assert_eq!(response.status, 431);
}

/// A peer that sends nothing, and one that sends its head too slowly, are both let go.
#[tokio::test]
async fn a_head_has_its_time() {
    let (wire, _watch) = Watch::new();
    let server = Server::new().without_link_time().endpoint::<Probe>().state(wire);
    let server = serve(server.head_timeout(Duration::from_millis(50))).await;
    let mut silent = Client::tcp(server.addr).await;
    silent.expect_end().await;
    let mut slow = Client::tcp(server.addr).await;
    slow.write("GET /probe HTTP/1.1\r\nHost: localhost\r\nX-Slow").await;
    slow.expect_end().await;
    server.stop().await;
}

#[tokio::test]
async fn beyond_the_limit_the_answer_is_503() {
    let (wire, mut watch) = Watch::new();
    let server = Server::new().without_link_time().endpoint::<Probe>().state(wire);
    let server = serve(server.max_connections(1)).await;
    let mut first = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    let response = Client::ask(server.addr, request("/probe", "")).await;
    assert_eq!(response.status, 503);
    assert!(response.header("retry-after").is_some());
    first.close(1000, "").await;
    first.expect_close().await;
    watch.closed().await;
    while server.handle.connections() > 0 {
        tokio::task::yield_now().await;
    }
    Client::open(server.addr, "/probe").await;
}

/// The client leaves while its handshake is admitted: nothing was opened, nothing is closed.
#[tokio::test]
async fn an_object_whose_client_left_is_dropped_unopened() {
    let (server, mut watch) = probed(|options| options).await;
    for _ in 0..50 {
        let mut client = Client::tcp(server.addr).await;
        client.write(request("/probe", "")).await;
        client.reset();
    }
    // Each object is dropped; `on_close` ran exactly where `on_open` had.
    let (mut opened, mut closed) = (0, 0);
    while server.handle.connections() > 0 {
        tokio::task::yield_now().await;
    }
    while !watch.is_quiet() {
        match watch.next().await {
            Event::Opened(_) => opened += 1,
            Event::Closed(_) => closed += 1,
            _ => {}
        }
    }
    assert_eq!(opened, closed);
    server.stop().await;
}

/// Whoever leaves while the endpoint is still binding takes the admission along.
#[tokio::test]
async fn an_admission_is_dropped_when_the_client_leaves() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::tcp(server.addr).await;
    client.write(request("/probe?bind=wait", "")).await;
    assert!(matches!(watch.next().await, Event::Binding));
    drop(client);
    assert!(matches!(watch.next().await, Event::Abandoned));
    server.stop().await;
}
