//! What all outboxes of a server hold together.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

use crate::telemetry::count;

/// An outbox tells the budget what it holds when that has changed by so much, or is nothing again. One
/// whose peer reads never tells anything.
pub(super) const STEP: usize = 4 * 1024;

/// The bytes that wait in all outboxes together, in steps, and how many there may be.
pub(crate) struct Budget {
    limit: AtomicUsize,
    used: AtomicUsize,
    /// Told when there are more than there may be.
    exceeded: Notify,
}

impl Budget {
    /// Without a limit.
    pub(crate) fn new() -> Self {
        let (limit, used) = (AtomicUsize::new(usize::MAX), AtomicUsize::new(0));
        Self { limit, used, exceeded: Notify::new() }
    }

    pub(crate) fn set_limit(&self, bytes: usize) {
        self.limit.store(bytes, Ordering::Relaxed);
    }

    /// How many bytes are too many.
    pub(crate) fn excess(&self) -> usize {
        let (used, limit) = (self.used.load(Ordering::Relaxed), self.limit.load(Ordering::Relaxed));
        used.saturating_sub(limit)
    }

    /// Waits until there are too many.
    ///
    /// # Cancel safety
    ///
    /// Waiting changes nothing.
    pub(crate) async fn exceeded(&self) {
        loop {
            if self.excess() > 0 {
                return;
            }
            self.exceeded.notified().await;
        }
    }

    /// An outbox holds `now` where it held `before`.
    #[cold]
    pub(super) fn change(&self, before: usize, now: usize) {
        if now > before {
            let used = self.used.fetch_add(now - before, Ordering::Relaxed);
            count::send_queue_bytes(used + now - before);
            if self.excess() > 0 {
                self.exceeded.notify_one();
            }
        } else {
            let used = self.used.fetch_sub(before - now, Ordering::Relaxed);
            count::send_queue_bytes(used + now - before);
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").field("used", &self.used).field("limit", &self.limit).finish()
    }
}
