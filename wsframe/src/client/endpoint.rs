//! The contract of an object that dials.

use std::future::{Future, ready};

use super::disconnect::{Disconnect, Retry};
use crate::endpoint::Endpoint;

/// An endpoint on the dialling side: one object for all connections that
/// [`Client::run`](super::Client::run) or [`Client::start`](super::Client::start) makes for it, one
/// after the other.
///
/// `#[client_endpoint]` and the method attributes write this implementation. What happens on an open
/// connection is the [`Endpoint`]'s; its `PATH`, `bind` and `on_handshake` are a server's and count for
/// nothing here.
///
/// ```
/// use wsframe::{
///     ClientEndpoint, Disconnect, Endpoint, Handshake, Message, Outcome, Refusal, Reply, Retry, Session,
/// };
///
/// struct Echo;
///
/// impl Endpoint for Echo {
///     const PATH: &'static str = "";
///
///     async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
///         Err(Refusal::internal()) // no server makes it
///     }
///
///     async fn on_message(&mut self, _: &Session, message: Message) -> Outcome {
///         Ok(Reply::message(message))
///     }
/// }
///
/// impl ClientEndpoint for Echo {
///     async fn on_disconnect(&mut self, disconnect: &Disconnect) -> Retry {
///         if disconnect.failures() < 10 { Retry::Backoff } else { Retry::Stop }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a client endpoint",
    label = "this is not a client endpoint",
    note = "write `#[client_endpoint]` on the struct, or implement `wsframe::ClientEndpoint` by hand; on the server a connection ends with `#[on_close]`"
)]
pub trait ClientEndpoint: Endpoint {
    /// A connection has ended, after its `on_close`, or a dial has failed: what next? Not called when
    /// the end was asked for with [`ClientHandle::close`](super::ClientHandle::close). Default:
    /// [`Retry::Default`].
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when [`ClientHandle::close`](super::ClientHandle::close) is called
    /// meanwhile.
    fn on_disconnect(&mut self, disconnect: &Disconnect) -> impl Future<Output = Retry> + Send {
        let _ = disconnect;
        ready(Retry::Default)
    }
}
