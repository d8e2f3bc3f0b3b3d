//! Every default, in one file, and the settings that one endpoint runs with.

mod rate;

use std::time::Duration;

pub(crate) use self::rate::Bucket;
pub use self::rate::{Excess, Rate};

/// What happens to a fan-out when a session's outbox is full.
///
/// It concerns messages sent to many sessions at once, which never wait for one of them;
/// [`Session::send`](crate::Session::send) waits instead.
///
/// ```
/// use wsframe::{Overflow, Server, server_endpoint};
///
/// // Positions: the newest counts.
/// #[server_endpoint("/map", overflow = drop_oldest)]
/// struct Map;
///
/// // Or from outside, stronger than the attribute.
/// let server = Server::new().configure::<Map>(|map| map.overflow(Overflow::DropNewest));
/// # let _ = server;
/// ```
///
/// Specification: 1013 is registered with IANA for RFC 6455 section 7.4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overflow {
    /// End the slow session, with 1013 reported, so that its client reconnects and catches up. It gets
    /// no close frame, which it would not read behind the full queue. The default.
    #[default]
    Close,
    /// Drop the oldest message that is still waiting, then queue the new one. One that has begun to
    /// leave is never dropped.
    DropOldest,
    /// Drop the new message.
    DropNewest,
}

/// What of the request's head a session keeps after `on_open`. By default nothing, so that an idle
/// session stays small.
///
/// ```
/// use wsframe::{Session, on_message, server_endpoint};
///
/// #[server_endpoint("/agent", keep = [headers, uri])]
/// struct Agent;
///
/// impl Agent {
///     #[on_message]
///     fn language(&self, _: &str, session: &Session) -> Option<String> {
///         let head = session.head()?;
///         Some(head.headers.get("accept-language")?.to_str().ok()?.to_owned())
///     }
/// }
/// ```
///
/// What is not kept is empty in [`Session::head`](crate::Session::head).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keep {
    /// Nothing; the default.
    #[default]
    Nothing,
    /// The headers.
    Headers,
    /// The target of the request, its query included.
    Uri,
    /// Both.
    HeadersAndUri,
}

/// The limits and deadlines that the connections of one endpoint run under.
///
/// They come together from four places; the first that sets a value wins: the server's
/// [`configure`](crate::Server::configure), the endpoint's attribute, the server's
/// [`options`](crate::Server::options), and the defaults given here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Largest message in bytes, after reassembly. Default 64 KiB.
    pub(crate) max_message_size: usize,
    /// Largest frame in bytes. Default: as large as a message may be.
    pub(crate) max_frame_size: usize,
    /// Most fragments of one message. Default 1,024.
    pub(crate) max_fragments: usize,
    /// How long one message may take from its first to its last fragment. Default 30 s.
    pub(crate) assembly_timeout: Option<Duration>,
    /// Bytes that may wait to be sent. Default 1 MiB.
    pub(crate) outbox: usize,
    /// Messages that may wait to be sent. Default 1,024.
    pub(crate) outbox_messages: usize,
    /// What a fan-out does when the outbox is full. Default [`Overflow::Close`].
    pub(crate) overflow: Overflow,
    /// Bytes of received messages that may wait while a handler runs. Default 256 KiB.
    pub(crate) inbound: usize,
    /// Received messages that may wait while a handler runs. Default 64.
    pub(crate) inbound_messages: usize,
    /// Time between two pings. Default 25 s.
    pub(crate) ping_interval: Option<Duration>,
    /// How long to wait for a sign of life after a ping. Default 10 s.
    pub(crate) pong_timeout: Duration,
    /// How long a session may go without a message either way. Default: for ever.
    pub(crate) idle_timeout: Option<Duration>,
    /// How long a write may make no progress. Default 30 s.
    pub(crate) write_timeout: Duration,
    /// How long `send().await` waits for room in the outbox. Default 30 s.
    pub(crate) send_timeout: Duration,
    /// How long the closing handshake may take. Default 5 s.
    pub(crate) close_timeout: Duration,
    /// How long a running handler may go on after its connection ended. Default 10 s.
    pub(crate) finish_within: Duration,
    /// What stays of the head after `on_open`. Default nothing.
    pub(crate) keep: Keep,
    /// Messages, pings and pongs that may come in a time. Default: any number.
    pub(crate) message_rate: Option<Rate>,
    /// Bytes of them. Default: any number.
    pub(crate) byte_rate: Option<Rate>,
    /// What happens beyond a rate. Default [`Excess::Close`].
    pub(crate) excess: Excess,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_message_size: 64 * 1024,
            max_frame_size: usize::MAX,
            max_fragments: 1024,
            assembly_timeout: Some(Duration::from_secs(30)),
            outbox: 1024 * 1024,
            outbox_messages: 1024,
            overflow: Overflow::Close,
            inbound: 256 * 1024,
            inbound_messages: 64,
            ping_interval: Some(Duration::from_secs(25)),
            pong_timeout: Duration::from_secs(10),
            idle_timeout: None,
            write_timeout: Duration::from_secs(30),
            send_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(5),
            finish_within: Duration::from_secs(10),
            keep: Keep::Nothing,
            message_rate: None,
            byte_rate: None,
            excess: Excess::Close,
        }
    }
}

