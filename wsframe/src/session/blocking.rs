//! Waiting on a thread that may block.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Instant,
};

use super::{SendError, Session, slow_reader};
use crate::{
    codec::IntoMessage,
    message::Message,
    outbox::{Place, Rejection},
};

/// Wakes a thread that is parked. The flag stays when something else on the thread, such as a
/// blocking send within a handler, has used up the wake-up.
struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Unpark {
    fn current() -> Arc<Self> {
        Arc::new(Self { thread: thread::current(), woken: AtomicBool::new(false) })
    }

    fn wait(&self) {
        while !self.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }

    /// `false` when the deadline came first.
    fn wait_until(&self, deadline: Instant) -> bool {
        while !self.woken.swap(false, Ordering::Acquire) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            thread::park_timeout(left);
        }
        true
    }
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Runs a future on this thread. Not with tokio's own `block_on`, within which nothing may block.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let parked = Unpark::current();
    let waker = Waker::from(parked.clone());
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => parked.wait(),
        }
    }
}

/// Panics where a task runs that must not be held up; tokio is the one that knows.
#[track_caller]
fn may_block() {
    let (_, closed) = tokio::sync::oneshot::channel::<()>();
    let _ = closed.blocking_recv();
}

impl Session {
    /// Sends one whole message and blocks the thread while there is no room in the outbox: for
    /// `#[on_message(blocking)]`, `spawn_blocking` and threads of your own, in or outside of a
    /// runtime.
    ///
    /// Otherwise it is [`send`](Self::send): atomic, in order, and after 30 s (`send_timeout`)
    /// without room the connection ends.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Panics
    ///
    /// In an async context, always: an `async fn`, or a plain `fn` that is called by one, such as a
    /// handler that is not `blocking`. The thread belongs to other tasks too; use `send(…).await`
    /// or [`try_send`](Self::try_send) there.
    ///
    /// ```
    /// use wsframe::prelude::*;
    ///
    /// #[server_endpoint("/primes")]
    /// struct Primes;
    ///
    /// impl Primes {
    ///     #[on_message(blocking)]
    ///     fn below(&mut self, limit: u32, session: &Session) -> wsframe::Result {
    ///         for n in (2..limit).filter(|n| (2..*n).all(|d| n % d != 0)) {
    ///             session.blocking_send(n)?;
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    #[doc(alias = "getBasicRemote")]
    #[track_caller]
    pub fn blocking_send(&self, message: impl IntoMessage) -> Result<(), SendError> {
        may_block();
        self.push_blocking(message.into_message().map_err(SendError::Encode)?)
    }

    fn push_blocking(&self, mut message: Message) -> Result<(), SendError> {
        let settings = self.settings();
        let mut waiting: Option<(Arc<Unpark>, Waker, Instant)> = None;
        let mut place = Place::default();
        loop {
            let waiter = waiting.as_ref().map(|(_, waker, _)| (&mut place, waker));
            match self.outbox().push(message, settings, waiter) {
                Ok(()) => {
                    self.touch_if_idle_matters();
                    return Ok(());
                }
                Err(rejected) if rejected.why == Rejection::Closed => {
                    return Err(SendError::Closed);
                }
                Err(rejected) => message = rejected.message,
            }
            // The first time is without a waker, since most messages find room.
            let Some((parked, _, deadline)) = &waiting else {
                let parked = Unpark::current();
                let deadline = Instant::now() + settings.send_timeout;
                waiting = Some((parked.clone(), parked.into(), deadline));
                continue;
            };
            if !parked.wait_until(*deadline) {
                self.outbox().leave(&mut place);
                self.kill(slow_reader());
                return Err(SendError::Closed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, sync::mpsc};

    use super::*;

    /// What is woken once is polled again, on the same thread.
    #[test]
    fn a_future_is_polled_until_it_is_ready() {
        let (wakers, taken) = mpsc::channel::<Waker>();
        let waking = thread::spawn(move || taken.iter().for_each(Waker::wake));
        let mut left = 3;
        let thread = thread::current().id();
        let found = block_on(poll_fn(move |cx| {
            assert_eq!(thread::current().id(), thread);
            if left == 0 {
                return Poll::Ready("done");
            }
            left -= 1;
            wakers.send(cx.waker().clone()).expect("the other thread lives");
            Poll::Pending
        }));
        assert_eq!(found, "done");
        waking.join().expect("no panic");
    }

    /// A handler that blocks within a poll uses up the wake-ups of its thread.
    #[test]
    fn a_wake_up_is_not_lost_to_something_else() {
        let mut polled = false;
        block_on(poll_fn(move |cx| {
            if std::mem::replace(&mut polled, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            thread::park();
            Poll::Pending
        }));
    }
}
