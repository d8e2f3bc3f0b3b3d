//! The attributes, documented where users meet them.

#[cfg(feature = "client")]
mod client;

#[cfg(feature = "client")]
pub use self::client::{client_endpoint, on_disconnect};

/// Makes a struct an endpoint: the server finds it when it starts, and every connection gets an
/// object of its own.
///
/// ```
/// use std::sync::Arc;
///
/// use wsframe::{CloseReason, Session, on_close, on_message, on_open, server_endpoint};
///
/// #[derive(Default)]
/// struct Log;
///
/// #[server_endpoint("/chat/<room>", ping_interval = "10s", max_message_size = "16KiB")]
/// struct Chat {
///     room: String, // from <room>: the same name
///     #[query]
///     nick: Option<String>, // from ?nick=ann
///     #[state]
///     log: Arc<Log>, // given to the server once
///     said: u32, // starts at Default
/// }
///
/// impl Chat {
///     #[on_open]
///     async fn joined(&mut self) -> String {
///         format!("welcome to {}", self.room)
///     }
///
///     #[on_message]
///     async fn said(&mut self, text: String, session: &Session) -> String {
///         self.said += 1;
///         format!("{}: {text}", self.nick.as_deref().unwrap_or("somebody"))
///     }
///
///     #[on_close]
///     async fn left(&mut self, reason: CloseReason) {
///         let _ = (&self.log, reason);
///     }
/// }
/// ```
///
/// Handlers are methods of any `impl` block of the struct, in any module of the crate, marked
/// [`#[on_handshake]`](macro@on_handshake), [`#[on_open]`](macro@on_open),
/// [`#[on_message]`](macro@on_message), [`#[on_tick]`](macro@on_tick), [`#[on_event]`](macro@on_event),
/// [`#[on_close]`](macro@on_close) and [`#[on_error]`](macro@on_error). Each is optional. They are `fn` or `async fn`, take `&mut self` or
/// `&self`, and stay as they were written: a test can call them.
///
/// A plain `fn` that blocks keeps a worker thread from all other connections; so does an `async fn`
/// that does not await. `#[on_message(blocking)]` gives it a thread where it may block.
///
/// # Path
///
/// - A path begins with `/`. A trailing slash is allowed and makes a different path.
/// - `<name>` is a parameter: one whole segment, never empty. The field of that name takes it,
///   percent-decoded, through [`FromStr`](std::str::FromStr); what does not parse is answered with
///   404. `<type>` is the field `r#type`. A field of type [`Room`](crate::Room) is the room of that
///   name; the session is in it from before `on_open` until it ends.
/// - `<name..>`, last in the path, takes all that is left of it.
/// - A literal segment goes before a parameter; two endpoints whose paths cannot be told apart keep
///   the server from starting.
///
/// # Fields
///
/// | the field | comes from | if it is not there |
/// |---|---|---|
/// | named like a `<parameter>` | the path | 404 if it does not parse |
/// | `#[query]`, `#[query("name")]` | the query string, through `FromStr` | 400; `Option` is `None`, `Vec` takes all values |
/// | `#[header("x-name")]` | a request header, through `FromStr` | 400; `Option` is `None`, `Vec` takes all lines |
/// | `#[cookie]`, `#[cookie("name")]` | a cookie, through `FromStr` | 400; `Option` is `None` |
/// | `#[state]` | a clone of what was given to `Server::state` | the server does not start |
/// | `#[extract]` | the type's own [`FromHandshake`](crate::FromHandshake) | what that says |
/// | `#[principal]` | the [`Principal`](crate::Principal) that an extractor has set | 401; `Option` is `None` |
/// | `#[default(expr)]` | the expression, evaluated for each connection | |
/// | anything else | [`Default`] | |
///
/// Without a name, `#[query]` and `#[cookie]` use the field's. `Option` and `Vec` are recognised by
/// their names, so an alias of them is not.
///
/// The order is: `#[extract]` as written, then `#[principal]`, path, query, headers, cookies, state, defaults; so a
/// stranger learns that he is one before he learns that his query is malformed. The first that fails
/// is the answer. Then `#[on_handshake]` runs, then the connection is opened.
///
/// A struct may have named fields, unnamed ones or none, but no type parameters: implement
/// [`Endpoint`](crate::Endpoint) by hand for a generic struct and register each type with
/// `Server::endpoint`.
///
/// # Options
///
/// Sizes and durations are constant expressions or strings with a unit: `B`, `KB`, `MB`, `GB`
/// (powers of 1000), `KiB`, `MiB`, `GiB` (powers of 1024); `ms`, `s`, `m`, `h`. What is not set here
/// comes from the server's options, then from the defaults; `Server::configure` goes before this
/// attribute.
///
/// | option | value | default | what happens beyond it |
/// |---|---|---|---|
/// | `subprotocols` | `["chat.v2", "chat.v1"]` | none | |
/// | `origins` | `same_host`, `any` or `["https://example.org"]` | `same_host` | 403 |
/// | `max_message_size` | bytes, after reassembly | `"64KiB"` | closed with 1009 |
/// | `max_frame_size` | bytes | as large as a message | closed with 1009 |
/// | `max_fragments` | number, of one message | `1024` | closed with 1008 |
/// | `assembly_timeout` | duration of one message, or `off` | `"30s"` | closed with 1008 |
/// | `outbox` | bytes that wait to be sent | `"1MiB"` | senders wait; fan-outs see `overflow` |
/// | `outbox_messages` | number | `1024` | the same |
/// | `overflow` | `close`, `drop_oldest`, `drop_newest` | `close` | closed with 1013 |
/// | `inbound` | bytes that wait for a busy handler | `"256KiB"` | reading pauses |
/// | `inbound_messages` | number | `64` | the same |
/// | `ping_interval` | duration, or `off` | `"25s"` | |
/// | `pong_timeout` | duration | `"10s"` | ends with 1006 |
/// | `idle_timeout` | duration without a message, or `off` | `off` | closed with 1001 |
/// | `write_timeout` | duration without progress | `"30s"` | ends with 1013 |
/// | `send_timeout` | duration that `send` waits for room | `"30s"` | closed with 1013 |
/// | `close_timeout` | duration of the closing handshake | `"5s"` | the connection is cut |
/// | `finish_within` | duration of a handler after the end | `"10s"` | the handler is dropped; a `blocking` one is left alone |
/// | `deflate` | `on`, `off` or a [`Deflate`](crate::Deflate) such as `Deflate::new().level(1)` | `off` | |
/// | `keep` | `[headers, uri]`, what stays of the request's head after `on_open` | nothing | |
/// | `message_rate`, `byte_rate` | `"20/s"`, `"64KiB/s"`, a [`Rate`](crate::Rate), or `off` | `off` | `excess` |
/// | `excess` | `close`, `drop` | `close` | closed with 1008; the message is dropped |
/// | `crate` | path of this crate, see below | `::wsframe` | |
///
/// # Another name for the crate
///
/// Generated code names `::wsframe`. If the dependency is called `ws`, write
/// `extern crate ws as wsframe;` in the root of your crate, or `crate = ws` on each attribute; method
/// attributes cannot see what the struct's says.
///
/// ```
/// mod ws {
///     pub use ::wsframe::*; // as a facade would
/// }
///
/// #[ws::server_endpoint("/echo", crate = ws)]
/// struct Echo;
///
/// impl Echo {
///     #[ws::on_message(crate = ws)]
///     fn echo(&self, text: ws::Text) -> ws::Text {
///         text
///     }
/// }
/// ```
///
/// # What is generated
///
/// An implementation of [`Endpoint`](crate::Endpoint), which `cargo expand` shows, and a registration
/// that runs before `main`. A crate that is never named in source is not linked, and its endpoints
/// with it: write `use that_crate as _;`.
///
/// Specification: after Jakarta WebSocket 2.2 sections 4.1 and 4.3; RFC 6455.
#[doc(alias = "ServerEndpoint")]
#[doc(alias = "PathParam")]
#[doc(alias = "DestinationVariable")]
#[doc(alias = "EnableWebSocket")]
#[doc(alias = "namespace")]
pub use wsframe_macros::server_endpoint;

