//! The listening side: `Server`, from its options to its last connection.

mod before;
mod beside;
mod body;
mod bound;
mod by_hand;
#[cfg(feature = "testing")]
mod carried;
mod config;
mod container;
mod drain;
mod error;
mod failures;
mod handle;
mod health;
mod http1;
#[cfg(feature = "http2")]
mod http2;
mod limits;
mod listener;
mod mounted;
mod pressure;
mod proxies;
mod seated;
mod service;
mod serving;
mod shutdown;
mod site;
mod stack;
mod upgrade;

use std::{any::type_name, borrow::Cow, fmt, panic::Location, pin::pin, sync::Arc};

use tokio::net::{TcpListener, ToSocketAddrs};

#[cfg(feature = "testing")]
pub(crate) use self::carried::Carried;
use self::{
    beside::Beside,
    container::{Container, Core},
    drain::Hooks,
    health::Health,
    limits::Limits,
    proxies::Proxies,
    shutdown::Signals,
    site::Site,
};
pub use self::{
    body::Body,
    bound::Bound,
    by_hand::OpenSessions,
    config::Config,
    error::{Report, StartupError},
    handle::ServerHandle,
    mounted::PeerAddr,
    proxies::Forwarding,
    stack::HttpService,
};
#[cfg(feature = "tls")]
use crate::tls::ServerTls;
use crate::{
    endpoint::{Configurator, Endpoint, Options, States},
    message::Close,
    registry::{self, Descriptor, Filter, For, Mount, Scan, TypeKey},
    telemetry,
};

