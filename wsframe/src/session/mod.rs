//! What the application holds of an open connection.

mod blocking;
mod claim;
mod directory;
mod driving;
mod end;
mod error;
mod facts;
mod home;
mod id;
mod own;
mod reader;
mod room;
mod send;
mod strategy;
mod user;
mod work;
mod writer;

use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU16, AtomicU64},
    },
    task::Waker,
};

use bytes::Bytes;

pub(crate) use self::{
    blocking::block_on,
    claim::Claim,
    directory::{Agenda, Directory, Due, Seat},
    facts::Facts,
    home::Home,
    reader::{Cut, Feed},
    send::slow_reader,
    work::Failed,
};
pub use self::{
    end::Closed,
    error::{SendError, TrySendError},
    facts::Head,
    id::SessionId,
    reader::MessageReader,
    room::{JoinError, Room},
    send::{Flushing, Sending},
    user::{Principal, User},
    work::{Event, TellError},
    writer::{MessageWriter, Piece},
};
pub use crate::room::Delivered;
use crate::{
    codec::IntoMessage,
    message::{Close, CloseReason},
    outbox::{Outbox, Rejection, Writer},
    route::Params,
    wire::Role,
};

/// An open connection, as the application holds it.
///
/// Handlers take it as an argument, `&Session` or `Session`. Clones are cheap and stand for the
/// same connection; they may be kept and used from any task or thread. A session that is kept does
/// not keep the connection open.
///
/// ```no_run
/// use wsframe::prelude::*;
///
/// #[server_endpoint("/countdown")]
/// struct Countdown;
///
/// impl Countdown {
///     #[on_open]
///     async fn start(&mut self, session: Session) {
///         tokio::spawn(async move {
///             for n in (0..3).rev() {
///                 if session.send(n.to_string()).await.is_err() {
///                     return;
///                 }
///             }
///             session.close(Close::normal());
///         });
///     }
/// }
/// ```
#[derive(Clone)]
#[doc(alias = "RemoteEndpoint")]
#[doc(alias = "getAsyncRemote")]
#[doc(alias = "getBasicRemote")]
#[doc(alias = "WebSocketSession")]
pub struct Session(Arc<Shared>);

/// What all clones of a session share.
struct Shared {
    outbox: Outbox,
    id: SessionId,
    /// What the driver has to look at.
    signals: AtomicU8,
    /// Signs of life, for the heartbeat.
    beat: AtomicU8,
    /// Pings in a row after which nothing came.
    unanswered: AtomicU16,
    /// Place in the directory.
    slot: u32,
    /// When the last message went either way, in the directory's milliseconds; kept only where
    /// there is an idle timeout.
    touched: AtomicU64,
    home: Arc<Home>,
    directory: Arc<Directory>,
    facts: Facts,
    /// What most sessions never need.
    extra: Mutex<Option<Box<Extra>>>,
}

/// The rarely used part of a session.
#[derive(Default)]
struct Extra {
    head: Option<Arc<Head>>,
    data: http::Extensions,
    rooms: Vec<Room>,
    work: work::Work,
    own: Option<Box<own::Own>>,
    principal: Option<Principal>,
    claim: Option<Claim>,
    /// When the principal's expiry is to be looked at, in the directory's milliseconds.
    expiry_at: Option<u64>,
    /// The close that we asked for.
    asked: Option<Close>,
    /// Why the connection is to be dropped at once.
    killed: Option<CloseReason>,
    /// How it ended.
    ended: Option<CloseReason>,
    waiting: Vec<Waker>,
}

/// A close frame of ours is queued.
pub(crate) const CLOSING: u8 = 1;
/// The connection is to be dropped without further words.
pub(crate) const KILLED: u8 = 2;
/// The connection has ended.
const ENDED: u8 = 4;
/// Values wait for `on_event`.
pub(crate) const EVENTS: u8 = 8;
/// The endpoint wants ticks.
pub(crate) const TICKS: u8 = 16;
/// The session has set a limit for what it receives.
pub(crate) const LIMITS: u8 = 32;

/// Bytes came in since the last ping.
pub(crate) const ALIVE: u8 = 1;
/// A ping is out.
pub(crate) const PINGED: u8 = 2;
/// We do not read, because a handler is busy.
pub(crate) const PAUSED: u8 = 4;
/// There is an idle timeout, so the time of the last message matters.
const IDLE: u8 = 8;

impl Session {
    /// Registers a new session; the seat becomes its place in the directory.
    pub(crate) fn open(
        seat: Seat,
        facts: Facts,
        head: Option<Head>,
        home: Arc<Home>,
        writer: Writer,
    ) -> Self {
        let idle = home.settings.idle_timeout;
        let extra =
            head.map(|head| Box::new(Extra { head: Some(head.into()), ..Extra::default() }));
        let session = seat.register(|directory, slot| {
            Self(Arc::new(Shared {
                outbox: Outbox::new(writer, Role::Server),
                id: SessionId::random(),
                signals: AtomicU8::new(0),
                beat: AtomicU8::new(if home.settings.idle_timeout.is_some() { IDLE } else { 0 }),
                unanswered: AtomicU16::new(0),
                slot,
                touched: AtomicU64::new(0),
                home,
                directory,
                facts,
                extra: Mutex::new(extra),
            }))
        });
        if idle.is_some() {
            session.touch();
        }
        session
    }

