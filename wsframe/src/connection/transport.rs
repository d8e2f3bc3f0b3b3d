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

use crate::{outbox::Writer, socket};

/// Where bytes come from.
pub(crate) enum Reader {
    Tcp {
        half: OwnedReadHalf,
        /// Reads since it last waited.
        reads: u8,
    },
    Stream(Pin<Box<dyn AsyncRead + Send>>),
}

/// So many reads in a row a connection may do before the others of its thread have their turn. Tokio's
/// own budget does not know of them.
const READS: u8 = 64;

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
        let (half, writer) = tcp.into_split();
        (Self { reader: Reader::Tcp { half, reads: 0 }, early }, Writer::Tcp(writer))
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
    /// Reads once into the spare capacity of a buffer that has some; 0 is the end.
    #[inline]
    pub(super) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        let (tcp, reads) = match self {
            Self::Tcp { half, reads } => (AsRef::<TcpStream>::as_ref(half), reads),
            Self::Stream(stream) => return pin!(stream.read_buf(into)).poll(cx),
        };
        if *reads == READS {
            *reads = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            match socket::receive(tcp, into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    *reads += 1;
                    return Poll::Ready(result);
                }
            }
            if tcp.poll_read_ready(cx)?.is_pending() {
                *reads = 0;
                return Poll::Pending;
            }
        }
    }

    /// Reads once into `into`; 0 is the end.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut impl BufMut,
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp { half, .. } => pin!(half.read_buf(into)).poll(cx),
            Self::Stream(stream) => pin!(stream.read_buf(into)).poll(cx),
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp { .. } => "Tcp",
            Self::Stream(_) => "Stream",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Waker};

    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    async fn pair() -> (TcpStream, Reader) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (here, _) = listener.accept().await.unwrap();
        (there, Transport::tcp(here, Bytes::new()).0.reader)
    }

    /// A peer that sends as fast as it is read keeps nobody else of the thread waiting.
    #[tokio::test]
    async fn after_so_many_reads_others_have_their_turn() {
        let (mut there, mut reader) = pair().await;
        there.write_all(&[7; 1024]).await.unwrap();
        let mut into = Vec::with_capacity(1);
        let mut read = 0;
        let mut turns = 0;
        while read < 1024 {
            turns += 1;
            read += poll_fn(|cx| {
                let before = read;
                let mut n = 0;
                loop {
                    into.clear();
                    match reader.poll_fill(cx, &mut into) {
                        Poll::Ready(result) => n += result.unwrap(),
                        Poll::Pending if n == 0 => return Poll::Pending,
                        Poll::Pending => return Poll::Ready(n),
                    }
                    assert!(n <= usize::from(READS), "{before}");
                }
            })
            .await;
        }
        assert!(turns >= 1024 / usize::from(READS));
    }

    #[tokio::test]
    async fn what_comes_later_is_waited_for_and_then_the_end() {
        let (mut there, mut reader) = pair().await;
        let mut into = Vec::with_capacity(100);
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(reader.poll_fill(cx, &mut into).is_pending());
        for round in 1..=3 {
            there.write_all(b"again").await.unwrap();
            let n = poll_fn(|cx| reader.poll_fill(cx, &mut into)).await.unwrap();
            assert_eq!((n, into.len()), (5, 5 * round));
            assert!(reader.poll_fill(cx, &mut into).is_pending(), "nothing is left");
        }
        there.write_all(b"last").await.unwrap();
        drop(there);
        let mut left = 0;
        loop {
            match poll_fn(|cx| reader.poll_fill(cx, &mut into)).await.unwrap() {
                0 => break,
                n => left += n,
            }
        }
        assert_eq!((left, into.len()), (4, 19));
    }
}
