//! Sending whole messages.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio::time::{Sleep, sleep};

use super::{SendError, Session, TrySendError};
use crate::{
    codec::IntoMessage,
    message::{CloseCode, CloseReason, Error, Initiator, Message},
    outbox::{Place, Rejection},
};

impl Session {
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
}

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
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(session.send_timeout())));
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
