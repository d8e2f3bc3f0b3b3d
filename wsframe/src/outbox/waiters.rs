//! Tasks that wait for an outbox.

use std::task::Waker;

/// Who waits for room, and who for messages to leave. A task that gave up waiting may still stand
/// here; it is woken once for nothing.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    room: Vec<Waker>,
    flush: Vec<(u64, Waker)>,
}

impl Waiters {
    pub(super) fn for_room(&mut self, waker: &Waker) {
        if !self.room.iter().any(|known| known.will_wake(waker)) {
            self.room.push(waker.clone());
        }
    }

    pub(super) fn for_flush(&mut self, mark: u64, waker: &Waker) {
        if !self.flush.iter().any(|(at, known)| *at == mark && known.will_wake(waker)) {
            self.flush.push((mark, waker.clone()));
        }
    }

    /// There is room again.
    pub(super) fn wake_room(&mut self) {
        self.room.drain(..).for_each(Waker::wake);
    }

    /// This many messages wait no longer, in all.
    pub(super) fn wake_flush(&mut self, done: u64) {
        self.flush.extract_if(.., |(mark, _)| *mark <= done).for_each(|(_, w)| w.wake());
    }

    pub(super) fn wake_all(&mut self) {
        self.wake_room();
        self.wake_flush(u64::MAX);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.room.is_empty() && self.flush.is_empty()
    }
}
