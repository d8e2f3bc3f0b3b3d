//! What stays of the handshake, and who else is there.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::{Session, SessionId};
use crate::{
    handshake::{Agreed as Deflated, Direction},
    limits::Keep,
    route::Params,
    wire::Role,
};

/// The facts that stay for a session's whole life.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) peer: Option<SocketAddr>,
    agreed: Option<Box<Agreed>>,
}

/// What many sessions do not have.
#[derive(Debug)]
struct Agreed {
    params: Params,
    subprotocol: Option<Box<str>>,
    deflate: Option<Box<Deflating>>,
}

/// What was agreed on compression.
#[derive(Debug)]
struct Deflating {
    agreed: Deflated,
    /// As the handshake answered it.
    header: Box<str>,
}

/// For sessions without parameters.
static NO_PARAMS: LazyLock<Params> = LazyLock::new(Params::default);

impl Facts {
    pub(crate) fn new(
        peer: Option<SocketAddr>,
        params: Params,
        subprotocol: Option<Box<str>>,
        deflate: Option<Deflated>,
    ) -> Self {
        let some = !params.is_empty() || subprotocol.is_some() || deflate.is_some();
        let deflate =
            deflate.map(|agreed| Box::new(Deflating { agreed, header: agreed.to_string().into() }));
        Self { peer, agreed: some.then(|| Box::new(Agreed { params, subprotocol, deflate })) }
    }

    pub(crate) fn deflate(&self) -> Option<&Deflated> {
        Some(&self.agreed.as_ref()?.deflate.as_ref()?.agreed)
    }

    pub(crate) fn params(&self) -> &Params {
        self.agreed.as_ref().map_or(&NO_PARAMS, |agreed| &agreed.params)
    }

    pub(crate) fn subprotocol(&self) -> Option<&str> {
        self.agreed.as_ref()?.subprotocol.as_deref()
    }
}

/// The head of the request that opened a session, as [`Session::head`](super::Session::head) gives
/// it until `on_open` has finished.
///
/// ```
/// use wsframe::{Session, on_open, server_endpoint};
///
/// #[server_endpoint("/greet")]
/// struct Greet {
///     language: Option<String>, // kept, because the head is not
/// }
///
/// impl Greet {
///     #[on_open]
///     fn opened(&mut self, session: &Session) -> Option<String> {
///         let head = session.head()?;
///         self.language = head.headers.get("accept-language")?.to_str().ok().map(str::to_owned);
///         Some(format!("welcome to {}", head.uri.path()))
///     }
/// }
/// ```
///
/// Specification: RFC 6455 section 4.2.1, RFC 9112 section 3.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Head {
    /// The request's target.
    pub uri: Uri,
    /// The request's headers; where this side has dialled, the response's.
    pub headers: HeaderMap,
}

impl Head {
    pub(crate) fn new(uri: Uri, headers: HeaderMap) -> Self {
        Self { uri, headers }
    }
}

/// What is left of a head. Copied, because its parts hold on to the buffer that they were read into.
fn kept(head: &Head, keep: Keep) -> Option<Arc<Head>> {
    let headers = matches!(keep, Keep::Headers | Keep::HeadersAndUri);
    let uri = matches!(keep, Keep::Uri | Keep::HeadersAndUri);
    let copy = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes()).ok();
    (headers || uri).then(|| {
        let headers = head.headers.iter().filter(|_| headers);
        let headers = headers.filter_map(|(name, value)| Some((name.clone(), copy(value)?)));
        let uri = if uri { head.uri.to_string().parse().ok() } else { None };
        Arc::new(Head { uri: uri.unwrap_or_default(), headers: collected(headers) })
    })
}

/// With all lines of a name; to collect them would keep the last.
fn collected(lines: impl Iterator<Item = (HeaderName, HeaderValue)>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, value);
    }
    headers
}

impl Session {
    /// The session's id: 128 random bits, never used twice.
    #[doc(alias = "getId")]
    pub fn id(&self) -> SessionId {
        self.0.id
    }

    /// A parameter of the path, decoded: `room` of `/chat/<room>`.
    #[doc(alias = "PathParam")]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().get(name)
    }

    /// All parameters of the path.
    #[doc(alias = "getPathParameters")]
    pub fn params(&self) -> &Params {
        self.0.facts.params()
    }

    /// The address of the peer, if the transport has one.
    #[doc(alias = "getRemoteAddress")]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.0.facts.peer
    }

    /// The subprotocol that was agreed on.
    #[doc(alias = "getNegotiatedSubprotocol")]
    pub fn subprotocol(&self) -> Option<&str> {
        self.0.facts.subprotocol()
    }

    /// What the peer compresses its messages with, if it does.
    pub(crate) fn inflates(&self) -> Option<Direction> {
        let agreed = self.0.facts.deflate()?;
        Some(match self.0.home.role {
            Role::Server => agreed.client,
            Role::Client => agreed.server,
        })
    }

    /// The extensions that were agreed on, with their parameters, as the handshake's answer names
    /// them: `permessage-deflate; server_no_context_takeover`, for example. `None` if there are none.
    ///
    /// Specification: RFC 6455 section 9, RFC 7692 section 7.1.
    #[doc(alias = "getNegotiatedExtensions")]
    pub fn extensions(&self) -> Option<&str> {
        Some(&self.0.facts.agreed.as_ref()?.deflate.as_ref()?.header)
    }

    /// The head of the handshake's request, until `on_open` has finished; then it is let go, so
    /// that an idle session stays small. Keep what you need longer in a field, see [`Head`], or all
    /// of it with the option [`keep`](crate::Options::keep).
    ///
    /// On the dialling side it is what was asked for, and the headers of the answer; for a client
    /// endpoint alone.
    #[doc(alias = "getRequestURI")]
    #[doc(alias = "getQueryString")]
    #[doc(alias = "getHandshakeHeaders")]
    pub fn head(&self) -> Option<Arc<Head>> {
        self.extra().as_ref()?.head.clone()
    }

    /// Lets go of what is not to be kept of the head.
    pub(crate) fn drop_head(&self) {
        let mut extra = self.extra();
        if let Some(some) = extra.as_mut() {
            some.head = some.head.take().and_then(|head| kept(&head, self.settings().keep));
            if some.is_empty() {
                *extra = None;
            }
        }
    }

    /// All open sessions of the same endpoint, this one included, from `on_open` on; in no order.
    ///
    /// ```
    /// # fn example(session: &wsframe::Session) {
    /// for other in session.peers().iter().filter(|other| *other != session) {
    ///     let _ = other.try_send("somebody is here");
    /// }
    /// # }
    /// ```
    #[doc(alias = "getOpenSessions")]
    pub fn peers(&self) -> Vec<Self> {
        let mut sessions = self.0.directory.sessions();
        sessions.retain(|session| Arc::ptr_eq(&session.0.home, &self.0.home));
        sessions
    }
}
