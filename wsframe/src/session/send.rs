//! The futures of sending.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use tokio::time::{Sleep, sleep};

use super::{SendError, Session};
use crate::{
    message::{CloseCode, CloseReason, Error, Initiator, Message},
    outbox::{Place, Rejection},
};

/// The future of [`Session::send`].
///
/// # Cancel safety
///
/// Dropped before it is ready, it has queued nothing. `send_timeout` begins anew with the next one.
///
/// ```
/// use wsframe::Session;
///
/// // Waits for the slower of the two, not for one after the other.
/// async fn to_both(a: &Session, b: &Session) {
///     let _ = tokio::join!(a.send("your turn"), b.send("wait"));
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent unless this is awaited"]
pub struct Sending<'a> {
    session: &'a Session,
    message: Option<Result<Message, Error>>,
    place: Place,
    patience: Patience,
}

/// How long a sender waits for room.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// Runs once something had to wait.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// Ready when it has been waited long enough: then the session has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<()> {
        let limit = session.settings().send_timeout;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(deadline.as_mut().poll(cx));
        // The queue itself is the reason: a close frame behind it would not be read.
        session.kill(slow_reader());
        Poll::Ready(())
    }

    /// There was room.
    pub(super) fn renew(&mut self) {
        self.deadline = None;
    }
}

impl<'a> Sending<'a> {
    pub(super) fn new(session: &'a Session, message: Result<Message, Error>) -> Self {
        Self {
            session,
            message: Some(message),
            place: Place::default(),
            patience: Patience::default(),
        }
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if self.place.is_taken() {
            self.session.outbox().leave(&mut self.place);
        }
    }
}

impl Future for Sending<'_> {
    type Output = Result<(), SendError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // A task that sends in a loop to a peer that keeps up would never wait otherwise.
        ready!(pin!(tokio::task::coop::consume_budget()).poll(cx));
        let message = match this.message.take() {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Poll::Ready(Err(SendError::Encode(error))),
            None => return Poll::Ready(Err(SendError::Closed)),
        };
        let shared = &this.session.0;
        match shared.outbox.push(
            message,
            &shared.home.settings,
            Some((&mut this.place, cx.waker())),
        ) {
            Ok(()) => {
                this.session.touch_if_idle_matters();
                return Poll::Ready(Ok(()));
            }
            Err(rejected) if rejected.why == Rejection::Closed => {
                return Poll::Ready(Err(SendError::Closed));
            }
            Err(rejected) => this.message = Some(Ok(rejected.message)),
        }
        ready!(this.patience.poll(cx, this.session));
        this.message = None;
        Poll::Ready(Err(SendError::Closed))
    }
}

/// How the session of a peer ends that does not read.
pub(crate) fn slow_reader() -> CloseReason {
    CloseReason::new(CloseCode::TRY_AGAIN, "the peer reads too slowly", Initiator::Local, false)
}

/// The future of [`Session::flush`].
///
/// # Cancel safety
///
/// Can be dropped at any time.
///
/// ```
/// use std::time::Duration;
/// use wsframe::Session;
///
/// async fn reads_on(session: &Session) -> bool {
///     let flushed = tokio::time::timeout(Duration::from_secs(1), session.flush()).await;
///     flushed.is_ok_and(|flushed| flushed.is_ok())
/// }
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Flushing<'a> {
    session: &'a Session,
    mark: Option<u64>,
}

impl<'a> Flushing<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Self { session, mark: None }
    }
}

impl Future for Flushing<'_> {
    type Output = Result<(), SendError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.session.0.outbox.poll_flush(cx, &mut this.mark).map_err(|()| SendError::Closed)
    }
}
