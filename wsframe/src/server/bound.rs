//! A server that listens.

use std::{fmt, net::SocketAddr, pin::pin, sync::Arc};

use http::Extensions;
use tokio::net::{TcpListener, TcpStream};

use super::{
    HttpService, ServerHandle,
    before::Before,
    container::Container,
    drain::{self, OnStop},
    health, http1,
    limits::Limits,
    listener, pressure,
    proxies::{Forwarding, Proxies},
    seated::Seated,
    serving::Serving,
    shutdown::Phase,
};
#[cfg(feature = "tls")]
use crate::tls::ServerTls;
use crate::{
    handshake::Refusal,
    limits::server::{REFUSED_AT_A_TIME, RETRY_AFTER},
    session::Seat,
    telemetry,
};

/// A server that listens and does not serve yet.
///
/// ```no_run
/// # async fn main_() -> Result<(), wsframe::StartupError> {
/// let bound = wsframe::Server::new().bind("127.0.0.1:0").await?;
/// println!("listening on {}", bound.local_addr());
/// let handle = bound.handle();
/// tokio::spawn(bound.run());
/// handle.shutdown();
/// handle.stopped().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a server does nothing until it runs"]
pub struct Bound {
    container: Arc<Container>,
    service: HttpService,
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
    /// One clone for each connection that is being refused.
    refused: Arc<()>,
    on_stop: Hooked,
    health: Option<TcpListener>,
    proxies: Option<Arc<Proxies>>,
    operated: Vec<(&'static str, String)>,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
}

/// What runs at the end.
struct Hooked(Vec<OnStop>);

impl fmt::Debug for Hooked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hooked").field(&self.0.len()).finish()
    }
}

impl Bound {
    pub(super) fn new(
        container: Arc<Container>,
        service: HttpService,
        listener: TcpListener,
        address: SocketAddr,
        limits: Limits,
        on_stop: Vec<OnStop>,
    ) -> Self {
        let refused = Arc::default();
        let on_stop = Hooked(on_stop);
        Self {
            container,
            service,
            listener,
            address,
            limits,
            refused,
            on_stop,
            health: None,
            proxies: None,
            operated: Vec::new(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// What is spoken here.
    pub(super) fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return "https";
        }
        "http"
    }

    #[cfg(feature = "tls")]
    pub(super) fn secured(mut self, tls: Option<ServerTls>) -> Self {
        self.tls = tls;
        self
    }

    pub(super) fn behind(mut self, proxies: Option<Proxies>) -> Self {
        self.proxies = proxies.map(Arc::new);
        self
    }

    /// What the operator has set, and where.
    pub(super) fn operated(mut self, operated: Vec<(&'static str, String)>) -> Self {
        self.operated = operated;
        self
    }

    pub(super) fn and_health(mut self, listener: Option<TcpListener>) -> Self {
        self.health = listener;
        self
    }

    /// The address on which it is told how the server is, if there is one for that alone.
    pub fn health_addr(&self) -> Option<SocketAddr> {
        self.health.as_ref()?.local_addr().ok()
    }

    /// The address that is listened on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// A handle of the server.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle(self.container.core.clone())
    }

    /// The table of endpoints as they are now: path, struct, crate, place, options with their
    /// source.
    pub fn table(&self) -> impl fmt::Display {
        self.container.site.table().to_string()
    }

    /// The limits of the server as a whole, a line for each: name, value, and who has set it: nobody
    /// (`default`), the program (`server`), or a [`Config`](super::Config) (its place).
    ///
    /// ```
    /// # #[wsframe::server_endpoint("/limits")]
    /// # struct Any;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), wsframe::StartupError> {
    /// let server = wsframe::Server::new().only::<Any>().max_connections_per_address(50);
    /// let limits = server.bind("127.0.0.1:0").await?.limits().to_string();
    /// assert!(limits.contains("max_connections = 10000 (default)"));
    /// assert!(limits.contains("max_connections_per_address = 50 (server)"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn limits(&self) -> impl fmt::Display {
        self.limits.shown(&self.operated)
    }

