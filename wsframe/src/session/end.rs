//! Waiting for the end of a session.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::Session;
use crate::message::CloseReason;

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