/// Marks the method that decides about the handshake, before the 101 is sent.
///
/// The object exists already: all fields are bound. The method can refuse with any status, add
/// headers to the response, or look at everything the request says.
///
/// | takes, in any order | |
/// |---|---|
/// | `&mut Handshake` or `&Handshake` | the request, and what is said about the response |
///
/// It returns `()`, or `Result<(), E>` where `E` is a [`Refusal`](crate::Refusal) or turns into one
/// with `Into`. There is no session yet. It is dropped unfinished when the client leaves, or after
/// 10 s (503).
///
/// ```
/// use wsframe::{Handshake, Refusal, on_handshake, server_endpoint};
///
/// #[server_endpoint("/admin")]
/// struct Admin {
///     #[cookie]
///     token: Option<String>,
/// }
///
/// impl Admin {
///     #[on_handshake]
///     async fn admit(&mut self, handshake: &mut Handshake) -> Result<(), Refusal> {
///         if self.token.as_deref() != Some("sesame") {
///             return Err(Refusal::unauthorized("who are you?"));
///         }
///         let seen = handshake.subprotocol().is_some();
///         let _ = seen;
///         Ok(())
///     }
/// }
/// ```
///
/// Specification: RFC 6455 section 4.2.2.
#[doc(alias = "modifyHandshake")]
#[doc(alias = "HandshakeInterceptor")]
#[doc(alias = "beforeHandshake")]
#[doc(alias = "Configurator")]
#[doc(alias = "middleware")]
pub use wsframe_macros::on_handshake;