impl Settings {
    /// Zeros where zero leaves nothing to work with: the option, and why. It is meant in the rest:
    /// `send_timeout`, `close_timeout` and `finish_within` of zero do not wait.
    pub(crate) fn zeros(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let none = Some(Duration::ZERO);
        [
            ("max_message_size", self.max_message_size == 0, "every message would be too big"),
            ("max_frame_size", self.max_frame_size == 0, "every frame would be too big"),
            ("max_fragments", self.max_fragments == 0, "no message could begin"),
            (
                "assembly_timeout",
                self.assembly_timeout == none,
                "every fragmented message would be late; write `None` for no limit",
            ),
            ("outbox", self.outbox == 0, "nothing could wait to be sent"),
            ("outbox_messages", self.outbox_messages == 0, "nothing could wait to be sent"),
            ("inbound", self.inbound == 0, "nothing could be received while a handler runs"),
            (
                "inbound_messages",
                self.inbound_messages == 0,
                "nothing could be received while a handler runs",
            ),
            (
                "ping_interval",
                self.ping_interval == none,
                "pings would never stop; write `None` for no pings",
            ),
            ("pong_timeout", self.pong_timeout.is_zero(), "every peer would count as dead"),
            (
                "idle_timeout",
                self.idle_timeout == none,
                "every session would be idle; write `None` for no limit",
            ),
            ("write_timeout", self.write_timeout.is_zero(), "every write would be late"),
            (
                "message_rate",
                self.message_rate.is_some_and(|rate| rate.is_zero()),
                "no message could come; write `None` for no limit",
            ),
            (
                "byte_rate",
                self.byte_rate.is_some_and(|rate| rate.is_zero()),
                "no message could come; write `None` for no limit",
            ),
        ]
        .into_iter()
        .filter_map(|(name, zero, why)| zero.then_some((name, why)))
    }
}

/// How long `on_close` may run.
pub(crate) const ON_CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Defaults of the listener and of the HTTP side.
#[cfg(feature = "server")]
pub(crate) mod server {
    use std::time::Duration;

