//! The dialling side: the same engine, driver and session as the server's, in the client's role.
//!
//! [`url`] says where to, [`request`] makes the head, [`dial`] gets an answer, which [`verify`] judges
//! or [`redirect`] follows; [`messages`] is the endpoint behind the session.

mod dial;
mod error;
mod hub;
mod messages;
mod redirect;
mod request;
mod url;
mod verify;

use std::{borrow::Cow, fmt, net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

pub use self::{
    error::{ConnectError, HandshakeFault, Step},
    messages::Messages,
};
use self::{hub::Hub, messages::Feed, request::Asked, url::Target};
use crate::{
    connection::{self, Transport},
    endpoint::{Options, Source, resolve},
    limits::client::{CONNECT_TIMEOUT, HANDSHAKE_TIMEOUT, REDIRECTS},
    room::Space,
    route::Params,
    session::{Facts, Home, Session},
    wire::Role,
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
/// Clones and repeated [`connect`](Self::connect)s dial anew each time.
///
/// Not there yet: `wss` (answered with [`ConnectError::NoTls`]), reconnecting, proxies, and an
/// attribute for a struct.
///
/// Specification: RFC 6455 section 4.1.
#[derive(Clone)]
#[must_use = "it dials when `connect` is called"]
#[doc(alias = "ClientEndpoint")]
#[doc(alias = "connectToServer")]
#[doc(alias = "WebSocketContainer")]
pub struct Client {
    url: String,
    asked: Asked,
    options: Options,
    connect_timeout: Duration,
    handshake_timeout: Duration,
    redirects: usize,
    local_address: Option<IpAddr>,
}

impl Client {
    /// A client for `ws://[user[:password]@]host[:port][/path][?query]`.
    ///
    /// The port is 80 if there is none. An IPv6 address stands in brackets. Path and query go out as
    /// they are written. User and password become `Authorization: Basic`. What is wrong with a URL
    /// is said by [`connect`](Self::connect), and so it is with everything that is set here.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            asked: Asked::default(),
            options: Options::new(),
            connect_timeout: CONNECT_TIMEOUT,
            handshake_timeout: HANDSHAKE_TIMEOUT,
            redirects: REDIRECTS,
            local_address: None,
        }
    }

    /// Adds a header to the request, beside others of that name. `Host` and the headers that make
    /// the handshake and the framing of the request cannot be set.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.asked.header(name.as_ref(), value.as_ref());
        self
    }

    /// Asks for a subprotocol; the one that is asked for first is liked best. The server may
    /// choose none: see [`Session::subprotocol`].
    pub fn subprotocol(mut self, name: impl Into<String>) -> Self {
        self.asked.subprotocol(name.into());
        self
    }

    /// Sends this `Origin`, in place of one set before. Without it none is sent: it is what browsers
    /// do.
    pub fn origin(mut self, origin: impl AsRef<str>) -> Self {
        self.asked.origin(origin.as_ref());
        self
    }

    /// Sends a cookie; all go out in one `Cookie` header.
    pub fn cookie(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.asked.cookie(name.as_ref(), value.as_ref());
        self
    }

    /// Sends `Authorization: Basic`, in place of what the URL says or was set before.
    pub fn basic_auth(mut self, user: impl AsRef<str>, password: impl AsRef<str>) -> Self {
        self.asked.basic(user.as_ref(), password.as_ref());
        self
    }

    /// Sends `Authorization: Bearer`, in place of what the URL says or was set before.
    pub fn bearer(mut self, token: impl AsRef<str>) -> Self {
        self.asked.bearer(token.as_ref());
        self
    }

    /// How long looking up the name and connecting may take together. Default 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the server may take to answer, from the open socket on. Default 10 s.
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.handshake_timeout = timeout;
        self
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
    pub fn redirects(mut self, most: usize) -> Self {
        self.redirects = most;
        self
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
    pub fn local_address(mut self, address: impl Into<IpAddr>) -> Self {
        self.local_address = Some(address.into());
        self
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
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
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
        let mut target = Target::parse(&self.url)?;
        let settings = resolve(&[(Source::Configure, &self.options)]).settings;
        if let Some((name, why)) = settings.zeros().next() {
            return Err(ConnectError::InvalidRequest(format!("`{name}` is zero: {why}")));
        }
        let mut asked = Cow::Borrowed(&self.asked);
        let mut redirects = 0;
        let (tcp, early, subprotocol) = loop {
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
        let peer = tcp.peer_addr().ok();

        let hub = Hub::here();
        let Some(seat) = hub.directory.sit(usize::MAX) else { unreachable!("no limit") };
        let (feed, messages) = Feed::new(hub, &settings);
        let rooms = Arc::new(Space::new());
        let home = Arc::new(Home { role: Role::Client, settings, rooms, event: None });
        let (transport, writer) = Transport::tcp(tcp, early);
        let facts = Facts::new(peer, Params::default(), subprotocol);
        let session = Session::open(seat, facts, None, home, writer);
        drop(connection::start(feed, session.clone(), transport));
        Ok((session, messages))
    }

    /// Dials one place: the open socket, what came behind the answer, and the subprotocol.
    async fn dial(
        &self,
        target: &Target,
        asked: &Asked,
    ) -> Result<(TcpStream, Bytes, Option<Box<str>>), ConnectError> {
        let (request, key) = asked.request(target)?;
        let tcp = timeout(self.connect_timeout, dial::connect(target, self.local_address))
            .await
            .map_err(|_| ConnectError::Timeout { what: Step::Connect })??;
        let deadline = Instant::now() + self.handshake_timeout;
        let (head, tcp, early) = dial::ask(tcp, request, deadline, self.redirects > 0).await?;
        let subprotocol = verify::verify(&head, &key, asked.subprotocols())?;
        Ok((tcp, early, subprotocol))
    }
}

impl fmt::Debug for Client {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("asked", &self.asked)
            .field("options", &self.options)
            .field("connect_timeout", &self.connect_timeout)
            .field("handshake_timeout", &self.handshake_timeout)
            .field("redirects", &self.redirects)
            .field("local_address", &self.local_address)
            .finish_non_exhaustive()
    }
}