/// Marks the method that is called when the connection is open. It finishes before the first message
/// is handled.
///
/// | takes, in any order | |
/// |---|---|
/// | `&Session` or `Session` | the connection, to send on, to keep, to give to other tasks |
///
/// It returns what a message handler may return, see [`#[on_message]`](macro@on_message).
///
/// ```
/// use wsframe::{on_open, server_endpoint};
///
/// #[server_endpoint("/hello")]
/// struct Hello;
///
/// impl Hello {
///     #[on_open]
///     async fn opened(&mut self) -> &'static str {
///         "hello"
///     }
/// }
/// ```
#[doc(alias = "OnOpen")]
#[doc(alias = "afterConnectionEstablished")]
#[doc(alias = "SessionConnectEvent")]
#[doc(alias = "connection")]
pub use wsframe_macros::on_open;

/// Marks the method that handles messages of one kind: text, binary or pong.
///
/// | takes, in any order | |
/// |---|---|
/// | one payload | see below |
/// | `&Session` or `Session` | the connection |
///
/// The kind follows from the payload's type, behind `&` or not:
///
/// | payload | kind |
/// |---|---|
/// | `String`, `&str`, [`Text`](crate::Text), `Json<T>` | text |
/// | a number (`u8` to `i128`, `f32`, `f64`), `bool`, `char` | text, all of which is parsed |
/// | `Bytes`, `Vec<u8>`, `&[u8]`, `MessagePack<T>`, `Protobuf<T>` | binary |
/// | [`Pong`](crate::Pong) | pong; see below |
/// | [`Either<A, B>`](crate::Either): `B` where `A` is not what came | that of both |
/// | `Part<T>` of `Text`, `String`, `Bytes` or `Vec<u8>`: a [`Part`](crate::Part) of a message | that of `T` |
/// | [`MessageReader`](crate::MessageReader): a message while it arrives | say it |
/// | what a [`Coder`](crate::Coder) decodes: `coder = field` | say it |
/// | a type that implements [`FromMessage`](crate::FromMessage) | say it: `#[on_message(text)]`, `#[on_message(binary)]`, `#[on_message(pong)]` |
///
/// `Text` and `Bytes` share the memory of the message, and `&str` and `&[u8]` borrow it; `String` and
/// `Vec<u8>` copy. Types are told by their last word, so `Session` is taken for the connection
/// whatever its path.
///
/// There is one handler for each kind. A kind without a handler closes the connection with 1003 if it
/// is text or binary; pongs are passed over. A handler for pongs sees all of them: the answers to
/// [`Session::ping`](crate::Session::ping), those to the pings of the heartbeat, whose payload is empty,
/// every `ping_interval`, and what the peer sends unasked. Pings are answered by themselves and reach
/// no handler. Messages of several shapes are one enum in `Json`, and a
/// `match`.
///
/// `#[on_message(blocking)]`, also `#[on_message(text, blocking)]`, on a plain `fn` runs it on a thread
/// of tokio's blocking pool, the decoding of the payload and the encoding of the reply with it. It may
/// wait for a disk or a database, and compute for seconds. Messages stay one after the other, while
/// pings are answered and other tasks' messages go out.
/// [`Session::blocking_send`](crate::Session::blocking_send) sends from there. The pool has 512 threads
/// unless the runtime says otherwise; a handler that finds none waits for one. A thread cannot be
/// stopped: if it is not back within `finish_within` after the end of the connection, the session
/// counts as ended, and `#[on_close]` is called when it is back. A runtime that shuts down waits for
/// it.
///
/// `#[on_message(text, coder = codec)]` decodes and encodes with the field `codec`, a
/// [`Coder`](crate::Coder) with a memory. The payload is then what it decodes to, and what the method
/// returns is what it encodes.
///
/// The method returns `()`, anything [`IntoMessage`](crate::IntoMessage), which is sent, an `Option`
/// of it, [`Replies`](crate::Replies) of a stream, or a `Result` of these, whose error goes to
/// [`#[on_error]`](macro@on_error). A [`Close`](crate::Close) as the error ends the connection with
/// that code.
///
/// ```
/// use wsframe::{Close, FromMessage, Json, Session, on_message, server_endpoint};
///
/// #[derive(serde::Deserialize)]
/// #[serde(tag = "type", rename_all = "lowercase")]
/// enum Command {
///     Add { by: i64 },
///     Stop,
/// }
///
/// #[server_endpoint("/counter")]
/// struct Counter {
///     total: i64,
/// }
///
/// impl Counter {
///     #[on_message]
///     async fn command(&mut self, command: Json<Command>) -> Result<String, Close> {
///         match command.0 {
///             Command::Add { by } => self.total += by,
///             Command::Stop => return Err(Close::new(4000, "stopped")),
///         }
///         Ok(self.total.to_string())
///     }
///
///     #[on_message(binary)]
///     fn bulk(&mut self, numbers: &Numbers, session: &Session) {
///         let _ = session;
///         self.total += numbers.0.iter().map(|n| i64::from(*n)).sum::<i64>();
///     }
/// }
///
/// struct Numbers(Vec<u8>);
///
/// impl FromMessage for Numbers {
///     fn from_message(message: wsframe::Message) -> Result<Self, wsframe::DecodeError> {
///         Vec::from_message(message).map(Numbers)
///     }
/// }
/// ```
///
/// Specification: RFC 6455 sections 5.5.3, 5.6 and 6.2.
#[doc(alias = "OnMessage")]
#[doc(alias = "spawn_blocking")]
#[doc(alias = "MessageHandler")]
#[doc(alias = "handleTextMessage")]
#[doc(alias = "handleBinaryMessage")]
#[doc(alias = "handlePongMessage")]
#[doc(alias = "MessageMapping")]
pub use wsframe_macros::on_message;

