//! What `#[client_endpoint]` adds to the handlers, and what tells the two sides apart.

/// The part of `impl Endpoint` that is a server's.
#[doc(hidden)]
#[macro_export]
macro_rules! __unserved {
    () => {
        const PATH: &'static str = "";

        fn bind(
            _: &mut $crate::Handshake,
        ) -> impl ::core::future::Future<Output = ::core::result::Result<Self, $crate::Refusal>>
        + ::core::marker::Send {
            $crate::private::never_bound()
        }
    };
}

/// `impl ClientEndpoint`.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __reconnecting {
    () => {
        fn on_disconnect(
            &mut self,
            disconnect: &$crate::Disconnect,
        ) -> impl ::core::future::Future<Output = $crate::Retry> + ::core::marker::Send {
            Self::__wsframe_only_one_on_disconnect_per_endpoint(self, disconnect)
        }
    };
}

#[cfg(feature = "client")]
pub use __reconnecting as reconnecting;
pub use __unserved as unserved;

use std::future::{Ready, ready};

use crate::Refusal;

/// Nobody is let in to an endpoint that dials.
pub fn never_bound<E>() -> Ready<Result<E, Refusal>> {
    ready(Err(Refusal::internal()))
}

/// The side of an endpoint that a server makes.
#[derive(Debug)]
pub struct Serves;

/// The side of an endpoint that dials.
#[derive(Debug)]
pub struct Dials;

/// The side that answers handshakes.
#[diagnostic::on_unimplemented(
    message = "a client endpoint has no `#[on_handshake]`",
    label = "only a server answers a handshake",
    note = "say what the request is to contain with `Client::new(url).header(…)`, and look at the answer in `#[on_open]`: `session.head()`, `session.subprotocol()`; a refusal comes to `#[on_disconnect]`"
)]
pub trait AnswersHandshakes {}

impl AnswersHandshakes for Serves {}

/// What `#[on_handshake]` demands.
#[inline]
pub fn answers_handshakes<S: AnswersHandshakes>(_: S) {}
