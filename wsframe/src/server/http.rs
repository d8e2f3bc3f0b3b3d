//! One HTTP/1.1 connection, until it is upgraded or over.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc};

use http::{Extensions, Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    Body, HttpService, PeerAddr,
    container::Core,
    limits::Limits,
    proxies::{Proxied, Proxies},
    service::refused,
    shutdown::Phase,
};
use crate::handshake::Refusal;

/// A request with what is known of the connection that it came on.
pub(super) fn dressed(
    request: Request<Incoming>,
    secured: Extensions,
    peer: Option<SocketAddr>,
    proxies: Option<&Proxies>,
) -> Request<Body> {
    let client = proxies.and_then(|proxies| proxies.client(request.headers()));
    let mut request = request.map(Body::new);
    request.extensions_mut().extend(secured);
    if client.is_some() {
        request.extensions_mut().insert(Proxied);
    }
    if let Some(peer) = client.or(peer) {
        request.extensions_mut().insert(PeerAddr(peer));
    }
    request
}

/// Serves HTTP on `socket`, with `service`, or with refusals where the server does not take the
/// connection. Where `proxies` are given, the peer is one of them; what is said of a `secured` connection
/// goes along with each request. Every head has `head_timeout`, the first one from now on, so that a peer
/// which sends nothing is bounded as well.
pub(super) async fn serve<S>(
    service: Result<HttpService, Refusal>,
    core: Arc<Core>,
    socket: S,
    peer: Option<SocketAddr>,
    proxies: Option<Arc<Proxies>>,
    limits: Limits,
    secured: Extensions,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let service = service.clone();
        let secured = secured.clone();
        let proxies = proxies.clone();
        async move {
            let service = match service {
                Ok(service) => service,
                Err(refusal) => {
                    return Ok::<_, Infallible>(refused(refusal, request.version()));
                }
            };
            Ok(service.answer(dressed(request, secured, peer, proxies.as_deref())).await)
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_headers(limits.headers)
        .max_buf_size(limits.head_size)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    // The phases come first: a response that always has more would use up the task's budget with
    // every poll, and leave none to notice a shutdown.
    tokio::select! {
        biased;
        () = core.phases.reached(Phase::Draining) => connection.as_mut().graceful_shutdown(),
        // An error here is the peer's: a malformed head that hyper answered, a timeout, a reset.
        _ = connection.as_mut() => return,
    }
    tokio::select! {
        biased;
        () = core.phases.reached(Phase::Stopped) => {}
        _ = connection.as_mut() => {}
    }
}
