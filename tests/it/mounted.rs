//! A server inside an axum app, which owns the listener.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::map_request,
    routing::get as on_get,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tower::util::ServiceExt;
use wsframe::{Body, PeerAddr, Server, StartupError};
use wsframe_tests::{Client, Probe, get, probe, request, soon};

/// Serves an app on a free port.
async fn host(app: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    (addr, tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }))
}

#[tokio::test]
async fn at_the_root_and_below_a_prefix() {
    let (root, mut watch) = probe();
    let (nested, mut nested_watch) = probe();
    let (full, mut full_watch) = probe();
    let full = full.fallback(Router::new().route("/inner", on_get("inner")));
    let app = Router::new()
        .route("/", on_get("page"))
        .nest_service("/ws", nested.into_service().unwrap())
        .nest_service("/full", full.into_service().unwrap())
        .fallback_service(root.into_service().unwrap());
    let (addr, _) = host(app).await;

    for (path, watch) in
        [("/probe", &mut watch), ("/ws/probe", &mut nested_watch), ("/full/probe", &mut full_watch)]
    {
        let mut client = Client::tcp(addr).await;
        let mut bytes = request(path, "").into_bytes();
        bytes.extend(Client::frame(0x81, b"echo early"));
        client.write(bytes).await;
        assert_eq!(client.response().await.status, 101, "{path}");
        assert_eq!(watch.opened().await.peer(), None);
        assert_eq!(client.expect_text().await, "early");
        watch.message().await;
        client.close(1000, "").await;
        client.expect_close().await;
        client.expect_end().await;
        watch.closed().await;
    }
    for (request, status) in [
        (get("/"), 200),
        (get("/missing"), 404),
        (get("/probe"), 426),
        (get("/ws/missing"), 404),
        (request("/ws/missing", ""), 404),
        (request("/ws/probe", "Origin: http://evil.example\r\n"), 403),
        (get("/full/inner"), 200),
        (get("/full/probe"), 404),
    ] {
        assert_eq!(Client::ask(addr, &request).await.status, status, "{request}");
    }
}

#[tokio::test]
async fn the_host_says_who_the_peer_is() {
    async fn peer(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
        request.extensions_mut().insert(PeerAddr(peer));
        request
    }
    let (server, mut watch) = probe();
    let app = Router::new().nest_service("/ws", server.into_service().unwrap());
    let (addr, _) = host(app.layer(map_request(peer))).await;
    let client = Client::open(addr, "/ws/probe").await;
    assert_eq!(watch.opened().await.peer(), client.tcp.local_addr().ok());
}

#[tokio::test]
async fn the_handle_shuts_it_down() {
    let (server, mut watch) = probe();
    let handle = server.handle();
    let app = Router::new().route("/", on_get("page"));
    let (addr, _) = host(app.nest_service("/ws", server.into_service().unwrap())).await;
    let mut client = Client::open(addr, "/ws/probe").await;
    watch.opened().await;
    assert_eq!((handle.connections(), handle.sessions().len()), (1, 1));
    client.text("wait").await;
    watch.message().await;
    handle.shutdown();
    assert_eq!(client.expect_close().await, (1001, "server shuts down".into()));
    client.close(1001, "").await;
    client.expect_end().await;
    // A handler still runs, so it has not stopped.
    let stopped = handle.stopped();
    tokio::pin!(stopped);
    assert!(futures_util::poll!(stopped.as_mut()).is_pending());
    watch.release();
    assert_eq!(watch.closed().await.code(), 1001);
    soon("stopped", stopped).await;
    assert_eq!(handle.connections(), 0);
    // The host goes on, without us.
    assert_eq!(Client::ask(addr, get("/")).await.status, 200);
    assert_eq!(Client::ask(addr, request("/ws/probe", "")).await.status, 503);
}

#[tokio::test]
async fn its_shutdown_is_bounded() {
    let (server, mut watch) = probe();
    let server = server.shutdown_grace(Duration::from_millis(50));
    let handle = server.handle();
    let (addr, _) = host(Router::new().fallback_service(server.into_service().unwrap())).await;
    let mut client = Client::open(addr, "/probe").await;
    let session = watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    handle.shutdown();
    soon("stopped", handle.stopped()).await;
    assert_eq!(soon("the end", session.closed()).await.code(), 1001);
}

/// Sessions outlive the service that opened them, heartbeats included.
#[tokio::test]
async fn dropping_the_service_cuts_nobody() {
    let (server, mut watch) = probe();
    let (often, soon_after) = (Duration::from_millis(20), Duration::from_secs(1));
    let server =
        server.configure::<Probe>(|options| options.ping_interval(often).pong_timeout(soon_after));
    let handle = server.handle();
    let (addr, task) = host(Router::new().fallback_service(server.into_service().unwrap())).await;
    let mut client = Client::open(addr, "/probe").await;
    watch.opened().await;
    task.abort();
    assert!(soon("the host's end", task).await.is_err());
    // The first may have been sent before that, the second was not.
    for _ in 0..2 {
        assert_eq!(client.next().await.map(|frame| frame.first), Some(0x89));
        client.send(0x8a, "").await;
        watch.message().await;
    }
    let stopped = handle.stopped();
    tokio::pin!(stopped);
    assert!(futures_util::poll!(stopped.as_mut()).is_pending());
    drop(client);
    watch.closed().await;
    soon("stopped", stopped).await;
}

#[tokio::test]
async fn never_mounted_is_stopped_at_once() {
    let (server, _watch) = probe();
    let handle = server.handle();
    drop(server.into_service().unwrap());
    soon("stopped", handle.stopped()).await;
}

#[tokio::test]
async fn the_endpoints_are_checked() {
    let error = Server::new().without_link_time().into_service().unwrap_err();
    assert!(matches!(error, StartupError::Endpoints(report) if report.faults() == 1));
}

/// A host that has no upgrades to give, as a test that calls the service directly.
#[tokio::test]
async fn without_an_upgrade_there_is_no_101() {
    let (server, watch) = probe();
    let service = server.into_service().unwrap();
    let handshake = http::Request::get("/probe")
        .header("host", "localhost")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(Body::empty())
        .unwrap();
    let response = service.clone().oneshot(handshake).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(watch.is_quiet());
    let other = http::Request::get("/missing").body(String::new()).unwrap();
    assert_eq!(service.oneshot(other).await.unwrap().status(), 404);
}
