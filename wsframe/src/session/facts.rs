//! What stays of the handshake.

use std::{net::SocketAddr, sync::LazyLock};

use http::{HeaderMap, Uri};

use crate::route::Params;

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
}

/// For sessions without parameters.
static NO_PARAMS: LazyLock<Params> = LazyLock::new(Params::default);

impl Facts {
    pub(crate) fn new(
        peer: Option<SocketAddr>,
        params: Params,
        subprotocol: Option<Box<str>>,
    ) -> Self {
        let some = !params.is_empty() || subprotocol.is_some();
        Self { peer, agreed: some.then(|| Box::new(Agreed { params, subprotocol })) }
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
    /// The request's headers.
    pub headers: HeaderMap,
}

impl Head {
    pub(crate) fn new(uri: Uri, headers: HeaderMap) -> Self {
        Self { uri, headers }
    }
}
