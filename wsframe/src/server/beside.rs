//! HTTP beside WebSocket: the fallback behind the endpoints, and the layers around both.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    Body, HttpService, Server,
    container::Container,
    service::{Endpoints, Mounted, Settled},
};
use crate::message::Error;

/// What stands beside the endpoints.
#[derive(Default)]
pub(super) struct Beside {
    fallback: Option<HttpService>,
    /// The innermost first.
    layers: Vec<Box<dyn FnOnce(HttpService) -> HttpService + Send>>,
}

impl Beside {
    /// Puts everything together; the only place where it is, so nothing goes round a layer.
    pub(super) fn around(
        self,
        container: &Arc<Container>,
        mounted: Option<Mounted>,
        health: bool,
    ) -> HttpService {
        let endpoints = Endpoints::new(container.clone(), self.fallback, mounted);
        let endpoints = HttpService::new(endpoints, "the server");
        let layered = self.layers.into_iter().fold(endpoints, |inner, layer| layer(inner));
        let health = health.then(|| container.core.clone());
        HttpService::new(Settled { inner: layered, health }, "the server")
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside")
            .field("fallback", &self.fallback.is_some())
            .field("layers", &self.layers.len())
            .finish()
    }
}

/// HTTP beside WebSocket.
impl Server {
    /// Serves everything that is not a handshake for one of the endpoints with this tower service:
    /// an axum `Router`, tower-http's `ServeDir`, one of your own. A second one replaces the first.
    ///
    /// ```no_run
    /// use axum::{Router, routing::get};
    /// use wsframe::prelude::*;
    ///
    /// #[server_endpoint("/echo")]
    /// struct Echo;
    ///
    /// impl Echo {
    ///     #[on_message]
    ///     fn echo(&self, text: String) -> String {
    ///         text
    ///     }
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), wsframe::StartupError> {
    ///     let page = Router::new().route("/", get(|| async { "hello" }));
    ///     Server::new().fallback(page).serve("127.0.0.1:8080").await
    /// }
    /// ```
    ///
    /// | the request | without a fallback | with one |
    /// |---|---|---|
    /// | its path is an endpoint's, and its `Upgrade` names `websocket` | 101 or a refusal | the same: it never sees a handshake for an endpoint |
    /// | its path is an endpoint's, and it is no handshake | 426, or 405 unless it is a GET | the fallback's: a page and an endpoint may share a path |
    /// | its path is no endpoint's | 404, or 400 if it is malformed | the fallback's, also where it asks for an upgrade: it may accept that by itself, with hyper's upgrade extension |
    ///
    /// The request comes with the peer's address as [`PeerAddr`](crate::PeerAddr) among its
    /// extensions. If the service fails or panics, that is reported, and the answer is 500 without
    /// the text of the error.
    ///
    /// Connections are kept alive, each further head has its [`head_timeout`](Self::head_timeout).
    /// Bodies stream, and have **no limit of ours**, neither in bytes nor in time: a layer or the
    /// service sets them (axum's extractors stop at 2 MB). Where a WebSocket handshake is answered
    /// with anything but a 101, by whomever, the connection is closed after it.
    ///
    /// A connection that the fallback upgrades counts as one until its socket is closed, and
    /// [`Bound::run`](crate::Bound::run) waits for it, at most for the grace time of the shutdown.
    pub fn fallback<S, B>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<Error>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        self.beside.fallback = Some(HttpService::new(service, "the fallback"));
        self
    }

    /// Puts a tower layer around everything: handshakes, the fallback, refusals. Tracing,
    /// authentication, CORS and the like see each request once, and none goes round them. A further
    /// layer goes around those before, so the last one is the outermost.
    ///
    /// ```
    /// use http::{HeaderValue, Response, header::STRICT_TRANSPORT_SECURITY};
    /// use tower::util::MapResponseLayer;
    /// use wsframe::{Body, Server};
    ///
    /// let server = Server::new().layer(MapResponseLayer::new(|mut response: Response<Body>| {
    ///     let year = HeaderValue::from_static("max-age=31536000");
    ///     response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, year);
    ///     response
    /// }));
    /// # let _ = server;
    /// ```
    ///
    /// A layer may
    ///
    /// - answer by itself; then no endpoint and no fallback sees the request;
    /// - attach to the request what endpoints find in
    ///   [`Handshake::extensions`](crate::Handshake::extensions); a [`PeerAddr`](crate::PeerAddr)
    ///   that it puts there is what they see as the peer;
    /// - add headers to the 101. Those of the handshake itself are the framework's: whatever a
    ///   layer writes there is overwritten, and so is a body;
    /// - turn the 101 into another answer: the session never opens.
    ///
    /// It has to pass the extensions of request and response on; without those of the request the
    /// handshake is answered 500, without those of the 101 no session opens. A session is
    /// none of its business: its response ends with the 101, and a time limit covers the admission
    /// only.
    ///
    /// What is no request yet reaches no layer: a head that is malformed, too large or too slow,
    /// and connections beyond [`max_connections`](Self::max_connections).
    ///
    /// Each layer gets a service that takes any request body, so layers that change the body
    /// (limits, decompression) fit; their errors and panics are a 500, as with the fallback.
    pub fn layer<L, B>(mut self, layer: L) -> Self
    where
        L: Layer<HttpService> + Send + 'static,
        L::Service: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        <L::Service as Service<Request<Body>>>::Error: Into<Error>,
        <L::Service as Service<Request<Body>>>::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        let wrap = move |inner| HttpService::new(layer.layer(inner), "a layer");
        self.beside.layers.push(Box::new(wrap));
        self
    }
}
