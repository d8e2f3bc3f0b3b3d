//! From the queue to the kernel.

use std::{
    io::{self, IoSlice},
    task::{Context, Poll},
};

use super::Queue;
use crate::{wire, wire::Opcode};

/// Slices of one vectored write.
const SLICES: usize = 64;

/// What a write came to.
#[derive(Debug)]
pub(in crate::outbox) enum Written {
    All,
    Blocked,
    Failed,
}

impl Queue {
    /// Writes what there is; with a context the driver is woken when it could go on.
    #[inline]
    pub(in crate::outbox) fn write(&mut self, mut cx: Option<&mut Context<'_>>) -> Written {
        while self.waiting > 0 {
            let written = if self.parts.is_none() {
                let rest = &self.buffer[self.at as usize..];
                self.writer.write(cx.as_deref_mut(), &[IoSlice::new(rest)])
            } else {
                self.pack();
                self.write_vectored(cx.as_deref_mut())
            };
            match written {
                Poll::Ready(Ok(0)) => return self.failed(&io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(n)) => self.wrote(n),
                Poll::Ready(Err(error)) => return self.failed(&error),
                Poll::Pending => {
                    self.blocked = true;
                    self.count_bytes();
                    return Written::Blocked;
                }
            }
        }
        self.blocked = false;
        self.count_bytes();
        if self.buffer.capacity() > 0 {
            wire::give(std::mem::take(&mut self.buffer));
        }
        match cx.map(|cx| self.writer.flush(cx)) {
            Some(Poll::Ready(Err(error))) => self.failed(&error),
            _ => Written::All,
        }
    }

    fn write_vectored(&mut self, cx: Option<&mut Context<'_>>) -> Poll<io::Result<usize>> {
        let mut slices = Vec::with_capacity(8);
        let parts = self.parts.as_deref();
        if let Some(parts) = parts {
            parts.slices(true, &mut slices, SLICES);
        }
        slices.push(IoSlice::new(&self.buffer[self.at as usize..]));
        if let Some(parts) = parts {
            parts.slices(false, &mut slices, SLICES);
        }
        slices.retain(|slice| !slice.is_empty());
        self.writer.write(cx, &slices)
    }

    /// `n` bytes are with the kernel.
    #[inline]
    fn wrote(&mut self, mut n: usize) {
        self.waiting -= n;
        self.written += n as u64;
        if let Some(parts) = &mut self.parts
            && parts.begun().is_some()
        {
            let (messages, rest) = parts.advance(n, true);
            self.messages -= messages;
            n = rest;
        }
        let from_buffer = n.min(self.buffer.len() - self.at as usize);
        self.at += from_buffer as u32;
        n -= from_buffer;
        if self.at as usize == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            self.messages -= std::mem::take(&mut self.buffered);
            if self.parts.is_some() {
                self.wrote_parts(n);
            }
        }
        if self.waiters.is_some() {
            self.wake_waiters();
        }
    }

    fn wrote_parts(&mut self, n: usize) {
        let Some(parts) = &mut self.parts else { return };
        if n > 0 {
            let (messages, _) = parts.advance(n, false);
            self.messages -= messages;
        }
        let pong = parts.pong.take();
        if parts.is_done() {
            self.parts = None;
        } else {
            parts.rest();
        }
        // The buffer is empty now, so the peer reads again: the last ping is answered.
        if let Some(pong) = pong
            && !self.closed
        {
            self.put_buffered(Opcode::Pong, &pong);
        }
    }

    fn wake_waiters(&mut self) {
        let done = self.done();
        if let Some(waiters) = &mut self.waiters {
            waiters.wake_room();
            waiters.wake_flush(done);
            if waiters.is_empty() {
                self.waiters = None;
            }
        }
    }
}
