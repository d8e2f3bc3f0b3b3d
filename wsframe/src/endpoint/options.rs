//! Options: what can be set on the server, on an endpoint's attribute, and on one endpoint from
//! the outside; and how the three come together.

use std::{borrow::Cow, fmt, time::Duration};

use crate::{
    handshake::{Deflate, Origins},
    limits::{Excess, Keep, Overflow, Rate, Settings},
};

/// A set of options; what is not set comes from the next level: [`Server::configure`], then the
/// endpoint's attribute, then [`Server::options`], then the defaults given here.
///
/// Zero is a fault at start-up, except for `send_timeout`, `close_timeout` and `finish_within`, which
/// then do not wait. What RFC 6455 itself demands of a peer (masked frames, section 5.3; whole control
/// frames of at most 125 bytes, section 5.5; UTF-8, section 8.1) cannot be set: a breach closes with
/// 1002 or 1007.
///
/// [`Server::configure`]: crate::Server::configure
/// [`Server::options`]: crate::Server::options
///
/// ```
/// use std::time::Duration;
/// use wsframe::Options;
///
/// let options = Options::new()
///     .max_message_size(16 * 1024)
///     .ping_interval(Duration::from_secs(10))
///     .subprotocols(["chat.v2", "chat.v1"]);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
#[doc(alias = "ServerEndpointConfig")]
#[doc(alias = "EndpointConfig")]
pub struct Options {
    max_message_size: Option<usize>,
    max_frame_size: Option<usize>,
    max_fragments: Option<usize>,
    assembly_timeout: Option<Option<Duration>>,
    outbox: Option<usize>,
    outbox_messages: Option<usize>,
    overflow: Option<Overflow>,
    inbound: Option<usize>,
    inbound_messages: Option<usize>,
    ping_interval: Option<Option<Duration>>,
    pong_timeout: Option<Duration>,
    idle_timeout: Option<Option<Duration>>,
    write_timeout: Option<Duration>,
    send_timeout: Option<Duration>,
    close_timeout: Option<Duration>,
    finish_within: Option<Duration>,
    keep: Option<Keep>,
    message_rate: Option<Option<Rate>>,
    byte_rate: Option<Option<Rate>>,
    excess: Option<Excess>,
    subprotocols: Option<Vec<Cow<'static, str>>>,
    origins: Option<Origins>,
    deflate: Option<Deflate>,
}

/// Writes one setter for each option: its documentation, its name, what it takes.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, value: $type) -> Self {
            self.$name = Some(value.into());
            self
        }
    )*};
}

impl Options {
    /// No option set.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Largest message in bytes, after reassembly; beyond it the connection closes with 1009.
        /// Default 64 KiB. RFC 6455 sections 5.4 and 10.4.
        #[doc(alias = "maxMessageSize")]
        #[doc(alias = "setMaxTextMessageBufferSize")]
        #[doc(alias = "setMaxBinaryMessageBufferSize")]
        #[doc(alias = "maxHttpBufferSize")]
        max_message_size: usize;
        /// Largest frame in bytes; beyond it 1009. Default: only the message's limit counts.
        /// RFC 6455 section 10.4.
        max_frame_size: usize;
        /// Most fragments of one message; beyond it 1008. Default 1,024. RFC 6455 section 5.4.
        max_fragments: usize;
        /// How long a message may take from its first to its last fragment, else 1008;
        /// `None` for no limit. Default 30 s. RFC 6455 section 5.4.
        assembly_timeout: impl Into<Option<Duration>>;
        /// Bytes that may wait to be sent on one session; an empty outbox takes one message of any
        /// size. Beyond it `send` waits and fan-outs do what `overflow` says. Default 1 MiB.
        #[doc(alias = "setSendBufferSizeLimit")]
        #[doc(alias = "ConcurrentWebSocketSessionDecorator")]
        outbox: usize;
        /// Messages that may wait to be sent on one session; beyond it as with `outbox`. Default 1,024.
        outbox_messages: usize;
        /// What a fan-out does with a full outbox. Default [`Overflow::Close`].
        #[doc(alias = "OverflowStrategy")]
        overflow: Overflow;
        /// Bytes of received messages that may wait while a handler runs; beyond it reading pauses.
        /// Default 256 KiB.
        inbound: usize;
        /// Received messages that may wait while a handler runs; beyond it reading pauses.
        /// Default 64.
        inbound_messages: usize;
        /// Time between two pings; `None` for no pings. Default 25 s. RFC 6455 section 5.5.2.
        #[doc(alias = "pingInterval")]
        #[doc(alias = "setHeartbeatValue")]
        ping_interval: impl Into<Option<Duration>>;
        /// How long to wait for any byte after a ping; then the session ends with 1006. Default 10 s.
        /// RFC 6455 sections 5.5.3 and 7.1.5.
        #[doc(alias = "pingTimeout")]
        pong_timeout: Duration;
        /// How long a session may go without a message either way, then it closes with 1001;
        /// `None` for ever, the default. Pings and pongs are no messages.
        #[doc(alias = "setMaxIdleTimeout")]
        idle_timeout: impl Into<Option<Duration>>;
        /// How long bytes may wait for a peer that does not read; then the session ends with 1013
        /// reported. Default 30 s.
        write_timeout: Duration;
        /// How long `send().await` waits for room; then the session ends with 1013 reported. Default 30 s.
        #[doc(alias = "setAsyncSendTimeout")]
        #[doc(alias = "BLOCKING_SEND_TIMEOUT")]
        #[doc(alias = "setSendTimeLimit")]
        send_timeout: Duration;
        /// How long the closing handshake may take, then the connection is cut. Default 5 s.
        /// RFC 6455 sections 7.1.1 and 7.1.2.
        #[doc(alias = "SESSION_CLOSE_TIMEOUT")]
        close_timeout: Duration;
        /// How long a running handler may go on after its connection ended, then it is dropped and
        /// that is logged. Default 10 s.
        finish_within: Duration;
        /// What of the request's head a session keeps after `on_open`. Default [`Keep::Nothing`].
        keep: Keep;
        /// How many messages one connection may send, pings and pongs included; `None` for any
        /// number, the default. Beyond it happens what `excess` says.
        message_rate: impl Into<Option<Rate>>;
        /// How many bytes of messages one connection may send; `None` for any number, the default.
        /// Beyond it happens what `excess` says.
        byte_rate: impl Into<Option<Rate>>;
        /// What happens beyond a rate, before any handler sees the message. Default
        /// [`Excess::Close`]: 1008.
        excess: Excess;
        /// From which origins a browser may connect, else 403. Default [`Origins::SameHost`].
        /// RFC 6455 section 10.2.
        origins: impl Into<Origins>;
        /// Whether messages may be compressed, and how: `true`, `false` or a [`Deflate`]. Default off.
        /// RFC 7692.
        #[doc(alias = "permessage-deflate")]
        #[doc(alias = "perMessageDeflate")]
        #[doc(alias = "setCompressionEnabled")]
        deflate: impl Into<Deflate>;
    }

    /// The subprotocols that the endpoint speaks; the client's first that is among them is chosen.
    /// Each is a token. Default: none. RFC 6455 sections 1.9 and 4.2.2.
    pub fn subprotocols<S: Into<Cow<'static, str>>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Self {
        self.subprotocols = Some(names.into_iter().map(Into::into).collect());
        self
    }
}

