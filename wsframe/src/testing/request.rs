//! A handshake, written out piece by piece.

use std::{future::poll_fn, net::SocketAddr};

use http::{
    HeaderName, HeaderValue, StatusCode, Uri,
    header::{
        CONNECTION, COOKIE, HOST, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
};
use tower_service::Service;

use super::{BETWEEN, InMemory, Peer, Refused};
use crate::server::{Body, Carried, PeerAddr};

/// A handshake for an [`InMemory`] server: a proper one, but for what is said here.
///
/// ```
/// # async fn example(app: &wsframe::testing::InMemory) -> Result<(), wsframe::testing::Refused> {
/// let ann = app
///     .request("/chat/rust")
///     .origin("http://localhost")
///     .subprotocol("chat.v2")
///     .cookie("theme", "dark")
///     .peer("192.0.2.1:50000".parse().unwrap())
///     .header("authorization", "Bearer sesame")
///     .connect()
///     .await?;
/// assert_eq!(ann.subprotocol(), Some("chat.v2"));
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// The setters panic with what cannot be a header's name or value.
#[derive(Debug)]
#[must_use = "a handshake does nothing until it connects"]
pub struct Request<'a> {
    app: &'a InMemory,
    target: String,
    request: http::Request<Body>,
}

impl<'a> Request<'a> {
    pub(super) fn new(app: &'a InMemory, target: &str) -> Self {
        let mut request = http::Request::new(Body::empty());
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        headers.insert(SEC_WEBSOCKET_KEY, key);
        Self { app, target: target.into(), request }
    }

    /// Sets a header, in place of all lines that it had; so a test can also send a wrong one.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = line(name, value);
        self.request.headers_mut().insert(name, value);
        self
    }

    /// Adds a line to a header.
    pub fn add_header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = line(name, value);
        self.request.headers_mut().append(name, value);
        self
    }

    /// The page that connects, as a browser says it: `https://example.com`. Default: none, as
    /// other clients do.
    pub fn origin(self, origin: &str) -> Self {
        self.header(ORIGIN.as_str(), origin)
    }

    /// Offers a subprotocol, after those that are offered already.
    pub fn subprotocol(self, name: &str) -> Self {
        self.join(&SEC_WEBSOCKET_PROTOCOL, ", ", name)
    }

    /// Sends a cookie, beside those that are sent already.
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.join(&COOKIE, "; ", &format!("{name}={value}"))
    }

    /// Where the connection comes from. Default: unknown, [`Session::peer`](crate::Session::peer)
    /// is `None`.
    pub fn peer(self, address: SocketAddr) -> Self {
        self.extension(PeerAddr(address))
    }

    /// Attaches to the request what a host or a layer would.
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.request.extensions_mut().insert(value);
        self
    }

    /// Sends it.
    ///
    /// It waits as long as the server takes to answer: 10 s at most for an endpoint, as long as
    /// they like for layers and a fallback.
    ///
    /// # Errors
    ///
    /// The [answer](Refused) of a server that refuses; 400 for a target that the HTTP parser would
    /// not have let through.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future is a client that leaves.
    pub async fn connect(mut self) -> Result<Peer, Refused> {
        *self.request.uri_mut() = match self.target.parse::<Uri>() {
            Ok(target) => target,
            Err(_) => return Err(Refused::new(StatusCode::BAD_REQUEST, "malformed target")),
        };
        let (ours, theirs) = tokio::io::duplex(BETWEEN);
        self.request.extensions_mut().insert(Carried::new(theirs));
        let mut service = self.app.service();
        let Ok(()) =
            poll_fn(|cx| Service::<http::Request<Body>>::poll_ready(&mut service, cx)).await;
        let Ok(response) = service.call(self.request).await;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(Refused::read(response).await);
        }
        Ok(Peer::new(ours, response.into_parts().0.headers, self.app.patience()))
    }

    /// Makes one list of what is sent already and one more element.
    fn join(self, name: &HeaderName, between: &str, one: &str) -> Self {
        let before = self.request.headers().get(name).and_then(|value| value.to_str().ok());
        let all = before.map_or_else(|| one.to_owned(), |before| format!("{before}{between}{one}"));
        self.header(name.as_str(), &all)
    }
}

fn line(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    match (name.parse(), value.parse()) {
        (Ok(name), Ok(value)) => (name, value),
        _ => panic!("no header: {name:?}: {value:?}"),
    }
}
