//! The handlers that few endpoints have, through one door.
//!
//! An attribute on a struct cannot see which handlers the struct has, so it has to name all of them.
//! A function for each cost every endpoint the compilation of five functions that lead nowhere.

use std::{
    any::TypeId,
    fmt,
    future::{Future, ready},
    pin::Pin,
    time::Duration,
};

use futures_util::future::Either;

use super::{Handshake, Incoming, Intake, Outcome};
use crate::{
    handshake::Refusal,
    message::{Failure, MessageKind, MessageKinds, OnError},
    session::{Event, Session},
};

/// A call of one of these handlers.
pub enum Rare<'a> {
    /// `on_handshake`.
    Handshake(&'a mut Handshake),
    /// `on_incoming` with a text.
    Text(&'a Session, Incoming),
    /// `on_incoming` with a binary message.
    Binary(&'a Session, Incoming),
    /// `on_tick`.
    Tick(&'a Session),
    /// `on_event`.
    Event(&'a Session, Event),
    /// `on_error`.
    Error(&'a Session, &'a Failure),
}

impl<'a> Rare<'a> {
    /// A message that is not all here.
    pub(super) fn incoming(session: &'a Session, incoming: Incoming) -> Self {
        match incoming.kind() {
            MessageKind::Text => Self::Text(session, incoming),
            _ => Self::Binary(session, incoming),
        }
    }
}

/// The handler's future. Boxed: what is rare may cost an allocation, and takes no place in the
/// connection until then.
pub enum Called<'a> {
    /// There is no such handler.
    Nothing,
    /// Of `on_handshake`.
    Verdict(Boxed<'a, Result<(), Refusal>>),
    /// Of one that may reply.
    Outcome(Boxed<'a, Outcome>),
    /// Of `on_error`.
    OnError(Boxed<'a, OnError>),
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl<'a> Called<'a> {
    pub(super) fn verdict(self) -> impl Future<Output = Result<(), Refusal>> + Send + 'a {
        match self {
            Self::Verdict(future) => Either::Left(future),
            _ => Either::Right(ready(Ok(()))),
        }
    }

    pub(super) fn outcome(self, or: Outcome) -> impl Future<Output = Outcome> + Send + 'a {
        match self {
            Self::Outcome(future) => Either::Left(future),
            _ => Either::Right(ready(or)),
        }
    }

    pub(super) fn on_error(self) -> impl Future<Output = OnError> + Send + 'a {
        match self {
            Self::OnError(future) => Either::Left(future),
            _ => Either::Right(ready(OnError::Default)),
        }
    }
}

impl fmt::Debug for Rare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rare").finish_non_exhaustive()
    }
}

impl fmt::Debug for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Called").finish_non_exhaustive()
    }
}

/// What the runtime has to know of the handlers before it calls them.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Whether the handler of texts blocks.
    pub text_blocks: bool,
    /// Whether that of binary messages does.
    pub binary_blocks: bool,
    /// Whether that of pongs does.
    pub pong_blocks: bool,
    /// How texts are taken.
    pub text: Intake,
    /// How binary messages are taken.
    pub binary: Intake,
    /// The period of `on_tick`.
    pub tick: Option<Duration>,
    /// What `on_event` takes.
    pub event: Option<TypeId>,
}

impl Facts {
    /// Of an endpoint without any of it.
    pub const NONE: Self = Self {
        text_blocks: false,
        binary_blocks: false,
        pong_blocks: false,
        text: Intake::Whole,
        binary: Intake::Whole,
        tick: None,
        event: None,
    };

    /// The kinds of messages whose handlers block.
    pub(super) const fn blocking(&self) -> MessageKinds {
        let mut kinds = MessageKinds::NONE;
        if self.text_blocks {
            kinds = kinds.with(MessageKind::Text);
        }
        if self.binary_blocks {
            kinds = kinds.with(MessageKind::Binary);
        }
        if self.pong_blocks {
            kinds = kinds.with(MessageKind::Pong);
        }
        kinds
    }
}
