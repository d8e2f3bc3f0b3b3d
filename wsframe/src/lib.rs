//! Real-time applications over WebSocket, by annotation.
//!
//! You write a struct and its methods; the framework finds it at start-up, routes handshakes to
//! it, gives every connection its own object, and carries what people otherwise write by hand
//! around the socket: back-pressure, heartbeats, limits, a clean close, shutdown.
//!
//! ```no_run
//! use wsframe::prelude::*;
//!
//! #[server_endpoint("/echo/<name>")]
//! struct Echo {
//!     name: String, // bound from <name>
//!     count: u32,   // starts at Default
//! }
//!
//! impl Echo {
//!     #[on_message]
//!     async fn echo(&mut self, text: String) -> String {
//!         self.count += 1;
//!         format!("{}, this was message {}: {text}", self.name, self.count)
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), wsframe::StartupError> {
//!     Server::new().serve("127.0.0.1:8080").await
//! }
//! ```
//!
//! Nothing lists `Echo`: the attribute registers it at link time. **A crate that is never named in
//! source is not linked**, and neither are its endpoints; where they live in a library, write
//! `use that_library as _;` in the program. A server without any endpoint does not start and says
//! so.
//!
//! The [`guide`] has a chapter for each question that goes beyond single items, and
//! [`architecture`] is the map for those who read the source.
//!
//! # Endpoints
//!
//! [`#[server_endpoint]`](macro@server_endpoint) goes on a struct, and plain attributes on methods
//! of any of its inherent `impl` blocks, in any module:
//!
//! | attribute | runs | takes, in any order | gives back |
//! |---|---|---|---|
//! | [`#[on_handshake]`](macro@on_handshake) | before the 101 | `&mut `[`Handshake`] | `Result<(), `[`Refusal`]`>` |
//! | [`#[on_open]`](macro@on_open) | when the session is open | [`Session`] | a reply or nothing, or a `Result` of it |
//! | [`#[on_message]`](macro@on_message) | for each message, in order | one payload, [`Session`] | the same |
//! | [`#[on_tick]`](macro@on_tick) | again and again, between messages | [`Session`] | the same |
//! | [`#[on_event]`](macro@on_event) | when somebody calls [`Session::tell`] | one value, [`Session`] | the same |
//! | [`#[on_close]`](macro@on_close) | at the end, exactly once | [`Session`], [`CloseReason`] | nothing |
//! | [`#[on_error]`](macro@on_error) | when a handler failed | `&`[`Failure`], [`Session`] | [`OnError`] |
//!
//! Handlers are `fn` or `async fn`, with `&self` or `&mut self`. One object serves one connection,
//! and its handlers never run at the same time: state lives in fields, without a lock. **A plain
//! `fn` that blocks** (a synchronous database call, a long computation) stops a worker thread and
//! with it every connection on it; [`#[on_message(blocking)]`](macro@on_message) gives it a thread
//! of its own.
//!
//! The macros are sugar over a public trait, [`Endpoint`], that can be written by hand and given
//! to [`Server::endpoint`].
//!
//! # Fields
//!
//! A field named like a parameter of the path is bound from it; the others say where they come
//! from, or start at `Default`:
//!
//! ```
//! use std::sync::Arc;
//! use wsframe::prelude::*;
//! # #[derive(Default)] struct Log;
//! # struct User;
//! # impl wsframe::FromHandshake for User {
//! #     async fn from_handshake(_: &mut wsframe::Handshake) -> Result<Self, wsframe::Refusal> { Ok(User) }
//! # }
//!
//! #[server_endpoint("/rooms/<room>/<seat>")]
//! struct Seat {
//!     room: String,
//!     seat: u16,                             // what is no number is 404
//!     #[query] nick: Option<String>,         // ?nick=ann
//!     #[header("user-agent")] agent: String, // missing: 400
//!     #[cookie] theme: Option<String>,
//!     #[state] log: Arc<Log>,                // given to the server once
//!     #[extract] user: User,                 // any type with `FromHandshake`; it may refuse
//!     #[default(3)] lives: u8,
//!     moves: Vec<u32>,
//! }
//! # impl Seat { fn all(&self) { let _ = (&self.room, self.seat, &self.nick, &self.agent, &self.theme,
//! #     &self.log, &self.user, self.lives, &self.moves); } }
//! ```
//!
//! A field marked `#[principal]` takes the [`Principal`] that an extractor has set. All are bound
//! before the 101, so what is missing or malformed is an HTTP status, not a session
//! that breaks at once.
//!
//! # Messages and replies
//!
//! The kind of a message handler follows from its payload: `String`, `&str`, [`Text`] and
//! [`Json<T>`](Json) take text, and so do numbers, `bool` and `char`, which are parsed from it;
//! `Bytes`, `Vec<u8>`, `&[u8]` take binary; [`Pong`] takes pongs. A type of your own implements [`FromMessage`] and says its kind: `#[on_message(text)]`; so does
//! [`Message`], which is of any kind, and a method may have several of these. A kind without a
//! handler closes with 1003.
//!
//! What a handler returns is sent: anything [`IntoMessage`], an `Option` of it, or a `Result`,
//! whose error goes to `#[on_error]`. `Err(`[`Close::new`]`(4003, "kicked").into())` closes the
//! connection with that code. Without an `#[on_error]`, an error is logged and closes with 1011, a
//! payload that does not decode with 1007; the text of an error never reaches the peer. A panic
//! ends its own connection with 1011, and nothing else.
//!
//! # Sending
//!
//! [`Session`] is cheap to clone and may send from any task:
//!
//! - [`send`](Session::send)`.await` waits for room, up to `send_timeout`; [`try_send`](Session::try_send)
//!   does not wait; [`flush`](Session::flush) waits until everything is with the kernel.
//! - Messages are atomic; those of one sender arrive in order.
//! - The outbox of a session is bounded in bytes and in messages. A peer that does not read is let
//!   go with 1013 at the write deadline.
//! - [`Room`]s reach many: `session.join("red").await?`, `session.room("red").send("hi").await`.
//!   Sending to a room never waits for a member: a full outbox is met with the endpoint's
//!   [`Overflow`]. All members see one order.
//! - [`ServerHandle`] reaches rooms, users and sessions from anywhere.
//!
//! # Dialling
//!
//! `Client::new("ws://…").connect().await?` gives the same [`Session`] on the other end, and a stream
//! of the messages that come. `#[client_endpoint]` gives a struct the same method attributes there,
//! and `#[on_disconnect]`; `Client::new(url).run(Bot { token })` runs an object of it, over as many
//! connections as it takes. See [the guide](guide::client).
//!
//! # HTTP
//!
//! [`Server::fallback`] serves what is no handshake with any tower service, an axum router for
//! example; [`Server::layer`] puts tower layers around all of it; [`Server::into_service`] mounts the
//! server in another one. See [the guide](guide::http).
//!
//! # Closing
//!
//! However a connection ends, `#[on_close]` runs exactly once if `#[on_open]` was started, with
//! code, reason, who started it and whether the handshake was clean. Messages that came before the
//! peer's close frame are handled first. A handler that is still running is not dropped at once:
//! its sends fail, [`Session::closed`] resolves, and it may finish within `finish_within`.
//!
//! # Options
//!
//! Limits and deadlines have safe defaults and are set, the strongest first, with
//! [`Server::configure`], on the attribute, with [`Server::options`]. [`Options`] documents all of
//! them; the table that [`Server::serve`] writes at start shows what is set and where.
//!
//! # Features
//!
//! | feature | default | |
//! |---|---|---|
//! | `server` | yes | [`Server`]: the listener, HTTP/1.1 through hyper |
//! | `client` | yes | `Client` and `#[client_endpoint]`: dial a server, and again |
//! | `json` | yes | [`Json<T>`](Json) through serde |
//! | `tls` | no | TLS for `Server`, `wss` for `Client`, through rustls with ring |
//! | `http2` | no | HTTP/2 (RFC 8441), where `Server::http2` or `Client::http2` asks for it |
//! | `metrics` | no | counters through the `metrics` facade, see [the guide](guide::deployment#counters) |
//! | `toml` | no | `Config::file`: what operators set, in a file |
//! | `testing` | no | `wsframe::testing`: endpoints driven in memory, without a port |
//! | `msgpack` | no | `MessagePack<T>` through serde, in binary messages |
//! | `protobuf` | no | `Protobuf<T>` for the messages of prost, in binary messages |
//!
//! Features add; none changes what another part does.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "server"),
    allow(dead_code, unused_imports, reason = "the server is what puts every floor to use")
)]

