//! Sessions that no server opened, for calling methods directly.

use std::{any::type_name, fmt, marker::PhantomData, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;

use super::{BETWEEN, Peer};
use crate::{
    connection::{self, Transport},
    endpoint::{Endpoint, Handshake, Options, Outcome, Reply, Source, resolve},
    handshake::Refusal,
    limits::testing::DEADLINE,
    message::Message,
    route::{Params, Router, Template},
    session::{Directory, Facts, Home, Room, Session},
    wire::Role,
};

/// A session and its peer, for calling the methods of an endpoint directly.
///
/// What is sent on the session arrives at the peer, and [`Session::close`] closes it. No endpoint
/// is behind it: what the peer sends is read and dropped. There is no heartbeat and no idle
/// timeout; every other option is at its default.
///
/// ```
/// use wsframe::prelude::*;
///
/// #[server_endpoint("/sum")]
/// struct Sum(u64);
///
/// impl Sum {
///     #[on_message]
///     async fn add(&mut self, text: String, session: &Session) -> wsframe::Result {
///         self.0 += text.parse::<u64>()?;
///         if self.0 > 9 {
///             session.send("more than nine").await?;
///         }
///         Ok(())
///     }
/// }
///
/// // #[tokio::test]
/// async fn it_tells_when_there_is_more_than_nine() {
///     let (session, mut peer) = wsframe::testing::session();
///     let mut sum = Sum(0);
///     sum.add("7".into(), &session).await.unwrap();
///     sum.add("5".into(), &session).await.unwrap();
///     assert_eq!(peer.expect_text().await, "more than nine");
///     assert!(sum.add("many".into(), &session).await.is_err());
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
/// #     .block_on(it_tells_when_there_is_more_than_nine());
/// ```
///
/// # Panics
///
/// Outside of a tokio runtime with time enabled.
pub fn session() -> (Session, Peer) {
    Sessions::<Nobody>::of().open()
}

/// The same with the options of an endpoint, and its rooms and events; see [`Sessions`] for
/// several in the same rooms.
///
/// # Panics
///
/// Outside of a tokio runtime with time enabled.
pub fn session_of<E: Endpoint>() -> (Session, Peer) {
    Sessions::<E>::of().open()
}

/// Sessions of one endpoint that share its rooms, its users and the server's shared rooms, for
/// calling methods directly.
///
/// ```
/// # struct Chat;
/// # impl wsframe::Endpoint for Chat {
/// #     const PATH: &'static str = "/chat/<room>";
/// #     async fn bind(_: &mut wsframe::Handshake) -> Result<Self, wsframe::Refusal> { Ok(Self) }
/// # }
/// # async fn example() {
/// use wsframe::testing::Sessions;
///
/// let sessions = Sessions::<Chat>::of();
/// let (ann, _) = sessions.open_at("/chat/rust");
/// let (bob, mut at_bob) = sessions.open_at("/chat/rust");
/// bob.join("rust").await.unwrap();
/// ann.room("rust").send("hello").await;
/// assert_eq!(at_bob.expect_text().await, "hello");
/// assert_eq!(bob.param("room"), Some("rust"));
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example());
/// ```
pub struct Sessions<E> {
    directory: Arc<Directory>,
    home: Arc<Home>,
    endpoint: PhantomData<fn() -> E>,
}

impl<E: Endpoint> Sessions<E> {
    /// Sessions with the options of the endpoint.
    pub fn of() -> Self {
        Self::with(|options| options)
    }

    /// Sessions with the options of the endpoint and others that are stronger, as with
    /// [`Server::configure`](crate::Server::configure).
    pub fn with(set: impl FnOnce(Options) -> Options) -> Self {
        let (own, stronger) = (E::options(), set(Options::new()));
        let levels = [(Source::Configure, &stronger), (Source::Attribute, &own)];
        let directory = Directory::new();
        let rooms = directory.rooms(std::any::TypeId::of::<E>());
        let settings = resolve(&levels).settings;
        let home = Arc::new(Home {
            role: Role::Server,
            name: E::PATH.into(),
            settings,
            rooms,
            event: E::EVENT,
        });
        Self { directory, home, endpoint: PhantomData }
    }

    /// Opens a session without path parameters.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time enabled.
    pub fn open(&self) -> (Session, Peer) {
        self.start(Params::default())
    }

    /// Opens a session with the parameters that this path has for the endpoint.
    ///
    /// # Panics
    ///
    /// If the endpoint's path does not match it, and outside of a tokio runtime with time enabled.
    pub fn open_at(&self, path: &str) -> (Session, Peer) {
        let params = Template::parse(E::PATH).ok().and_then(|template| {
            let mut router = Router::new();
            let _ = router.insert(template, ());
            router.find(path).ok()?.map(|((), params)| params)
        });
        match params {
            Some(params) => self.start(params),
            None => panic!("`{path}` is not a path of `{}`, `{}`", type_name::<E>(), E::PATH),
        }
    }

    /// A room of the endpoint, as [`ServerHandle::room`](crate::ServerHandle::room) is one.
    pub fn room(&self, name: impl AsRef<str>) -> Room {
        Room::new(self.home.rooms.clone(), name.as_ref())
    }

    fn start(&self, params: Params) -> (Session, Peer) {
        let (ours, theirs) = tokio::io::duplex(BETWEEN);
        let (transport, writer) = Transport::stream(theirs, Bytes::new());
        let Some(seat) = self.directory.sit(usize::MAX) else { unreachable!("no limit") };
        let facts = Facts::new(None, params, None, None);
        let session = Session::open(seat, facts, None, self.home.clone(), writer);
        drop(connection::start(Nobody, session.clone(), transport));
        (session, Peer::new(ours, HeaderMap::new(), DEADLINE))
    }
}

impl<E> fmt::Debug for Sessions<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sessions<{}>", type_name::<E>())
    }
}

/// The endpoint of a session that has none.
#[derive(Debug)]
struct Nobody;

impl Endpoint for Nobody {
    const PATH: &'static str = "/";

    async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
        Ok(Self)
    }

    async fn on_message(&mut self, _: &Session, _: Message) -> Outcome {
        Ok(Reply::none())
    }
}
