//! Queued frames that stand behind the buffer, each on its own.

use std::{collections::VecDeque, io::IoSlice, sync::Arc};

use bytes::Bytes;

use crate::wire::{encode::MAX_HEADER, recycle};

/// One frame, or one control frame, whose payload is not copied.
#[derive(Debug)]
pub(super) struct Part {
    header: [u8; MAX_HEADER],
    header_len: u8,
    payload: Bytes,
    /// Whether it counts as a message.
    pub(super) is_message: bool,
    /// The key under which a later frame takes its place.
    key: Option<Arc<str>>,
}

impl Part {
    pub(super) fn new(header: &[u8], payload: Bytes, is_message: bool) -> Self {
        let mut inline = [0; MAX_HEADER];
        inline[..header.len()].copy_from_slice(header);
        Self { header: inline, header_len: header.len() as u8, payload, is_message, key: None }
    }

    pub(super) fn keyed(mut self, key: Option<Arc<str>>) -> Self {
        self.key = key;
        self
    }

    fn header(&self) -> &[u8] {
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
}

impl Parts {
    pub(super) fn push(&mut self, part: Part) {
        self.queue.push_back(part);
    }

    /// Replaces the frame of this key, unless it has begun; how many bytes it had.
    pub(super) fn replace(&mut self, key: &Arc<str>, encoded: &Bytes) -> Option<usize> {
        let from = usize::from(self.begun > 0);
        let part = self.queue.iter_mut().skip(from).find(|part| part.key.as_ref() == Some(key))?;
        Some(std::mem::replace(&mut part.payload, encoded.clone()).len())
    }

    /// Drops the first message that has not begun; the bytes that makes.
    pub(super) fn drop_first(&mut self) -> Option<usize> {
        let from = usize::from(self.begun > 0);
        let at = (from..self.queue.len()).find(|at| self.queue[*at].is_message)?;
        self.queue.remove(at).map(|part| part.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
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
            if out.len() + 2 > room {
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
