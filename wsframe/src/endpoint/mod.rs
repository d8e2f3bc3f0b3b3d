//! The contract that the attributes fill, and that can be filled by hand.

pub mod binding;
mod configurator;
mod credentials;
mod handshake;
mod intake;
mod options;
mod rare;
mod replies;
mod reply;
pub(crate) mod script;
mod state;
mod tickets;
mod wrapper;

use std::{
    any::TypeId,
    future::{Future, ready},
    time::Duration,
};

pub use self::{
    binding::FromHandshake,
    configurator::Configurator,
    handshake::Handshake,
    intake::{Incoming, Intake, Part},
    options::{Options, Source},
    rare::{Called, Facts, Rare},
    replies::{Replies, Streaming},
    reply::{IntoReply, Reply},
    state::StateKey,
    tickets::{Tickets, TooManyTickets},
};
pub(crate) use self::{
    handshake::Belongs,
    options::{Sourced, resolve},
    reply::Answer,
    state::States,
    wrapper::wrapper,
};
use crate::{
    handshake::Refusal,
    message::{CloseReason, Error, Failure, Message, MessageKinds, OnError},
    session::{Event, Session},
};

/// What a handler came to: the reply to send, or why it failed. See [`Reply`] for an example.
pub type Outcome = Result<Reply, Error>;

