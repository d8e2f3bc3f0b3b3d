//! Tasks that wait for an outbox.

use std::{collections::VecDeque, task::Waker};

/// Who waits for room, and who for messages to leave.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    /// Senders, first come first served: one that sends without end keeps nobody else waiting.
    line: VecDeque<(u64, Waker)>,
    next: u64,
    /// The writers of fragmented messages. One that gave up waiting may still stand here; it is
    /// woken once for nothing.
    writers: Vec<Waker>,
    flush: Vec<(u64, Waker)>,
}

/// A sender's place in the line for room.
#[derive(Debug, Default)]
pub(crate) struct Place(Option<u64>);

impl Place {
    pub(crate) fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl Waiters {
    /// Whether a sender of this place may go before all others; without one, whether nobody waits.
    pub(super) fn is_turn(&self, place: Option<&Place>) -> bool {
        match self.line.front() {
            None => true,
            Some((first, _)) => place.is_some_and(|place| place.0 == Some(*first)),
        }
    }

    /// A sender waits for room, behind those who came before.
    pub(super) fn stand(&mut self, place: &mut Place, waker: &Waker) {
        let known = place.0.and_then(|place| self.line.iter_mut().find(|(at, _)| *at == place));
        if let Some((_, known)) = known {
            known.clone_from(waker);
            return;
        }
        place.0 = Some(self.next);
        self.line.push_back((self.next, waker.clone()));
        self.next += 1;
    }

    /// A sender waits no longer; the next one may look whether there is room.
    pub(super) fn leave(&mut self, place: &mut Place) {
        let Some(place) = place.0.take() else { return };
        self.line.retain(|(at, _)| *at != place);
        self.wake_first();
    }

    fn wake_first(&mut self) {
        if let Some((_, waker)) = self.line.front() {
            waker.wake_by_ref();
        }
    }

    pub(super) fn for_writing(&mut self, waker: &Waker) {
        if !self.writers.iter().any(|known| known.will_wake(waker)) {
            self.writers.push(waker.clone());
        }
    }

    pub(super) fn for_flush(&mut self, mark: u64, waker: &Waker) {
        if !self.flush.iter().any(|(at, known)| *at == mark && known.will_wake(waker)) {
            self.flush.push((mark, waker.clone()));
        }
    }

    /// There is room again.
    pub(super) fn wake_room(&mut self) {
        self.wake_first();
        self.writers.drain(..).for_each(Waker::wake);
    }

    /// There will be no room any more.
    pub(super) fn wake_rejected(&mut self) {
        self.line.iter().for_each(|(_, waker)| waker.wake_by_ref());
        self.writers.drain(..).for_each(Waker::wake);
    }

    /// This many messages wait no longer, in all.
    pub(super) fn wake_flush(&mut self, done: u64) {
        self.flush.extract_if(.., |(mark, _)| *mark <= done).for_each(|(_, w)| w.wake());
    }

    pub(super) fn wake_all(&mut self) {
        self.wake_rejected();
        self.wake_flush(u64::MAX);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.line.is_empty() && self.writers.is_empty() && self.flush.is_empty()
    }
}
