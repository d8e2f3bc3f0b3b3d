//! What is not queued at once: the outbox is full or compresses, or the message replaces another.

use std::{
    sync::{Arc, MutexGuard},
    task::Waker,
};

use super::{Frame, Offered, Outbox, Place, Queue, Rejected, Rejection, packing};
use crate::{
    limits::{Overflow, Settings},
    message::Message,
};

impl Outbox {
    /// Goes on with a [`push`](Self::push).
    #[inline(never)]
    pub(super) fn push_unusual<'a>(
        &'a self,
        mut queue: MutexGuard<'a, Queue>,
        message: Message,
        limits: &Settings,
        waiter: Option<(&mut Place, &Waker)>,
    ) -> Result<(), Rejected> {
        let place = waiter.as_ref().map(|(place, _)| &**place);
        if queue.is_full(limits) || !queue.is_turn(place) {
            if let Some((place, waker)) = waiter {
                queue.waiters().stand(place, waker);
            }
            return Err(Rejected { message, why: Rejection::Full });
        }
        if let Some((place, _)) = waiter {
            queue.leave(place);
        }
        let mut packed = None;
        if let Some(effort) = queue.packs_early(&message) {
            // Others need not wait for it. What they queue meanwhile takes none of the room that
            // this message has found.
            drop(queue);
            packed = packing::alone(effort, message.as_bytes());
            queue = self.lock();
            if queue.is_closed() {
                return Err(Rejected { message, why: Rejection::Closed });
            }
        }
        let idle = queue.is_empty();
        queue.put_packed(&message, packed, None);
        self.after_put(queue, idle);
        Ok(())
    }

    /// Goes on with an [`offer`](Self::offer).
    #[inline(never)]
    pub(super) fn offer_unusual<'a>(
        &'a self,
        mut queue: MutexGuard<'a, Queue>,
        frame: &Frame,
        latest: Option<&Arc<str>>,
        limits: &Settings,
    ) -> Offered {
        let mut packed = None;
        if let Some(effort) = queue.packs_early(&frame.message) {
            drop(queue);
            packed = frame.packed(effort);
            queue = self.lock();
            if queue.is_closed() {
                return Offered::Closed;
            }
        }
        if let Some(key) = latest {
            let part = queue.part_of(frame, packed.clone());
            if queue.replace(key, part) {
                return Offered::Queued;
            }
        }
        let mut offered = Offered::Queued;
        if queue.is_full(limits) {
            match limits.overflow {
                Overflow::Close => return Offered::Overflow,
                Overflow::DropNewest => return Offered::Dropped,
                Overflow::DropOldest if queue.drop_oldest() => offered = Offered::Displaced,
                // Everything that waits is on its way already.
                Overflow::DropOldest => return Offered::Dropped,
            }
        }
        let idle = queue.is_empty();
        if queue.packs() {
            queue.put_packed(&frame.message, packed, latest);
        } else {
            queue.put_frame(frame, latest);
        }
        self.after_put(queue, idle);
        offered
    }
}
