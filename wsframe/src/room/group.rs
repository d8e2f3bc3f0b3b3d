//! One group: who is in it, and the turns of its fan-outs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::outbox::{Frame, Offered};

/// Members that a fan-out serves before it lets other tasks run.
const STRETCH: usize = 128;

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

/// The members of one name.
pub(super) struct Group<M> {
    /// Shared with the fan-out that runs: it holds no lock while it writes.
    members: Mutex<Arc<Vec<M>>>,
    /// Fan-outs take turns, so that all members see one order.
    turn: tokio::sync::Mutex<()>,
}

impl<M: Member> Group<M> {
    pub(super) fn new() -> Self {
        Self { members: Mutex::default(), turn: tokio::sync::Mutex::new(()) }
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Vec<M>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The members as they are now.
    pub(super) fn members(&self) -> Arc<Vec<M>> {
        self.lock().clone()
    }

    pub(super) fn add(&self, member: M) {
        Arc::make_mut(&mut self.lock()).push(member);
    }

    /// Whether nobody is left.
    pub(super) fn remove(&self, member: &M) -> bool {
        let mut members = self.lock();
        if let Some(at) = members.iter().position(|other| other.is(member)) {
            Arc::make_mut(&mut members).swap_remove(at);
        }
        members.is_empty()
    }

    /// Waits until the fan-out that runs is over. What begins later sees the members of then.
    pub(super) async fn turn(&self) {
        drop(self.turn.lock().await);
    }

    /// Offers a frame to every member but one.
    pub(super) async fn fan_out(
        &self,
        frame: &Frame,
        except: Option<&M>,
        latest: Option<&Arc<str>>,
    ) -> Delivered {
        let _turn = self.turn.lock().await;
        fan_out(&self.members(), frame, except, latest).await
    }
}

/// Offers a frame to all of `members` but one.
pub(crate) async fn fan_out<M: Member>(
    members: &[M],
    frame: &Frame,
    except: Option<&M>,
    latest: Option<&Arc<str>>,
) -> Delivered {
    let mut delivered = Delivered::default();
    for (stretch, members) in members.chunks(STRETCH).enumerate() {
        if stretch > 0 {
            tokio::task::yield_now().await;
        }
        for member in members {
            if except.is_none_or(|except| !except.is(member)) {
                delivered.count(member.offer(frame, latest));
            }
        }
    }
    delivered
}