    fn extra(&self) -> MutexGuard<'_, Option<Box<Extra>>> {
        self.0.extra.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- facts

    /// The session's id: 128 random bits, never used twice.
    #[doc(alias = "getId")]
    pub fn id(&self) -> SessionId {
        self.0.id
    }

    /// A parameter of the path, decoded: `room` of `/chat/<room>`.
    #[doc(alias = "PathParam")]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().get(name)
    }

    /// All parameters of the path.
    #[doc(alias = "getPathParameters")]
    pub fn params(&self) -> &Params {
        self.0.facts.params()
    }

    /// The address of the peer, if the transport has one.
    #[doc(alias = "getRemoteAddress")]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.0.facts.peer
    }

    /// The subprotocol that was agreed on.
    #[doc(alias = "getNegotiatedSubprotocol")]
    pub fn subprotocol(&self) -> Option<&str> {
        self.0.facts.subprotocol()
    }

    /// The head of the handshake's request, until `on_open` has finished; then it is let go, so
    /// that an idle session stays small. Keep what you need longer in a field; see [`Head`].
    #[doc(alias = "getRequestURI")]
    #[doc(alias = "getQueryString")]
    #[doc(alias = "getHandshakeHeaders")]
    pub fn head(&self) -> Option<Arc<Head>> {
        self.extra().as_ref()?.head.clone()
    }

    pub(crate) fn drop_head(&self) {
        let mut extra = self.extra();
        if let Some(some) = extra.as_mut() {
            some.head = None;
            if some.is_empty() {
                *extra = None;
            }
        }
    }

    /// All open sessions of the same endpoint, this one included, from `on_open` on; in no order.
    ///
    /// ```
    /// # fn example(session: &wsframe::Session) {
    /// for other in session.peers().iter().filter(|other| *other != session) {
    ///     let _ = other.try_send("somebody is here");
    /// }
    /// # }
    /// ```
    #[doc(alias = "getOpenSessions")]
    pub fn peers(&self) -> Vec<Self> {
        let mut sessions = self.0.directory.sessions();
        sessions.retain(|session| Arc::ptr_eq(&session.0.home, &self.0.home));
        sessions
    }

    // ---- typed data

    /// Attaches a value to the session, one for each type; gives back the one it replaces.
    ///
    /// Data that only the handlers of one connection need belongs into the endpoint's fields.
    ///
    /// ```
    /// # use wsframe::Session;
    /// # fn example(session: &Session) {
    /// #[derive(Clone, Debug, PartialEq)]
    /// struct Score(u32);
    ///
    /// session.insert(Score(7));
    /// assert_eq!(session.get(), Some(Score(7)));
    /// # }
    /// ```
    #[doc(alias = "getUserProperties")]
    #[doc(alias = "getAttributes")]
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) -> Option<T> {
        self.extra().get_or_insert_default().data.insert(value)
    }

    /// A clone of the attached value of this type; also in and after `on_close`.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.extra().as_ref()?.data.get().cloned()
    }

    /// Takes the attached value of this type away.
    pub fn remove<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.extra().as_mut()?.data.remove()
    }

    // ---- sending

    /// Sends one whole message; waits for room in the outbox where a slow peer needs it.
    ///
    /// Any number of tasks may send at a time: messages are atomic and those of one sender arrive
    /// in order. The future is ready when the message is queued; [`flush`](Self::flush) tells when
    /// it is with the kernel.
    ///
    /// If there is no room for 30 s (`send_timeout`), the connection ends: `on_close` gets 1013. The
    /// peer gets no close frame, since it would not read it behind all that waits.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`] if the session is closing or closed, [`SendError::Encode`] if the
    /// value does not become a message.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has either queued the whole message or nothing; it queues at the moment it
    /// becomes ready.
    ///
    /// # Panics
    ///
    /// If it has to wait outside of a tokio runtime with time enabled.
    ///
    /// ```
    /// # use wsframe::{Close, Session};
    /// # async fn example(session: &Session) -> Result<(), wsframe::SendError> {
    /// session.send("text").await?;
    /// session.send(vec![1, 2, 3]).await?; // binary
    /// session.send(wsframe::Json([1, 2, 3])).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "sendText")]
    #[doc(alias = "sendBinary")]
    #[doc(alias = "sendObject")]
    #[doc(alias = "emit")]
    #[doc(alias = "sendMessage")]
    pub fn send(&self, message: impl IntoMessage) -> Sending<'_> {
        Sending::new(self, message.into_message())
    }

    /// Sends one whole message if there is room in the outbox now.
    ///
    /// # Errors
    ///
    /// [`TrySendError::Full`] gives the message back; otherwise as [`send`](Self::send).
    ///
    /// ```
    /// # use wsframe::{Close, Session};
    /// # async fn example(session: &Session) {
    /// use wsframe::TrySendError;
    ///
    /// match session.try_send("tick") {
    ///     Err(TrySendError::Full(_)) => println!("too slow, this one is left out"),
    ///     sent => drop(sent),
    /// }
    /// # }
    /// ```
    #[doc(alias = "volatile")]
    #[doc(alias = "SendHandler")]
    pub fn try_send(&self, message: impl IntoMessage) -> Result<(), TrySendError> {
        let message = message.into_message().map_err(TrySendError::Encode)?;
        self.touch_if_idle_matters();
        self.0.outbox.push(message, self.settings(), None).map_err(|rejected| match rejected.why {
            Rejection::Full => TrySendError::Full(rejected.message),
            Rejection::Closed => TrySendError::Closed,
        })
    }

    /// Waits until everything that was queued before is with the kernel.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`] if the connection ended before.
    ///
    /// # Cancel safety
    ///
    /// Waiting changes nothing; it can be given up at any time.
    ///
    /// ```
    /// # use wsframe::{Close, Session};
    /// # async fn example(session: &Session) -> Result<(), wsframe::SendError> {
    /// session.send("last words").await?;
    /// session.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "flushBatch")]
    #[doc(alias = "setBatchingAllowed")]
    pub fn flush(&self) -> Flushing<'_> {
        Flushing::new(self)
    }

    /// Sends a ping. The peer's answer reaches the endpoint's pong handler, if it has one. The
    /// heartbeat goes on independently.
    ///
    /// What is beyond 125 bytes of the payload is cut off.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`] if the session is closing or closed.
    ///
    /// ```
    /// # use wsframe::{Session, SendError};
    /// # fn example(session: &Session) -> Result<(), SendError> {
    /// session.ping("are you there?")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Specification: RFC 6455 section 5.5.2.
    #[doc(alias = "sendPing")]
    pub fn ping(&self, payload: impl Into<Bytes>) -> Result<(), SendError> {
        let mut payload = payload.into();
        payload.truncate(125);
        if self.0.outbox.ping(&payload) { Ok(()) } else { Err(SendError::Closed) }
    }

    // ---- ending

    /// Starts the closing handshake: what was accepted before is sent, then the close frame;
    /// nothing is accepted after it and no further message is handled. Does nothing if the session
    /// is closing already.
    ///
    /// It only starts; [`closed`](Self::closed) waits.
    ///
    /// ```
    /// # use wsframe::{Close, Session};
    /// # async fn example(session: &Session) {
    /// session.close(Close::new(4001, "good night"));
    /// let reason = session.closed().await;
    /// println!("{reason}, clean: {}", reason.was_clean());
    /// # }
    /// ```
    ///
    /// Specification: RFC 6455 section 7.1.2.
    #[doc(alias = "disconnect")]
    pub fn close(&self, close: Close) {
        let frame = close.clone();
        {
            let mut extra = self.extra();
            let extra = extra.get_or_insert_default();
            if extra.asked.is_some() || extra.ended.is_some() {
                return;
            }
            // Set before the frame goes out: the driver may see the peer's answer at once.
            extra.asked = Some(close);
        }
        if self.0.outbox.close(Some(&frame)) {
            self.signal(CLOSING);
        }
    }

    /// Waits for the end of the connection and tells how it came. Ready at once if it has ended;
    /// `on_close` may still be running then.
    ///
    /// # Cancel safety
    ///
    /// Waiting changes nothing; it can be given up at any time.
    ///
    /// ```
    /// # async fn long_work() {}
    /// # async fn example(session: &wsframe::Session) {
    /// tokio::select! {
    ///     () = long_work() => {}
    ///     reason = session.closed() => println!("nobody waits for it any more: {reason}"),
    /// }
    /// # }
    /// ```
    pub fn closed(&self) -> Closed<'_> {
        Closed::new(self)
    }

    /// Whether messages can be sent: `false` from the moment on in which a close frame is queued
    /// or the connection is lost.
    #[doc(alias = "isOpen")]
    pub fn is_open(&self) -> bool {
        !self.0.outbox.is_closed()
    }

    /// Ends the connection at once, without a close frame: the peer would not read it.
    pub(crate) fn kill(&self, reason: CloseReason) {
        {
            let mut extra = self.extra();
            let extra = extra.get_or_insert_default();
            if extra.killed.is_some() || extra.ended.is_some() {
                return;
            }
            extra.killed = Some(reason);
        }
        self.0.outbox.abandon();
        self.signal(KILLED);
    }
}

impl Extra {
    fn is_empty(&self) -> bool {
        self.head.is_none()
            && self.data.is_empty()
            && self.rooms.is_empty()
            && self.own.is_none()
            && self.work.is_empty()
            && self.principal.is_none()
            && self.asked.is_none()
            && self.killed.is_none()
            && self.ended.is_none()
            && self.waiting.is_empty()
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Session {}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.0.id)
            .field("peer", &self.0.facts.peer)
            .field("open", &self.is_open())
            .finish_non_exhaustive()
    }
}
