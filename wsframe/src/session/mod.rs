//! What the application holds of an open connection.

mod addresses;
mod blocking;
mod claim;
mod data;
mod directory;
mod driving;
mod end;
mod error;
mod facts;
mod home;
mod id;
mod own;
mod reader;
mod relief;
mod room;
mod send;
mod signals;
mod strategy;
mod user;
mod work;
mod writer;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU16, AtomicU64},
    },
    task::Waker,
};

pub(crate) use self::{
    addresses::{Addresses, Resident},
    blocking::block_on,
    claim::Claim,
    directory::{Agenda, Directory, Due, Seat},
    facts::Facts,
    home::Home,
    reader::{Cut, Feed},
    relief::relieve,
    send::slow_reader,
    signals::{ALIVE, CLOSING, EVENTS, KILLED, LIMITS, PAUSED, PINGED},
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
use crate::{
    message::{Close, CloseReason},
    outbox::{Outbox, Writer},
};
pub use crate::{outbox::Unsent, room::Delivered};

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
            let mut outbox = Outbox::new(writer, home.role, directory.budget().clone());
            if let Some(agreed) = facts.deflate() {
                outbox = outbox.compressing(agreed);
            }
            Self(Arc::new(Shared {
                outbox,
                id: SessionId::random(),
                signals: AtomicU8::new(0),
                beat: AtomicU8::new(if idle.is_some() { signals::IDLE } else { 0 }),
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

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    /// Every connection has one, for as long as it lives.
    #[test]
    fn the_allocation_of_a_session_does_not_grow() {
        let session = 2 * size_of::<usize>() + size_of::<Shared>(); // with the counts of the `Arc`
        println!("session {session} bytes, of which the outbox {}", size_of::<Outbox>());
        assert!(session <= 272, "{session}");
    }
}
