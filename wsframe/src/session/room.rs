//! Rooms, as applications see them.

use std::{fmt, sync::Arc};

use super::{Session, slow_reader};
use crate::{
    codec::IntoMessage,
    message::{Close, Error, Message},
    outbox::{Frame, Offered},
    room::{Delivered, Member, Space},
    telemetry,
};

/// The longest name of a room, in bytes.
const MAX_NAME: usize = 256;

/// Rooms that one session may be in.
const MAX_ROOMS: usize = 1024;

/// A room: a name, and the sessions that have joined it.
///
/// Rooms belong to an endpoint: [`Session::room`] and
/// [`ServerHandle::room`](crate::ServerHandle::room) mean those of one endpoint type,
/// [`Session::shared_room`] a separate set for the whole server. A room needs no making and no
/// removing: it is there while somebody is in it.
///
/// Sending to a room never waits for a member: a full outbox is met with the endpoint's
/// [`Overflow`](crate::Overflow), so one that never reads ends with 1013 or loses messages, and the
/// others notice nothing. All members see the messages of a room in one order; a message is encoded
/// once for all.
///
/// A name is any text of at most 256 bytes, the empty one too, compared byte by byte. It may come
/// from a stranger: what the framework reports of it is escaped. A session is in at most 1,024 rooms,
/// those of its endpoint and shared ones together. Only joining checks this; a room of a longer name
/// has no members.
///
/// ```no_run
/// use wsframe::prelude::*;
///
/// #[server_endpoint("/draw/<board>")]
/// struct Board {
///     board: String,
/// }
///
/// impl Board {
///     #[on_open]
///     async fn enter(&mut self, session: &Session) -> wsframe::Result {
///         session.join(&self.board).await?;
///         Ok(())
///     }
///
///     #[on_message]
///     async fn stroke(&mut self, stroke: Bytes, session: &Session) {
///         session.room(&self.board).send_except(stroke, session).await;
///     }
/// }
/// ```
#[derive(Clone)]
#[doc(alias = "channel")]
#[doc(alias = "topic")]
#[doc(alias = "SimpMessagingTemplate")]
pub struct Room {
    space: Arc<Space<Session>>,
    name: Arc<str>,
}

/// Why a session did not join a room.
///
/// Returned from a handler with `?`, `Closed` ends the handler quietly; the others are errors as any.
///
/// ```
/// use wsframe::{JoinError, Session};
///
/// async fn enter(session: &Session, room: &str) -> Result<&'static str, JoinError> {
///     match session.join(room).await {
///         Err(JoinError::NameTooLong | JoinError::TooManyRooms) => Ok("no such room"),
///         joined => joined.map(|()| "welcome"),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The session is closing or closed.
    #[error("the session is closed")]
    Closed,
    /// The name has more than 256 bytes.
    #[error("the name of the room is longer than 256 bytes")]
    NameTooLong,
    /// The session is in 1,024 rooms already.
    #[error("the session is in 1024 rooms already")]
    TooManyRooms,
}

impl Room {
    pub(crate) fn new(space: Arc<Space<Session>>, name: &str) -> Self {
        Self { space, name: name.into() }
    }

    /// The room's name. It may come from a stranger: escape it where it is shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a session. Nothing happens if it is in the room already.
    ///
    /// When this returns, whatever is sent to the room reaches the session. It leaves by itself
    /// when its connection ends, before `on_close`.
    ///
    /// # Errors
    ///
    /// [`JoinError`]: the session is closing or closed, the name has more than 256 bytes, or the
    /// session is in 1,024 rooms already.
    ///
    /// # Cancel safety
    ///
    /// The session has joined or not; nothing in between.
    #[doc(alias = "socketsJoin")]
    pub async fn join(&self, session: &Session) -> Result<(), JoinError> {
        // Nothing to wait for on one node; with several, one of them may have to confirm.
        session.enter(self)
    }

