//! The attributes of the dialling side.

/// Makes a struct an endpoint that dials: [`Client::run`](crate::Client::run) and
/// [`Client::start`](crate::Client::start) take an object of it. Feature `client`.
///
/// ```no_run
/// use wsframe::{Backoff, prelude::*};
///
/// #[client_endpoint(ping_interval = "10s", max_message_size = "1MiB")]
/// struct Bot {
///     nick: String,
///     answered: u32,
/// }
///
/// impl Bot {
///     #[on_open]
///     async fn joined(&mut self) -> String {
///         format!("{} is here again", self.nick)
///     }
///
///     #[on_message]
///     async fn said(&mut self, text: String, session: &Session) -> String {
///         self.answered += 1;
///         format!("that had {} letters", text.chars().count())
///     }
/// }
///
/// #[tokio::main]
/// async fn main() {
///     let bot = Bot { nick: "bot".into(), answered: 0 };
///     let client = Client::new("ws://127.0.0.1:8080/chat/rust").reconnect(Backoff::new());
///     let stopped = client.run(bot).await;
///     println!("{} answers, then {}", stopped.endpoint.answered, stopped.last);
/// }
/// ```
///
/// Handlers are those of [`#[server_endpoint]`](macro@crate::server_endpoint), with the same arguments, replies
/// and bounds, but for [`#[on_handshake]`](macro@crate::on_handshake), which is a server's; and there is
/// [`#[on_disconnect]`](macro@crate::on_disconnect).
///
/// The object is made by who runs it, with all its fields. It stays the same from one connection to the
/// next: `#[on_open]` and `#[on_close]` are called for each, with a [`Session`](crate::Session) of its own,
/// and what belongs to one connection is set anew in `#[on_open]`. What the server has answered stands
/// there too: [`Session::subprotocol`](crate::Session::subprotocol), and the headers of the 101 in
/// [`Session::head`](crate::Session::head):
///
/// ```
/// use wsframe::prelude::*;
///
/// #[client_endpoint(subprotocols = ["chat.v2", "chat.v1"])]
/// struct Bot {
///     node: Option<String>, // who answers
/// }
///
/// impl Bot {
///     #[on_open]
///     fn opened(&mut self, session: &Session) -> wsframe::Result {
///         let head = session.head().ok_or("a head")?;
///         self.node = head.headers.get("x-node").and_then(|node| Some(node.to_str().ok()?.to_owned()));
///         match session.subprotocol() {
///             Some(_) => Ok(()),
///             None => Err(Close::new(4000, "no common protocol").into()),
///         }
///     }
/// }
/// ```
///
/// # Options
///
/// Those of [`#[server_endpoint]`](macro@crate::server_endpoint) without `origins` and without a path; what
/// [`Client::options`](crate::Client::options) says goes before them. `subprotocols` are those that are
/// asked for, the one that is liked best first, unless
/// [`Client::subprotocol`](crate::Client::subprotocol) asks for others.
///
/// Rooms and [`Session::peers`](crate::Session::peers) are those of all objects of the type that were started
/// or run from the same [`Client`](crate::Client).
///
/// # What is generated
///
/// Implementations of [`Endpoint`](crate::Endpoint) and [`ClientEndpoint`](crate::ClientEndpoint). Nothing
/// is registered: no server finds it.
///
/// Specification: after Jakarta WebSocket 2.2 section 4.2; RFC 6455 section 4.1.
#[doc(alias = "ClientEndpoint")]
#[doc(alias = "WebSocketClient")]
#[doc(alias = "WebSocketConnectionManager")]
pub use wsframe_macros::client_endpoint;

/// Marks the method that decides what comes when a connection has ended or a dial has failed.
///
/// | takes | |
/// |---|---|
/// | `&Disconnect` or `Disconnect` | what happened: [`Disconnect`](crate::Disconnect) |
///
/// It returns [`Retry`](crate::Retry). It is called after `#[on_close]`, and also for the first dial; not
/// when [`ClientHandle::close`](crate::ClientHandle::close) asked for the end. Without it, what
/// [`Client::reconnect`](crate::Client::reconnect) says is done, and nothing where that was not called.
/// If it panics, that is the end.
///
/// ```
/// use std::time::Duration;
/// use wsframe::{Cause, ConnectError, Disconnect, Retry, client_endpoint, on_disconnect};
///
/// #[client_endpoint]
/// struct Bot {
///     lost: usize,
/// }
///
/// impl Bot {
///     #[on_disconnect]
///     async fn again(&mut self, disconnect: &Disconnect) -> Retry {
///         self.lost += disconnect.unsent().messages(); // nothing is sent again by itself
///         match disconnect.cause() {
///             Cause::Ended(reason) if reason.code() == 4001 => Retry::Now,
///             Cause::Failed(ConnectError::Refused { status, .. }) if status.as_u16() == 404 => {
///                 Retry::After(Duration::from_secs(60))
///             }
///             _ if disconnect.failures() > 20 => Retry::Stop,
///             _ => Retry::Backoff,
///         }
///     }
/// }
/// ```
#[doc(alias = "ReconnectHandler")]
#[doc(alias = "onreconnecting")]
#[doc(alias = "reconnect_attempt")]
#[doc(alias = "connect_error")]
pub use wsframe_macros::on_disconnect;