    /// How long a request head may take, from the first moment of the connection on.
    pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
    /// Most header fields of a request.
    pub(crate) const MAX_HEADERS: usize = 64;
    /// Largest request head in bytes.
    pub(crate) const MAX_HEAD_SIZE: usize = 16 * 1024;
    /// What hyper needs at least to read a head.
    pub(crate) const LEAST_HEAD_SIZE: usize = 8 * 1024;
    /// Bytes that may wait in all outboxes together.
    pub(crate) const OUTBOX_TOTAL: usize = 256 * 1024 * 1024;
    /// Most accepted sockets at a time.
    pub(crate) const MAX_CONNECTIONS: usize = 10_000;
    /// So many connections are answered with a refusal at a time; further ones are dropped.
    pub(crate) const REFUSED_AT_A_TIME: usize = 256;
    /// What `Retry-After` says at least where we are full or going down; at most three times as much.
    pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(5);
    /// How long `on_handshake` and the binding of fields may take.
    pub(crate) const ADMISSION_TIMEOUT: Duration = Duration::from_secs(10);
    /// Most streams of an HTTP/2 connection at a time.
    pub(crate) const HTTP2_STREAMS: u32 = 100;
    /// What may wait in each direction of an HTTP/2 stream, in bytes.
    #[cfg(feature = "http2")]
    pub(crate) const HTTP2_STREAM_BUFFER: u32 = 64 * 1024;
    /// How long an HTTP/2 connection may be without a stream.
    #[cfg(feature = "http2")]
    pub(crate) const HTTP2_IDLE: Duration = Duration::from_secs(60);
    /// Time between two pings of an HTTP/2 connection on which nothing comes.
    #[cfg(feature = "http2")]
    pub(crate) const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(30);
    /// How long to wait for their answer.
    #[cfg(feature = "http2")]
    pub(crate) const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(10);
    /// So many streams may be reset by the peer before they are looked at.
    #[cfg(feature = "http2")]
    pub(crate) const HTTP2_PEER_RESETS: usize = 20;
    /// So many streams may be reset by us, because of what the peer sent on them.
    #[cfg(feature = "http2")]
    pub(crate) const HTTP2_OWN_RESETS: usize = 64;
    /// How long what the application does at the end may take.
    pub(crate) const HOOK_TIMEOUT: Duration = Duration::from_secs(5);
    /// How long a shutdown may take in all.
    pub(crate) const SHUTDOWN_GRACE: Duration = Duration::from_secs(30);
}

/// Defaults of the dialling side.
#[cfg(feature = "client")]
pub(crate) mod client {
    use std::time::Duration;

    /// How long it may take to reach the server: the look-up of the name, TCP, the answer of a
    /// proxy, TLS.
    pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
    /// How long the answer to the handshake may take, to its last byte that counts.
    pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
    /// Redirects that may follow each other.
    pub(crate) const REDIRECTS: usize = 5;
    /// The most that is waited before the first repeated dial, before jitter.
    pub(crate) const BACKOFF_FIRST: Duration = Duration::from_millis(500);
    /// The most that is waited before any, before jitter.
    pub(crate) const BACKOFF_CAP: Duration = Duration::from_secs(60);
    /// How long a session has to live for the back-off to begin anew.
    pub(crate) const STABLE_AFTER: Duration = Duration::from_secs(30);
    /// The most that a server's `Retry-After` counts for.
    pub(crate) const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);
    /// How long one address has before the next one is tried beside it; RFC 8305 section 5.
    pub(crate) const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
    /// What a server may send over HTTP/2 before it is read, in bytes.
    #[cfg(feature = "http2")]
    pub(crate) const HTTP2_WINDOW: u32 = 256 * 1024;
    /// How long an HTTP/2 connection may take to end when its session has.
    #[cfg(feature = "http2")]
    pub(crate) const LINGER: Duration = Duration::from_secs(5);
    /// Most header fields of a response.
    pub(crate) const MAX_HEADERS: usize = 64;
    /// Largest response head in bytes.
    pub(crate) const MAX_HEAD_SIZE: usize = 16 * 1024;
    /// What is kept of the body of a refusal.
    pub(crate) const MAX_BODY: usize = 64 * 1024;
}

/// Defaults of endpoints that are driven in memory.
#[cfg(feature = "testing")]
pub(crate) mod testing {
    use std::time::Duration;

    /// How long a peer waits for what it is told to expect.
    pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
}