/// Marks the method that is called again and again, between messages and never beside one: a game
/// loop, a clock, a batch that is sent now and then.
///
/// `every` is a duration with a unit (`"100ms"`, `"5s"`) or a constant expression. The first tick
/// comes one period after `on_open`; ticks that are late because other handlers ran are skipped. An
/// endpoint without ticks pays nothing for them.
///
/// | takes | |
/// |---|---|
/// | `&Session` or `Session` | the connection |
///
/// It returns a reply or nothing, or a `Result` of it, as [`#[on_message]`](macro@on_message) does.
///
/// ```
/// use wsframe::{on_message, on_tick, server_endpoint};
///
/// #[server_endpoint("/game")]
/// struct Game {
///     speed: i32,
///     at: i32,
/// }
///
/// impl Game {
///     #[on_message]
///     fn steer(&mut self, text: &str) {
///         self.speed = text.parse().unwrap_or(0);
///     }
///
///     #[on_tick(every = "50ms")]
///     fn step(&mut self) -> Option<String> {
///         self.at += self.speed;
///         (self.speed != 0).then(|| self.at.to_string())
///     }
/// }
/// ```
#[doc(alias = "Scheduled")]
pub use wsframe_macros::on_tick;

/// Marks the method that takes what [`Session::tell`](crate::Session::tell) was given, from anywhere:
/// between messages and never beside one, so the object's state needs no lock.
///
/// | takes, in any order | |
/// |---|---|
/// | a value of any type, by value or `&` | what was told; for several kinds of values take an enum |
/// | `&Session` or `Session` | the connection |
///
/// It returns a reply or nothing, or a `Result` of it, as [`#[on_message]`](macro@on_message) does.
/// At most 256 values wait for one session; those that still wait when it closes are dropped, and
/// `tell` gives back what comes later.
///
/// ```
/// use wsframe::{on_event, server_endpoint};
///
/// enum News {
///     Price(u64),
///     Halted,
/// }
///
/// #[server_endpoint("/ticker")]
/// struct Ticker {
///     last: u64,
/// }
///
/// impl Ticker {
///     #[on_event]
///     fn news(&mut self, news: News) -> Option<String> {
///         match news {
///             News::Price(price) if price == self.last => None,
///             News::Price(price) => {
///                 self.last = price;
///                 Some(price.to_string())
///             }
///             News::Halted => Some("halted".into()),
///         }
///     }
/// }
/// ```
pub use wsframe_macros::on_event;

