//! What the handshake goes over, and then the session.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

#[cfg(feature = "tls")]
use crate::tls::Secured;
use crate::{connection::Transport, outbox::Writer};

/// A connection to the server or to a proxy.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<Secured<TcpStream>>),
}

/// The same for either.
macro_rules! either {
    ($stream:expr, $inner:ident => $do:expr) => {
        match $stream {
            Self::Tcp($inner) => $do,
            #[cfg(feature = "tls")]
            Self::Tls($inner) => $do,
        }
    };
}

impl Stream {
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(tcp) => tcp.peer_addr().ok(),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.get_ref().0.peer_addr().ok(),
        }
    }

    /// What a session runs over. On plain TCP whoever sends may write.
    pub(super) fn into_transport(self, early: Bytes) -> (Transport, Writer) {
        match self {
            Self::Tcp(tcp) => Transport::tcp(tcp, early),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => Transport::stream(tls, early),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self.get_mut(), inner => Pin::new(inner).poll_read(cx, into))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), inner => Pin::new(inner).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), inner => Pin::new(inner).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), inner => Pin::new(inner).poll_shutdown(cx))
    }
}
