//! Buffers that go round: a connection holds one only while there are bytes in it.
//!
//! Each worker thread keeps a few. A buffer that was taken on one thread may be given back on
//! another; the pools even out, and what is too much is freed.

use std::cell::RefCell;

use bytes::Bytes;

use super::mask;

/// Capacity of a pooled buffer. Large enough that one read brings many small frames, small enough
/// to stay in the second-level cache.
const SIZE: usize = 32 * 1024;

/// Buffers that one thread keeps at most.
const KEPT: usize = 64;

/// From this size on a payload is not copied out of the buffer; the buffer becomes the payload.
const HAND_OVER: usize = 4 * 1024;

thread_local! {
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer of [`SIZE`] bytes capacity.
#[inline]
pub(crate) fn take() -> Vec<u8> {
    POOL.with_borrow_mut(Vec::pop).unwrap_or_else(fresh)
}

#[cold]
fn fresh() -> Vec<u8> {
    Vec::with_capacity(SIZE)
}

/// Gives a buffer back. One of another capacity is freed.
#[inline]
pub(crate) fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() == SIZE {
        buffer.clear();
        POOL.with_borrow_mut(|pool| {
            if pool.len() < KEPT {
                pool.push(buffer);
            }
        });
    }
}

/// Gives back the buffer behind a payload that was sent, if nobody else holds it.
pub(crate) fn recycle(mut payload: Bytes) {
    if payload.len() >= HAND_OVER && payload.is_unique() {
        // Cut first: turning shared bytes into a `Vec` moves what they still hold.
        payload.truncate(1);
        give(payload.into());
    }
}

/// Received bytes that are not decoded yet.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    /// Where the unread bytes begin.
    at: usize,
}

impl Buffer {
    /// What was received before the connection was ours.
    pub(crate) fn holding(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), at: 0 }
    }

    #[inline]
    pub(crate) fn unread(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    #[inline]
    pub(super) fn consume(&mut self, n: usize) {
        self.at += n;
        debug_assert!(self.at <= self.bytes.len());
    }

    /// The room to read into, at least [`SIZE`] less a frame's header and a control frame.
    #[inline]
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        if self.at == self.bytes.len() {
            self.bytes.clear();
            self.at = 0;
        }
        if self.bytes.capacity() == 0 {
            self.bytes = take();
        } else if self.bytes.capacity() != SIZE || self.at > 0 {
            self.make_room();
        }
        &mut self.bytes
    }

    /// What is unread moves to a buffer in which it leaves room.
    fn make_room(&mut self) {
        let mut fresh = take();
        fresh.extend_from_slice(self.unread());
        give(std::mem::replace(&mut self.bytes, fresh));
        self.at = 0;
    }

    /// Called before the reader parks: no pooled buffer stays behind. What is left is at most a
    /// header and a control frame's payload, and moves to memory of its own.
    #[inline]
    pub(crate) fn park(&mut self) {
        if self.is_empty() {
            give(std::mem::take(&mut self.bytes));
            self.at = 0;
        } else if self.bytes.capacity() == SIZE {
            let rest = self.unread().to_vec();
            give(std::mem::replace(&mut self.bytes, rest));
            self.at = 0;
        }
    }

    /// Takes out a payload of `len` bytes, `skip` bytes from here, unmasked.
    #[inline]
    pub(super) fn take_payload(&mut self, skip: usize, len: usize, key: Option<[u8; 4]>) -> Bytes {
        let start = self.at + skip;
        let end = start + len;
        if let Some(key) = key {
            mask::apply(&mut self.bytes[start..end], key);
        }
        if len >= HAND_OVER && self.bytes.len() - end <= len {
            return self.hand_over(start, end);
        }
        self.at = end;
        Bytes::copy_from_slice(&self.bytes[start..end])
    }

    /// The buffer becomes the payload; what follows moves to another buffer.
    fn hand_over(&mut self, start: usize, end: usize) -> Bytes {
        let rest = if end == self.bytes.len() {
            Vec::new()
        } else {
            let mut fresh = take();
            fresh.extend_from_slice(&self.bytes[end..]);
            fresh
        };
        self.at = 0;
        Bytes::from(std::mem::replace(&mut self.bytes, rest)).slice(start..end)
    }

    /// Shows up to `len` bytes, unmasked, to `take`, which says how many of them it took.
    pub(super) fn show<T>(
        &mut self,
        len: usize,
        key: Option<[u8; 4]>,
        take: impl FnOnce(&[u8]) -> (usize, T),
    ) -> (usize, T) {
        let end = self.bytes.len().min(self.at + len);
        let shown = &mut self.bytes[self.at..end];
        if let Some(key) = key {
            mask::apply(shown, key);
        }
        let (taken, result) = take(shown);
        // What is left stays as it came.
        if let Some(key) = key {
            mask::apply(&mut shown[taken..], mask::advance(key, taken));
        }
        self.at += taken;
        (taken, result)
    }

    /// Moves up to `len` bytes to the end of `into` and says how many there were.
    pub(super) fn move_into(&mut self, into: &mut Vec<u8>, len: usize) -> usize {
        let n = len.min(self.bytes.len() - self.at);
        into.extend_from_slice(&self.bytes[self.at..self.at + n]);
        self.at += n;
        n
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        give(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parking_keeps_the_bytes_and_returns_the_buffer() {
        let mut buffer = Buffer::default();
        buffer.room().extend_from_slice(b"abcdef");
        buffer.consume(4);
        buffer.park();
        assert_eq!(buffer.unread(), b"ef");
        assert!(buffer.bytes.capacity() < SIZE);
        buffer.room().extend_from_slice(b"gh");
        assert_eq!(buffer.unread(), b"efgh");
        buffer.consume(4);
        buffer.park();
        assert_eq!(buffer.bytes.capacity(), 0);
    }

    #[test]
    fn a_large_payload_takes_the_buffer_along_and_leaves_the_rest() {
        let mut buffer = Buffer::default();
        let payload = vec![7; HAND_OVER];
        buffer.room().extend_from_slice(b"head");
        buffer.room().extend_from_slice(&payload);
        buffer.room().extend_from_slice(b"tail");
        let taken = buffer.take_payload(4, HAND_OVER, None);
        assert_eq!(taken, payload);
        assert_eq!(buffer.unread(), b"tail");
    }

    #[test]
    fn a_payload_that_somebody_keeps_is_not_recycled() {
        POOL.take();
        let mut bytes = Vec::with_capacity(SIZE);
        bytes.resize(HAND_OVER, 1);
        let payload = Bytes::from(bytes);
        let kept = payload.clone();
        recycle(payload);
        assert!(POOL.take().is_empty());
        assert_eq!(kept.len(), HAND_OVER);
        recycle(kept);
        assert_eq!(POOL.take().len(), 1);
    }
}
