//! Echo by a frame layer that holds buffers only while something is in them.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    io::{self, IoSlice},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{BufMut, Bytes};
use tokio::{
    io::{AsyncReadExt, AsyncWrite},
    net::TcpStream,
};

use crate::frame::{head, put_head, unmask};

const BUF: usize = 32 * 1024;
/// What a payload may have at most to be copied behind its header.
const COPIED: usize = 4096;

thread_local!(static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) });

fn take() -> Vec<u8> {
    POOL.with_borrow_mut(Vec::pop).unwrap_or_else(|| Vec::with_capacity(BUF))
}

fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() == BUF {
        buffer.clear();
        POOL.with_borrow_mut(|pool| {
            if pool.len() < 64 {
                pool.push(buffer);
            }
        });
    }
}

/// Reads into the spare capacity of `into`, at most `limit` bytes.
fn poll_fill(
    io: &mut TcpStream,
    cx: &mut Context<'_>,
    into: &mut Vec<u8>,
    limit: usize,
) -> Poll<io::Result<usize>> {
    let room = limit.min(into.capacity() - into.len());
    // The future holds nothing; what it polls knows a short read from one that may go on.
    pin!(io.read_buf(&mut into.limit(room))).poll(cx)
}

/// A message that is larger than what the pooled buffer held of it.
struct Big {
    opcode: u8,
    mask: [u8; 4],
    data: Vec<u8>,
    len: usize,
}

struct Connection {
    io: TcpStream,
    input: Vec<u8>,
    at: usize,
    output: Vec<u8>,
    written: usize,
    big: Option<Box<Big>>,
    /// A large payload that is written from where it lies, after `output`.
    tail: Option<Bytes>,
}

impl Connection {
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let first = &self.output[self.written..];
            let tail = self.tail.as_deref().unwrap_or_default();
            if first.is_empty() && tail.is_empty() {
                break;
            }
            let parts = [IoSlice::new(first), IoSlice::new(tail)];
            let io = Pin::new(&mut self.io);
            let n = if tail.is_empty() {
                ready!(io.poll_write(cx, first))?
            } else {
                ready!(io.poll_write_vectored(cx, &parts))?
            };
            let of_first = n.min(first.len());
            self.written += of_first;
            if let Some(tail) = &mut self.tail {
                let _ = tail.split_to(n - of_first);
            }
        }
        self.tail = None;
        self.written = 0;
        give(std::mem::take(&mut self.output));
        Poll::Ready(Ok(()))
    }

    /// The next message in the buffer, or the beginning of a large one.
    fn next(&mut self) -> Result<Option<(u8, Bytes)>, ()> {
        let Some(head) = head(&self.input[self.at..])? else { return Ok(None) };
        if head.opcode == 8 || !head.fin {
            return Err(());
        }
        let from = self.at + head.size;
        let have = (self.input.len() - from).min(head.len);
        let mut data = Vec::with_capacity(head.len);
        data.extend_from_slice(&self.input[from..from + have]);
        self.at = from + have;
        if have == head.len {
            unmask(&mut data, head.mask);
            return Ok(Some((head.opcode, data.into())));
        }
        let (opcode, mask, len) = (head.opcode, head.mask, head.len);
        self.big = Some(Box::new(Big { opcode, mask, data, len }));
        Ok(None)
    }

    /// The next message; what is queued is flushed before this parks. `None` at the end.
    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<(u8, Bytes)>> {
        loop {
            if self.big.is_none() {
                match self.next() {
                    Err(()) => return Poll::Ready(None),
                    Ok(Some(message)) => return Poll::Ready(Some(message)),
                    Ok(None) => {}
                }
            }
            let filled = match &mut self.big {
                Some(big) => {
                    let missing = big.len - big.data.len();
                    poll_fill(&mut self.io, cx, &mut big.data, missing)
                }
                None => {
                    if self.at == self.input.len() {
                        self.input.clear();
                        self.at = 0;
                    }
                    if self.input.capacity() == 0 {
                        self.input = take();
                    }
                    if self.input.len() == self.input.capacity() {
                        self.input.drain(..self.at);
                        self.at = 0;
                    }
                    poll_fill(&mut self.io, cx, &mut self.input, usize::MAX)
                }
            };
            match filled {
                Poll::Ready(Ok(n)) if n > 0 => {}
                Poll::Ready(_) => return Poll::Ready(None),
                Poll::Pending => {
                    let queued = !self.output.is_empty() || self.tail.is_some();
                    if queued && matches!(self.poll_flush(cx), Poll::Ready(Err(_))) {
                        return Poll::Ready(None);
                    }
                    if self.input.is_empty() && self.input.capacity() > 0 {
                        give(std::mem::take(&mut self.input));
                    }
                    return Poll::Pending;
                }
            }
            if let Some(mut big) = self.big.take_if(|big| big.data.len() == big.len) {
                unmask(&mut big.data, big.mask);
                return Poll::Ready(Some((big.opcode, big.data.into())));
            }
        }
    }

    async fn send(&mut self, opcode: u8, data: Bytes) -> io::Result<()> {
        if self.tail.is_some() || self.output.len() > BUF / 2 {
            poll_fn(|cx| self.poll_flush(cx)).await?;
        }
        if self.output.capacity() == 0 {
            self.output = take();
        }
        put_head(&mut self.output, opcode, data.len());
        if data.len() <= COPIED {
            self.output.extend_from_slice(&data);
            return Ok(());
        }
        self.tail = Some(data);
        poll_fn(|cx| self.poll_flush(cx)).await
    }
}

pub(crate) async fn echo(io: TcpStream) {
    let mut connection = Connection {
        io,
        input: Vec::new(),
        at: 0,
        output: Vec::new(),
        written: 0,
        big: None,
        tail: None,
    };
    while let Some((opcode, data)) = poll_fn(|cx| connection.poll_recv(cx)).await {
        if connection.send(opcode, data).await.is_err() {
            return;
        }
    }
}
