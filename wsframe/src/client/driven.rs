//! The HTTP connection beside what is awaited of it.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll},
};

/// A connection that goes on only while it is polled.
pub(super) trait Connection {
    /// Goes on as far as it can; ready once it is done. Not polled again then.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}

/// A connection, polled until it is done.
pub(super) struct Driven<C> {
    pub(super) connection: C,
    pub(super) done: bool,
}

impl<C: Connection> Driven<C> {
    pub(super) fn new(connection: C) -> Self {
        Self { connection, done: false }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) {
        self.done = self.done || self.connection.poll(cx).is_ready();
    }

    /// Awaits something that the connection has to bring.
    pub(super) async fn beside<T>(&mut self, what: impl Future<Output = T>) -> T {
        let mut what = pin!(what);
        poll_fn(|cx| {
            self.poll(cx);
            what.as_mut().poll(cx)
        })
        .await
    }
}