/// An endpoint: one object per connection, made from the handshake.
///
/// `#[server_endpoint]` and the method attributes write this implementation; `cargo expand` shows
/// it. Write it by hand where the attributes cannot go (a generic struct, generated code) and
/// register it with [`Server::endpoint`](crate::Server::endpoint).
///
/// The methods of one object never run at the same time, and messages come in order.
///
/// # Cancel safety
///
/// The future of a method may be dropped before it is ready: of [`bind`](Self::bind) and
/// [`on_handshake`](Self::on_handshake) when the client leaves or after 10 s; of `on_open`,
/// `on_message`, `on_tick`, `on_event` and `on_error` only when the connection has ended and
/// `finish_within` (10 s) has passed; of `on_close` after 5 s; of all of them when the runtime shuts
/// down. A handler that was dropped is followed by `on_close` all the same. Put what must not stay
/// half done into a task of its own.
///
/// ```
/// use std::future::{Future, ready};
/// use wsframe::{Endpoint, Handshake, Message, Outcome, Refusal, Reply, Session};
///
/// struct Echo;
///
/// impl Endpoint for Echo {
///     const PATH: &'static str = "/echo";
///
///     async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
///         Ok(Echo)
///     }
///
///     fn on_message(
///         &mut self,
///         _: &Session,
///         message: Message,
///     ) -> impl Future<Output = Outcome> + Send {
///         ready(Ok(match message {
///             Message::Pong(_) => Reply::none(),
///             message => Reply::message(message),
///         }))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an endpoint",
    label = "this is not an endpoint",
    note = "write `#[server_endpoint(\"/path\")]` or `#[client_endpoint]` on the struct, or implement `wsframe::Endpoint` by hand"
)]
#[doc(alias = "WebSocketHandler")]
#[doc(alias = "TextWebSocketHandler")]
pub trait Endpoint: Sized + Send + 'static {
    /// The route template: `/chat/<room>`, `/files/<rest..>`.
    const PATH: &'static str;

    /// The kinds of messages for which [`on_message`](Self::on_message) may block. Default: none.
    ///
    /// For these the object is moved to a thread of tokio's blocking pool and comes back with the
    /// outcome; everything else of the connection goes on meanwhile, and messages stay one after
    /// the other. The future is polled on that thread alone. When the connection ends and the
    /// handler does not come back within `finish_within`, the thread goes on, since nobody can stop
    /// it: the session counts as ended, and `on_close` is called as soon as the object is back.
    ///
    /// ```
    /// use wsframe::{Endpoint, Handshake, Message, MessageKind, MessageKinds, Outcome, Refusal, Reply, Session};
    ///
    /// struct Disk;
    ///
    /// impl Endpoint for Disk {
    ///     const PATH: &'static str = "/disk";
    ///     const BLOCKING: MessageKinds = MessageKinds::NONE.with(MessageKind::Text);
    ///
    ///     async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
    ///         Ok(Disk)
    ///     }
    ///
    ///     async fn on_message(&mut self, _: &Session, message: Message) -> Outcome {
    ///         match message {
    ///             Message::Text(name) => {
    ///                 let size = std::fs::metadata(name.as_str())?.len();
    ///                 Ok(Reply::message(size.to_string()))
    ///             }
    ///             _ => Ok(Reply::unsupported()),
    ///         }
    ///     }
    /// }
    /// ```
    const BLOCKING: MessageKinds = Self::FACTS.blocking();

    /// How text messages are taken. Default: whole.
    ///
    /// Of a kind that is not taken whole, a message that came as one small frame goes to
    /// [`on_message`](Self::on_message) all the same, and any other to
    /// [`on_incoming`](Self::on_incoming).
    const TEXT_INTAKE: Intake = Self::FACTS.text;

    /// How binary messages are taken, as with [`TEXT_INTAKE`](Self::TEXT_INTAKE). Default: whole.
    const BINARY_INTAKE: Intake = Self::FACTS.binary;

    /// The time between two calls of [`on_tick`](Self::on_tick); a period of zero is one
    /// millisecond. Default: no ticks.
    const TICK: Option<Duration> = Self::FACTS.tick;

    /// The type of the values that [`on_event`](Self::on_event) takes. Default: none.
    const EVENT: Option<TypeId> = Self::FACTS.event;

    /// All of these at once, as the attributes say them.
    #[doc(hidden)]
    const FACTS: Facts = Facts::NONE;

    /// The options of the endpoint. Default: none set.
    fn options() -> Options {
        Options::new()
    }

    /// The shared state that [`bind`](Self::bind) takes; the server does not start without it.
    fn states() -> Vec<StateKey> {
        Vec::new()
    }

    /// Makes the object of one connection, before the 101 is sent.
    ///
    /// Dropped unfinished when the client leaves or after 10 s (then 503).
    ///
    /// # Errors
    ///
    /// A [`Refusal`] becomes the answer to the handshake.
    ///
    /// # Cancel safety
    ///
    /// See [the trait](Endpoint#cancel-safety).
    #[doc(alias = "getEndpointInstance")]
    fn bind(handshake: &mut Handshake) -> impl Future<Output = Result<Self, Refusal>> + Send;

    /// Looks at the handshake once more, with the object bound; may refuse it or add response
    /// headers. Runs before the 101 and shares the 10 s of [`bind`](Self::bind).
    ///
    /// # Errors
    ///
    /// A [`Refusal`] becomes the answer to the handshake.
    ///
    /// # Cancel safety
    ///
    /// See [the trait](Endpoint#cancel-safety).
    fn on_handshake<'a>(
        &'a mut self,
        handshake: &'a mut Handshake,
    ) -> impl Future<Output = Result<(), Refusal>> + Send + 'a {
        self.rare(Rare::Handshake(handshake)).verdict()
    }

    /// The connection is open; finishes before the first message is handled.
    ///
    /// # Errors
    ///
    /// As with [`on_message`](Self::on_message).
    ///
    /// # Cancel safety
    ///
    /// See [the trait](Endpoint#cancel-safety).
    fn on_open(&mut self, session: &Session) -> impl Future<Output = Outcome> + Send {
        let _ = session;
        ready(Ok(Reply::none()))
    }

    /// A whole message arrived.
    ///
    /// Answer [`Reply::unsupported`] for a kind that is not handled: text and binary then close
    /// with 1003, a pong is passed over.
    ///
    /// # Errors
    ///
    /// A [`Close`](crate::Close) ends the connection with that code; anything else goes to
    /// [`on_error`](Self::on_error).
    ///
    /// # Cancel safety
    ///
    /// See [the trait](Endpoint#cancel-safety).
    fn on_message(
        &mut self,
        session: &Session,
        message: Message,
    ) -> impl Future<Output = Outcome> + Send {
        let _ = (session, message);
        ready(Ok(Reply::unsupported()))
    }

    /// A part of a message arrived, or a message began that is read while it arrives, as
    /// [`TEXT_INTAKE`](Self::TEXT_INTAKE) and [`BINARY_INTAKE`](Self::BINARY_INTAKE) say. Never called
    /// where both are whole.
    ///
    /// # Errors
    ///
    /// As with [`on_message`](Self::on_message).
    ///
    /// # Cancel safety
    ///
    /// As with [`on_message`](Self::on_message).
    fn on_incoming<'a>(
        &'a mut self,
        session: &'a Session,
        incoming: Incoming,
    ) -> impl Future<Output = Outcome> + Send + 'a {
        self.rare(Rare::incoming(session, incoming)).outcome(Ok(Reply::unsupported()))
    }

    /// A [period](Self::TICK) has passed since `on_open` finished or since the last tick was due.
    /// Ticks that are late because other handlers ran are skipped, not made up for.
    ///
    /// # Errors
    ///
    /// As with [`on_message`](Self::on_message).
    ///
    /// # Cancel safety
    ///
    /// See [the trait](Endpoint#cancel-safety).
    fn on_tick<'a>(
        &'a mut self,
        session: &'a Session,
    ) -> impl Future<Output = Outcome> + Send + 'a {
        self.rare(Rare::Tick(session)).outcome(Ok(Reply::none()))
    }

    /// Somebody called [`Session::tell`] with a value of the type [`EVENT`](Self::EVENT).
    ///
    /// # Errors
    ///
    /// As with [`on_message`](Self::on_message).
    ///
    /// # Cancel safety
    ///
    /// See [the trait](Endpoint#cancel-safety).
    fn on_event<'a>(
        &'a mut self,
        session: &'a Session,
        event: Event,
    ) -> impl Future<Output = Outcome> + Send + 'a {
        self.rare(Rare::Event(session, event)).outcome(Ok(Reply::none()))
    }

    /// The connection has ended; the last call, made exactly once if `on_open` was started.
    /// Bounded by 5 s.
    ///
    /// # Cancel safety
    ///
    /// See [the trait](Endpoint#cancel-safety).
    fn on_close(
        &mut self,
        session: &Session,
        reason: CloseReason,
    ) -> impl Future<Output = ()> + Send {
        let _ = (session, reason);
        ready(())
    }

    /// A handler failed, a payload did not decode or a reply could not be sent. Default:
    /// [`OnError::Default`], that is to log it and to let
    /// [`Server::on_failure`](crate::Server::on_failure) decide.
    ///
    /// # Cancel safety
    ///
    /// See [the trait](Endpoint#cancel-safety).
    fn on_error<'a>(
        &'a mut self,
        session: &'a Session,
        failure: &'a Failure,
    ) -> impl Future<Output = OnError> + Send + 'a {
        self.rare(Rare::Error(session, failure)).on_error()
    }

    /// The handlers that few endpoints have, as the attributes write them; what has a method of its
    /// own above goes there first.
    #[doc(hidden)]
    fn rare<'a>(&'a mut self, call: Rare<'a>) -> Called<'a> {
        let _ = call;
        Called::Nothing
    }
}
