//! What is computed in a handshake, rather than set.

use std::{borrow::Cow, future::Future};

use http::request::Parts;

use super::{Endpoint, Handshake, StateKey};
use crate::handshake::{Deflate, Refusal};

/// What of an endpoint's handshake is computed by your own code, where an option cannot say it.
///
/// [`Server::configurator`](crate::Server::configurator) sets it, one for an endpoint; all its
/// connections share it. Every method has a default that does what happens without a configurator.
/// They are called in this order:
///
/// | | called | default |
/// |---|---|---|
/// | [`states`](Self::states) | at the start | [`Endpoint::states`] |
/// | [`check_origin`](Self::check_origin) | for a handshake that is right in form | what the option `origins` says |
/// | [`choose_subprotocol`](Self::choose_subprotocol) | for an origin that may connect | the client's first that the endpoint speaks |
/// | [`choose_deflate`](Self::choose_deflate) | then | the option `deflate` |
/// | [`create`](Self::create) | then | [`Endpoint::bind`]: the fields, out of the handshake |
/// | [`Endpoint::on_handshake`] | with the object | |
/// | [`respond`](Self::respond) | last, before the 101 | nothing |
///
/// A panic in it is a 500, as elsewhere before the 101. What is called before `create` should not
/// block: it is called on the worker thread. `create` and `on_handshake` have 10 s together.
///
/// ```
/// use std::{borrow::Cow, sync::Arc};
/// use http::request::Parts;
/// use wsframe::{Configurator, prelude::*};
///
/// struct Tenants(Vec<String>);
///
/// #[server_endpoint("/desk/<tenant>")]
/// struct Desk {
///     tenant: String,
///     #[default(Arc::new(Tenants(Vec::new())))]
///     tenants: Arc<Tenants>,
/// }
/// # impl Desk { fn f(&self) { let _ = (&self.tenant, &self.tenants.0); } }
///
/// struct Desks(Arc<Tenants>);
///
/// impl Configurator<Desk> for Desks {
///     // The pages of every tenant may connect, beside those that the option allows.
///     fn check_origin(&self, head: &Parts, allowed: bool) -> bool {
///         let origin = head.headers.get("origin").and_then(|origin| origin.to_str().ok());
///         let host = origin.and_then(|origin| origin.strip_prefix("https://"));
///         allowed || host.is_some_and(|host| self.0.0.iter().any(|tenant| tenant == host))
///     }
///
///     // Dependency injection: the object is made here.
///     async fn create(&self, handshake: &mut Handshake) -> Result<Desk, Refusal> {
///         let tenant = handshake.param("tenant").unwrap_or_default().to_owned();
///         Ok(Desk { tenant, tenants: self.0.clone() })
///     }
/// }
///
/// let tenants = Arc::new(Tenants(vec!["shop.example".into()]));
/// let server = Server::new().only::<Desk>().configurator(Desks(tenants));
/// # let _ = server;
/// ```
#[doc(alias = "ServerEndpointConfig.Configurator")]
pub trait Configurator<E: Endpoint>: Send + Sync + 'static {
    /// Whether the page that asks may connect. `allowed` is what the option `origins` says of the
    /// request, which may also have no `Origin`. `false` is a 403.
    #[doc(alias = "checkOrigin")]
    fn check_origin(&self, head: &Parts, allowed: bool) -> bool {
        let _ = head;
        allowed
    }

    /// The subprotocol to be spoken, if any. `requested` is the client's list, its first choice
    /// first, and may be empty; `spoken` is the option `subprotocols`.
    ///
    /// An answer that the client did not request would make it fail; it is reported, and the
    /// handshake is answered 500. It need not be among `spoken`.
    #[doc(alias = "getNegotiatedSubprotocol")]
    fn choose_subprotocol(
        &self,
        requested: &[&str],
        spoken: &[Cow<'static, str>],
    ) -> Option<String> {
        requested
            .iter()
            .find(|name| spoken.iter().any(|known| known == *name))
            .map(|name| (*name).to_owned())
    }

    /// Whether messages of this connection may be compressed, and how; `deflate` is what the option
    /// says, which may be off. What the client offers is still to be met: RFC 7692 section 5.
    ///
    /// A value that [`Deflate`] does not have is reported, and the handshake is answered 500.
    ///
    /// ```
    /// use http::request::Parts;
    /// use wsframe::{Configurator, Deflate, server_endpoint};
    ///
    /// #[server_endpoint("/feed", deflate = on)]
    /// struct Feed;
    ///
    /// struct Feeds;
    ///
    /// impl Configurator<Feed> for Feeds {
    ///     // Whoever is on this machine has bandwidth enough.
    ///     fn choose_deflate(&self, head: &Parts, deflate: Deflate) -> Deflate {
    ///         let local = head.headers.get("host").is_some_and(|host| host == "localhost");
    ///         if local { Deflate::from(false) } else { deflate }
    ///     }
    /// }
    /// ```
    #[doc(alias = "getNegotiatedExtensions")]
    fn choose_deflate(&self, head: &Parts, deflate: Deflate) -> Deflate {
        let _ = head;
        deflate
    }

    /// The shared state that [`create`](Self::create) takes; the server does not start without it.
    fn states(&self) -> Vec<StateKey> {
        E::states()
    }

    /// Makes the object of one connection.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] becomes the answer to the handshake.
    #[doc(alias = "getEndpointInstance")]
    fn create(&self, handshake: &mut Handshake) -> impl Future<Output = Result<E, Refusal>> + Send {
        E::bind(handshake)
    }

    /// Has the last look at the handshake, whose
    /// [response headers](Handshake::response_headers_mut) are those of the endpoint so far. Those
    /// of the protocol itself cannot be overridden.
    #[doc(alias = "modifyHandshake")]
    fn respond(&self, handshake: &mut Handshake) {
        let _ = handshake;
    }
}
