//! What passes from the connection to the stream of its messages: a bounded queue with one end on
//! each side. It takes memory for messages only while some wait.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use tokio::task::coop;

use crate::{limits::Settings, message::Message};

/// More places than these are given back when nothing waits any more.
const KEPT: usize = 4;

/// Both ends of a new queue.
pub(super) fn queue() -> (Giver, Taker) {
    let shared = Arc::<Shared>::default();
    (Giver(shared.clone()), Taker(shared))
}

#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    messages: VecDeque<Message>,
    /// What they take.
    bytes: usize,
    giver: Option<Waker>,
    taker: Option<Waker>,
    /// One of the ends is gone.
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives `end` up, and wakes whoever waits at the other one.
    fn close(&self, end: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        state.closed = true;
        let wakers = (state.giver.take(), state.taker.take());
        end(&mut state);
        drop(state);
        for waker in [wakers.0, wakers.1].into_iter().flatten() {
            waker.wake();
        }
    }
}

impl State {
    /// Whether this message may wait too. If none waits it may, of whatever length it is.
    fn has_room_for(&self, message: &Message, settings: &Settings) -> bool {
        self.messages.is_empty()
            || (self.messages.len() < settings.inbound_messages
                && message.len() <= settings.inbound.saturating_sub(self.bytes))
    }
}

/// The connection's end. Dropped, it ends the stream behind what waits.
pub(super) struct Giver(Arc<Shared>);

/// Why a message was not taken.
pub(super) enum Refused {
    /// There is no room; the message comes back.
    Full(Message),
    /// Nobody listens any more.
    Gone,
}

impl Giver {
    /// Adds a message, if there is room.
    pub(super) fn give(&self, message: Message, settings: &Settings) -> Result<(), Refused> {
        let mut state = self.0.lock();
        if state.closed {
            return Err(Refused::Gone);
        }
        if !state.has_room_for(&message, settings) {
            return Err(Refused::Full(message));
        }
        state.bytes += message.len();
        state.messages.push_back(message);
        let taker = state.taker.take();
        drop(state);
        if let Some(taker) = taker {
            taker.wake();
        }
        Ok(())
    }

