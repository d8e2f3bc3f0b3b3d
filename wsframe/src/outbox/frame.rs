//! A frame that goes to many.

use bytes::Bytes;

use super::packing::Packed;
use crate::{
    message::Message,
    wire::{Opcode, encode},
};

/// A message encoded once, for all the sessions that it is sent to.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(super) message: Message,
    /// As a server sends it. A client masks each frame with a key of its own.
    pub(super) encoded: Bytes,
    pub(super) packed: Packed,
}

impl Frame {
    pub(crate) fn new(message: Message) -> Self {
        let opcode = Opcode::of(&message);
        let mut encoded = Vec::with_capacity(encode::MAX_HEADER + message.len());
        encode::frame(&mut encoded, opcode, true, message.as_bytes(), None);
        Self { message, encoded: encoded.into(), packed: Packed::default() }
    }

    /// Its length on the wire, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.encoded.len()
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &Message {
        &self.message
    }
}
