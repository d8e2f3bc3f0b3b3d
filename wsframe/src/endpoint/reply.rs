//! Replies: from what a handler returns to what is sent.

use super::Outcome;
use crate::{
    codec::IntoMessage,
    message::{Error, Message},
};

/// What is to be sent when a handler has returned.
#[derive(Debug)]
pub struct Reply(pub(crate) Answer);

/// What a [`Reply`] holds.
#[derive(Debug)]
pub(crate) enum Answer {
    Nothing,
    Message(Message),
    Unsupported,
}

impl Reply {
    /// Nothing is sent.
    pub fn none() -> Self {
        Self(Answer::Nothing)
    }

    /// This message is sent; the next message is handled when it found room in the outbox.
    pub fn message(message: impl Into<Message>) -> Self {
        Self(Answer::Message(message.into()))
    }

    /// The endpoint does not take messages of this kind: 1003 for text and binary, nothing for a
    /// pong.
    pub fn unsupported() -> Self {
        Self(Answer::Unsupported)
    }
}

/// A type that a handler may return.
///
/// `()` sends nothing, anything [`IntoMessage`] is sent, `Option` sends or not, and `Result` sends
/// or fails.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by a handler",
    label = "not a reply",
    note = "return `()`, a message (`String`, `Text`, `Bytes`, `Json<T>`, …), an `Option` of one or a `Result` of these; the error of a `Result` implements `std::error::Error` and is `Send + Sync`, or is text"
)]
pub trait IntoReply {
    /// Turns the value into a reply or an error.
    ///
    /// # Errors
    ///
    /// The handler's own error, or why its value did not encode.
    fn into_reply(self) -> Outcome;
}

impl IntoReply for () {
    #[inline]
    fn into_reply(self) -> Outcome {
        Ok(Reply::none())
    }
}

impl IntoReply for Reply {
    fn into_reply(self) -> Outcome {
        Ok(self)
    }
}

impl<M: IntoMessage> IntoReply for M {
    #[inline]
    fn into_reply(self) -> Outcome {
        self.into_message().map(Reply::message)
    }
}

impl<R: IntoReply> IntoReply for Option<R> {
    #[inline]
    fn into_reply(self) -> Outcome {
        self.map_or(Ok(Reply::none()), IntoReply::into_reply)
    }
}

impl<R: IntoReply, E: Into<Error>> IntoReply for Result<R, E> {
    #[inline]
    fn into_reply(self) -> Outcome {
        match self {
            Ok(reply) => reply.into_reply(),
            Err(error) => Err(error.into()),
        }
    }
}
