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

#[cfg(feature = "http2")]
use super::tunnel::Tunnel;
#[cfg(feature = "tls")]
use crate::tls::Secured;
use crate::{connection::Transport, outbox::Writer};

/// A connection to the server or to a proxy.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<Secured<TcpStream>>),
    /// A stream of an HTTP/2 connection over one of the others.
    #[cfg(feature = "http2")]
    Http2(Box<Tunnel>),
}

/// The same for either.
macro_rules! either {
    ($stream:expr, $inner:ident => $do:expr) => {
        match $stream {
            Self::Tcp($inner) => $do,
            #[cfg(feature = "tls")]
            Self::Tls($inner) => $do,
            #[cfg(feature = "http2")]
            Self::Http2($inner) => $do,
        }
    };
}

impl Stream {
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(tcp) => tcp.peer_addr().ok(),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.get_ref().0.peer_addr().ok(),
            #[cfg(feature = "http2")]
            Self::Http2(tunnel) => tunnel.peer(),
        }
    }

    /// What a session runs over. On plain TCP whoever sends may write.
    pub(super) fn into_transport(self, early: Bytes) -> (Transport, Writer) {
        match self {
            Self::Tcp(tcp) => Transport::tcp(tcp, early),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => Transport::stream(tls, early),
            #[cfg(feature = "http2")]
            Self::Http2(tunnel) => Transport::stream(tunnel, early),
        }
    }

    /// Whether HTTP/2 is to be spoken: what was agreed on, or on plain TCP what the caller knows.
    #[cfg(feature = "http2")]
    pub(super) fn speaks_http2(&self) -> bool {
        match self {
            Self::Tcp(_) => true,
            #[cfg(feature = "tls")]
            Self::Tls(tls) => crate::tls::agreed_on(tls) == Some(b"h2"),
            Self::Http2(_) => false,
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
