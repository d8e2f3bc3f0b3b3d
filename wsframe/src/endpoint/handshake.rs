//! The opening handshake as user code sees it: the request, and what may still be said about the
//! response.

use std::{net::SocketAddr, sync::Arc};

use http::{HeaderMap, StatusCode, Uri, request::Parts};

use super::state::States;
use crate::{
    handshake::{Agreed, Refusal},
    route::Params,
    session::{Claim, Directory, Facts, Head, Home, JoinError, Principal, Room, Session, User},
};

/// A handshake that is being admitted, before the 101.
///
/// `#[on_handshake]` and [`FromHandshake`](super::FromHandshake) see it. All that a decision needs
/// is here; what is put into [`response_headers_mut`](Self::response_headers_mut) goes out with
/// the 101.
///
/// ```
/// use http::HeaderValue;
/// use wsframe::{Handshake, Principal, Refusal, on_handshake, server_endpoint};
///
/// #[server_endpoint("/chat/<room>")]
/// struct Chat {
///     room: String,
/// }
///
/// impl Chat {
///     #[on_handshake]
///     fn admit(&mut self, handshake: &mut Handshake) -> Result<(), Refusal> {
///         let user = handshake.cookie("user").map(str::to_owned);
///         let user = user.ok_or_else(|| Refusal::unauthorized("log in first"))?;
///         if self.room == "staff" && handshake.query_all("role").any(|role| role == "guest") {
///             return Err(Refusal::forbidden("not for guests"));
///         }
///         println!("{user} from {:?} to {}", handshake.peer(), handshake.uri().path());
///         handshake.set_principal(Principal::new(user));
///         handshake.response_headers_mut().insert("x-node", HeaderValue::from_static("7"));
///         Ok(())
///     }
/// }
/// ```
///
/// Specification: RFC 6455 section 4.2.
#[derive(Debug)]
#[doc(alias = "HandshakeRequest")]
#[doc(alias = "modifyHandshake")]
pub struct Handshake {
    head: Parts,
    params: Params,
    peer: Option<SocketAddr>,
    subprotocol: Option<Box<str>>,
    deflate: Option<Agreed>,
    states: Arc<States>,
    response_headers: HeaderMap,
    principal: Option<Principal>,
    claim: Option<Claim>,
    rooms: Vec<Room>,
    directory: Arc<Directory>,
    home: Arc<Home>,
}

impl Handshake {
    pub(crate) fn new(
        head: Parts,
        params: Params,
        peer: Option<SocketAddr>,
        subprotocol: Option<Box<str>>,
        states: Arc<States>,
        directory: Arc<Directory>,
        home: Arc<Home>,
    ) -> Self {
        Self {
            head,
            params,
            peer,
            subprotocol,
            deflate: None,
            states,
            response_headers: HeaderMap::new(),
            principal: None,
            claim: None,
            rooms: Vec::new(),
            directory,
            home,
        }
    }

    /// Messages will be compressed.
    #[cfg_attr(not(feature = "server"), expect(dead_code, reason = "only a server agrees to it"))]
    pub(crate) fn deflated(mut self, deflate: Option<Agreed>) -> Self {
        self.deflate = deflate;
        self
    }

    /// The request's target.
    #[doc(alias = "getRequestURI")]
    pub fn uri(&self) -> &Uri {
        &self.head.uri
    }

