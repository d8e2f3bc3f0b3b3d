//! The end of a session: beginning it, waiting for it.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    Session,
    signals::{CLOSING, KILLED},
};
use crate::{
    message::{Close, CloseReason},
    outbox::Unsent,
};

impl Session {
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

    /// What was accepted for sending and had not left when the session ended; nothing before that.
    /// Messages that waited for the end of one in [pieces](Self::begin_text), when the session was
    /// closed from this side, do not count. See [`Unsent`] for an example.
    pub fn unsent(&self) -> Unsent {
        self.0.outbox.unsent()
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

/// The future of [`Session::closed`].
///
/// # Cancel safety
///
/// Can be dropped at any time.
///
/// ```
/// use wsframe::Session;
///
/// async fn first_to_leave(a: &Session, b: &Session) {
///     let reason = tokio::select! { reason = a.closed() => reason, reason = b.closed() => reason };
///     println!("{reason}");
/// }
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Closed<'a>(&'a Session);

impl<'a> Closed<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Self(session)
    }
}

impl Future for Closed<'_> {
    type Output = CloseReason;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CloseReason> {
        let mut extra = self.0.extra();
        let extra = extra.get_or_insert_default();
        if let Some(reason) = &extra.ended {
            return Poll::Ready(reason.clone());
        }
        if !extra.waiting.iter().any(|known| known.will_wake(cx.waker())) {
            extra.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }
}