    /// Takes a session out. When this returns, nothing that is sent to the room reaches it.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the session is out; what is waited for is a message that is being sent.
    #[doc(alias = "socketsLeave")]
    pub async fn leave(&self, session: &Session) {
        if session.exit(self) {
            self.space.settle(&self.name).await;
        }
    }

    /// Sends a message to every member. A full outbox is met with the endpoint's `overflow`.
    ///
    /// A value that does not become a message is logged and reaches nobody.
    ///
    /// # Cancel safety
    ///
    /// Given up half-way, some members have got the message and others have not.
    ///
    /// ```
    /// async fn announce(room: &wsframe::Room) {
    ///     let delivered = room.send("a new round").await;
    ///     println!("{} of {} know", delivered.queued, room.members().len());
    /// }
    /// ```
    #[doc(alias = "broadcast")]
    #[doc(alias = "convertAndSend")]
    #[doc(alias = "SendTo")]
    #[doc(alias = "emit")]
    pub async fn send(&self, message: impl IntoMessage) -> Delivered {
        self.fan_out(message.into_message(), None, None).await
    }

    /// Sends a message to every member but `session`; otherwise as [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// As with [`send`](Self::send).
    pub async fn send_except(&self, message: impl IntoMessage, session: &Session) -> Delivered {
        self.fan_out(message.into_message(), Some(session), None).await
    }

    /// Sends a message that stands for the latest state of `key`: where an earlier one of the same
    /// key still waits in a member's outbox, it takes that one's place. A slow member then skips
    /// states instead of falling behind. Otherwise as [`send`](Self::send).
    ///
    /// Keys are compared byte by byte and not told apart by room: in the outbox of a session that is
    /// in two rooms, messages of one key replace each other. Put the room into the key where that
    /// matters.
    ///
    /// # Cancel safety
    ///
    /// As with [`send`](Self::send).
    ///
    /// ```
    /// async fn moved(map: &wsframe::Room, player: &str, x: i32, y: i32) {
    ///     map.send_latest(player, format!("{player} {x} {y}")).await;
    /// }
    /// ```
    pub async fn send_latest(&self, key: &str, message: impl IntoMessage) -> Delivered {
        let key = Arc::from(key);
        self.fan_out(message.into_message(), None, Some(&key)).await
    }

    async fn fan_out(
        &self,
        message: Result<Message, Error>,
        except: Option<&Session>,
        latest: Option<&Arc<str>>,
    ) -> Delivered {
        match message {
            Ok(message) => {
                self.space.fan_out(&self.name, &Frame::new(message), except, latest).await
            }
            Err(error) => {
                telemetry::not_encoded(&self.name, &*error);
                Delivered::default()
            }
        }
    }

    /// The open sessions that are in the room now, in no order. They may be members no more when
    /// this returns.
    ///
    /// ```
    /// use wsframe::{Room, Session};
    ///
    /// #[derive(Clone)]
    /// struct Nick(String);
    ///
    /// fn who(room: &Room) -> Vec<String> {
    ///     room.members().iter().filter_map(Session::get::<Nick>).map(|nick| nick.0).collect()
    /// }
    /// ```
    #[doc(alias = "fetchSockets")]
    pub fn members(&self) -> Vec<Session> {
        let members = self.space.members(&self.name);
        members.iter().filter(|session| session.is_open()).cloned().collect()
    }

    /// Closes every member. It only starts, as [`Session::close`] does.
    ///
    /// ```
    /// # fn example(room: &wsframe::Room) {
    /// room.close(&wsframe::Close::new(4000, "the game is over"));
    /// # }
    /// ```
    #[doc(alias = "disconnectSockets")]
    pub fn close(&self, close: &Close) {
        for session in self.members() {
            session.close(close.clone());
        }
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.space, &other.space) && self.name == other.name
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Room").field(&self.name).finish()
    }
}

