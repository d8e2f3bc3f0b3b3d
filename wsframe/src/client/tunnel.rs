//! A stream of an HTTP/2 connection as what a session runs over.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use futures_util::future::{Either, select};
use h2::{Reason, RecvStream, SendStream, client::Connection};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
    time::timeout,
};

use super::stream::Stream;
use crate::limits::client::LINGER;

/// The two directions of one stream. The connection is its own, and ends with it.
#[derive(Debug)]
pub(super) struct Tunnel {
    peer: Option<SocketAddr>,
    sending: SendStream<Bytes>,
    receiving: RecvStream,
    /// Received and not read yet.
    unread: Bytes,
    /// Tells the task of the connection when this is dropped.
    _here: oneshot::Sender<()>,
}

impl Tunnel {
    pub(super) fn new(
        peer: Option<SocketAddr>,
        sending: SendStream<Bytes>,
        receiving: RecvStream,
        connection: Connection<Stream>,
    ) -> Self {
        let (here, gone) = oneshot::channel();
        tokio::spawn(drive(connection, gone));
        Self { peer, sending, receiving, unread: Bytes::new(), _here: here }
    }

    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The peer has reset the stream, or the connection is lost.
    fn broken(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        Poll::Ready(match ready!(self.sending.poll_reset(cx)) {
            Ok(Reason::NO_ERROR | Reason::CANCEL | Reason::STREAM_CLOSED) => {
                io::ErrorKind::BrokenPipe.into()
            }
            Ok(reason) => io::Error::other(h2::Error::from(reason)),
            Err(error) => failed(error),
        })
    }
}

/// Moves frames for as long as the stream is there, and then what it has left behind.
async fn drive(connection: Connection<Stream>, gone: oneshot::Receiver<()>) {
    // What else ends the connection is told to the stream.
    if let Either::Right((_, connection)) = select(connection, gone).await {
        let _ = timeout(LINGER, connection).await;
    }
}

fn failed(error: h2::Error) -> io::Error {
    if error.is_io() {
        error.into_io().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())
    } else {
        io::Error::new(io::ErrorKind::ConnectionReset, error)
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            match ready!(self.receiving.poll_data(cx)) {
                Some(Ok(data)) => self.unread = data,
                Some(Err(error)) => return Poll::Ready(Err(failed(error))),
                None => return Poll::Ready(Ok(())),
            }
        }
        let n = self.unread.len().min(into.remaining());
        into.put_slice(&self.unread[..n]);
        self.unread.advance(n);
        // Only what is read makes room for more.
        let _ = self.receiving.flow_control().release_capacity(n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.sending.reserve_capacity(bytes.len());
        while self.sending.capacity() == 0 {
            if !matches!(ready!(self.sending.poll_capacity(cx)), Some(Ok(_))) {
                return self.broken(cx).map(Err);
            }
        }
        let n = bytes.len().min(self.sending.capacity());
        match self.sending.send_data(Bytes::copy_from_slice(&bytes[..n]), false) {
            Ok(()) => Poll::Ready(Ok(n)),
            Err(_) => self.broken(cx).map(Err),
        }
    }

    /// The task of the connection writes as soon as it can.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // An error means that it has ended already.
        let _ = self.sending.send_data(Bytes::new(), true);
        Poll::Ready(Ok(()))
    }
}
