//! The reading half of a transport, and how a transport is cut in two.

use std::{
    fmt, io,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::{BufMut, Bytes};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::{TcpStream, tcp::OwnedReadHalf},
};

use crate::outbox::Writer;

/// Where bytes come from.
pub(crate) enum Reader {
    Tcp(OwnedReadHalf),
    Stream(Pin<Box<dyn AsyncRead + Send>>),
}

/// The reading side of an open socket.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(super) reader: Reader,
    /// What came with the handshake and belongs to us.
    pub(super) early: Bytes,
}

impl Transport {
    /// Plain TCP: everybody who sends may write to it.
    pub(crate) fn tcp(tcp: TcpStream, early: Bytes) -> (Self, Writer) {
        let (reader, writer) = tcp.into_split();
        (Self { reader: Reader::Tcp(reader), early }, Writer::Tcp(writer))
    }

    /// Any other stream: the driver's task reads and writes.
    pub(crate) fn stream<S>(stream: S, early: Bytes) -> (Self, Writer)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (reader, writer) = tokio::io::split(stream);
        let reader = Reader::Stream(Box::pin(reader));
        (Self { reader, early }, Writer::Stream(Box::pin(writer)))
    }
}

impl Reader {
    /// Reads once into the spare capacity of `into`; 0 is the end.
    #[inline]
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut impl BufMut,
    ) -> Poll<io::Result<usize>> {
        match self {
            // Tokio clears the readiness after a short read, which saves the read that would only
            // say so.
            Self::Tcp(tcp) => pin!(tcp.read_buf(into)).poll(cx),
            Self::Stream(stream) => pin!(stream.read_buf(into)).poll(cx),
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp(_) => "Tcp",
            Self::Stream(_) => "Stream",
        })
    }
}
