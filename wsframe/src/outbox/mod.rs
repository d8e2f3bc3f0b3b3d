//! The one place that writes.
//!
//! Everything that goes to one peer passes through its [`Outbox`]: the queue, what the kernel did
//! not take yet, and the writing half of the socket stand under one short lock. The driver flushes
//! at the end of each of its turns, so that all replies to one read leave in one write. While it is
//! not in a turn, anybody who sends may write straight to the socket, if nothing is queued before.

mod budget;
mod fragments;
mod frame;
mod packing;
mod part;
mod queue;
mod unsent;
mod unusual;
mod waiters;
mod writer;

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use bytes::Bytes;

use self::queue::{Queue, Written};
pub use self::unsent::Unsent;
pub(crate) use self::{budget::Budget, frame::Frame, waiters::Place, writer::Writer};
use crate::{
    handshake::Agreed,
    limits::Settings,
    message::{Close, Message},
    wire::Role,
};

/// The sending half of one connection.
pub(crate) struct Outbox {
    /// Set while the driver is in its turn: it will flush, so senders only queue. As a hint it may
    /// be seen late; it is cleared under the lock, before the last flush of the turn.
    driving: AtomicBool,
    queue: Mutex<Queue>,
}

/// A message that was not taken, and why.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) message: Message,
    pub(crate) why: Rejection,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// As much waits as may wait.
    Full,
    /// A close frame is queued, or the connection is gone.
    Closed,
}

/// What became of a frame of a fan-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    Queued,
    /// Queued; an older message was dropped for it.
    Displaced,
    /// Not queued; the session goes on without it.
    Dropped,
    /// Not queued; the session is to be closed for it.
    Overflow,
    /// A close frame is queued, or the connection is gone.
    Closed,
}

/// What the driver's flush came to.
#[derive(Debug)]
pub(crate) enum Flushed {
    /// Everything is with the kernel.
    Drained,
    /// The kernel takes no more at the moment; the driver is woken when it does.
    Blocked,
    /// The socket is broken.
    Failed(io::ErrorKind),
}

impl Outbox {
    /// What waits here counts towards `budget`.
    pub(crate) fn new(writer: Writer, role: Role, budget: Arc<Budget>) -> Self {
        let queue = Queue::new(writer, role, budget);
        Self { driving: AtomicBool::new(true), queue: Mutex::new(queue) }
    }

