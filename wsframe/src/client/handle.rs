//! What is known of an object that dials, and how it is told to stop.

use std::{
    fmt,
    ops::Deref,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::disconnect::Disconnect;
use crate::{message::Close, session::Session};

/// What the task and the handles share, and the connection that has the object.
pub(super) struct Shared<E> {
    link: Link,
    /// The object when a connection has let go of it, until the task takes it.
    returned: Mutex<Option<Box<E>>>,
}

impl<E> Shared<E> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { link: Link::default(), returned: Mutex::new(None) })
    }

    fn returned(&self) -> MutexGuard<'_, Option<Box<E>>> {
        self.returned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn give_back(&self, endpoint: Box<E>) {
        *self.returned() = Some(endpoint);
        self.link.changed.notify_waiters();
    }

    /// The object, when it is back.
    pub(super) async fn take_back(&self) -> Box<E> {
        self.link.until(|| self.returned().take()).await
    }
}

impl<E> Deref for Shared<E> {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.link
    }
}

/// The same for handles, which know nothing of the object.
pub(super) trait Linked: Send + Sync {
    fn link(&self) -> &Link;
}

impl<E: Send> Linked for Shared<E> {
    fn link(&self) -> &Link {
        &self.link
    }
}

/// What is known of the connection, and what is asked for.
#[derive(Default)]
pub(super) struct Link {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    session: Option<Session>,
    /// The close that was asked for: nothing is dialled any more.
    stop: Option<Box<Close>>,
    over: bool,
    last: Option<Disconnect>,
}

impl Link {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session is open; it is closed again if that came too late.
    pub(super) fn opened(&self, session: &Session) {
        let stop = {
            let mut state = self.state();
            state.session = Some(session.clone());
            state.stop.clone()
        };
        if let Some(close) = stop {
            session.close(*close);
        }
        self.changed.notify_waiters();
    }

    /// There is no session any more, or none yet.
    pub(super) fn disconnected(&self, disconnect: &Disconnect) {
        let mut state = self.state();
        state.session = None;
        state.last = Some(disconnect.clone());
    }

    pub(super) fn last(&self) -> Option<Disconnect> {
        self.state().last.clone()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.state().stop.is_some()
    }

    /// Ready when nothing is to be dialled any more.
    pub(super) async fn stopping(&self) {
        self.until(|| self.is_stopping().then_some(())).await;
    }

    fn over(&self) {
        let session = {
            let mut state = self.state();
            state.over = true;
            state.session.take()
        };
        drop(session);
        self.changed.notify_waiters();
    }

    fn session(&self) -> Result<Session, NotConnected> {
        let state = self.state();
        match &state.session {
            _ if state.over => Err(NotConnected::Stopped),
            Some(session) if session.is_open() => Ok(session.clone()),
            _ => Err(NotConnected::Connecting),
        }
    }

    async fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Before the look: what changes behind it is not missed.
            changed.as_mut().enable();
            if let Some(found) = look() {
                return found;
            }
            changed.await;
        }
    }
}

/// Says that it is over, also when the task is dropped half-way.
pub(super) struct Over(pub(super) Arc<dyn Linked>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.link().over();
    }
}

/// An object that dials in a task of its own, as [`Client::start`](super::Client::start) gives it.
///
/// Clones stand for the same. Dropping them stops nothing.
///
/// ```no_run
/// use wsframe::{Backoff, prelude::*};
///
/// #[client_endpoint]
/// struct Uplink;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let uplink = Client::new("ws://127.0.0.1:8080/uplink").reconnect(Backoff::new()).start(Uplink);
/// uplink.opened().await?.send("hello").await?;
/// match uplink.session() {
///     Ok(session) => session.send("still there").await?,
///     Err(not_now) => println!("{not_now}"), // nothing is kept for later
/// }
/// uplink.close(Close::normal());
/// uplink.stopped().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientHandle(Arc<dyn Linked>);

impl ClientHandle {
    pub(super) fn new(linked: Arc<dyn Linked>) -> Self {
        Self(linked)
    }

    fn link(&self) -> &Link {
        self.0.link()
    }

    /// The session that is open now. Each connection has another.
    ///
    /// # Errors
    ///
    /// [`NotConnected`] says whether there will be one again.
    pub fn session(&self) -> Result<Session, NotConnected> {
        self.link().session()
    }

    /// Waits for an open session; ready at once if there is one. `#[on_open]` may still be running.
    ///
    /// # Errors
    ///
    /// [`NotConnected::Stopped`] when it is over, for whatever reason: [`stopped`](Self::stopped) tells.
    ///
    /// # Cancel safety
    ///
    /// Waiting changes nothing; it can be given up at any time.
    pub async fn opened(&self) -> Result<Session, NotConnected> {
        let look = || match self.session() {
            Err(NotConnected::Connecting) => None,
            known => Some(known),
        };
        self.link().until(look).await
    }

    /// Closes the session if there is one, and dials no more: a wait or a dial is given up at once, and
    /// `#[on_disconnect]` is not asked. It only starts; [`stopped`](Self::stopped) waits. Does nothing
    /// if it was called before.
    pub fn close(&self, close: Close) {
        let session = {
            let mut state = self.link().state();
            if state.stop.is_some() || state.over {
                return;
            }
            state.stop = Some(Box::new(close.clone()));
            state.session.clone()
        };
        if let Some(session) = session {
            session.close(close);
        }
        self.link().changed.notify_waiters();
    }

    /// Waits until it is over: nothing is open, nothing is dialled any more, and the object has been
    /// dropped. It gives the last disconnect; `None` if [`close`](Self::close) came before the first dial
    /// was through.
    ///
    /// # Cancel safety
    ///
    /// Waiting changes nothing; it can be given up at any time.
    pub async fn stopped(&self) -> Option<Disconnect> {
        self.link().until(|| self.is_stopped().then_some(())).await;
        self.link().last()
    }

    /// Whether it is over.
    pub fn is_stopped(&self) -> bool {
        self.link().state().over
    }
}

impl fmt::Debug for ClientHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHandle").field("session", &self.session()).finish_non_exhaustive()
    }
}

/// Why [`ClientHandle::session`] has no session to give.
///
/// ```
/// assert_eq!(wsframe::NotConnected::Connecting.to_string(), "not connected at the moment");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotConnected {
    /// None is open at the moment: it dials, waits to dial, or the last session is just ending.
    #[error("not connected at the moment")]
    Connecting,
    /// It is over; there will be none.
    #[error("the client has stopped")]
    Stopped,
}
