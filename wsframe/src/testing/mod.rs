//! Endpoints without a port: a whole server in memory, and sessions for calling methods directly.
//! Feature `testing`.
//!
//! [`Server::in_memory`](crate::Server::in_memory) checks the server as a start does, and
//! [`InMemory::connect`] opens sessions on it. They go the whole way of a real one after the HTTP
//! parser: layers, routing, origin, negotiation, fields, `#[on_handshake]`, the 101, the task that
//! runs the connection. What the endpoint sees of the other side is a [`Peer`]:
//!
//! ```
//! use wsframe::prelude::*;
//!
//! #[server_endpoint("/chat/<room>")]
//! struct Chat {
//!     room: String,
//!     #[query]
//!     nick: String,
//! }
//!
//! impl Chat {
//!     #[on_open]
//!     async fn joined(&self, session: &Session) -> wsframe::Result<String> {
//!         session.join(&self.room).await?;
//!         Ok(format!("welcome, {}", self.nick))
//!     }
//!
//!     #[on_message]
//!     async fn said(&self, text: String, session: &Session) {
//!         session.room(&self.room).send(format!("{}: {text}", self.nick)).await;
//!     }
//! }
//!
//! // #[tokio::test]
//! async fn ann_and_bob() {
//!     let app = Server::new().only::<Chat>().in_memory().unwrap();
//!     let mut ann = app.connect("/chat/rust?nick=ann").await.unwrap();
//!     let mut bob = app.connect("/chat/rust?nick=bob").await.unwrap();
//!     assert_eq!(ann.expect_text().await, "welcome, ann");
//!     assert_eq!(bob.expect_text().await, "welcome, bob");
//!     ann.send("hello").await;
//!     assert_eq!(bob.expect_text().await, "ann: hello");
//!     assert_eq!(ann.expect_text().await, "ann: hello");
//!
//!     // A handshake that is refused is an error with its status.
//!     assert_eq!(app.connect("/chat/rust").await.unwrap_err().status(), 400);
//! }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(ann_and_bob());
//! ```
//!
//! A method can be called without any server: [`session`] makes a session and its peer.
//!
//! ```
//! # struct Greeter;
//! # impl Greeter { async fn greet(&self, name: String, session: &wsframe::Session) -> wsframe::Result {
//! #     Ok(session.send(format!("hello {name}")).await?) } }
//! # async fn test() {
//! let (session, mut peer) = wsframe::testing::session();
//! Greeter.greet("ann".into(), &session).await.unwrap();
//! assert_eq!(peer.expect_text().await, "hello ann");
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test());
//! ```
//!
//! # Time
//!
//! Every deadline of a server runs on tokio's clock. In a test with a paused one
//! (`#[tokio::test(start_paused = true)]`, tokio's feature `test-util`) a minute passes at once
//! when nothing else is left to do, so heartbeats and idle timeouts are tested with their real
//! values:
//!
//! ```
//! use std::time::Duration;
//! use wsframe::prelude::*;
//!
//! #[server_endpoint("/quiet", idle_timeout = "5m")]
//! struct Quiet;
//!
//! // #[tokio::test(start_paused = true)]
//! async fn who_says_nothing_is_let_go() {
//!     let app = Server::new().only::<Quiet>().in_memory().unwrap();
//!     let mut peer = app.connect("/quiet").await.unwrap().deadline(Duration::from_secs(301));
//!     assert_eq!(peer.expect_close().await.code(), 1001);
//! }
//! # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
//! #     .block_on(who_says_nothing_is_let_go());
//! ```
//!
//! Let time pass with `tokio::time::sleep`, which stops at every deadline on the way. One large
//! `tokio::time::advance` jumps over them; a server that finds itself so late takes itself for
//! stopped, and asks a silent peer once more.

mod memory;
mod peer;
mod reader;
mod refused;
mod request;
mod session;

pub use self::{
    memory::InMemory,
    peer::Peer,
    refused::Refused,
    request::Request,
    session::{Sessions, session, session_of},
};

/// What lies between the two sides, in bytes, where the kernel's buffers would be.
const BETWEEN: usize = 64 * 1024;
