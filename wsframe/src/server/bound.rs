//! A server that listens.

use std::{fmt, net::SocketAddr, pin::pin, sync::Arc};

use tokio::net::TcpListener;

use super::{
    HttpService, Limits, ServerHandle, container::Container, http, listener, seated::Seated,
    shutdown::Phase,
};
use crate::limits::server::REFUSED_AT_A_TIME;

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
}

impl Bound {
    pub(super) fn new(
        container: Arc<Container>,
        service: HttpService,
        listener: TcpListener,
        address: SocketAddr,
        limits: Limits,
    ) -> Self {
        Self { container, service, listener, address, limits }
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

    /// Serves until [`ServerHandle::shutdown`]; then waits for the sessions to end, at most for
    /// the grace time. Signals are left to the caller.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the server at once: every connection is cut.
    pub async fn run(self) {
        let core = &self.container.core;
        let _stop = Stop(self.handle());
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
        let _ = tokio::time::timeout(self.limits.grace, core.directory.emptied()).await;
    }

    /// Serves one accepted socket, or refuses it: with an answer as long as few are to be refused
    /// at a time, and without one beyond. What is refused here reaches no layer.
    fn take(&self, tcp: tokio::net::TcpStream, peer: SocketAddr) {
        let core = &self.container.core;
        let limit = self.limits.connections;
        let (seat, service) = match core.directory.sit(limit) {
            Some(seat) => (seat, Some(self.service.clone())),
            None => match core.directory.sit(limit.saturating_add(REFUSED_AT_A_TIME)) {
                Some(seat) => (seat, None),
                None => return,
            },
        };
        let socket = Seated::new(tcp, seat);
        let head_timeout = self.limits.head_timeout;
        tokio::spawn(http::serve(service, core.clone(), socket, Some(peer), head_timeout));
    }
}

/// Ends everything that is still there.
struct Stop(ServerHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