    /// Messages are compressed as it was agreed on.
    pub(crate) fn compressing(mut self, agreed: &Agreed) -> Self {
        let role = self.queue.get_mut().unwrap_or_else(PoisonError::into_inner).role();
        if let Some(packing) = packing::packing(agreed, role) {
            self.lock().compress(packing);
        }
        self
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue's methods do not panic half-way; a poisoned lock is as good as any.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The driver begins its turn.
    #[inline]
    pub(crate) fn begin_turn(&self) {
        self.driving.store(true, Ordering::Relaxed);
    }

    /// The driver ends its turn: flushes, and asks to be woken when there is more to do.
    #[inline]
    pub(crate) fn end_turn(&self, cx: &mut Context<'_>) -> Flushed {
        let mut queue = self.lock();
        self.driving.store(false, Ordering::Relaxed);
        queue.listen(cx.waker());
        let written = queue.write(Some(cx));
        if let Some(error) = queue.take_error() {
            return Flushed::Failed(error);
        }
        if matches!(written, Written::Blocked) { Flushed::Blocked } else { Flushed::Drained }
    }

    /// Takes a message, or says why not. `waiter` is woken when there may be room.
    ///
    /// # Errors
    ///
    /// The message comes back if the outbox is full or closed.
    #[inline]
    pub(crate) fn push(
        &self,
        message: Message,
        limits: &Settings,
        waiter: Option<(&mut Place, &Waker)>,
    ) -> Result<(), Rejected> {
        let mut queue = self.lock();
        if queue.is_closed() {
            return Err(Rejected { message, why: Rejection::Closed });
        }
        let place = waiter.as_ref().map(|(place, _)| &**place);
        if queue.needs_care(limits) || !queue.is_turn(place) {
            return self.push_unusual(queue, message, limits, waiter);
        }
        if let Some((place, _)) = waiter {
            queue.leave(place);
        }
        let idle = queue.is_empty();
        queue.put_message(message);
        self.after_put(queue, idle);
        Ok(())
    }

    /// A sender gives up waiting for room.
    pub(crate) fn leave(&self, place: &mut Place) {
        self.lock().leave(place);
    }

    /// Takes a frame of a fan-out, which never waits: a full outbox is met with the settings'
    /// `overflow`.
    /// Under a key it replaces the queued frame of the same key.
    pub(crate) fn offer(
        &self,
        frame: &Frame,
        latest: Option<&Arc<str>>,
        limits: &Settings,
    ) -> Offered {
        let mut queue = self.lock();
        if queue.is_closed() {
            return Offered::Closed;
        }
        if latest.is_some() || queue.needs_care(limits) {
            return self.offer_unusual(queue, frame, latest, limits);
        }
        let idle = queue.is_empty();
        queue.put_frame(frame, None);
        self.after_put(queue, idle);
        Offered::Queued
    }

    /// A ping of ours. `false` if the outbox is closed.
    pub(crate) fn ping(&self, payload: &[u8]) -> bool {
        let mut queue = self.lock();
        if queue.is_closed() {
            return false;
        }
        let idle = queue.is_empty();
        queue.put_ping(payload);
        self.after_put(queue, idle);
        true
    }

    /// The answer to a ping. Where the peer does not read its pongs only the last one waits.
    pub(crate) fn pong(&self, payload: Bytes) {
        let mut queue = self.lock();
        if !queue.is_closed() {
            let idle = queue.is_empty();
            queue.put_pong(payload);
            self.after_put(queue, idle);
        }
    }

    /// Queues the close frame behind everything that was accepted; nothing is accepted after it.
    /// `false` if that had happened before.
    pub(crate) fn close(&self, close: Option<&Close>) -> bool {
        let mut queue = self.lock();
        if queue.is_closed() {
            return false;
        }
        let idle = queue.is_empty();
        queue.put_close(close);
        queue.wake_rejected();
        self.after_put(queue, idle);
        true
    }

    /// Nothing more is accepted, and what waits is dropped with the socket.
    pub(crate) fn abandon(&self) {
        let mut queue = self.lock();
        queue.abandon();
        queue.wake_rejected();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed()
    }

    /// What was left when the socket went; nothing before.
    pub(crate) fn unsent(&self) -> Unsent {
        self.lock().unsent()
    }

    /// Ready when everything that was accepted before the first poll is with the kernel, or never
    /// will be (`Err`). `mark` is for the caller to keep between polls.
    pub(crate) fn poll_flush(
        &self,
        cx: &mut Context<'_>,
        mark: &mut Option<u64>,
    ) -> Poll<Result<(), ()>> {
        let mut queue = self.lock();
        let mark = *mark.get_or_insert_with(|| queue.accepted());
        if queue.done() >= mark {
            return Poll::Ready(Ok(()));
        }
        if queue.is_abandoned() {
            return Poll::Ready(Err(()));
        }
        queue.waiters().for_flush(mark, cx.waker());
        Poll::Pending
    }

    /// Ends the writing direction of the transport.
    pub(crate) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.lock().poll_shutdown(cx)
    }

    /// Bytes that wait, and bytes written since the connection began; for the write deadline.
    pub(crate) fn progress(&self) -> (usize, u64) {
        let queue = self.lock();
        (queue.waiting(), queue.written())
    }

    /// What counts towards the budget.
    pub(crate) fn counted(&self) -> usize {
        self.lock().counted()
    }

    /// Wakes the driver. If it is in its turn, another turn follows: this one may have looked
    /// already for what it is woken for.
    pub(crate) fn wake(&self) {
        let waker = self.lock().wake_driver();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What a sender does when its frame is queued.
    #[inline]
    fn after_put(&self, mut queue: MutexGuard<'_, Queue>, was_empty: bool) {
        if self.driving.load(Ordering::Relaxed) {
            // The driver flushes at the end of its turn; a handler that sends much is not made to
            // hold it all back until then.
            if queue.wants_early_write() {
                queue.write(None);
            }
            return;
        }
        if was_empty && matches!(queue.write(None), Written::All) {
            return;
        }
        // What is left is the driver's. If something was queued before, it knows already.
        let driver = if was_empty { queue.take_driver() } else { None };
        drop(queue);
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