    /// The request's headers.
    #[doc(alias = "getHeaders")]
    #[doc(alias = "getHandshakeHeaders")]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    pub(super) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.head.headers
    }

    /// The value of one header, if it is there and visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// Whatever the layers in front of us attached to the request.
    ///
    /// ```
    /// use wsframe::{FromHandshake, Handshake, Refusal};
    ///
    /// /// What a tower layer of the program put there.
    /// #[derive(Clone)]
    /// struct RequestId(u64);
    ///
    /// impl FromHandshake for RequestId {
    ///     async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
    ///         handshake.extensions().get().cloned().ok_or_else(Refusal::internal)
    ///     }
    /// }
    /// ```
    pub fn extensions(&self) -> &http::Extensions {
        &self.head.extensions
    }

    /// A parameter of the path, decoded: `room` of `/chat/<room>`.
    #[doc(alias = "PathParam")]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    /// The first value of a query parameter, decoded.
    #[doc(alias = "getParameterMap")]
    #[doc(alias = "getQueryString")]
    pub fn query(&self, name: &str) -> Option<String> {
        self.query_all(name).next()
    }

    /// Every value of a query parameter, decoded, in the order of the query string.
    #[doc(alias = "getRequestParameterMap")]
    pub fn query_all(&self, name: &str) -> impl Iterator<Item = String> {
        crate::route::query_pairs(self.head.uri.query().unwrap_or_default())
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The value of the first cookie of this name, as it was sent but for quotation marks around it;
    /// nothing is decoded. RFC 6265 section 4.2.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.head
            .headers
            .get_all(http::header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim_matches('"'))
    }

    /// The address of the peer, if the transport has one.
    #[doc(alias = "getRemoteAddress")]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The subprotocol that will be answered.
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// Shared state of this type, as it was given to the server.
    pub fn state<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.states.get::<T>().cloned()
    }

    /// Headers to send with the 101. Those of the handshake itself cannot be overridden.
    #[doc(alias = "HandshakeResponse")]
    pub fn response_headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.response_headers
    }

    /// Who the session will belong to, if somebody has said so.
    #[doc(alias = "getUserPrincipal")]
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// Says who the session will belong to, and that it is to be the only one: while it lives, a
    /// second handshake that claims the same id is refused. Two at the same moment are told apart.
    ///
    /// ```
    /// use wsframe::{Handshake, Principal, Refusal};
    ///
    /// fn admit(nick: &str, handshake: &mut Handshake) -> Result<(), Refusal> {
    ///     handshake.claim(Principal::new(nick))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// A refusal with 409 if there is such a session already.
    pub fn claim(&mut self, principal: Principal) -> Result<(), Refusal> {
        // An earlier claim of this handshake's ends first.
        self.claim = None;
        let taken = || Refusal::new(StatusCode::CONFLICT, "already connected");
        self.claim = Some(Claim::new(&self.directory, &principal).ok_or_else(taken)?);
        self.principal = Some(principal);
        Ok(())
    }

    /// All sessions of one principal id that are open now, to count them or to close them.
    ///
    /// ```
    /// use wsframe::{Handshake, Refusal};
    ///
    /// fn at_most_three(user: &str, handshake: &Handshake) -> Result<(), Refusal> {
    ///     match handshake.user(user).sessions().len() {
    ///         0..3 => Ok(()),
    ///         _ => Err(Refusal::forbidden("too many connections")),
    ///     }
    /// }
    /// ```
    pub fn user(&self, id: impl AsRef<str>) -> User {
        User(Room::new(self.directory.users().clone(), id.as_ref()))
    }

    /// Says who the session will belong to. A field marked `#[principal]` takes it if an extractor
    /// has said so, and
    /// [`ServerHandle::user`](crate::ServerHandle::user) finds it.
    #[doc(alias = "determineUser")]
    pub fn set_principal(&mut self, principal: Principal) {
        self.principal = Some(principal);
    }

    /// A room of this endpoint, as [`Session::room`] gives it.
    pub fn room(&self, name: impl AsRef<str>) -> Room {
        Room::new(self.home.rooms.clone(), name.as_ref())
    }

    /// Has the session join a room when it opens, before `on_open`. A field of type [`Room`] that is
    /// a parameter of the path does so by itself.
    ///
    /// # Errors
    ///
    /// [`JoinError`] as with [`Room::join`].
    pub fn join(&mut self, room: &Room) -> Result<(), JoinError> {
        room.admit(self.rooms.len())?;
        self.rooms.push(room.clone());
        Ok(())
    }

    #[cfg_attr(
        not(feature = "server"),
        expect(dead_code, reason = "only the listener takes it apart")
    )]
    /// What the session is opened with, and the headers for the response.
    pub(crate) fn into_admission(self) -> (Facts, Head, Belongs, HeaderMap) {
        let facts = Facts::new(self.peer, self.params, self.subprotocol, self.deflate);
        let head = Head::new(self.head.uri, self.head.headers);
        let belongs = Belongs { principal: self.principal, claim: self.claim, rooms: self.rooms };
        (facts, head, belongs, self.response_headers)
    }
}

/// Who a session will belong to, and where.
#[derive(Debug)]
pub(crate) struct Belongs {
    principal: Option<Principal>,
    claim: Option<Claim>,
    rooms: Vec<Room>,
}

impl Belongs {
    /// The session is open: now it does.
    pub(crate) async fn to(self, session: &Session) {
        if let Some(principal) = self.principal {
            session.set_principal(principal);
        }
        if let Some(claim) = self.claim {
            session.keep_claim(claim);
        }
        for room in &self.rooms {
            // The name was looked at; a session that is closed already has no use for rooms.
            let _ = room.join(session).await;
        }
    }
}