// In reading order: from what travels, through one connection, to the server.
mod attributes;
#[cfg(feature = "client")]
mod client;
mod codec;
mod connection;
mod endpoint;
pub mod guide;
mod handshake;
mod limits;
mod message;
mod outbox;
pub mod prelude;
#[doc(hidden)]
pub mod private;
mod registry;
mod room;
mod route;
#[cfg(feature = "server")]
mod server;
mod session;
mod socket;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(all(feature = "tls", any(feature = "client", feature = "server")))]
mod tls;
mod wire;

#[doc = include_str!("../docs/architecture.md")]
pub mod architecture {}

#[doc = include_str!("../docs/expansion.md")]
pub mod expansion {}

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

#[cfg(wsframe_bench)]
#[doc(hidden)]
pub use self::wire::bench;

pub use bytes::Bytes;
pub use http;

#[cfg(feature = "client")]
pub use self::attributes::{client_endpoint, on_disconnect};
#[cfg(feature = "client")]
pub use self::client::{
    Backoff, Cause, Client, ClientEndpoint, ClientHandle, ConnectError, Disconnect, HandshakeFault,
    Messages, NotConnected, ProxyError, Retry, Step, Stopped,
};
#[cfg(feature = "json")]
pub use self::codec::Json;
#[cfg(feature = "msgpack")]
pub use self::codec::MessagePack;
#[cfg(feature = "protobuf")]
pub use self::codec::Protobuf;
#[cfg(feature = "server")]
pub use self::server::{
    Body, Bound, Config, Forwarding, HttpService, OpenSessions, PeerAddr, Report, Server,
    ServerHandle, StartupError,
};
#[cfg(all(feature = "tls", feature = "client"))]
pub use self::tls::ClientTls;
#[cfg(all(feature = "tls", any(feature = "client", feature = "server")))]
pub use self::tls::{CertificateFault, Pem, PemError, PemFault, TlsError};
#[cfg(all(feature = "server", feature = "tls"))]
pub use self::tls::{ServerTls, TlsInfo};
pub use self::{
    attributes::{
        on_close, on_error, on_event, on_handshake, on_message, on_open, on_tick, server_endpoint,
    },
    codec::{Coder, DecodeError, Either, FromMessage, IntoMessage},
    endpoint::{
        Configurator, Endpoint, FromHandshake, Handshake, Incoming, Intake, IntoReply, Options,
        Outcome, Part, Replies, Reply, Source, StateKey, Streaming, Tickets, TooManyTickets,
    },
    handshake::{Deflate, Origins, Refusal},
    limits::{Excess, Keep, Overflow, Rate},
    message::{
        Close, CloseCode, CloseReason, Error, Failure, FailureKind, Initiator, Message,
        MessageKind, MessageKinds, OnError, Pong, Result, Text,
    },
    registry::{Deployment, Descriptor, Route, StatefulRoute},
    route::Params,
    session::{
        Closed, Delivered, Event, Flushing, Head, JoinError, MessageReader, MessageWriter, Piece,
        Principal, Room, SendError, Sending, Session, SessionId, TellError, TrySendError, Unsent,
        User,
    },
};