impl Member for Session {
    fn is(&self, other: &Self) -> bool {
        self == other
    }

    fn offer(&self, frame: &Frame, latest: Option<&Arc<str>>) -> Offered {
        let offered = self.outbox().offer(frame, latest, self.settings());
        if offered == Offered::Overflow {
            // A close frame behind the full queue would not be read.
            self.kill(slow_reader());
        }
        self.touch_if_idle_matters();
        offered
    }
}

impl Session {
    /// Joins a room of this endpoint; see [`Room::join`].
    ///
    /// ```
    /// # async fn example(session: &wsframe::Session) -> wsframe::Result {
    /// session.join("red").await?;
    /// assert!(session.rooms().contains(&"red".to_owned()));
    /// session.leave("red").await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As with [`Room::join`].
    ///
    /// # Cancel safety
    ///
    /// As with [`Room::join`].
    #[doc(alias = "SubscribeMapping")]
    #[doc(alias = "subscribe")]
    pub async fn join(&self, name: impl AsRef<str>) -> Result<(), JoinError> {
        self.room(name).join(self).await
    }

    /// Leaves a room of this endpoint; see [`Room::leave`].
    ///
    /// # Cancel safety
    ///
    /// As with [`Room::leave`].
    #[doc(alias = "unsubscribe")]
    pub async fn leave(&self, name: impl AsRef<str>) {
        self.room(name).leave(self).await;
    }

    /// A room of this endpoint, whether this session is in it or not. Its members are reached from
    /// `on_close` as well, where this session has left it.
    pub fn room(&self, name: impl AsRef<str>) -> Room {
        Room::new(self.home().rooms.clone(), name.as_ref())
    }

    /// A room of the whole server, shared by all its endpoints.
    ///
    /// ```
    /// # async fn example(session: &wsframe::Session) -> wsframe::Result {
    /// let lobby = session.shared_room("lobby");
    /// lobby.join(session).await?;
    /// lobby.send_except("somebody is here", session).await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn shared_room(&self, name: impl AsRef<str>) -> Room {
        Room::new(self.directory().shared_rooms().clone(), name.as_ref())
    }

    /// The names of the rooms that this session is in, shared ones included, in no order; in
    /// `on_close`, those that it was in.
    pub fn rooms(&self) -> Vec<String> {
        let extra = self.extra();
        let rooms = extra.as_ref().map(|extra| &extra.rooms[..]).unwrap_or_default();
        rooms.iter().map(|room| room.name().to_owned()).collect()
    }

    fn enter(&self, room: &Room) -> Result<(), JoinError> {
        if room.name.len() > MAX_NAME {
            return Err(JoinError::NameTooLong);
        }
        let mut extra = self.extra();
        let extra = extra.get_or_insert_default();
        if extra.ended.is_some() || !self.is_open() {
            return Err(JoinError::Closed);
        }
        if extra.rooms.iter().any(|known| known.is(room)) {
            return Ok(());
        }
        if extra.rooms.len() >= MAX_ROOMS {
            return Err(JoinError::TooManyRooms);
        }
        // Under the lock, so that the end of the session finds all that there is to leave.
        room.space.join(&room.name, self.clone());
        extra.rooms.push(room.clone());
        Ok(())
    }

    /// Whether the session was in the room.
    fn exit(&self, room: &Room) -> bool {
        let mut extra = self.extra();
        let Some(extra) = extra.as_mut().filter(|extra| extra.ended.is_none()) else {
            return false;
        };
        let Some(at) = extra.rooms.iter().position(|known| known.is(room)) else { return false };
        extra.rooms.swap_remove(at);
        room.space.leave(&room.name, self);
        true
    }

    /// The session has ended: it leaves every room, and keeps the names for `on_close`.
    pub(super) fn exit_all(&self, rooms: &[Room]) {
        for room in rooms {
            room.space.leave(&room.name, self);
        }
    }
}
