//! Messages as they are compressed (RFC 7692 section 7.2.1).

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress};

/// Those that one thread keeps at most; they differ in level and window. One takes about 300 KiB.
const KEPT: usize = 2;

/// What the library ends a flush with, and the receiver adds by itself.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

thread_local! {
    static SPARE: RefCell<Vec<Deflater>> = const { RefCell::new(Vec::new()) };
}

/// How a message is compressed, as far as that shows in its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effort {
    pub(crate) level: u8,
    /// The window, as a power of two, 9 at least: with 8 the library does not compress.
    pub(crate) bits: u8,
}

/// Compresses messages, each with those before it in mind.
pub(crate) struct Deflater {
    effort: Effort,
    stream: Compress,
}

impl Deflater {
    pub(crate) fn new(effort: Effort) -> Self {
        let level = Compression::new(u32::from(effort.level));
        Self { effort, stream: Compress::new_with_window_bits(level, false, effort.bits) }
    }

    /// One that remembers nothing: a spare one of this thread, or a new one.
    pub(crate) fn fresh(effort: Effort) -> Self {
        let spare = SPARE.with_borrow_mut(|spare| {
            let at = spare.iter().position(|spare| spare.effort == effort)?;
            Some(spare.swap_remove(at))
        });
        spare.unwrap_or_else(|| Self::new(effort))
    }

    /// Keeps it for another message that has nothing to do with those before.
    pub(crate) fn spare(mut self) {
        self.stream.reset();
        SPARE.with_borrow_mut(|spare| {
            if spare.len() == KEPT {
                spare.remove(0);
            }
            spare.push(self);
        });
    }

    /// Compresses a message, or a piece of one that `last` says is not the last.
    pub(crate) fn compress(&mut self, mut input: &[u8], last: bool) -> Vec<u8> {
        if input.is_empty() {
            // The first byte of an empty block whose rest is the tail.
            return if last { vec![0] } else { Vec::new() };
        }
        let mut out = Vec::with_capacity(input.len() / 2 + 64);
        loop {
            let before = self.stream.total_in();
            // It fails for streams that are finished only, which these never are.
            let _ = self.stream.compress_vec(input, &mut out, FlushCompress::Sync);
            input = &input[(self.stream.total_in() - before) as usize..];
            if out.len() < out.capacity() {
                break;
            }
            out.reserve(out.len().max(64));
        }
        debug_assert!(input.is_empty() && out.ends_with(&TAIL));
        if last {
            out.truncate(out.len() - TAIL.len());
        }
        out
    }
}

impl std::fmt::Debug for Deflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflater").field("effort", &self.effort).finish_non_exhaustive()
    }
}
