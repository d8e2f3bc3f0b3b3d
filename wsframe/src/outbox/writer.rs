//! The writing half of a transport.

use std::{
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{io::AsyncWrite, net::tcp::OwnedWriteHalf};

use super::unsent::Unsent;
use crate::socket;

/// Where bytes go.
pub(crate) enum Writer {
    /// Plain TCP: anybody may try to write.
    Tcp(OwnedWriteHalf),
    /// Anything else: only the driver's task writes, since only one task can be woken.
    Stream(Pin<Box<dyn AsyncWrite + Send>>),
    /// Shut down, or broken, and this was left.
    Gone(Unsent),
}

impl Writer {
    /// Tries to write; with a context the task is woken when it could go on.
    ///
    /// Without a context only plain TCP is written to.
    #[inline]
    pub(super) fn write(
        &mut self,
        cx: Option<&mut Context<'_>>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(tcp) => match cx {
                None => attempt(tcp, slices),
                Some(cx) => loop {
                    if let Poll::Ready(result) = attempt(tcp, slices) {
                        return Poll::Ready(result);
                    }
                    if tcp.as_ref().poll_write_ready(cx)?.is_pending() {
                        return Poll::Pending;
                    }
                },
            },
            Self::Stream(stream) => match cx {
                None => Poll::Pending,
                Some(cx) if stream.is_write_vectored() => {
                    stream.as_mut().poll_write_vectored(cx, slices)
                }
                Some(cx) => {
                    let first = slices.iter().find(|slice| !slice.is_empty());
                    stream.as_mut().poll_write(cx, first.map_or(&[], |slice| slice))
                }
            },
            Self::Gone(_) => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    /// Hands on what a stream keeps in buffers of its own.
    pub(super) fn flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Stream(stream) => stream.as_mut().poll_flush(cx),
            Self::Tcp(_) | Self::Gone(_) => Poll::Ready(Ok(())),
        }
    }

    /// Tells the peer that nothing follows.
    pub(super) fn shutdown(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Self::Stream(stream) = self
            && stream.as_mut().poll_shutdown(cx).is_pending()
        {
            return Poll::Pending;
        }
        // Dropping TCP's half shuts the direction down.
        *self = Self::Gone(Unsent::default());
        Poll::Ready(())
    }
}

#[inline]
fn attempt(tcp: &OwnedWriteHalf, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
    let result = match slices {
        [one] => socket::send(tcp.as_ref(), one),
        many => tcp.try_write_vectored(many),
    };
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp(_) => "Tcp",
            Self::Stream(_) => "Stream",
            Self::Gone(_) => "Gone",
        })
    }
}