    /// Serves until [`ServerHandle::shutdown`]; then waits for the sessions to end, at most for
    /// the grace time. Signals are left to the caller.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the server at once: every connection is cut.
    pub async fn run(mut self) {
        let core = &self.container.core.clone();
        let stop = Stop(self.handle());
        if let Some(listener) = self.health.take() {
            tokio::spawn(health::serve(listener, core.clone()));
        }
        {
            let mut draining = pin!(core.phases.reached(Phase::Draining));
            loop {
                tokio::select! {
                    biased;
                    () = draining.as_mut() => break,
                    (tcp, peer) = listener::accept(&self.listener) => self.take(tcp, peer),
                }
            }
        }
        drop(self.listener);
        if tokio::time::timeout(self.limits.grace, core.directory.emptied()).await.is_err() {
            stop.0.cut();
        }
        drain::run_stop_hooks(self.on_stop.0, &stop.0).await;
    }

    /// Serves one accepted socket, or refuses it: with an answer as long as few are to be refused
    /// at a time, and without one beyond. What is refused here reaches no layer.
    fn take(&self, tcp: TcpStream, peer: SocketAddr) {
        let proxies = self.proxies.clone().filter(|proxies| proxies.trust(peer.ip()));
        let limit = self.limits.per_address.filter(|_| proxies.is_none());
        let Some((seat, service)) = self.seat(peer, limit) else { return };
        let announced = proxies.as_ref().is_some_and(|p| p.forwarding == Forwarding::ProxyProtocol);
        let something_first = announced || self.limits.http2;
        #[cfg(feature = "tls")]
        let something_first = something_first || self.tls.is_some();
        let serving = Serving {
            service,
            core: self.container.core.clone(),
            limits: self.limits,
            peer: Some(peer),
            proxies,
            known: Extensions::new(),
        };
        if something_first {
            let before = Before {
                tcp,
                seat,
                serving,
                #[cfg(feature = "tls")]
                tls: self.tls.clone(),
            };
            tokio::spawn(before.serve());
        } else {
            tokio::spawn(http1::serve(serving, Seated::new(tcp, seat)));
        }
    }

    /// A seat for a connection, and what is to serve it; `None` where not even a refusal may be sent.
    fn seat(
        &self,
        peer: SocketAddr,
        per_address: Option<usize>,
    ) -> Option<(Seat, Result<HttpService, Refusal>)> {
        let core = &self.container.core;
        let directory = &core.directory;
        let Some(mut seat) = directory.sit(self.limits.connections) else {
            return self.refuse(peer, pressure::unavailable());
        };
        if self.limits.connection_rate.is_some_and(|rate| !core.arrivals.pass(rate)) {
            return self.refuse(peer, pressure::unavailable());
        }
        if let Some(limit) = per_address {
            let Some(resident) = directory.addresses().enter(peer.ip(), limit) else {
                return self.refuse(peer, Refusal::too_many_requests(RETRY_AFTER));
            };
            seat.reside(resident);
        }
        Some((seat, Ok(self.service.clone())))
    }

    /// A connection that is refused has a seat as well, for as long as its head may take. These are
    /// few, so that they do not take the place of others.
    fn refuse(
        &self,
        peer: SocketAddr,
        refusal: Refusal,
    ) -> Option<(Seat, Result<HttpService, Refusal>)> {
        if Arc::strong_count(&self.refused) > REFUSED_AT_A_TIME {
            return None;
        }
        telemetry::refused("(connection)", Some(peer), refusal.status().as_u16(), refusal.body());
        let mut seat = self.container.core.directory.sit(usize::MAX)?;
        seat.count_in(self.refused.clone());
        Some((seat, Err(refusal)))
    }
}

/// Ends everything that is still there.
struct Stop(ServerHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
