//! One group: who is in it, and the turns of its fan-outs.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::outbox::{Frame, Offered};

/// Members that a fan-out serves before it lets other tasks run.
const STRETCH: usize = 128;

/// Bytes that a group keeps for whoever joins later.
const MAX_KEPT: usize = 1024 * 1024;

/// What can be in a group.
pub(crate) trait Member: Clone + Send + Sync {
    /// Whether both are the same member.
    fn is(&self, other: &Self) -> bool;

    /// Takes a frame or not; never waits. `latest` is the key under which it replaces what is still
    /// queued.
    fn offer(&self, frame: &Frame, latest: Option<&Arc<str>>) -> Offered;
}

/// What became of a message that was sent to many sessions. It need not be looked at.
///
/// Queued is not read: whether a peer got a message only its answer tells.
///
/// ```
/// async fn price(room: &wsframe::Room, price: u64) {
///     let delivered = room.send(price.to_string()).await;
///     if delivered.dropped > 0 {
///         println!("{} queued, {} dropped", delivered.queued, delivered.dropped);
///     }
/// }
/// assert_eq!(wsframe::Delivered::default().queued, 0); // as in an empty room
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// Sessions whose outbox took it.
    pub queued: usize,
    /// Messages that a full outbox cost: this one, or an older one that made room for it.
    pub dropped: usize,
}

impl Delivered {
    fn count(&mut self, offered: Offered) {
        match offered {
            Offered::Queued => self.queued += 1,
            Offered::Displaced => {
                self.queued += 1;
                self.dropped += 1;
            }
            Offered::Dropped | Offered::Overflow => self.dropped += 1,
            Offered::Closed => {}
        }
    }
}

/// What is said about a message that goes to a group.
#[derive(Debug)]
pub(crate) struct Cast<'a, M> {
    /// A member that does not get it.
    pub(crate) except: Option<&'a M>,
    /// The key under which it replaces what is still queued.
    pub(crate) latest: Option<&'a Arc<str>>,
    /// How many messages, this one among them, are kept for whoever joins later.
    pub(crate) keep: usize,
}

impl<M> Default for Cast<'_, M> {
    fn default() -> Self {
        Self { except: None, latest: None, keep: 0 }
    }
}

/// The members of one name.
pub(crate) struct Group<M> {
    state: Mutex<State<M>>,
    /// Fan-outs take turns, so that all members see one order.
    turn: tokio::sync::Mutex<()>,
}

struct State<M> {
    /// Shared with the fan-out that runs: it holds no lock while it writes.
    members: Arc<Vec<M>>,
    /// What is kept for whoever joins later; most groups keep nothing.
    kept: Option<Box<Kept>>,
}

/// The last messages of a group.
#[derive(Default)]
struct Kept {
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Kept {
    fn push(&mut self, frame: Frame, keep: usize) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
        while self.frames.len() > keep || self.bytes > MAX_KEPT {
            let Some(oldest) = self.frames.pop_front() else { return };
            self.bytes -= oldest.len();
        }
    }
}

impl<M: Member> Group<M> {
    pub(super) fn new() -> Self {
        let state = State { members: Arc::default(), kept: None };
        Self { state: Mutex::new(state), turn: tokio::sync::Mutex::new(()) }
    }

    fn lock(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The members as they are now.
    pub(super) fn members(&self) -> Arc<Vec<M>> {
        self.lock().members.clone()
    }

    pub(super) fn add(&self, member: M) {
        Arc::make_mut(&mut self.lock().members).push(member);
    }

    /// What is kept, oldest first.
    pub(super) fn kept(&self) -> Vec<Frame> {
        let state = self.lock();
        let kept = state.kept.iter().flat_map(|kept| &kept.frames);
        kept.cloned().collect()
    }

    /// Whether nobody is left.
    pub(super) fn remove(&self, member: &M) -> bool {
        let members = &mut self.lock().members;
        if let Some(at) = members.iter().position(|other| other.is(member)) {
            Arc::make_mut(members).swap_remove(at);
        }
        members.is_empty()
    }

    /// Waits until the fan-out that runs is over. While the turn is held, no other begins.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        self.turn.lock().await
    }

    /// Offers a frame to every member, as `cast` says.
    pub(super) async fn fan_out(&self, frame: &Frame, cast: Cast<'_, M>) -> Delivered {
        let _turn = self.turn().await;
        if cast.keep > 0 {
            let kept = &mut self.lock().kept;
            kept.get_or_insert_default().push(frame.clone(), cast.keep);
        }
        fan_out(&self.members(), frame, cast).await
    }
}

/// Held by the one fan-out of a group that runs.
pub(crate) type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;

/// Offers a frame to all of `members`, as `cast` says.
pub(crate) async fn fan_out<M: Member>(
    members: &[M],
    frame: &Frame,
    cast: Cast<'_, M>,
) -> Delivered {
    let mut delivered = Delivered::default();
    for (stretch, members) in members.chunks(STRETCH).enumerate() {
        if stretch > 0 {
            tokio::task::yield_now().await;
        }
        for member in members {
            if cast.except.is_none_or(|except| !except.is(member)) {
                delivered.count(member.offer(frame, cast.latest));
            }
        }
    }
    delivered
}
