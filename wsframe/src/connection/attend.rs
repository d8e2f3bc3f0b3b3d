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
pub(super) struct Attend<'a, F: ?Sized> {
    pub(super) handler: Pin<&'a mut F>,
    pub(super) connection: &'a mut Connection,
    pub(super) session: &'a Session,
}

/// The same for what is rare enough: compiled once, not for each endpoint again.
pub(super) fn attend<'a, T>(
    handler: Pin<&'a mut (dyn Future<Output = T> + Send + 'a)>,
    connection: &'a mut Connection,
    session: &'a Session,
) -> Attend<'a, dyn Future<Output = T> + Send + 'a> {
    Attend { handler, connection, session }
}

/// What became of a handler.
#[derive(Debug)]
pub(super) enum Attended<T> {
    Done(T),
    Panicked,
    /// It was given its time after the end of the connection, and did not finish.
    Abandoned,
}

impl<F: Future + ?Sized> Future for Attend<'_, F> {
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
