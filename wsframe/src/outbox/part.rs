//! Queued frames that stand behind the buffer, each on its own.

use std::{collections::VecDeque, io::IoSlice, sync::Arc};

use bytes::Bytes;

use super::packing::Packing;
use crate::wire::{Opcode, encode::MAX_HEADER, recycle};

/// One frame, or one control frame, whose payload is not copied.
#[derive(Debug)]
pub(super) struct Part {
    header: [u8; MAX_HEADER],
    header_len: u8,
    payload: Bytes,
    /// Whether a message ends with it.
    pub(super) is_message: bool,
    /// Whether it is a piece of a message, which cannot do without it.
    is_fragment: bool,
    /// Set as long as it is to be compressed: it has no header, and its payload is as it was given.
    pub(super) late: Option<Opcode>,
    /// Compressed, and what follows may refer to it.
    pub(super) bound: bool,
    /// The key under which a later frame takes its place.
    key: Option<Arc<str>>,
}

impl Part {
    pub(super) fn new(header: &[u8], payload: Bytes, is_message: bool) -> Self {
        let mut inline = [0; MAX_HEADER];
        inline[..header.len()].copy_from_slice(header);
        Self {
            header: inline,
            header_len: header.len() as u8,
            payload,
            is_message,
            is_fragment: false,
            late: None,
            bound: false,
            key: None,
        }
    }

    /// A piece of the fragmented message that is open.
    pub(super) fn fragment(header: &[u8], payload: Bytes, last: bool) -> Self {
        Self { is_fragment: true, ..Self::new(header, payload, last) }
    }

    /// It is compressed when it leaves. A header will stand before it; counted already, it makes that
    /// an empty payload is something to write.
    pub(super) fn late(mut self, opcode: Opcode) -> Self {
        self.late = Some(opcode);
        self.header_len = 2;
        self
    }

    pub(super) fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// It has been compressed; `bound` if what follows may refer to it.
    pub(super) fn encode(&mut self, header: &[u8], payload: Bytes, bound: bool) {
        self.header[..header.len()].copy_from_slice(header);
        self.header_len = header.len() as u8;
        self.payload = payload;
        self.bound = bound;
    }

    pub(super) fn keyed(mut self, key: Option<Arc<str>>) -> Self {
        self.key = key;
        self
    }

    pub(super) fn header(&self) -> &[u8] {
        &self.header[..usize::from(self.header_len)]
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.header_len) + self.payload.len()
    }
}

/// The parts of one outbox, in order.
#[derive(Debug, Default)]
pub(super) struct Parts {
    queue: VecDeque<Part>,
    /// How much of the first one is written. A part that has begun comes before the buffer.
    begun: usize,
    /// The answer to the last ping, where the peer does not even read its pongs.
    pub(super) pong: Option<Bytes>,
    /// There while a fragmented message is open.
    held: Option<Box<Held>>,
    /// There for good if what is sent may be compressed.
    pub(super) packing: Option<Box<Packing>>,
}

/// Whole messages that wait for the end of a fragmented one.
#[derive(Debug, Default)]
struct Held {
    parts: VecDeque<Part>,
    bytes: usize,
}

impl Parts {
    /// Queues a part, and says how many bytes may be written now: none of a message that has to
    /// wait for the end of the fragmented one.
    pub(super) fn push(&mut self, part: Part) -> usize {
        let len = part.len();
        match &mut self.held {
            Some(held) if part.is_message && !part.is_fragment => {
                held.bytes += len;
                held.parts.push_back(part);
                0
            }
            _ => {
                self.queue.push_back(part);
                len
            }
        }
    }

