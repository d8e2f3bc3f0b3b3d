//! What is queued where messages may be compressed, and the compression of what leaves.

use std::sync::Arc;

use bytes::Bytes;

use super::{COPIED, EARLY, Part, Queue, fresh_key};
use crate::{
    message::Message,
    outbox::{Frame, packing::Packing},
    wire::{self, Effort, Opcode, Role, encode},
};

impl Queue {
    /// What is sent may be compressed, from now on and for good.
    pub(in crate::outbox) fn compress(&mut self, packing: Box<Packing>) {
        self.parts.get_or_insert_default().packing = Some(packing);
    }

    pub(in crate::outbox) fn packs(&self) -> bool {
        self.packing().is_some()
    }

    fn packing(&self) -> Option<&Packing> {
        self.parts.as_ref()?.packing.as_deref()
    }

    /// How a message is to be compressed before it is queued, if it is.
    pub(in crate::outbox) fn packs_early(&self, message: &Message) -> Option<Effort> {
        self.packing()?.takes_early(Opcode::of(message), message.len())
    }

    /// Takes a message that is compressed already, or is so when it leaves, or goes as it is.
    pub(in crate::outbox) fn put_packed(
        &mut self,
        message: &Message,
        packed: Option<Bytes>,
        latest: Option<&Arc<str>>,
    ) {
        let opcode = Opcode::of(message);
        let counts = u32::from(opcode != Opcode::Pong);
        self.count(counts);
        let clear = self.parts.as_ref().is_none_or(|parts| parts.is_clear());
        let part = self.packed(message, packed);
        // What may be replaced stands as a part of its own, and so does what is compressed later.
        let buffered = clear && !self.blocked && latest.is_none() && part.late.is_none();
        if buffered && part.len() <= COPIED {
            self.buffered += counts;
            self.waiting += part.len();
            if self.buffer.capacity() == 0 {
                self.buffer = wire::take();
            }
            self.buffer.extend_from_slice(part.header());
            self.buffer.extend_from_slice(part.payload());
        } else {
            self.put(part.keyed(latest.cloned()));
        }
    }

    /// The part that a message becomes, compressed already or not.
    pub(in crate::outbox) fn packed(&self, message: &Message, packed: Option<Bytes>) -> Part {
        let opcode = Opcode::of(message);
        let is_message = opcode != Opcode::Pong;
        if let Some(payload) = packed {
            let (header, payload) = marked(self.role, opcode, true, payload);
            return Part::new(&header, payload, is_message);
        }
        let payload = message.as_bytes();
        if self.packing().is_some_and(|packing| packing.takes_late(opcode, payload.len())) {
            return Part::new(&[], message.clone().into_bytes(), is_message).late(opcode);
        }
        let (header, payload) = self.encoded(opcode, true, message.clone().into_bytes());
        Part::new(&header, payload, is_message)
    }

    /// The part that the frame of a fan-out becomes.
    pub(in crate::outbox) fn part_of(&self, frame: &Frame, packed: Option<Bytes>) -> Part {
        if packed.is_some() || self.packs() || self.role == Role::Client {
            self.packed(&frame.message, packed)
        } else {
            Part::new(&[], frame.encoded.clone(), true)
        }
    }

    /// Puts the frame in the place of a queued one of the same key. `false` if there is none.
    pub(in crate::outbox) fn replace(&mut self, key: &Arc<str>, part: Part) -> bool {
        let change = self.parts.as_mut().and_then(|parts| parts.replace(key, part));
        self.waiting = self.waiting.saturating_add_signed(change.unwrap_or_default());
        change.is_some()
    }

    pub(in crate::outbox) fn put_fragment(&mut self, opcode: Opcode, payload: Bytes, last: bool) {
        if self.packs() {
            self.put(Part::fragment(&[], payload, last).late(opcode));
        } else {
            let (header, payload) = self.encoded(opcode, last, payload);
            self.put(Part::fragment(&header, payload, last));
        }
        if last {
            self.count(1);
            self.waiting += self.parts.as_mut().map_or(0, |parts| parts.release());
        }
    }

    /// Compresses what is to be written next. Not more: what has been compressed cannot be dropped.
    pub(super) fn pack(&mut self) {
        let Some(parts) = &mut self.parts else { return };
        let Some(mut packing) = parts.packing.take() else { return };
        let mut ready = 0;
        for part in parts.iter_mut() {
            if let Some(opcode) = part.late.take() {
                let (before, last) = (part.len(), part.is_message);
                let payload = packing.compress(part.payload(), last);
                let (header, payload) = marked(self.role, opcode, last, payload);
                part.encode(&header, payload, true);
                self.waiting = self.waiting + part.len() - before;
            }
            ready += part.len();
            if ready >= EARLY {
                break;
            }
        }
        parts.packing = Some(packing);
    }
}

/// The header and the payload of a frame of a compressed message.
fn marked(role: Role, opcode: Opcode, fin: bool, payload: Bytes) -> (Vec<u8>, Bytes) {
    let mut header = Vec::with_capacity(encode::MAX_HEADER);
    let key = (role == Role::Client).then(fresh_key);
    if opcode == Opcode::Continuation {
        // The mark is on the first frame (RFC 7692 section 6.1).
        encode::header(&mut header, opcode, fin, payload.len(), key);
    } else {
        encode::marked_header(&mut header, opcode, fin, payload.len(), key);
    }
    match key {
        Some(key) => (header, encode::masked(&payload, key)),
        None => (header, payload),
    }
}
