//! Servers on free ports.

use std::net::SocketAddr;

use tokio::task::JoinHandle;
use wsframe::{Options, Server, ServerHandle, Session};

use crate::{Client, Probe, Watch, soon};

/// A server that runs; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Its handle.
    pub handle: ServerHandle,
    task: JoinHandle<()>,
}

impl Running {
    /// Shuts down and waits until every connection and the server itself are gone.
    pub async fn stop(mut self) {
        self.handle.shutdown();
        soon("the server to stop", &mut self.task).await.expect("the server does not panic");
        assert_eq!(self.handle.connections(), 0, "connections are left");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs `server` on a free port of the loopback.
///
/// # Panics
///
/// If it does not start.
pub async fn serve(server: Server) -> Running {
    let bound = server.bind("127.0.0.1:0").await.expect("the server starts");
    let (addr, handle) = (bound.local_addr(), bound.handle());
    Running { addr, handle, task: tokio::spawn(bound.run()) }
}

/// A server with a [`Probe`] at `/probe` that does not run yet, and what the probe tells.
pub fn probe() -> (Server, Watch) {
    let (probe, watch) = Watch::new();
    (Server::new().without_link_time().endpoint::<Probe>().state(probe), watch)
}

/// A server with a [`Probe`] at `/probe`, and what it tells.
pub async fn probed(options: impl FnOnce(Options) -> Options) -> (Running, Watch) {
    let (server, watch) = probe();
    (serve(server.configure::<Probe>(options)).await, watch)
}

/// A client of the probe's server, and its session there.
///
/// # Panics
///
/// If the server does not let it in.
pub async fn enter(server: &Running, watch: &mut Watch) -> (Client, Session) {
    let client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    (client, session)
}
