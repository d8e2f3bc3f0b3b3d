//! Layers: around handshakes and HTTP alike, once, with no way round them.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, routing::get as on_get};
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::sync::Notify;
use tower::{
    limit::ConcurrencyLimitLayer,
    load_shed::LoadShedLayer,
    service_fn,
    timeout::TimeoutLayer,
    util::{MapRequestLayer, MapResponseLayer, ServiceExt},
};
use tower_layer::layer_fn;
use tower_service::Service;
use wsframe::{
    Body, Endpoint, Handshake, HttpService, Message, Outcome, PeerAddr, Refusal, Reply, Session,
};
use wsframe_tests::{Client, Event, get, probe, request, serve, soon};

fn page() -> Router {
    Router::new().route("/", on_get("page"))
}

#[tokio::test]
async fn a_layer_sees_every_request_once() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let layer = MapRequestLayer::new(move |request: Request<Body>| {
        log.lock().unwrap().push(request.uri().path().to_owned());
        request
    });
    let (server, _watch) = probe();
    let server = serve(server.layer(layer).fallback(page())).await;
    let requests = [
        (get("/"), 200, "/"),
        (get("/missing"), 404, "/missing"),
        (request("/probe", ""), 101, "/probe"),
        (request("/probe", "Origin: http://evil.example\r\n"), 403, "/probe"),
        (request("/other", ""), 404, "/other"),
    ];
    for (request, status, path) in requests {
        assert_eq!(Client::ask(server.addr, request).await.status, status);
        assert_eq!(std::mem::take(&mut *seen.lock().unwrap()), [path]);
    }
    server.stop().await;
}

/// Lets pass who has a token.
fn gate(
    inner: HttpService,
) -> impl Service<
    Request<Body>,
    Response = Response<Body>,
    Error = std::convert::Infallible,
    Future: Send,
> + Clone {
    service_fn(move |request: Request<Body>| {
        let inner = inner.clone();
        async move {
            if request.headers().contains_key("x-token") {
                return inner.oneshot(request).await;
            }
            let mut response = Response::new(Body::from("who are you?"));
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            Ok(response)
        }
    })
}

#[tokio::test]
async fn a_layer_may_answer_by_itself() {
    let (server, mut watch) = probe();
    let server = serve(server.layer(layer_fn(gate)).fallback(page())).await;
    let mut client = Client::tcp(server.addr).await;
    client.write(format!("{}{}", get("/"), get("/missing"))).await;
    assert_eq!(client.response().await.status, 401);
    assert_eq!(client.response().await.status, 401);
    // A handshake that a layer refuses closes as one that we refuse.
    client.write(format!("{}{}", request("/probe", ""), request("/probe", "X-Token: 1\r\n"))).await;
    let response = client.response().await;
    assert_eq!((response.status, response.header("connection")), (401, Some("close")));
    client.expect_end().await;
    assert!(watch.is_quiet());

    let with_token = request("/probe", "X-Token: 1\r\n");
    assert_eq!(Client::ask(server.addr, with_token).await.status, 101);
    watch.opened().await;
    let with_token = get("/").replace("Host:", "X-Token: 1\r\nHost:");
    assert_eq!(Client::ask(server.addr, with_token).await.body, b"page");
    server.stop().await;
}

