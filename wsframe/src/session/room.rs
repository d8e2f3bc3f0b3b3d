//! Rooms, as applications see them.

use std::{collections::BTreeSet, fmt, sync::Arc};

use super::{Session, slow_reader};
use crate::{
    codec::IntoMessage,
    message::{Close, Error, Message},
    outbox::{Frame, Offered},
    room::{Cast, Delivered, Group, Member, Space},
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
///     board: Room, // the room of that name, joined before `on_open`
/// }
///
/// impl Board {
///     #[on_message]
///     async fn stroke(&mut self, stroke: Bytes, session: &Session) {
///         self.board.send_except(stroke, session).await;
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
    /// The session has joined or not; nothing in between. What is waited for is a message that is
    /// being sent to the room.
    #[doc(alias = "socketsJoin")]
    pub async fn join(&self, session: &Session) -> Result<(), JoinError> {
        loop {
            let group = self.space.group(&self.name);
            // While no message is on its way to the members: what is kept goes before it.
            let _turn = match &group {
                Some(group) => Some(group.turn().await),
                None => None,
            };
            if let Some(kept) = session.enter(self, group.as_ref())? {
                session.catch_up(&kept);
                return Ok(());
            }
        }
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
        self.fan_out(message.into_message(), Cast::default()).await
    }

    /// Sends a message to every member but `session`; otherwise as [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// As with [`send`](Self::send).
    pub async fn send_except(&self, message: impl IntoMessage, session: &Session) -> Delivered {
        let cast = Cast { except: Some(session), ..Cast::default() };
        self.fan_out(message.into_message(), cast).await
    }

    /// Sends a message that stands for the latest state of `key`: where an earlier one of the same
    /// key still waits in a member's outbox, it takes that one's place. A slow member then skips
    /// states instead of falling behind. Keys of different rooms are different. Otherwise as
    /// [`send`](Self::send).
    ///
    /// ```
    /// async fn moved(map: &wsframe::Room, player: &str, x: i32, y: i32) {
    ///     map.send_latest(player, format!("{player} {x} {y}")).await;
    /// }
    /// ```
    pub async fn send_latest(&self, key: &str, message: impl IntoMessage) -> Delivered {
        // An outbox knows no rooms: what tells them apart is part of its key.
        let key = Arc::from(format!("{:p} {}\n{key}", Arc::as_ptr(&self.space), self.name));
        let cast = Cast { latest: Some(&key), ..Cast::default() };
        self.fan_out(message.into_message(), cast).await
    }

    /// Sends a message and keeps it, with up to `keep` of the last such messages: whoever joins
    /// later gets them first, in order, none missing and none twice. Otherwise as
    /// [`send`](Self::send).
    ///
    /// A room keeps 1 MiB at most, and nothing once nobody is in it any more. Who joins gets as many
    /// of the last ones as fill half of its outbox.
    ///
    /// ```
    /// # async fn example(room: &wsframe::Room) {
    /// // Late comers see the last fifty lines.
    /// room.send_kept(50, "ann: hello").await;
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// As with [`send`](Self::send); given up while it waits for another message, it is not kept.
    pub async fn send_kept(&self, keep: usize, message: impl IntoMessage) -> Delivered {
        self.fan_out(message.into_message(), Cast { keep, ..Cast::default() }).await
    }

    async fn fan_out(&self, message: Result<Message, Error>, cast: Cast<'_, Session>) -> Delivered {
        match message {
            Ok(message) => self.space.fan_out(&self.name, &Frame::new(message), cast).await,
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

    /// The ids of the principals in the room, in order, each once: who is here, however many
    /// connections somebody has. Sessions without a principal are passed over.
    ///
    /// ```
    /// # async fn example(room: &wsframe::Room) {
    /// room.send(format!("here: {}", room.user_ids().join(", "))).await;
    /// # }
    /// ```
    pub fn user_ids(&self) -> Vec<String> {
        let members = self.members();
        let principals = members.iter().filter_map(Session::principal);
        let ids: BTreeSet<String> = principals.map(|who| who.id().to_owned()).collect();
        ids.into_iter().collect()
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

    /// Whether a session that is in `rooms` rooms may join this one.
    pub(crate) fn admit(&self, rooms: usize) -> Result<(), JoinError> {
        if self.name.len() > MAX_NAME {
            return Err(JoinError::NameTooLong);
        }
        if rooms >= MAX_ROOMS {
            return Err(JoinError::TooManyRooms);
        }
        Ok(())
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
        if matches!(offered, Offered::Displaced | Offered::Dropped | Offered::Overflow) {
            telemetry::count::dropped();
        }
        if offered == Offered::Overflow {
            telemetry::count::slow_consumer_close();
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

    /// Joins in the turn of the room's group, and answers what is kept for the new member; `None` if
    /// the group is another one by now.
    fn enter(
        &self,
        room: &Room,
        group: Option<&Arc<Group<Self>>>,
    ) -> Result<Option<Vec<Frame>>, JoinError> {
        let mut extra = self.extra();
        let extra = extra.get_or_insert_default();
        if extra.ended.is_some() || !self.is_open() {
            return Err(JoinError::Closed);
        }
        if extra.rooms.iter().any(|known| known.is(room)) {
            return Ok(Some(Vec::new()));
        }
        room.admit(extra.rooms.len())?;
        // Under the lock, so that the end of the session finds all that there is to leave.
        let kept = room.space.join_in_turn(&room.name, self.clone(), group);
        if kept.is_some() {
            extra.rooms.push(room.clone());
        }
        Ok(kept)
    }

    /// Offers what a room has kept: as many of the last messages as leave half of the outbox free.
    fn catch_up(&self, kept: &[Frame]) {
        let limits = self.settings();
        let mut bytes = 0;
        let fits = |frame: &&Frame| {
            bytes += frame.len();
            bytes <= limits.outbox / 2
        };
        let last = kept.iter().rev().take(limits.outbox_messages / 2).take_while(fits).count();
        for frame in &kept[kept.len() - last..] {
            self.offer(frame, None);
        }
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
