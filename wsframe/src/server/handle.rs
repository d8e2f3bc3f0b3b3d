//! The handle of a server.

use std::{fmt, sync::Arc};

use super::{container::Core, shutdown::Phase};
use crate::{
    message::{Close, CloseCode, CloseReason, Initiator, Message},
    session::{Delivered, Session, fan_out},
};

/// A handle of a server: for other tasks, and from before it starts until after it stopped.
///
/// ```
/// use wsframe::Server;
///
/// let server = Server::new();
/// let handle = server.handle();
/// assert!(handle.sessions().is_empty());
/// handle.shutdown(); // whenever the server starts, it stops at once
/// ```
#[derive(Clone)]
pub struct ServerHandle(pub(super) Arc<Core>);

impl ServerHandle {
    /// Starts the shutdown: no new connections; every session is closed with 1001; handlers and
    /// `on_close` finish, within 30 s in all. It only starts; [`stopped`](Self::stopped) waits.
    pub fn shutdown(&self) {
        self.0.phases.advance(Phase::Draining);
        self.0.directory.close_all(&Close::new(CloseCode::GOING_AWAY, "server shuts down"));
    }

    /// Cuts what is left.
    pub(super) fn stop(&self) {
        self.shutdown();
        for session in self.0.directory.sessions_left() {
            session.kill(CloseReason::new(
                CloseCode::GOING_AWAY,
                "server stopped",
                Initiator::Local,
                false,
            ));
        }
        self.0.phases.advance(Phase::Stopped);
    }

    /// Waits until the server has stopped.
    ///
    /// # Cancel safety
    ///
    /// Waiting changes nothing; it can be given up at any time.
    pub async fn stopped(&self) {
        self.0.phases.reached(Phase::Stopped).await;
    }

    /// The sessions that are open now.
    #[doc(alias = "getOpenSessions")]
    pub fn sessions(&self) -> Vec<Session> {
        self.0.directory.sessions()
    }

    /// Sends a message to every open session of the server. It never waits: a session whose outbox
    /// is full is treated as its endpoint's `overflow` says.
    ///
    /// ```
    /// # let handle = wsframe::Server::new().handle();
    /// let delivered = handle.broadcast("maintenance in five minutes");
    /// assert_eq!(delivered.queued, 0); // nobody is there
    /// ```
    pub fn broadcast(&self, message: impl Into<Message>) -> Delivered {
        fan_out(message.into(), &self.sessions())
    }

    /// How many connections there are, including those that are still in their handshake or in
    /// their `on_close`.
    pub fn connections(&self) -> usize {
        self.0.directory.taken()
    }
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandle").field("connections", &self.connections()).finish()
    }
}
