//! A handler, and the connection beside it.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use super::state::Connection;
use crate::session::Session;

/// Runs a handler; whenever it waits, the connection goes on.
///
/// Written by hand because it is polled for every message.
pub(super) struct Attend<'a, F> {
    pub(super) handler: Pin<&'a mut F>,
    pub(super) connection: &'a mut Connection,
    pub(super) session: &'a Session,
}

/// What became of a handler.
#[derive(Debug)]
pub(super) enum Attended<T> {
    Done(T),
    Panicked,
    /// It was given its time after the end of the connection, and did not finish.
    Abandoned,
}

impl<F: Future> Future for Attend<'_, F> {
    type Output = Attended<F::Output>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match catch_unwind(AssertUnwindSafe(|| this.handler.as_mut().poll(cx))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Attended::Done(output)),
            Ok(Poll::Pending) => {
                this.connection.poll_beside(cx, this.session).map(|()| Attended::Abandoned)
            }
            Err(_) => Poll::Ready(Attended::Panicked),
        }
    }
}
