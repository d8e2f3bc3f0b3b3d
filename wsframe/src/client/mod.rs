//! The dialling side: the same engine, driver and session as the server's, in the client's role.
//!
//! [`url`] says where to, [`proxy`] and [`address`] get there, `tls` secures the way, [`request`] makes
//! the head, [`dial`] or `http2` gets an answer, which [`verify`] judges or [`redirect`] follows; [`connect`] puts
//! them together. Behind the session of [`open`] is the [`queue`] of [`messages`], or an object of the user's, which
//! [`run`](Client::run) has [`supervise`]d: [`lent`] to one connection after the other, with a
//! [`disconnect`] and a [`backoff`] in between.

mod address;
mod backoff;
mod connect;
mod dial;
mod disconnect;
mod driven;
mod endpoint;
mod error;
mod handle;
#[cfg(feature = "http2")]
mod http2;
mod hub;
mod lent;
mod messages;
mod open;
mod proxy;
mod queue;
mod redirect;
mod request;
mod run;
#[cfg(feature = "testing")]
mod seam;
mod stream;
mod supervise;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "http2")]
mod tunnel;
mod url;
mod verify;

use std::{
    any::TypeId,
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

pub use self::{
    backoff::Backoff,
    disconnect::{Cause, Disconnect, Retry},
    endpoint::ClientEndpoint,
    error::{ConnectError, HandshakeFault, ProxyError, Step},
    handle::{ClientHandle, NotConnected},
    messages::Messages,
    run::Stopped,
};
use self::{proxy::Proxying, request::Asked};
#[cfg(feature = "tls")]
use crate::tls::ClientTls;
use crate::{
    endpoint::Options,
    limits::client::{CONNECT_TIMEOUT, HANDSHAKE_TIMEOUT, REDIRECTS},
    session::Home,
};

/// Dials a WebSocket server: a [`Session`](crate::Session) to send on, and the [`Messages`] that come.
///
/// The session keeps the contract of a server's: sends are atomic, in order and bounded; pings are
/// answered and sent; limits hold; the close handshake has a deadline. Frames are masked, each with
/// a random key of its own.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let (session, mut messages) = wsframe::Client::new("ws://127.0.0.1:8080/chat/rust?nick=bot")
///     .subprotocol("chat.v2")
///     .bearer("secret")
///     .connect()
///     .await?;
/// session.send("hello").await?;
/// while let Some(message) = messages.next().await {
///     println!("{message:?}");
/// }
/// println!("{}", session.closed().await);
/// # Ok(())
/// # }
/// ```
///
/// An object with handlers dials with [`run`](Self::run) or [`start`](Self::start), and again if the
/// connection is lost: see `#[client_endpoint]`.
///
/// Clones and repeated [`connect`](Self::connect)s dial anew each time.
///
/// `wss` needs the feature `tls`; without it the answer is [`ConnectError::NoTls`]. A proxy is used
/// where one is set: [`proxy`](Self::proxy), [`proxy_from_env`](Self::proxy_from_env).
///
/// Specification: RFC 6455 section 4.1.
#[derive(Clone)]
#[must_use = "it dials when `connect`, `run` or `start` is called"]
#[doc(alias = "connectToServer")]
#[doc(alias = "WebSocketContainer")]
pub struct Client(Arc<Config>);

/// What was set; clones of a client share it until one of them sets something else.
#[derive(Clone)]
struct Config {
    url: String,
    asked: Asked,
    options: Options,
    connect_timeout: Duration,
    handshake_timeout: Duration,
    redirects: usize,
    proxy: Proxying,
    local_address: Option<IpAddr>,
    reconnect: Option<Backoff>,
    #[cfg(feature = "tls")]
    tls: ClientTls,
    #[cfg(feature = "http2")]
    http2: bool,
    #[cfg(feature = "testing")]
    seam: Option<seam::Seam>,
    /// What the sessions of each endpoint share.
    homes: Arc<Mutex<HashMap<TypeId, Arc<Home>>>>,
}

impl Client {
    /// A client for `ws://[user[:password]@]host[:port][/path][?query]`, or `wss://…`.
    ///
    /// The port is 80 if there is none, 443 for `wss`. An IPv6 address stands in brackets. Path and
    /// query go out as they are written. User and password become `Authorization: Basic`. What is
    /// wrong with a URL is said by [`connect`](Self::connect), and so it is with everything that is
    /// set here.
    pub fn new(url: impl Into<String>) -> Self {
        Self(Arc::new(Config {
            url: url.into(),
            asked: Asked::default(),
            options: Options::new(),
            connect_timeout: CONNECT_TIMEOUT,
            handshake_timeout: HANDSHAKE_TIMEOUT,
            redirects: REDIRECTS,
            proxy: Proxying::default(),
            local_address: None,
            reconnect: None,
            #[cfg(feature = "tls")]
            tls: ClientTls::plain(),
            #[cfg(feature = "http2")]
            http2: false,
            #[cfg(feature = "testing")]
            seam: None,
            homes: Arc::default(),
        }))
    }

    fn set(mut self, set: impl FnOnce(&mut Config)) -> Self {
        let config = Arc::make_mut(&mut self.0);
        config.homes = Arc::default();
        set(config);
        self
    }

    /// Adds a header to the request, beside others of that name. `Host` and the headers that make
    /// the handshake and the framing of the request cannot be set.
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.set(|config| config.asked.header(name.as_ref(), value.as_ref()))
    }

    /// Asks for a subprotocol; the one that is asked for first is liked best. The server may
    /// choose none: see [`Session::subprotocol`](crate::Session::subprotocol).
    pub fn subprotocol(self, name: impl Into<String>) -> Self {
        self.set(|config| config.asked.subprotocol(name.into()))
    }

    /// Sends this `Origin`, in place of one set before. Without it none is sent: it is what browsers
    /// do.
    pub fn origin(self, origin: impl AsRef<str>) -> Self {
        self.set(|config| config.asked.origin(origin.as_ref()))
    }

    /// Sends a cookie; all go out in one `Cookie` header.
    pub fn cookie(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.set(|config| config.asked.cookie(name.as_ref(), value.as_ref()))
    }

    /// Sends `Authorization: Basic`, in place of what the URL says or was set before.
    pub fn basic_auth(self, user: impl AsRef<str>, password: impl AsRef<str>) -> Self {
        self.set(|config| config.asked.basic(user.as_ref(), password.as_ref()))
    }

    /// Sends `Authorization: Bearer`, in place of what the URL says or was set before.
    pub fn bearer(self, token: impl AsRef<str>) -> Self {
        self.set(|config| config.asked.bearer(token.as_ref()))
    }

    /// How long it may take to reach the server: looking up the name, connecting, the answer of a
    /// proxy and the handshake of TLS together. The addresses of a name are tried one beside the
    /// other, each 250 ms after the one before or as soon as that has failed (RFC 8305). Default 10 s.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.set(|config| config.connect_timeout = timeout)
    }

    /// How long the server may take to answer, from the open connection on. Default 10 s.
    pub fn handshake_timeout(self, timeout: Duration) -> Self {
        self.set(|config| config.handshake_timeout = timeout)
    }

    /// How many redirects may follow each other (301, 302, 303, 307 and 308 with a `Location`).
    /// Default 5; 0 follows none, and the answer is a [`ConnectError::Refused`] then.
    ///
    /// `http` in a `Location` means `ws`, `https` means `wss`; no way leads from `wss` to `ws`. Where
    /// the scheme, the host or the port is another one, `Authorization`, `Proxy-Authorization`,
    /// cookies, what the URL says of user and password, and the client certificate of TLS stay behind,
    /// also on the way back; **all other headers go along**, so where a key is in one of them, follow
    /// none. Each place has the whole `connect_timeout` and `handshake_timeout`.
    ///
    /// ```
    /// let client = wsframe::Client::new("ws://127.0.0.1:8080/feed").redirects(0);
    /// # let _ = client;
    /// ```
    pub fn redirects(self, most: usize) -> Self {
        self.set(|config| config.redirects = most)
    }

    /// Connects from this address of ours, on a machine that has several. Addresses of the server
    /// that are of the other family (IPv4, IPv6) cannot be reached then.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// let client = wsframe::Client::new("ws://127.0.0.1:8080/feed").local_address(Ipv4Addr::LOCALHOST);
    /// # let _ = client;
    /// ```
    pub fn local_address(self, address: impl Into<IpAddr>) -> Self {
        self.set(|config| config.local_address = Some(address.into()))
    }

    /// The limits and deadlines of the session, in place of those set before. `subprotocols` and
    /// `origins` are a server's and count for nothing here.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wsframe::{Client, Options};
    ///
    /// let client = Client::new("ws://[::1]:8080/feed")
    ///     .connect_timeout(Duration::from_secs(2))
    ///     .options(Options::new().max_message_size(1 << 20).ping_interval(Duration::from_secs(5)));
    /// # let _ = client;
    /// ```
    pub fn options(self, options: Options) -> Self {
        self.set(|config| config.options = options)
    }
}

impl fmt::Debug for Client {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.0;
        f.debug_struct("Client")
            .field("asked", &config.asked)
            .field("options", &config.options)
            .field("connect_timeout", &config.connect_timeout)
            .field("handshake_timeout", &config.handshake_timeout)
            .field("redirects", &config.redirects)
            .field("proxy", &config.proxy)
            .field("local_address", &config.local_address)
            .field("reconnect", &config.reconnect)
            .finish_non_exhaustive()
    }
}