/// Which level set a value, as the table of endpoints names it behind each option. The default is
/// not shown there.
///
/// ```
/// use wsframe::Source;
///
/// assert_eq!(Source::Configure.to_string(), "configure");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// Nobody; the default.
    Default,
    /// The server's options.
    Server,
    /// Whoever runs the server: `Server::config`.
    Config,
    /// The endpoint's attribute, or its `Endpoint::options`.
    Attribute,
    /// What it was deployed with by hand: `Deployment::options`, `Route::options`.
    Deployment,
    /// `Server::configure::<T>`.
    Configure,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::Server => "server",
            Self::Config => "config",
            Self::Attribute => "attribute",
            Self::Deployment => "deployment",
            Self::Configure => "configure",
        })
    }
}

/// The options of one endpoint, complete, with the source of each for the table.
#[derive(Clone, Debug)]
pub(crate) struct Sourced {
    pub(crate) settings: Settings,
    pub(crate) subprotocols: Vec<Cow<'static, str>>,
    pub(crate) origins: Origins,
    pub(crate) deflate: Deflate,
    /// What was set, and where: name, value, source. Defaults are left out.
    pub(crate) set: Vec<(&'static str, String, Source)>,
}

/// Puts the levels together, the strongest first in `levels`.
pub(crate) fn resolve(levels: &[(Source, &Options)]) -> Sourced {
    let mut out = Sourced {
        settings: Settings::default(),
        subprotocols: Vec::new(),
        origins: Origins::default(),
        deflate: Deflate::default(),
        set: Vec::new(),
    };
    macro_rules! pick {
        ($($name:ident => $($slot:ident).+),* $(,)?) => {$(
            if let Some((source, value)) = levels
                .iter()
                .find_map(|(source, options)| Some((*source, options.$name.clone()?)))
            {
                out.set.push((stringify!($name), format!("{value:?}"), source));
                out.$($slot).+ = value;
            }
        )*};
    }
    pick! {
        max_message_size => settings.max_message_size,
        max_frame_size => settings.max_frame_size,
        max_fragments => settings.max_fragments,
        assembly_timeout => settings.assembly_timeout,
        outbox => settings.outbox,
        outbox_messages => settings.outbox_messages,
        overflow => settings.overflow,
        inbound => settings.inbound,
        inbound_messages => settings.inbound_messages,
        ping_interval => settings.ping_interval,
        pong_timeout => settings.pong_timeout,
        idle_timeout => settings.idle_timeout,
        write_timeout => settings.write_timeout,
        send_timeout => settings.send_timeout,
        close_timeout => settings.close_timeout,
        finish_within => settings.finish_within,
        keep => settings.keep,
        message_rate => settings.message_rate,
        byte_rate => settings.byte_rate,
        excess => settings.excess,
        subprotocols => subprotocols,
        origins => origins,
        deflate => deflate,
    }
    out
}
