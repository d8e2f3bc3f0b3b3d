//! An accepted socket and its seat, which are one thing: whoever holds the socket holds the seat.
//!
//! So a connection counts once, from the accept until the socket is closed, whether it serves HTTP,
//! becomes a session of ours, or is upgraded by somebody else.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

#[cfg(feature = "http2")]
use tokio::io::AsyncReadExt;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::session::Seat;

/// A socket with its seat.
#[derive(Debug)]
pub(super) struct Seated {
    tcp: TcpStream,
    /// Taken out where a session has it, and the socket stays inside of another stream.
    seat: Option<Seat>,
    /// What was read to see which protocol is spoken, and is still to be read.
    #[cfg(feature = "http2")]
    looked_at: LookedAt,
}

/// The first bytes of a connection, as many as it took.
#[cfg(feature = "http2")]
#[derive(Debug, Default)]
struct LookedAt {
    bytes: [u8; 4],
    from: u8,
    to: u8,
}

impl Seated {
    pub(super) fn new(tcp: TcpStream, seat: Seat) -> Self {
        Self {
            tcp,
            seat: Some(seat),
            #[cfg(feature = "http2")]
            looked_at: LookedAt::default(),
        }
    }

    /// Whether the peer begins with the preface of HTTP/2. Its first word is no method, so that no
    /// more has to be looked at.
    #[cfg(feature = "http2")]
    pub(super) async fn begins_http2(&mut self) -> io::Result<bool> {
        const FIRST: [u8; 4] = *b"PRI ";
        let LookedAt { bytes, to, .. } = &mut self.looked_at;
        while usize::from(*to) < FIRST.len() && FIRST.starts_with(&bytes[..usize::from(*to)]) {
            match self.tcp.read(&mut bytes[usize::from(*to)..]).await? {
                0 => return Ok(false),
                n => *to += n as u8,
            }
        }
        Ok(*bytes == FIRST)
    }

    pub(super) fn into_parts(self) -> (TcpStream, Option<Seat>) {
        (self.tcp, self.seat)
    }

    #[cfg(feature = "tls")]
    pub(super) fn take_seat(&mut self) -> Option<Seat> {
        self.seat.take()
    }

    fn tcp(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().tcp)
    }
}

impl AsyncRead for Seated {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        #[cfg(feature = "http2")]
        if self.looked_at.from < self.looked_at.to {
            let LookedAt { bytes, from, to } = &mut self.get_mut().looked_at;
            let n = usize::from(*to - *from).min(into.remaining());
            into.put_slice(&bytes[usize::from(*from)..][..n]);
            *from += n as u8;
            return Poll::Ready(Ok(()));
        }
        self.tcp().poll_read(cx, into)
    }
}

impl AsyncWrite for Seated {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.tcp().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.tcp().poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp().poll_shutdown(cx)
    }
}
