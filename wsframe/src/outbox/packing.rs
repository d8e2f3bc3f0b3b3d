//! Compression of what leaves.
//!
//! Without context takeover a message is compressed before it is queued, outside of the lock, and a
//! frame that goes to many once for all who compress alike. With it the order counts, and what is
//! dropped must not have been compressed: then it is done when a message leaves the queue. So it is
//! with the pieces of a message, which have a context in common in any case.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

use super::Frame;
use crate::{
    handshake::{Agreed, Direction},
    message::Message,
    wire::{Deflater, Effort, Opcode, Role},
};

/// How one connection compresses.
#[derive(Debug)]
pub(super) struct Packing {
    effort: Effort,
    threshold: usize,
    takeover: bool,
    /// With takeover from the first message on, else while a fragmented message is on its way.
    deflater: Option<Deflater>,
}

/// What was agreed on for what `role` sends; nothing if that is not to be compressed.
pub(super) fn packing(agreed: &Agreed, role: Role) -> Option<Box<Packing>> {
    let Direction { takeover, bits } = match role {
        Role::Server => agreed.server,
        Role::Client => agreed.client,
    };
    // The library does not compress with a window of 8.
    (bits > 8).then(|| {
        let effort = Effort { level: agreed.level, bits };
        Box::new(Packing { effort, threshold: agreed.threshold, takeover, deflater: None })
    })
}

impl Packing {
    /// Whether a whole message is worth it.
    fn takes(&self, opcode: Opcode, len: usize) -> bool {
        matches!(opcode, Opcode::Text | Opcode::Binary) && len >= self.threshold
    }

    /// Whether a whole message is to be compressed when it leaves.
    pub(super) fn takes_late(&self, opcode: Opcode, len: usize) -> bool {
        self.takeover && self.takes(opcode, len)
    }

    /// How a whole message is to be compressed before it is queued, if it is.
    pub(super) fn takes_early(&self, opcode: Opcode, len: usize) -> Option<Effort> {
        (!self.takeover && self.takes(opcode, len)).then_some(self.effort)
    }

    /// Compresses what leaves now: a message, or the next piece of one.
    pub(super) fn compress(&mut self, payload: &[u8], last: bool) -> Bytes {
        let effort = self.effort;
        let mut deflater = self.deflater.take().unwrap_or_else(|| {
            if self.takeover { Deflater::new(effort) } else { Deflater::fresh(effort) }
        });
        let compressed = deflater.compress(payload, last);
        if last && !self.takeover {
            deflater.spare();
        } else {
            self.deflater = Some(deflater);
        }
        compressed.into()
    }
}

/// Compresses a message by itself; nothing if it does not get smaller.
pub(super) fn alone(effort: Effort, message: &[u8]) -> Option<Bytes> {
    let mut deflater = Deflater::fresh(effort);
    let compressed = deflater.compress(message, true);
    deflater.spare();
    (compressed.len() < message.len()).then(|| compressed.into())
}

/// A frame's message, compressed in the ways that were asked for.
#[derive(Debug, Default)]
pub(super) struct Packed(OnceLock<Arc<Mutex<Ways>>>);

/// What came of each way in which it was tried.
type Ways = Vec<(Effort, Option<Bytes>)>;

impl Packed {
    /// Compresses in this way, unless it was done before.
    fn get(&self, effort: Effort, message: &Message) -> Option<Bytes> {
        let known = self.0.get_or_init(Default::default);
        // Held meanwhile, so that others wait instead of doing the same.
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, packed)) = known.iter().find(|(done, _)| *done == effort) {
            return packed.clone();
        }
        let packed = alone(effort, message.as_bytes());
        known.push((effort, packed.clone()));
        packed
    }
}

/// A clone shares what is compressed.
impl Clone for Packed {
    fn clone(&self) -> Self {
        self.0.get_or_init(Default::default);
        Self(self.0.clone())
    }
}

impl Frame {
    /// The message as a connection with this effort sends it; nothing if it goes as it is.
    pub(super) fn packed(&self, effort: Effort) -> Option<Bytes> {
        self.packed.get(effort, &self.message)
    }
}
