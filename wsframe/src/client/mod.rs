//! The dialling side: the same engine, driver and session as the server's, in the client's role.
//!
//! [`url`] says where to, [`request`] makes the head, [`dial`] gets an answer, which [`verify`] judges
//! or [`redirect`] follows. Behind the session of [`open`] is [`messages`], or an object of the user's,
//! which [`run`](Client::run) has [`supervise`]d: [`lent`] to one connection after the other, with a
//! [`disconnect`] and a [`backoff`] in between.

mod backoff;
mod dial;
mod disconnect;
mod endpoint;
mod error;
mod handle;
mod hub;
mod lent;
mod messages;
mod open;
mod redirect;
mod request;
mod run;
#[cfg(feature = "testing")]
mod seam;
mod supervise;
mod url;
mod verify;

use std::{
    any::TypeId,
    borrow::Cow,
    fmt,
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::HeaderMap;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

pub use self::{
    backoff::Backoff,
    disconnect::{Cause, Disconnect, Retry},
    endpoint::ClientEndpoint,
    error::{ConnectError, HandshakeFault, Step},
    handle::{ClientHandle, NotConnected},
    messages::Messages,
    run::Stopped,
};
use self::{
    messages::Feed,
    open::{Dialled, Open},
    request::Asked,
    url::Target,
    verify::Answered,
};
use crate::{
    connection,
    endpoint::Options,
    limits::client::{CONNECT_TIMEOUT, HANDSHAKE_TIMEOUT, REDIRECTS},
    session::{Home, Session},
};

/// Dials a WebSocket server: a [`Session`] to send on, and the [`Messages`] that come.
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
/// Not there yet: `wss` (answered with [`ConnectError::NoTls`]) and proxies.
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
    local_address: Option<IpAddr>,
    reconnect: Option<Backoff>,
    #[cfg(feature = "testing")]
    seam: Option<seam::Seam>,
    /// What the sessions of an endpoint share, of the one that was started first.
    started: OnceLock<(TypeId, Arc<Home>)>,
}

impl Client {
    /// A client for `ws://[user[:password]@]host[:port][/path][?query]`.
    ///
    /// The port is 80 if there is none. An IPv6 address stands in brackets. Path and query go out as
    /// they are written. User and password become `Authorization: Basic`. What is wrong with a URL
    /// is said by [`connect`](Self::connect), and so it is with everything that is set here.
    pub fn new(url: impl Into<String>) -> Self {
        Self(Arc::new(Config {
            url: url.into(),
            asked: Asked::default(),
            options: Options::new(),
            connect_timeout: CONNECT_TIMEOUT,
            handshake_timeout: HANDSHAKE_TIMEOUT,
            redirects: REDIRECTS,
            local_address: None,
            reconnect: None,
            #[cfg(feature = "testing")]
            seam: None,
            started: OnceLock::new(),
        }))
    }

    fn set(mut self, set: impl FnOnce(&mut Config)) -> Self {
        let config = Arc::make_mut(&mut self.0);
        config.started = OnceLock::new();
        set(config);
        self
    }

    /// Adds a header to the request, beside others of that name. `Host` and the headers that make
    /// the handshake and the framing of the request cannot be set.
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.set(|config| config.asked.header(name.as_ref(), value.as_ref()))
    }

    /// Asks for a subprotocol; the one that is asked for first is liked best. The server may
    /// choose none: see [`Session::subprotocol`].
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

    /// How long looking up the name and connecting may take together. Default 10 s.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.set(|config| config.connect_timeout = timeout)
    }

    /// How long the server may take to answer, from the open socket on. Default 10 s.
    pub fn handshake_timeout(self, timeout: Duration) -> Self {
        self.set(|config| config.handshake_timeout = timeout)
    }

    /// How many redirects may follow each other (301, 302, 303, 307 and 308 with a `Location`).
    /// Default 5; 0 follows none, and the answer is a [`ConnectError::Refused`] then.
    ///
    /// `http` in a `Location` means `ws`, `https` means `wss`. Where the host or the port is another
    /// one, `Authorization`, `Proxy-Authorization`, cookies and what the URL says of user and password
    /// stay behind, also on the way back; all other headers go along. Each place has the whole
    /// `connect_timeout` and `handshake_timeout`.
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

    /// Dials once, and opens the session when the server's answer is verified.
    ///
    /// Rooms of the session are its own; [`shared_room`](Session::shared_room)s are shared with what
    /// else was dialled in the same tokio runtime.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], each within its timeout. An answer other than 101 that is no
    /// [redirect](Self::redirects) is [`Refused`](ConnectError::Refused), with its body.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket. A look-up of the name that has begun goes on for a
    /// while on tokio's blocking pool, since no system can stop one.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time and IO enabled.
    pub async fn connect(&self) -> Result<(Session, Messages), ConnectError> {
        let home = self.0.home::<Feed>()?;
        // Nobody could ask for the head in time.
        let open = Open { head: None, ..self.0.open(&self.0.asked_for::<Feed>()).await? };
        let Dialled { session, transport, hub } = open.session(home);
        let (feed, messages) = Feed::new(hub, session.settings());
        drop(connection::start(feed, session.clone(), transport));
        Ok((session, messages))
    }
}

impl Config {
    /// Dials once, redirects included.
    async fn open(&self, asked: &Asked) -> Result<Open, ConnectError> {
        #[cfg(feature = "testing")]
        if let Some(seam) = &self.seam {
            return seam.open();
        }
        let mut target = Target::parse(&self.url)?;
        let mut asked = Cow::Borrowed(asked);
        let mut redirects = 0;
        let (tcp, early, answered, headers) = loop {
            let error = match self.dial(&target, &asked).await {
                Ok(open) => break open,
                Err(error) => error,
            };
            let ConnectError::Refused { status, headers, .. } = &error else { return Err(error) };
            let next = match self.redirects {
                0 => None,
                _ => redirect::next(&target, *status, headers)?,
            };
            let Some(next) = next else { return Err(error) };
            if redirects == self.redirects {
                return Err(ConnectError::TooManyRedirects { limit: self.redirects });
            }
            redirects += 1;
            if !next.is_at(&target) {
                asked = Cow::Owned(asked.into_owned().without_secrets());
            }
            target = next;
        };
        Ok(Open::tcp(tcp, early, answered, target.uri, headers))
    }

    /// Dials one place: the open socket, what came behind the answer, what was agreed on and the headers.
    async fn dial(
        &self,
        target: &Target,
        asked: &Asked,
    ) -> Result<(TcpStream, Bytes, Answered, HeaderMap), ConnectError> {
        let (request, key) = asked.request(target)?;
        let tcp = timeout(self.connect_timeout, dial::connect(target, self.local_address))
            .await
            .map_err(|_| ConnectError::Timeout { what: Step::Connect })??;
        let deadline = Instant::now() + self.handshake_timeout;
        let (head, tcp, early) = dial::ask(tcp, request, deadline, self.redirects > 0).await?;
        let answered = verify::verify(&head, &key, asked)?;
        Ok((tcp, early, answered, head.headers))
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
            .field("local_address", &config.local_address)
            .field("reconnect", &config.reconnect)
            .finish_non_exhaustive()
    }
}
