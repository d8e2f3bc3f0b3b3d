//! Compressed messages as they come (RFC 7692 section 7.2.2).
//!
//! What a message inflates to goes into room that the caller measures out, so no limit is passed.

use std::cell::Cell;

use flate2::{Decompress, FlushDecompress, Status};

use super::Fault;
use crate::handshake::Direction;

thread_local! {
    /// One that is not in use: without context takeover a connection holds none between messages.
    static SPARE: Cell<Option<Box<Decompress>>> = const { Cell::new(None) };
}

/// The window of the spare ones; it serves the smaller windows as well.
const BITS: u8 = 15;

/// What every message ends with, which is not sent.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// The inflating half of one connection.
pub(crate) struct Inflater {
    takeover: bool,
    bits: u8,
    /// Without context takeover only there while a message is half-way.
    stream: Option<Box<Decompress>>,
    end: End,
}

/// Whether the stream has ended itself within the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Not,
    /// With a final block.
    Final,
    /// And with the byte that may follow one.
    Padded,
}

/// What became of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fed {
    /// All of it is inflated.
    Hungry,
    /// The output is full, and there may be more.
    Full,
}

impl Inflater {
    pub(crate) fn new(direction: Direction) -> Self {
        // The library takes no window of 8; one of 9 inflates the same.
        Self {
            takeover: direction.takeover,
            bits: direction.bits.max(9),
            stream: None,
            end: End::Not,
        }
    }

    /// Inflates from the front of `input` into what `out` has of spare room.
    ///
    /// # Errors
    ///
    /// The peer's fault: it is no DEFLATE stream, or goes on after its end.
    pub(super) fn feed(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Result<Fed, Fault> {
        loop {
            if self.end != End::Not {
                return self.feed_ended(input);
            }
            let stream = self.stream.get_or_insert_with(|| fresh(self.takeover, self.bits));
            let status = step(stream, input, out)?;
            if status == Status::StreamEnd {
                self.end = End::Final;
            } else if out.len() == out.capacity() {
                return Ok(Fed::Full);
            } else if input.is_empty() {
                return Ok(Fed::Hungry);
            }
        }
    }

    /// Behind a final block a message may only have the byte that makes its tail an empty block
    /// (RFC 7692 section 7.2.3.5). Other receivers pass over what stands here, so that they and we
    /// would see different messages.
    fn feed_ended(&mut self, input: &mut &[u8]) -> Result<Fed, Fault> {
        match (self.end, *input) {
            (_, []) => {}
            (End::Final, [0]) => self.end = End::Padded,
            _ => return Err(Fault::inflate("data behind the final block")),
        }
        *input = &[];
        Ok(Fed::Hungry)
    }

    /// The message is all here: it has to end where a block does.
    ///
    /// # Errors
    ///
    /// The peer's fault: it ends elsewhere.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        let end = std::mem::replace(&mut self.end, End::Not);
        let mut stream = self.stream.take().unwrap_or_else(|| fresh(self.takeover, self.bits));
        if end == End::Not {
            // Neither the tail nor what follows it here has content. Anything that comes of them
            // shows that they were taken for the rest of an unfinished block. With takeover the stream
            // must not end; a peer that stops within the table of a block may then be found out
            // with its next message only.
            let rest: &[u8] = if self.takeover { &[0, 0, 0, 0xff, 0xff] } else { &[3, 0] };
            let tail = [&TAIL[..], rest].concat();
            let (mut tail, mut out) = (&tail[..], Vec::with_capacity(8));
            let status = step(&mut stream, &mut tail, &mut out)?;
            let ends = self.takeover || status == Status::StreamEnd;
            if !(ends && tail.is_empty() && out.is_empty()) {
                return Err(Fault::inflate("compressed message cut short"));
            }
        }
        if !self.takeover || end != End::Not {
            stream.reset(false);
        }
        if self.takeover {
            self.stream = Some(stream);
        } else {
            SPARE.set(Some(stream));
        }
        Ok(())
    }
}

/// Without takeover the spare one, if it is there.
fn fresh(takeover: bool, bits: u8) -> Box<Decompress> {
    let spare = if takeover { None } else { SPARE.take() };
    let bits = if takeover { bits } else { BITS };
    spare.unwrap_or_else(|| Box::new(Decompress::new_with_window_bits(false, bits)))
}

/// One call of the library.
fn step(stream: &mut Decompress, input: &mut &[u8], out: &mut Vec<u8>) -> Result<Status, Fault> {
    let (had, before) = (out.len(), stream.total_in());
    let status = stream
        .decompress_vec(input, out, FlushDecompress::Sync)
        .map_err(|_| Fault::inflate("no compressed message"))?;
    let taken = (stream.total_in() - before) as usize;
    *input = &input[taken..];
    let stuck = taken == 0 && out.len() == had && status != Status::StreamEnd;
    if stuck && !input.is_empty() && out.len() < out.capacity() {
        return Err(Fault::inflate("no compressed message"));
    }
    Ok(status)
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater")
            .field("takeover", &self.takeover)
            .field("bits", &self.bits)
            .finish_non_exhaustive()
    }
}