    /// The parts in the order in which they leave.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Part> {
        self.queue.iter_mut()
    }

    /// Whether nothing stands here, so that what is queued next may go into the buffer.
    pub(super) fn is_clear(&self) -> bool {
        self.queue.is_empty() && self.held.is_none()
    }

    /// A fragmented message begins. `false` if one is open already.
    pub(super) fn open(&mut self) -> bool {
        let free = self.held.is_none();
        self.held.get_or_insert_default();
        free
    }

    /// The fragmented message has ended; the bytes that waited for it.
    pub(super) fn release(&mut self) -> usize {
        let Some(mut held) = self.held.take() else { return 0 };
        self.queue.append(&mut held.parts);
        held.bytes
    }

    /// The fragmented message will not end; the number of messages that waited for it.
    pub(super) fn drop_held(&mut self) -> u32 {
        self.held.take().map_or(0, |held| held.parts.len() as u32)
    }

    /// Bytes that wait for the end of the fragmented message.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.bytes)
    }

    /// Puts a part in the place of that of its key, unless that one has begun. By how many bytes that
    /// changes what may be written now.
    pub(super) fn replace(&mut self, key: &Arc<str>, part: Part) -> Option<isize> {
        let from = usize::from(self.begun > 0);
        let of_key = |part: &&mut Part| !part.bound && part.key.as_ref() == Some(key);
        let by = |old: &mut Part| {
            let change = part.len() as isize - old.len() as isize;
            *old = part.keyed(Some(key.clone()));
            change
        };
        if let Some(old) = self.queue.iter_mut().skip(from).find(of_key) {
            return Some(by(old));
        }
        let held = self.held.as_deref_mut()?;
        let change = by(held.parts.iter_mut().find(of_key)?);
        held.bytes = held.bytes.saturating_add_signed(change);
        Some(0)
    }

    /// Drops the first whole message that has not begun; by how many bytes less may be written now.
    pub(super) fn drop_first(&mut self) -> Option<usize> {
        let from = usize::from(self.begun > 0);
        let whole = |part: &Part| part.is_message && !part.is_fragment && !part.bound;
        if let Some(at) = (from..self.queue.len()).find(|at| whole(&self.queue[*at])) {
            return self.queue.remove(at).map(|part| part.len());
        }
        let held = self.held.as_deref_mut()?;
        held.bytes -= held.parts.pop_front()?.len();
        Some(0)
    }

    /// Whether nothing is left to write or to wait for.
    pub(super) fn is_done(&self) -> bool {
        self.is_clear() && self.packing.is_none()
    }

    /// What need not be kept while there is nothing to write.
    pub(super) fn rest(&mut self) {
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
    }

    /// The rest of a part that is written in part.
    pub(super) fn begun(&self) -> Option<&Part> {
        if self.begun > 0 { self.queue.front() } else { None }
    }

    /// Appends what is to be written of the parts, the one that has begun or all the others.
    pub(super) fn slices<'a>(&'a self, begun: bool, out: &mut Vec<IoSlice<'a>>, room: usize) {
        let skip = usize::from(self.begun > 0 && !begun);
        let take = if begun { usize::from(self.begun > 0) } else { usize::MAX };
        let mut done = if begun { self.begun } else { 0 };
        for part in self.queue.iter().skip(skip).take(take) {
            if out.len() + 2 > room || part.late.is_some() {
                break;
            }
            let header = part.header();
            out.push(IoSlice::new(&header[done.min(header.len())..]));
            out.push(IoSlice::new(&part.payload[done.saturating_sub(header.len())..]));
            done = 0;
        }
    }

    /// `n` bytes of the parts were written; how many messages that completed, and how many bytes
    /// belong to what comes after the part that had begun, if `only_begun`.
    pub(super) fn advance(&mut self, mut n: usize, only_begun: bool) -> (u32, usize) {
        let mut messages = 0;
        while let Some(part) = self.queue.front() {
            let rest = part.len() - self.begun;
            if n < rest {
                self.begun += n;
                return (messages, 0);
            }
            n -= rest;
            self.begun = 0;
            if let Some(part) = self.queue.pop_front() {
                messages += u32::from(part.is_message);
                recycle(part.payload);
            }
            if only_begun || n == 0 {
                break;
            }
        }
        (messages, n)
    }
}
