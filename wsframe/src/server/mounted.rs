//! A server inside another HTTP server, which owns the listener and its connections.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use tokio::sync::oneshot;

use super::{
    HttpService, Server, ServerHandle, StartupError, container::Container, shutdown::Phase,
    site::Site,
};
use crate::telemetry;

/// The address of the peer, among the extensions of a request.
///
/// A server that listens puts it there, for layers and the fallback to read. Where a server is
/// [mounted](Server::into_service), nobody but its host knows the address; the host or a layer puts
/// it there (axum has it as `ConnectInfo`), and without it
/// [`Handshake::peer`](crate::Handshake::peer) and [`Session::peer`](crate::Session::peer) are
/// `None`.
///
/// Behind a proxy it is the address that the proxy forwards, if
/// [`trusted_proxies`](crate::Server::trusted_proxies) says so; a layer may replace it too.
///
/// ```
/// # let mut request = http::Request::new(());
/// # let address = "192.0.2.1:50000".parse().unwrap();
/// use wsframe::PeerAddr;
///
/// request.extensions_mut().insert(PeerAddr(address));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerAddr(pub SocketAddr);

impl Server {
    /// Checks the endpoints and makes the server a tower service, to be mounted in another HTTP
    /// server: as axum's `fallback_service`, or below a prefix with `nest_service`, which takes the
    /// prefix off the path before the endpoints see it.
    ///
    /// ```no_run
    /// use axum::{Router, routing::get};
    /// use wsframe::Server;
    ///
    /// # async fn main_() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = Server::new();
    /// let handle = server.handle();
    /// let app = Router::new()
    ///     .route("/", get(|| async { "hello" }))
    ///     .nest_service("/ws", server.into_service()?);
    ///
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    /// axum::serve(listener, app)
    ///     .with_graceful_shutdown(async {
    ///         let _ = tokio::signal::ctrl_c().await;
    ///     })
    ///     .await?;
    /// // The host does not know the sessions: they are told through the handle.
    /// handle.shutdown();
    /// handle.stopped().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Requests that are no handshake for an endpoint go to the [`fallback`](Self::fallback), or are
    /// refused without one; [layers](Self::layer) stand around both. The host owns what belongs to
    /// the connection: the deadline of the head and the number of connections.
    /// [`max_connections`](Self::max_connections), per address too,
    /// [`head_timeout`](Self::head_timeout) and the size of the head count for nothing here. The host
    /// has to pass on the extensions of a request, with hyper's upgrade among them, and may add the peer's address as [`PeerAddr`]. It must not turn a 101 into another
    /// answer: hyper would hand over the socket all the same; a [`layer`](Self::layer) of ours may.
    /// Where the host takes WebSockets over HTTP/2 (axum does, with its feature `http2`), so does what is
    /// mounted, with the feature `http2` of this crate; the handshake is a CONNECT then, so the route has
    /// to be one of any method. Its TLS is unknown here: where the host takes it off, list the `origins` that may connect.
    ///
    /// [`ServerHandle::shutdown`] closes the sessions and refuses new handshakes with 503;
    /// [`ServerHandle::stopped`] resolves when the sessions are gone, at the latest after
    /// [`shutdown_grace`](Self::shutdown_grace). Without a shutdown it resolves when all clones of
    /// the service are dropped and the last session has ended: dropping the service cuts nobody.
    ///
    /// # Errors
    ///
    /// All faults of the endpoints together.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with IO and time enabled.
    pub fn into_service(self) -> Result<HttpService, StartupError> {
        let server = self.configured()?;
        let handle = server.handle();
        server.proxies.map_err(StartupError::Proxies)?;
        let site = Site::new(server.scan, server.states).map_err(StartupError::faults)?;
        telemetry::table(&site.table());
        let container = Container::start(site, server.core, server.limits, server.farewell);
        let (mounted, unmounted) = oneshot::channel();
        let service = server.beside.around(&container, Some(mounted), server.health.beside);
        tokio::spawn(look_after(container, handle, unmounted, server.limits.grace));
        Ok(service)
    }
}

/// Sees to the end of a server that no `run` sees to. It keeps the container alive, and with it the
/// heartbeats, also when the host has dropped the service and sessions are left.
async fn look_after(
    container: Arc<Container>,
    handle: ServerHandle,
    unmounted: oneshot::Receiver<Infallible>,
    grace: Duration,
) {
    let core = &container.core;
    let deserted = async {
        let _ = unmounted.await;
        core.directory.emptied().await;
    };
    tokio::select! {
        () = core.phases.reached(Phase::Draining) => {
            let _ = tokio::time::timeout(grace, core.directory.emptied()).await;
        }
        () = deserted => {}
    }
    handle.stop();
}
