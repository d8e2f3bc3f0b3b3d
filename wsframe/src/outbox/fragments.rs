//! A message that is sent in pieces, while it is being made.
//!
//! Frames of two messages must not mix (RFC 6455, section 5.4), so whole messages wait from its
//! first piece to its last; control frames do not.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::{Outbox, Rejection};
use crate::{limits::Settings, wire::Opcode};

impl Outbox {
    /// A fragmented message begins. Only one can be open: without it, `waiter` is woken when it may
    /// be tried again.
    pub(crate) fn open_message(&self, waiter: &Waker) -> Result<(), Rejection> {
        let mut queue = self.lock();
        if queue.is_closed() {
            return Err(Rejection::Closed);
        }
        if !queue.open_message() {
            queue.waiters().for_writing(waiter);
            return Err(Rejection::Full);
        }
        Ok(())
    }

    /// Ready when the next piece finds room (`Ok`), or never will. What waits for the end of the
    /// message does not count: it would wait for ever.
    pub(crate) fn poll_fragment_room(
        &self,
        cx: &mut Context<'_>,
        limits: &Settings,
    ) -> Poll<Result<(), Rejection>> {
        let mut queue = self.lock();
        if queue.is_closed() {
            return Poll::Ready(Err(Rejection::Closed));
        }
        if queue.waiting() >= limits.outbox {
            queue.waiters().for_writing(cx.waker());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// Queues a piece of the open message; with the last one the message has ended.
    pub(crate) fn put_fragment(
        &self,
        opcode: Opcode,
        payload: Bytes,
        last: bool,
    ) -> Result<(), Rejection> {
        let mut queue = self.lock();
        if queue.is_closed() {
            return Err(Rejection::Closed);
        }
        let idle = queue.is_empty();
        queue.put_fragment(opcode, payload, last);
        if last {
            // Another one may begin.
            queue.wake_writers();
        }
        self.after_put(queue, idle);
        Ok(())
    }
}
