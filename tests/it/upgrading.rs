//! Requests that somebody else has routed, upgraded by hand.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    routing::any,
};
use tower::util::{MapRequestLayer, MapResponseLayer};
use wsframe::{Body, Message, Route, Server, ServerHandle, prelude::*};
use wsframe_tests::{Client, Event, Probe, get, probe, request, serve};

#[server_endpoint("/upgrading/<room>", subprotocols = ["a"])]
struct Room {
    room: String,
    #[query]
    nick: Option<String>,
}

impl Room {
    #[on_open]
    async fn joined(&self, session: &Session) -> wsframe::Result<String> {
        session.join(&self.room).await?;
        Ok(format!("welcome to {}, {:?}", self.room, self.nick))
    }

    #[on_message]
    async fn said(&self, text: String, session: &Session) {
        session.room(&self.room).send(text).await;
    }
}

#[server_endpoint("/upgrading/needy")]
struct Needy {
    #[state]
    _names: Arc<Vec<String>>,
}

/// A server whose own endpoints do not matter.
fn other() -> Server {
    Server::new()
        .without_link_time()
        .deploy(Route::new("/echo").on_message(|_, message: Message| async move { message }))
}

async fn talk(
    State(server): State<ServerHandle>,
    Path(room): Path<String>,
    request: Request,
) -> http::Response<Body> {
    server.upgrade::<Room>(request, &[("room", &room)]).await
}

/// In another server, where nobody of ours sees the response.
#[tokio::test]
async fn a_foreign_handler_upgrades() {
    let server = Server::new().only::<Room>();
    let handle = server.handle();
    let app = Router::new().route("/talk/{room}", any(talk)).with_state(handle.clone());
    let app = app.nest_service("/ws", server.into_service().unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let mut ann = Client::tcp(addr).await;
    ann.write(request("/talk/rust?nick=ann", "Sec-WebSocket-Protocol: a\r\n")).await;
    let response = ann.response().await;
    assert_eq!((response.status, response.header("sec-websocket-protocol")), (101, Some("a")));
    assert_eq!(ann.expect_text().await, "welcome to rust, Some(\"ann\")");
    let mut bob = Client::open(addr, "/ws/upgrading/rust").await;
    bob.expect_text().await;
    bob.text("hello").await;
    assert_eq!(ann.expect_text().await, "hello");
    assert_eq!(handle.connections(), 2);

    for (request, status) in [
        (get("/talk/rust"), 426),
        (get("/talk/rust").replace("GET", "POST"), 405),
        (request("/talk/rust", "Origin: http://evil.example\r\n"), 403),
        (request("/talk/rust", "").replace("dGhlIHNhbXBsZSBub25jZQ==", "short"), 400),
        (request("/talk/rust", "").replace("Version: 13", "Version: 8"), 426),
    ] {
        assert_eq!(Client::ask(addr, &request).await.status, status, "{request}");
    }
    handle.shutdown();
    assert_eq!(ann.expect_close().await.0, 1001);
    assert_eq!(Client::ask(addr, request("/talk/rust", "")).await.status, 503);
}

/// In the fallback of the same server: the layers stand around it, and the socket has its seat.
#[tokio::test]
async fn a_handler_in_the_fallback_upgrades() {
    let server = other();
    let handle = server.handle();
    let router = Router::new().route("/talk/{room}", any(talk)).with_state(handle.clone());
    let running = serve(server.fallback(router)).await;
    let mut ann = Client::open(running.addr, "/talk/rust").await;
    assert_eq!(ann.expect_text().await, "welcome to rust, None");
    ann.text("hello").await;
    assert_eq!(ann.expect_text().await, "hello");
    assert_eq!(handle.connections(), 1);
    let evil = request("/talk/rust", "Origin: http://evil.example\r\n");
    assert_eq!(Client::ask(running.addr, evil).await.status, 403);
}

/// A layer around that fallback still has the last word.
#[tokio::test]
async fn a_layer_turns_the_upgrade_down() {
    async fn probed(State(server): State<ServerHandle>, request: Request) -> http::Response<Body> {
        server.upgrade::<Probe>(request, &[]).await
    }
    let (server, mut watch) = probe();
    let router = Router::new().route("/else", any(probed)).with_state(server.handle());
    let refuse = |mut response: http::Response<Body>| {
        *response.status_mut() = http::StatusCode::GONE;
        response
    };
    let server = server.fallback(router).layer(MapResponseLayer::new(refuse));
    let app = server.in_memory().unwrap();
    assert_eq!(app.connect("/else").await.unwrap_err().status(), 410);
    assert!(matches!(watch.next().await, Event::Dropped));
}

#[tokio::test]
async fn what_an_upgrade_lacks() {
    async fn needy(State(server): State<ServerHandle>, request: Request) -> http::Response<Body> {
        server.upgrade::<Needy>(request, &[]).await
    }
    async fn no_room(State(server): State<ServerHandle>, request: Request) -> http::Response<Body> {
        server.upgrade::<Room>(request, &[]).await
    }
    let server = other();
    let handle = server.handle();
    let router = Router::new()
        .route("/needy", any(needy))
        .route("/no_room", any(no_room))
        .with_state(handle.clone());
    // Not started.
    let handshake = http::Request::new(Body::empty());
    assert_eq!(handle.upgrade::<Probe>(handshake, &[]).await.status(), 503);
    let server = server.fallback(router).layer(MapRequestLayer::new(|r: http::Request<Body>| r));
    let app = server.in_memory().unwrap();
    // A state that the server does not have, a parameter that the handler does not give.
    assert_eq!(app.connect("/needy").await.unwrap_err().status(), 500);
    assert_eq!(app.connect("/no_room").await.unwrap_err().status(), 404);
    assert_eq!(handle.connections(), 0);
}