/// Marks the method that is called when the connection has ended: last, and exactly once if
/// `#[on_open]` was started.
///
/// | takes, in any order | |
/// |---|---|
/// | `&Session` or `Session` | the connection; nothing can be sent on it any more, others can be reached |
/// | `CloseReason` or `&CloseReason` | code, reason, who started it, whether it was clean |
///
/// It returns nothing, and is given 5 s; then it is dropped unfinished, and that is logged.
///
/// The session has left its rooms by then. [`Session::rooms`](crate::Session::rooms) still names them,
/// and what is sent to one of them, to a user or to everybody reaches those who are there. On the
/// session itself `send` and `join` fail with `Closed`, `tell` gives its value back, `close` and `spawn`
/// do nothing.
///
/// ```
/// use wsframe::{CloseReason, on_close, server_endpoint};
///
/// #[server_endpoint("/count")]
/// struct Count {
///     said: u32,
/// }
///
/// impl Count {
///     #[on_close]
///     async fn left(&mut self, reason: CloseReason) {
///         println!("{} messages, then {reason}", self.said);
///     }
/// }
/// ```
///
/// Specification: RFC 6455 sections 7.1.4 to 7.1.6.
#[doc(alias = "OnClose")]
#[doc(alias = "afterConnectionClosed")]
#[doc(alias = "SessionDisconnectEvent")]
#[doc(alias = "disconnect")]
#[doc(alias = "disconnecting")]
pub use wsframe_macros::on_close;

/// Marks the method that decides what happens after a failure: a handler's error, a payload that did
/// not decode, a reply that did not encode.
///
/// | takes, in any order | |
/// |---|---|
/// | `&Failure` | what went wrong; needed |
/// | `&Session` or `Session` | the connection |
///
/// It returns [`OnError`](crate::OnError). Without it, failures are logged, and
/// [`Server::on_failure`](crate::Server::on_failure) decides; by default the connection is
/// closed with 1011 (handler) or 1007 (payload).
///
/// ```
/// use wsframe::{Failure, OnError, on_error, on_message, server_endpoint};
///
/// #[server_endpoint("/sum")]
/// struct Sum;
///
/// impl Sum {
///     #[on_message]
///     async fn add(&mut self, line: String) -> wsframe::Result<String> {
///         let numbers = line.split('+').map(|n| n.trim().parse::<i64>());
///         Ok(numbers.sum::<Result<i64, _>>()?.to_string())
///     }
///
///     #[on_error]
///     async fn failed(&mut self, failure: &Failure) -> OnError {
///         match failure.downcast_ref::<std::num::ParseIntError>() {
///             Some(_) => OnError::Continue,
///             None => OnError::Default,
///         }
///     }
/// }
/// ```
#[doc(alias = "OnError")]
#[doc(alias = "handleTransportError")]
#[doc(alias = "MessageExceptionHandler")]
pub use wsframe_macros::on_error;
