//! The accept loop.

use std::{io, net::SocketAddr, time::Duration};

use tokio::net::{TcpListener, TcpStream};

use crate::telemetry;

/// How long to wait before the next attempt when there are no descriptors left: doubled from the
/// first to the second while it lasts.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Accepts the next connection. Errors of a single connection are passed over; where the process
/// or the machine is out of something, it waits, longer each time, and does not spin.
///
/// # Cancel safety
///
/// No connection is lost: one that was accepted is returned at the same poll.
pub(super) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let mut wait = BACK_OFF.0;
    loop {
        match listener.accept().await {
            Ok((tcp, peer)) => {
                // Frames are written whole; waiting for more would only delay them.
                let _ = tcp.set_nodelay(true);
                return (tcp, peer);
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                telemetry::accept_failed(&error);
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(BACK_OFF.1);
            }
        }
    }
}

/// The connection went away before it was accepted; the next one has nothing to do with it.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}