#[tokio::test]
async fn a_layer_adds_headers_to_the_101_and_spoils_none() {
    let add = |name: &'static str, value: &'static str| {
        MapResponseLayer::new(move |mut response: Response<Body>| {
            response.headers_mut().append(name, HeaderValue::from_static(value));
            response
        })
    };
    let spoil = MapResponseLayer::new(|response: Response<Body>| {
        let mut response = response.map(|_| Body::from("more than nothing"));
        for name in ["connection", "upgrade", "sec-websocket-accept", "sec-websocket-extensions"] {
            response.headers_mut().insert(name, HeaderValue::from_static("other"));
        }
        response.headers_mut().insert("content-length", HeaderValue::from_static("17"));
        response
    });
    let (server, mut watch) = probe();
    let server = server.layer(add("x-order", "inner")).layer(add("x-order", "outer"));
    let server = serve(server.layer(spoil)).await;
    let mut client = Client::tcp(server.addr).await;
    client.write(request("/probe", "")).await;
    let response = client.response().await;
    assert_eq!(response.status, 101);
    assert_eq!(response.all("x-order"), ["inner", "outer"], "the last layer is the outermost");
    assert_eq!(response.all("connection"), ["upgrade"]);
    assert_eq!(response.all("upgrade"), ["websocket"]);
    assert_eq!(response.all("sec-websocket-accept"), ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
    assert!(response.all("sec-websocket-extensions").is_empty());
    assert!(response.all("content-length").is_empty());
    watch.opened().await;
    client.text("echo hello").await;
    assert_eq!(client.expect_text().await, "hello");
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn a_101_that_a_layer_takes_back_opens_nothing() {
    let late = MapResponseLayer::new(|_: Response<Body>| {
        let mut response = Response::new(Body::from("no"));
        *response.status_mut() = StatusCode::FORBIDDEN;
        response
    });
    let (server, mut watch) = probe();
    let server = serve(server.layer(late)).await;
    let mut client = Client::tcp(server.addr).await;
    client.write(request("/probe", "")).await;
    assert_eq!(client.response().await.status, 403);
    client.expect_end().await;
    assert!(matches!(watch.next().await, Event::Dropped));
    server.stop().await;
}

#[tokio::test]
async fn what_fails_in_a_layer_is_a_500() {
    let panics = MapRequestLayer::new(|request: Request<Body>| {
        assert!(request.uri().path() != "/boom", "as ordered");
        request
    });
    // Without the extensions there is no upgrade to be had.
    let forgets = MapRequestLayer::new(|request: Request<Body>| {
        let (mut head, body) = request.into_parts();
        head.extensions = http::Extensions::new();
        Request::from_parts(head, body)
    });
    let (server, watch) = probe();
    let server = serve(server.layer(panics).layer(forgets).fallback(page())).await;
    assert_eq!(Client::ask(server.addr, get("/boom")).await.status, 500);
    assert_eq!(Client::ask(server.addr, request("/probe", "")).await.status, 500);
    assert_eq!(Client::ask(server.addr, get("/")).await.status, 200);
    assert!(watch.is_quiet());
    server.stop().await;
}

/// Layers that are busy say so by not being ready, and layers around them see it.
#[tokio::test]
async fn readiness_goes_through_the_layers() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (entered, release) = (entered.clone(), release.clone());
        move || async move {
            entered.notify_one();
            release.notified().await;
            "done"
        }
    };
    let (server, _watch) = probe();
    let server = server.fallback(page().route("/slow", on_get(slow)));
    let server = server.layer(ConcurrencyLimitLayer::new(1)).layer(LoadShedLayer::new());
    let server = serve(server.layer(TimeoutLayer::new(Duration::from_secs(60)))).await;
    let mut first = Client::tcp(server.addr).await;
    first.write(get("/slow")).await;
    soon("the first request", entered.notified()).await;
    assert_eq!(Client::ask(server.addr, get("/")).await.status, 500);
    release.notify_one();
    assert_eq!(first.response().await.body, b"done");
    // The limit covers the admission, not the session.
    Client::open(server.addr, "/probe").await;
    assert_eq!(Client::ask(server.addr, get("/")).await.status, 200);
    server.stop().await;
}

/// Layers that change the type of bodies, and a fallback that reads files.
#[tokio::test]
async fn tower_http_fits() {
    let files = tower_http::services::ServeDir::new(env!("CARGO_MANIFEST_DIR"));
    let (server, mut watch) = probe();
    let server = server
        .fallback(files)
        .layer(tower_http::limit::RequestBodyLimitLayer::new(4))
        .layer(tower_http::cors::CorsLayer::permissive());
    let server = serve(server).await;
    let file = Client::ask(server.addr, get("/Cargo.toml")).await;
    assert_eq!(file.body, include_bytes!("../Cargo.toml"));
    assert_eq!(file.header("access-control-allow-origin"), Some("*"));
    let large = get("/").replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello");
    assert_eq!(Client::ask(server.addr, large).await.status, 413);
    let response = Client::ask(server.addr, request("/probe", "")).await;
    assert_eq!(response.status, 101);
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    watch.opened().await;
    server.stop().await;
}

/// Greets with what a layer attached to the request.
struct Greeter(String);

#[derive(Clone)]
struct User(&'static str);

impl Endpoint for Greeter {
    const PATH: &'static str = "/greeter";

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        let user = handshake.extensions().get::<User>().ok_or_else(Refusal::internal)?;
        Ok(Self(format!("hello, {} at {}", user.0, handshake.peer().ok_or(StatusCode::GONE)?)))
    }

    async fn on_open(&mut self, _: &Session) -> Outcome {
        Ok(Reply::message(self.0.as_str()))
    }

    async fn on_message(&mut self, _: &Session, _: Message) -> Outcome {
        Ok(Reply::none())
    }
}

#[tokio::test]
async fn what_a_layer_attaches_reaches_the_endpoint() {
    let attach = MapRequestLayer::new(|mut request: Request<Body>| {
        let forwarded: SocketAddr = "192.0.2.1:4711".parse().unwrap();
        request.extensions_mut().insert(PeerAddr(forwarded));
        request.extensions_mut().insert(User("ann"));
        request
    });
    let (server, _watch) = probe();
    let server = serve(server.endpoint::<Greeter>().layer(attach)).await;
    let mut client = Client::open(server.addr, "/greeter").await;
    assert_eq!(client.expect_text().await, "hello, ann at 192.0.2.1:4711");
}
