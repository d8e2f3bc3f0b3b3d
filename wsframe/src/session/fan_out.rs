//! One message to many sessions.

use super::{Session, slow_reader};
use crate::{
    message::Message,
    outbox::{Frame, Offered},
};

/// What became of a message that was sent to many sessions. It need not be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// Sessions whose outbox took it.
    pub queued: usize,
    /// Messages that a full outbox cost: this one, or an older one that made room for it.
    pub dropped: usize,
}

/// Sends `message`, encoded once, to each of `sessions`. It never waits: a full outbox is met with
/// its endpoint's `overflow`.
pub(crate) fn fan_out(message: Message, sessions: &[Session]) -> Delivered {
    let frame = Frame::new(message);
    let mut delivered = Delivered::default();
    for session in sessions {
        match session.outbox().offer(&frame, session.settings()) {
            Offered::Queued => delivered.queued += 1,
            Offered::Displaced => {
                delivered.queued += 1;
                delivered.dropped += 1;
            }
            Offered::Dropped => delivered.dropped += 1,
            Offered::Overflow => {
                delivered.dropped += 1;
                // A close frame behind the full queue would not be read.
                session.kill(slow_reader());
            }
            Offered::Closed => {}
        }
        session.touch_if_idle_matters();
    }
    delivered
}
