//! Why there is no connection.

use std::{fmt, io};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

#[cfg(feature = "tls")]
use crate::tls::TlsError;

/// Why [`Client::connect`](super::Client::connect) gave no session. The socket is closed by then.
///
/// ```no_run
/// use wsframe::{Client, ConnectError};
///
/// # async fn example() {
/// match Client::new("ws://127.0.0.1:8080/chat/rust").connect().await {
///     Ok((session, _)) => println!("open: {session:?}"),
///     Err(ConnectError::Refused { status, body, .. }) => {
///         println!("{status}: {}", String::from_utf8_lossy(&body));
///     }
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL cannot be dialled. It is not repeated here, because it may hold a password.
    #[error("the URL cannot be dialled: {0}")]
    InvalidUrl(&'static str),
    /// Something that was set on the [`Client`](super::Client) makes no request.
    #[error("the request cannot be made: {0}")]
    InvalidRequest(String),
    /// The URL is `wss`, and TLS is not built in.
    #[error("`wss` needs TLS, which is the feature `tls` of wsframe")]
    NoTls,
    /// The name was not found.
    #[error("the name of the server was not found: {0}")]
    Dns(#[source] io::Error),
    /// No address of the server could be connected to; this is what the last one said.
    #[error("cannot connect: {0}")]
    Connect(#[source] io::Error),
    /// The proxy could not be reached, or opened no way to the server.
    #[error("the proxy: {0}")]
    Proxy(#[from] ProxyError),
    /// The connection could not be secured.
    #[cfg(feature = "tls")]
    #[error("TLS: {0}")]
    Tls(#[from] TlsError),
    /// The transport broke before the answer was complete.
    #[error("the connection broke during the handshake: {0}")]
    Io(#[source] io::Error),
    /// It took too long.
    #[error("{what} took too long")]
    Timeout {
        /// What did.
        what: Step,
    },
    /// The server sends us to another place, which cannot be dialled.
    #[error("the server sends us to where nobody can go: {0}")]
    Redirect(&'static str),
    /// One redirect followed the other, more often than [`redirects`](super::Client::redirects)
    /// allows.
    #[error("more than {limit} redirects")]
    TooManyRedirects {
        /// How many may follow each other.
        limit: usize,
    },
    /// The server answered with another status than 101, and with no redirect that is followed.
    #[error("the server answered {status}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The headers of the answer.
        headers: Box<HeaderMap>,
        /// The body, as far as it came in time, and at most 64 KiB of it.
        body: Bytes,
    },
    /// The answer breaks the protocol; nobody should talk WebSocket with this server.
    #[error("the server's answer to the handshake is wrong: {0}")]
    Handshake(#[from] HandshakeFault),
}

/// A part of dialling that has a deadline.
///
/// ```
/// assert_eq!(wsframe::Step::Connect.to_string(), "connecting");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Looking up the name and connecting: `connect_timeout`.
    Connect,
    /// Reaching the proxy, and its answer; within the same `connect_timeout`.
    Proxy,
    /// The handshake of TLS; within the same `connect_timeout`.
    Tls,
    /// The request and its answer: `handshake_timeout`.
    Handshake,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Proxy => "the proxy",
            Self::Tls => "the TLS handshake",
            Self::Handshake => "the handshake",
        })
    }
}

/// What a proxy did instead of opening a way to the server.
///
/// ```no_run
/// use wsframe::{Client, ConnectError, ProxyError};
///
/// # async fn example() {
/// let client = Client::new("ws://feed.example/").proxy("http://proxy.internal:3128");
/// match client.connect().await {
///     Err(ConnectError::Proxy(ProxyError::Refused { status, .. })) if status == 407 => {
///         println!("the proxy wants a user and a password");
///     }
///     other => println!("{other:?}"),
/// }
/// # }
/// ```
///
/// Specification: RFC 9110 section 9.3.6.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// Its URL cannot be used. It is not repeated here, because it may hold a password.
    #[error("its URL cannot be used: {0}")]
    InvalidUrl(&'static str),
    /// Its name was not found.
    #[error("its name was not found: {0}")]
    Dns(#[source] io::Error),
    /// None of its addresses could be connected to; this is what the last one said.
    #[error("cannot connect to it: {0}")]
    Connect(#[source] io::Error),
    /// The connection broke before its answer was complete.
    #[error("the connection to it broke: {0}")]
    Io(#[source] io::Error),
    /// It answered with another status than 2xx: 407 where it wants to know who we are.
    #[error("it answered {status}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The headers of the answer.
        headers: Box<HeaderMap>,
        /// The body, as far as it came in time, and at most 64 KiB of it.
        body: Bytes,
    },
    /// Its answer breaks the protocol.
    #[error("its answer is wrong: {0}")]
    Answer(#[source] HandshakeFault),
}

/// What is wrong with an answer to the handshake.
///
/// ```
/// use wsframe::HandshakeFault;
///
/// assert_eq!(HandshakeFault::Extension.to_string(), "it names an extension that was not asked for");
/// ```
///
/// Specification: RFC 6455 sections 4.1 and 4.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeFault {
    /// The connection ended before the head was complete.
    #[error("the connection ended before it was complete")]
    Closed,
    /// What came is no HTTP.
    #[error("it is no HTTP")]
    NotHttp,
    /// The head is larger than 16 KiB or has more than 64 fields.
    #[error("its head is too large")]
    HeadTooLarge,
    /// It has bytes behind it that nobody can have sent yet.
    #[error("it is followed by bytes that answer nothing")]
    Trailing,
    /// A 101 that announces a body, which it cannot have.
    #[error("it announces a body")]
    Body,
    /// A 101 in another version than HTTP/1.1.
    #[error("it is not HTTP/1.1")]
    Version,
    /// A server that was to be dialled over HTTP/2 takes no WebSockets over it: its settings lack
    /// `SETTINGS_ENABLE_CONNECT_PROTOCOL`. RFC 8441 section 3.
    #[error("its HTTP/2 takes no WebSockets")]
    NoExtendedConnect,
    /// `Upgrade` is not `websocket` alone.
    #[error("`Upgrade` is not `websocket`")]
    Upgrade,
    /// `Connection` does not name `upgrade`.
    #[error("`Connection` does not name `upgrade`")]
    Connection,
    /// `Sec-WebSocket-Accept` does not belong to our key: a cache or another protocol answered.
    #[error("`Sec-WebSocket-Accept` does not answer our key")]
    Accept,
    /// A subprotocol that was not asked for, or more than one.
    #[error("it names a subprotocol that was not asked for")]
    Subprotocol,
    /// An extension; none was asked for.
    #[error("it names an extension that was not asked for")]
    Extension,
}