/// A server: finds the endpoints that are linked into the program and serves them.
///
/// ```no_run
/// use wsframe::prelude::*;
///
/// #[server_endpoint("/echo")]
/// struct Echo;
///
/// impl Echo {
///     #[on_message]
///     async fn echo(&mut self, text: String) -> String {
///         text
///     }
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), wsframe::StartupError> {
///     Server::new().serve("127.0.0.1:8080").await
/// }
/// ```
///
/// Nothing lists `Echo`. At the start all linked endpoints are collected, sorted and checked; if
/// anything is wrong, every fault is reported with its place and nothing is served.
#[must_use = "a server does nothing until it serves"]
#[doc(alias = "ServerContainer")]
#[doc(alias = "WebSocketConfigurer")]
#[doc(alias = "ServerEndpointExporter")]
pub struct Server {
    core: Arc<Core>,
    beside: Beside,
    states: States,
    scan: Scan,
    limits: Limits,
    farewell: Close,
    hooks: Hooks,
    health: Health,
    /// Or what was to be a proxy and is none.
    proxies: Result<Option<Proxies>, Vec<String>>,
    config: Config,
    /// What the operator has set, and where.
    operated: Vec<(&'static str, String)>,
    /// In place of the program's.
    address: Option<String>,
    /// Nothing goes to the terminal.
    quiet: bool,
    /// The files of the certificate and of the key, as the operator has named them.
    #[cfg(feature = "tls")]
    pem: (Option<String>, Option<String>),
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
}

impl Server {
    /// A server of all linked endpoints, with every option at its default.
    pub fn new() -> Self {
        Self {
            core: Core::new(),
            beside: Beside::default(),
            states: States::default(),
            scan: Scan::default(),
            limits: Limits::default(),
            farewell: drain::farewell(),
            hooks: Hooks::default(),
            health: Health::default(),
            proxies: Ok(None),
            config: Config::default(),
            operated: Vec::new(),
            address: None,
            quiet: false,
            #[cfg(feature = "tls")]
            pem: (None, None),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Serves over TLS, and nothing without it: a plain request is cut. Browsers then need `wss`, and
    /// the port that an origin is compared with is 443 unless `Host` says another. See [`ServerTls`].
    /// It counts for nothing where the server is [mounted](Self::into_service).
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: ServerTls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// A handle of this server: for shutting it down and for reaching its sessions, from anywhere,
    /// before it starts as well as after.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle(self.core.clone())
    }

    // ---- which endpoints

    /// Adds an endpoint by hand: one that is generic or implements [`Endpoint`] without the
    /// attribute. One that is also linked counts once, and the filter does not leave it out.
    ///
    /// ```
    /// use std::{fmt::Display, marker::PhantomData};
    /// use wsframe::{Endpoint, Handshake, Outcome, Refusal, Reply, Server, Session};
    ///
    /// struct Show<T>(PhantomData<T>);
    ///
    /// impl<T: Default + Display + Send + 'static> Endpoint for Show<T> {
    ///     const PATH: &'static str = "/show";
    ///
    ///     async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
    ///         Ok(Self(PhantomData))
    ///     }
    ///
    ///     async fn on_open(&mut self, _: &Session) -> Outcome {
    ///         Ok(Reply::message(T::default().to_string()))
    ///     }
    /// }
    ///
    /// let server = Server::new().endpoint::<Show<u32>>();
    /// # let _ = server;
    /// ```
    #[track_caller]
    #[doc(alias = "addEndpoint")]
    #[doc(alias = "addHandler")]
    pub fn endpoint<E: Endpoint>(mut self) -> Self {
        let place = registry::place(Location::caller(), type_name::<E>());
        self.scan.by_hand.push(Descriptor::of::<E>(place));
        self
    }

    /// Serves no endpoint that was merely linked, only those given by hand with
    /// [`endpoint`](Self::endpoint). Without any the server does not start.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() {
    /// let empty = wsframe::Server::new().without_link_time().bind("127.0.0.1:0").await;
    /// assert!(empty.is_err());
    /// # }
    /// ```
    pub fn without_link_time(mut self) -> Self {
        self.scan.link_time = false;
        self
    }

    /// Serves, of the linked endpoints, only this type. Each further call adds one. A type that is no
    /// endpoint here is a fault at start-up. Together with [`only_crates`](Self::only_crates) and
    /// [`filter`](Self::filter), all of them have to agree.
    ///
    /// ```
    /// use wsframe::{Server, server_endpoint};
    ///
    /// #[server_endpoint("/only/this")]
    /// struct This;
    ///
    /// #[server_endpoint("/only/that")]
    /// struct That;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), wsframe::StartupError> {
    /// let bound = Server::new().only::<This>().bind("127.0.0.1:0").await?;
    /// let table = bound.table().to_string();
    /// assert!(table.contains("/only/this") && !table.contains("/only/that"));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "ServerApplicationConfig")]
    pub fn only<E: 'static>(mut self) -> Self {
        self.scan.filter.types.push(TypeKey::of::<E>());
        self
    }

    /// Serves, of the linked endpoints, only those of these crates, by their package names; `-` and
    /// `_` are the same. Each further call adds some. A crate without a linked endpoint is a fault at
    /// start-up.
    ///
    /// ```
    /// use wsframe::Server;
    ///
    /// let server = Server::new().only_crates(["shop-backend", "chat"]);
    /// # let _ = server;
    /// ```
    pub fn only_crates<S: Into<Cow<'static, str>>>(
        mut self,
        crates: impl IntoIterator<Item = S>,
    ) -> Self {
        self.scan.filter.packages.extend(crates.into_iter().map(Into::into));
        self
    }

    /// Serves, of the linked endpoints, only those that `accept` takes. A second filter replaces the
    /// first.
    ///
    /// ```
    /// use wsframe::Server;
    ///
    /// let server = Server::new().filter(|endpoint| !endpoint.path().starts_with("/admin"));
    /// # let _ = server;
    /// ```
    pub fn filter(mut self, accept: impl Fn(&Descriptor) -> bool + Send + Sync + 'static) -> Self {
        self.scan.filter.predicate = Some(Arc::new(accept));
        self
    }

    /// Shifts the endpoints of these crates below a prefix: `/chat` becomes `/api/chat`. An empty
    /// list means all endpoints.
    ///
    /// ```
    /// use wsframe::Server;
    ///
    /// let server = Server::new().mount("/api", ["shop", "chat"]);
    /// # let _ = server;
    /// ```
    pub fn mount<S: Into<Cow<'static, str>>>(
        mut self,
        prefix: impl Into<Cow<'static, str>>,
        crates: impl IntoIterator<Item = S>,
    ) -> Self {
        let packages = crates.into_iter().map(Into::into).collect();
        let filter = Filter { packages, ..Filter::default() };
        self.scan.mounts.push(Mount { prefix: prefix.into(), filter });
        self
    }

    // ---- what they run with

    /// Hands over shared state. Fields marked `#[state]` get a clone of the value of their type;
    /// an endpoint whose state is missing keeps the server from starting. A second value of one
    /// type replaces the first.
    ///
    /// ```
    /// use std::sync::{Arc, atomic::AtomicU64};
    /// use wsframe::Server;
    ///
    /// let server = Server::new().state(Arc::new(AtomicU64::new(0)));
    /// # let _ = server;
    /// ```
    #[doc(alias = "Inject")]
    #[doc(alias = "Autowired")]
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.states.insert(value);
        self
    }

    /// Sets options for every endpoint; they are weaker than those of an attribute.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wsframe::Server;
    ///
    /// let server = Server::new().options(|all| all.idle_timeout(Duration::from_secs(300)));
    /// # let _ = server;
    /// ```
    pub fn options(mut self, set: impl FnOnce(Options) -> Options) -> Self {
        self.scan.options = set(self.scan.options);
        self
    }

    /// Sets options of one endpoint; they are stronger than those of its attribute. A further call
    /// for the same type adds to the first. A type that is no endpoint here is a fault at start-up.
    ///
    /// ```
    /// use wsframe::{Overflow, Server, server_endpoint};
    ///
    /// #[server_endpoint("/configured", overflow = drop_oldest)]
    /// struct Ticker;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), wsframe::StartupError> {
    /// let server = Server::new()
    ///     .only::<Ticker>()
    ///     .configure::<Ticker>(|options| options.overflow(Overflow::DropNewest));
    /// let table = server.bind("127.0.0.1:0").await?.table().to_string();
    /// assert!(table.contains("DropNewest") && table.contains("configure"), "{table}");
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "ServerEndpointConfig")]
    pub fn configure<E: 'static>(mut self, set: impl FnOnce(Options) -> Options) -> Self {
        let options = self.scan.configured.remove(&TypeKey::of::<E>()).unwrap_or_default();
        self.scan.configured.insert(TypeKey::of::<E>(), set(options));
        self
    }

    /// Sets who computes what of an endpoint's handshakes is not set: see [`Configurator`]. A second
    /// one of the same endpoint keeps the server from starting.
    ///
    /// It counts for the endpoint at every path, also where it is
    /// [deployed](ServerHandle::deploy) or [upgraded to](ServerHandle::upgrade) later.
    #[track_caller]
    pub fn configurator<E: Endpoint>(mut self, configurator: impl Configurator<E>) -> Self {
        let place = registry::place(Location::caller(), type_name::<E>());
        let configurator = Arc::new(For::new(configurator));
        self.scan.configurators.push((TypeKey::of::<E>(), place, configurator));
        self
    }

    // ---- serving

    /// Checks the endpoints and listens; [`Bound::run`] then serves. Port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// All faults of the endpoints together, or why the address cannot be listened on, or the error
    /// of an [`on_start`](Self::on_start).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with IO and time enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future listens to nothing.
    pub async fn bind(
        self,
        address: impl ToSocketAddrs + fmt::Debug,
    ) -> Result<Bound, StartupError> {
        let server = self.configured()?;
        match server.address.clone() {
            Some(own) => server.listen(own).await,
            None => server.listen(address).await,
        }
    }

    async fn listen(self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Bound, StartupError> {
        let site = Site::new(self.scan, self.states).map_err(StartupError::faults)?;
        let proxies = self.proxies.map_err(StartupError::Proxies)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            tls.reload().await.map_err(StartupError::Tls)?;
        }
        let shown = format!("{address:?}");
        let unbound = |source| StartupError::Bind { address: shown.clone(), source };
        let listener = TcpListener::bind(address).await.map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        let health = match &self.health.address {
            Some(address) => Some(health::bind(address).await?),
            None => None,
        };
        for hook in self.hooks.on_start {
            hook(ServerHandle(self.core.clone())).await.map_err(StartupError::OnStart)?;
        }
        let container = Container::start(site, self.core, self.limits, self.farewell);
        let service = self.beside.around(&container, None, self.health.beside);
        let on_stop = self.hooks.on_stop;
        let bound = Bound::new(container, service, listener, address, self.limits, on_stop)
            .and_health(health)
            .behind(proxies)
            .operated(self.operated);
        #[cfg(feature = "tls")]
        let bound = bound.secured(self.tls);
        Ok(bound)
    }

    /// Serves until Ctrl-C or SIGTERM, then shuts down gracefully; a second signal stops at once.
    ///
    /// Writes the table of endpoints, the address and later the errors of handlers to `tracing`,
    /// or to the terminal where no subscriber is set.
    ///
    /// # Errors
    ///
    /// As with [`bind`](Self::bind).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with IO and time enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the server at once: every connection is cut.
    pub async fn serve(self, address: impl ToSocketAddrs + fmt::Debug) -> Result<(), StartupError> {
        let server = self.configured()?;
        if !server.quiet {
            telemetry::fall_back_to_terminal();
        }
        let mut signals = Signals::listen().map_err(StartupError::Signals)?;
        let handle = server.handle();
        let bound = server.bind(address).await?;
        telemetry::table(&bound.table());
        telemetry::limits(&bound.limits());
        telemetry::listening(bound.scheme(), bound.local_addr());
        let mut serving = pin!(bound.run());
        tokio::select! {
            () = serving.as_mut() => return Ok(()),
            () = signals.next() => handle.shutdown(),
        }
        tokio::select! {
            () = serving => {}
            () = signals.next() => {}
        }
        Ok(())
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("limits", &self.limits).finish_non_exhaustive()
    }
}
