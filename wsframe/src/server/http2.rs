//! One HTTP/2 connection: requests, and sessions side by side, each over a stream.
//!
//! Specification: RFC 9113, RFC 8441.

use std::{convert::Infallible, future::Future, pin::pin, sync::Arc, time::Duration};

use http::{Method, Request, Response, StatusCode};
use hyper::{
    body::Incoming, ext::Protocol, rt::Executor, server::conn::http2, service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::timeout,
};

use super::{Body, Server, limits::Limits, service::refused, serving::Serving, shutdown::Phase};
use crate::{
    handshake::Refusal,
    limits::server::{
        HTTP2_IDLE, HTTP2_OWN_RESETS, HTTP2_PEER_RESETS, HTTP2_PING_INTERVAL, HTTP2_PING_TIMEOUT,
        HTTP2_STREAM_BUFFER,
    },
};

impl Server {
    /// Speaks HTTP/2 as well, and takes WebSockets over it (RFC 8441): over TLS with who agrees on
    /// `h2` (ALPN), and without it with who begins with it (prior knowledge; there is no
    /// `Upgrade: h2c`). HTTP/1.1 goes on beside it on the same port. Default `false`. It counts for
    /// nothing where the server is [mounted](Self::into_service).
    ///
    /// Endpoints, checks, layers and the fallback are the same. What is different:
    ///
    /// | | HTTP/1.1 | HTTP/2 |
    /// |---|---|---|
    /// | the handshake | GET with `Upgrade` and a key | CONNECT with `:protocol` |
    /// | the answer that opens | 101 | 200, which a layer may turn into a refusal just so |
    /// | sessions over one connection | one | up to [`max_http2_streams`](Self::max_http2_streams) |
    /// | a refusal | closes the connection | ends the stream |
    ///
    /// The head looks the same to an endpoint: its target is a path, and `Host` is there. **Each
    /// session counts as a connection** for [`max_connections`](Self::max_connections),
    /// [`max_connections_per_address`](Self::max_connections_per_address) and
    /// [`connection_rate`](Self::connection_rate), and so does the connection that carries them.
    ///
    /// ```no_run
    /// use wsframe::{Server, server_endpoint};
    ///
    /// #[server_endpoint("/echo")]
    /// struct Echo;
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), wsframe::StartupError> {
    ///     Server::new().http2(true).serve("127.0.0.1:8080").await
    /// }
    /// ```
    ///
    /// A connection without a stream for 60 s is closed, and one that does not answer a ping within
    /// 10 s; the first request has the [`head_timeout`](Self::head_timeout). Heads have the same
    /// limits as over HTTP/1.1: one that is too large is answered 431.
    pub fn http2(mut self, on: bool) -> Self {
        self.limits.http2 = on;
        self
    }

    /// Most streams at a time, requests and sessions together, of one HTTP/2 connection; a client
    /// that has more to ask waits or dials once more. Default 100.
    pub fn max_http2_streams(mut self, streams: u32) -> Self {
        self.limits.http2_streams = streams;
        self
    }
}

/// Whether a request asks for a WebSocket.
pub(super) fn asks<B>(request: &Request<B>) -> bool {
    protocol(request) == Some("websocket")
}

/// What an extended CONNECT asks for.
fn protocol<B>(request: &Request<B>) -> Option<&str> {
    if request.method() != Method::CONNECT {
        return None;
    }
    request.extensions().get::<Protocol>().map(Protocol::as_str)
}

/// Serves HTTP/2 on `socket`; as over [HTTP/1.1](super::http1::serve) otherwise.
pub(super) async fn serve<S>(serving: Serving, socket: S)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let streams = Streams(Arc::new(watch::Sender::new(0)));
    let idle = if serving.service.is_ok() { HTTP2_IDLE } else { Duration::ZERO };
    let (core, limits) = (serving.core.clone(), serving.limits);
    let serving = Arc::new(serving);
    let service = service_fn(move |request: Request<Incoming>| {
        let serving = serving.clone();
        async move {
            Ok::<Response<Body>, Infallible>(match unacceptable(&request, &limits) {
                Some(refusal) => refused(refusal),
                None => serving.answer(request).await,
            })
        }
    });
    let connection = http2::Builder::new(streams.clone())
        .timer(TokioTimer::new())
        .enable_connect_protocol()
        .max_concurrent_streams(limits.http2_streams)
        .max_header_list_size(u32::try_from(limits.head_size).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(HTTP2_PEER_RESETS)
        .max_local_error_reset_streams(HTTP2_OWN_RESETS)
        .keep_alive_interval(HTTP2_PING_INTERVAL)
        .keep_alive_timeout(HTTP2_PING_TIMEOUT)
        .max_send_buf_size(HTTP2_STREAM_BUFFER as usize)
        .initial_stream_window_size(HTTP2_STREAM_BUFFER)
        .initial_connection_window_size(window(limits.http2_streams))
        .serve_connection(TokioIo::new(socket), service);
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        () = core.phases.reached(Phase::Draining) => {}
        () = streams.idle(limits.head_timeout, idle) => {}
        // An error here is the peer's.
        _ = connection.as_mut() => return,
    }
    // Says GOAWAY; what is open goes on. A peer that does not end the connection then is cut off.
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        biased;
        () = core.phases.reached(Phase::Stopped) => {}
        () = streams.idle(limits.head_timeout, limits.head_timeout) => {}
        _ = connection.as_mut() => {}
    }
}

/// What all streams may have sent without being read. Less would let sessions that do not read
/// hold up the others.
fn window(streams: u32) -> u32 {
    streams.saturating_mul(HTTP2_STREAM_BUFFER).clamp(HTTP2_STREAM_BUFFER, i32::MAX as u32)
}

/// What reaches no layer: a head with too many fields, and a CONNECT that is not for a WebSocket.
fn unacceptable<B>(request: &Request<B>, limits: &Limits) -> Option<Refusal> {
    if request.headers().len() > limits.headers {
        let (status, why) = (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "too many header fields");
        return Some(Refusal::new(status, why));
    }
    if request.method() != Method::CONNECT {
        return None;
    }
    match protocol(request) {
        Some("websocket") => None,
        // RFC 9220 section 3.
        Some(_) => Some(Refusal::new(
            StatusCode::NOT_IMPLEMENTED,
            "of the protocols of an extended CONNECT only `websocket` is spoken here",
        )),
        None => Some(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "here is no proxy: a CONNECT needs `:protocol = websocket`",
        )),
    }
}

/// Runs the streams of one connection, and counts them: a request until its response is sent, a
/// session until it is over, whoever opened it.
#[derive(Clone)]
struct Streams(Arc<watch::Sender<usize>>);

impl<F> Executor<F> for Streams
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let open = Open::new(self.0.clone());
        tokio::spawn(async move {
            stream.await;
            drop(open);
        });
    }
}

/// A stream, until this is dropped.
struct Open(Arc<watch::Sender<usize>>);

impl Open {
    fn new(streams: Arc<watch::Sender<usize>>) -> Self {
        streams.send_modify(|streams| *streams += 1);
        Self(streams)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|streams| *streams -= 1);
    }
}

impl Streams {
    /// Waits until there was no stream for a time: `first` from now on, `then` after each stream.
    async fn idle(&self, first: Duration, then: Duration) {
        let (mut seen, mut within) = (self.0.subscribe(), first);
        loop {
            let busy = *seen.borrow_and_update() > 0;
            // The sender lives in `self`, so waiting cannot fail.
            if busy {
                let _ = seen.changed().await;
            } else if timeout(within, seen.changed()).await.is_err() {
                return;
            }
            within = then;
        }
    }
}
