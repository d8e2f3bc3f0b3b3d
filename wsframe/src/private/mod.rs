//! The door for generated code, and nothing else. Not part of the public interface.

mod coded;
mod dialling;
mod handlers;
mod handling;

use std::{
    any::TypeId,
    future::{Ready, ready},
    time::Duration,
};

#[cfg(feature = "client")]
pub use self::dialling::reconnecting;
pub use self::{
    coded::encode,
    dialling::{AnswersHandshakes, Dials, Serves, answers_handshakes, never_bound, unserved},
    handlers::handlers,
    handling::{Handling, Unhandled},
};
use crate::{
    CloseReason, Error, Event, Failure, Handshake, Incoming, Intake, Message, MessageReader,
    OnError, Outcome, Part, Refusal, Reply, Session,
};
pub use crate::{
    Coder, DecodeError, Endpoint, FromHandshake, FromMessage, IntoReply, Options, StateKey,
    endpoint::{Called, Facts, Rare, binding as bind},
    registry::{Descriptor, Place},
};
#[cfg(feature = "client")]
use crate::{Disconnect, Retry};
pub use {bytes, inventory};

/// What an endpoint does where it has no handler.
///
/// A method attribute adds an inherent function of the same name to the struct; inherent functions
/// win over those of a trait, so `Chat::__wsframe_…(self)` is the handler if there is one and the
/// function below if not. The names are what rustc prints when two handlers are in conflict.
pub trait NoHandler: Sized {
    #[doc(hidden)]
    const __WSFRAME_SIDE: Serves = Serves;

    #[doc(hidden)]
    const __WSFRAME_TEXT_HANDLER_BLOCKS: bool = false;

    #[doc(hidden)]
    const __WSFRAME_BINARY_HANDLER_BLOCKS: bool = false;

    #[doc(hidden)]
    const __WSFRAME_PONG_HANDLER_BLOCKS: bool = false;

    #[doc(hidden)]
    const __WSFRAME_TEXT_HANDLER_TAKES: Intake = Intake::Whole;

    #[doc(hidden)]
    const __WSFRAME_BINARY_HANDLER_TAKES: Intake = Intake::Whole;

    #[doc(hidden)]
    const __WSFRAME_PERIOD_OF_ON_TICK: Option<Duration> = None;

    #[doc(hidden)]
    const __WSFRAME_TYPE_OF_ON_EVENT: Option<TypeId> = None;

    #[doc(hidden)]
    fn __wsframe_only_one_on_handshake_per_endpoint(
        &mut self,
        _: &mut Handshake,
    ) -> Ready<Result<(), Refusal>> {
        ready(Ok(()))
    }

    #[doc(hidden)]
    fn __wsframe_only_one_on_open_per_endpoint(&mut self, _: &Session) -> Ready<Outcome> {
        ready(Ok(Reply::none()))
    }

    #[doc(hidden)]
    fn __wsframe_only_one_text_handler_per_endpoint(
        &mut self,
        _: &Session,
        _: Message,
    ) -> Unhandled {
        Unhandled
    }

    #[doc(hidden)]
    fn __wsframe_only_one_binary_handler_per_endpoint(
        &mut self,
        _: &Session,
        _: Message,
    ) -> Unhandled {
        Unhandled
    }

    #[doc(hidden)]
    fn __wsframe_only_one_pong_handler_per_endpoint(
        &mut self,
        _: &Session,
        _: Message,
    ) -> Unhandled {
        Unhandled
    }

    #[doc(hidden)]
    fn __wsframe_incoming_text(&mut self, _: &Session, _: Incoming) -> Unhandled {
        Unhandled
    }

    #[doc(hidden)]
    fn __wsframe_incoming_binary(&mut self, _: &Session, _: Incoming) -> Unhandled {
        Unhandled
    }

    #[doc(hidden)]
    fn __wsframe_only_one_on_tick_per_endpoint(&mut self, _: &Session) -> Ready<Outcome> {
        ready(Ok(Reply::none()))
    }

    #[doc(hidden)]
    fn __wsframe_only_one_on_event_per_endpoint(
        &mut self,
        _: &Session,
        _: Event,
    ) -> Ready<Outcome> {
        ready(Ok(Reply::none()))
    }

    #[doc(hidden)]
    fn __wsframe_only_one_on_close_per_endpoint(
        &mut self,
        _: &Session,
        _: CloseReason,
    ) -> Ready<()> {
        ready(())
    }

    #[doc(hidden)]
    fn __wsframe_only_one_on_error_per_endpoint(
        &mut self,
        _: &Session,
        _: &Failure,
    ) -> Ready<OnError> {
        ready(OnError::Default)
    }

    #[cfg(feature = "client")]
    #[doc(hidden)]
    fn __wsframe_only_one_on_disconnect_per_endpoint(&mut self, _: &Disconnect) -> Ready<Retry> {
        ready(Retry::Default)
    }
}

impl<T> NoHandler for T {}

/// A message that came whole, for a handler of parts.
pub fn part_of(message: Message) -> Incoming {
    Incoming::Part(Part::new(message, true))
}

/// A message that came whole, for a handler that reads.
pub fn reader_of(message: Message) -> Incoming {
    Incoming::Reader(MessageReader::whole(message))
}

/// What a handler of parts takes.
pub fn part<T: FromMessage>(incoming: Incoming) -> Result<Part<T>, Error> {
    match incoming {
        Incoming::Part(part) => Ok(part.decode()?),
        Incoming::Reader(_) => Err("a reader where a part is taken".into()),
    }
}

/// What a handler that reads takes.
pub fn reader(incoming: Incoming) -> Result<MessageReader, Error> {
    match incoming {
        Incoming::Reader(reader) => Ok(reader),
        Incoming::Part(_) => Err("a part where a reader is taken".into()),
    }
}

/// What `#[on_handshake]` may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by `#[on_handshake]`",
    label = "no decision about the handshake",
    note = "return `()`, or `Result<(), E>` where `E` is `wsframe::Refusal` or turns into it"
)]
pub trait IntoVerdict {
    #[doc(hidden)]
    fn into_verdict(self) -> Result<(), Refusal>;
}

impl IntoVerdict for () {
    fn into_verdict(self) -> Result<(), Refusal> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Refusal>> IntoVerdict for Result<(), E> {
    fn into_verdict(self) -> Result<(), Refusal> {
        self.map_err(Into::into)
    }
}

/// What an `#[on_event]` handler takes. `Session::tell` lets no other type pass.
pub fn take_event<T: 'static>(event: Event) -> Result<T, Error> {
    event.downcast().map_err(|_| "an event of another type".into())
}