    /// Ready when there is room for this message, or nobody listens any more.
    pub(super) fn poll_room(
        &self,
        cx: &mut Context<'_>,
        message: &Message,
        settings: &Settings,
    ) -> Poll<()> {
        let mut state = self.0.lock();
        // What is closed from the other end is empty.
        if state.has_room_for(message, settings) {
            return Poll::Ready(());
        }
        state.giver = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Giver {
    fn drop(&mut self) {
        self.0.close(|_| {});
    }
}

/// The stream's end. Dropped, it throws away what waits.
pub(super) struct Taker(Arc<Shared>);

impl Taker {
    /// The next message; `None` when none waits and none will come.
    pub(super) fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        // Without it, a task that takes as fast as messages come would never let others run.
        let coop = ready!(coop::poll_proceed(cx));
        let mut state = self.0.lock();
        let Some(message) = state.messages.pop_front() else {
            if state.closed {
                return Poll::Ready(None);
            }
            state.taker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        state.bytes -= message.len();
        if state.messages.is_empty() && state.messages.capacity() > KEPT {
            state.messages = VecDeque::new();
        }
        let giver = state.giver.take();
        drop(state);
        coop.made_progress();
        if let Some(giver) = giver {
            giver.wake();
        }
        Poll::Ready(Some(message))
    }

    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.0.lock().messages.len()
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        let mut messages = VecDeque::new();
        self.0.close(|state| messages = std::mem::take(&mut state.messages));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::Wake,
    };

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Count {
        fn woken(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    /// Room for ten bytes in three messages.
    fn small() -> Settings {
        Settings { inbound: 10, inbound_messages: 3, ..Settings::default() }
    }

    fn take(taker: &mut Taker) -> Poll<Option<Message>> {
        taker.poll_take(&mut Context::from_waker(Waker::noop()))
    }

    fn came_back(given: &Result<(), Refused>) -> bool {
        matches!(given, Err(Refused::Full(_)))
    }

    #[test]
    fn bytes_and_messages_are_bounded() {
        let (giver, mut taker) = queue();
        giver.give("12345".into(), &small()).ok().unwrap();
        assert!(came_back(&giver.give("123456".into(), &small())));
        giver.give("12345".into(), &small()).ok().unwrap();
        giver.give("".into(), &small()).ok().unwrap();
        assert!(came_back(&giver.give("".into(), &small())), "a fourth message");
        assert_eq!(taker.len(), 3);
        assert_eq!(take(&mut taker), Poll::Ready(Some("12345".into())));
        assert!(came_back(&giver.give("123456".into(), &small())));
        giver.give("12345".into(), &small()).ok().unwrap();
    }

    #[test]
    fn one_that_is_too_long_waits_alone() {
        let (giver, mut taker) = queue();
        giver.give("12345678901".into(), &small()).ok().unwrap();
        assert!(came_back(&giver.give("x".into(), &small())));
        assert_eq!(take(&mut taker), Poll::Ready(Some("12345678901".into())));
        giver.give("".into(), &small()).ok().unwrap();
    }

    #[test]
    fn each_end_wakes_the_other_once() {
        let (giver, mut taker) = queue();
        let count = Arc::<Count>::default();
        let waker = Waker::from(count.clone());
        let cx = &mut Context::from_waker(&waker);
        assert_eq!(taker.poll_take(cx), Poll::Pending);
        giver.give("1234567890".into(), &small()).ok().unwrap();
        assert_eq!(count.woken(), 1);
        let next = "next".into();
        assert_eq!(giver.poll_room(cx, &next, &small()), Poll::Pending);
        assert!(taker.poll_take(cx).is_ready());
        assert_eq!(count.woken(), 2);
        assert_eq!(giver.poll_room(cx, &next, &small()), Poll::Ready(()));
    }

    #[test]
    fn what_waits_is_taken_after_the_end() {
        let (giver, mut taker) = queue();
        let count = Arc::<Count>::default();
        let waker = Waker::from(count.clone());
        assert_eq!(taker.poll_take(&mut Context::from_waker(&waker)), Poll::Pending);
        giver.give("last".into(), &small()).ok().unwrap();
        assert_eq!(take(&mut taker), Poll::Ready(Some("last".into())));
        assert_eq!(taker.poll_take(&mut Context::from_waker(&waker)), Poll::Pending);
        drop(giver);
        assert_eq!(count.woken(), 2);
        assert_eq!(take(&mut taker), Poll::Ready(None));
    }

    #[test]
    fn nobody_gives_to_one_who_is_gone() {
        let (giver, taker) = queue();
        giver.give("1234567890".into(), &small()).ok().unwrap();
        let count = Arc::<Count>::default();
        let waker = Waker::from(count.clone());
        let cx = &mut Context::from_waker(&waker);
        assert_eq!(giver.poll_room(cx, &"x".into(), &small()), Poll::Pending);
        drop(taker);
        assert_eq!(count.woken(), 1);
        assert_eq!(giver.poll_room(cx, &"x".into(), &small()), Poll::Ready(()));
        assert!(matches!(giver.give("x".into(), &small()), Err(Refused::Gone)));
        assert_eq!(giver.0.lock().messages.len(), 0);
    }

    /// A task that takes as fast as messages come lets others run nevertheless.
    #[tokio::test]
    async fn taking_without_end_is_interrupted() {
        let (giver, mut taker) = queue();
        let taken = (0..10_000).position(|_| {
            giver.give("x".into(), &small()).ok().unwrap();
            take(&mut taker).is_pending()
        });
        assert!(taken.is_some());
    }

    #[test]
    fn an_empty_queue_keeps_little() {
        let (giver, mut taker) = queue();
        let settings = Settings::default();
        for _ in 0..settings.inbound_messages {
            giver.give("x".into(), &settings).ok().unwrap();
        }
        while take(&mut taker).is_ready() {}
        assert!(giver.0.lock().messages.capacity() <= KEPT);
        assert!(size_of::<State>() <= 88, "{}", size_of::<State>());
    }
}
