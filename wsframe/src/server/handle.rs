//! The handle of a server.

use std::{any::TypeId, fmt, sync::Arc};

use super::{container::Core, shutdown::Phase};
use crate::{
    codec::IntoMessage,
    outbox::Frame,
    room::{Cast, fan_out},
    session::{Delivered, Room, Session, SessionId, User},
    telemetry,
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
#[doc(alias = "ServerContainer")]
#[doc(alias = "getContainer")]
pub struct ServerHandle(pub(super) Arc<Core>);

impl ServerHandle {
    /// Waits until the server has stopped; for ever, if it never starts.
    ///
    /// # Cancel safety
    ///
    /// Waiting changes nothing; it can be given up at any time.
    pub async fn stopped(&self) {
        self.0.phases.reached(Phase::Stopped).await;
    }

    /// The sessions that are open now, of all endpoints, in no order.
    #[doc(alias = "getOpenSessions")]
    #[doc(alias = "fetchSockets")]
    pub fn sessions(&self) -> Vec<Session> {
        self.0.directory.sessions()
    }

    /// Sends a message to every open session of the server. It never waits: a session whose outbox
    /// is full is treated as its endpoint's `overflow` says.
    ///
    /// ```
    /// # async fn example(handle: &wsframe::ServerHandle) {
    /// let delivered = handle.broadcast("maintenance in five minutes").await;
    /// println!("{} sessions know", delivered.queued);
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Given up half-way, some sessions have got the message and others have not.
    #[doc(alias = "emit")]
    pub async fn broadcast(&self, message: impl IntoMessage) -> Delivered {
        match message.into_message() {
            Ok(message) => fan_out(&self.sessions(), &Frame::new(message), Cast::default()).await,
            Err(error) => {
                telemetry::not_encoded("(everybody)", &*error);
                Delivered::default()
            }
        }
    }

    /// A room of one endpoint type; what [`Session::room`] is to its handlers.
    ///
    /// ```
    /// # struct Ticker;
    /// # async fn example(handle: &wsframe::ServerHandle) {
    /// handle.room::<Ticker>("ACME").send("12.5").await;
    /// # }
    /// ```
    #[doc(alias = "to")]
    pub fn room<E: 'static>(&self, name: impl AsRef<str>) -> Room {
        Room::new(self.0.directory.rooms(TypeId::of::<E>()), name.as_ref())
    }

    /// A room of the whole server, shared by all its endpoints; see [`Session::shared_room`].
    pub fn shared_room(&self, name: impl AsRef<str>) -> Room {
        Room::new(self.0.directory.shared_rooms().clone(), name.as_ref())
    }

    /// All sessions of one principal.
    ///
    /// ```
    /// # use wsframe::Close;
    /// # async fn example(handle: &wsframe::ServerHandle) {
    /// handle.user("bob").send("your order is ready").await;
    /// handle.user("eve").close(&Close::new(4003, "banned"));
    /// # }
    /// ```
    #[doc(alias = "SendToUser")]
    #[doc(alias = "SimpUserRegistry")]
    pub fn user(&self, id: impl AsRef<str>) -> User {
        User(Room::new(self.0.directory.users().clone(), id.as_ref()))
    }

    /// The open session of this id. It looks at all of them: keep a [`Session`] rather than its id
    /// where you can.
    ///
    /// ```
    /// use wsframe::{ServerHandle, SessionId};
    ///
    /// async fn answer(server: &ServerHandle, asked_by: SessionId, text: String) {
    ///     if let Some(session) = server.session(asked_by) {
    ///         let _ = session.send(text).await;
    ///     }
    /// }
    /// ```
    pub fn session(&self, id: SessionId) -> Option<Session> {
        self.sessions().into_iter().find(|session| session.id() == id)
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
