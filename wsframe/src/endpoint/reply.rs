//! Replies: from what a handler returns to what is sent.

use std::fmt;

use super::{Outcome, replies::Outcomes};
use crate::{
    codec::IntoMessage,
    message::{Error, Message},
};

/// What is to be sent when a handler has returned.
///
/// Endpoints by hand make it; with the attributes a handler returns any [`IntoReply`].
///
/// ```
/// use wsframe::{Message, Outcome, Reply};
///
/// fn answer(message: Message) -> Outcome {
///     Ok(match message {
///         Message::Text(text) if text.is_empty() => Reply::none(),
///         Message::Text(text) => Reply::message(text),
///         _ => Reply::unsupported(),
///     })
/// }
/// assert!(answer("hello".into()).is_ok());
/// ```
#[derive(Debug)]
pub struct Reply(pub(crate) Answer);

/// What a [`Reply`] holds.
pub(crate) enum Answer {
    Nothing,
    Message(Message),
    Many(Outcomes),
    Unsupported,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Message(message) => f.debug_tuple("Message").field(message).finish(),
            Self::Many(_) => f.write_str("Many"),
            Self::Unsupported => f.write_str("Unsupported"),
        }
    }
}

impl Reply {
    /// Nothing is sent.
    pub fn none() -> Self {
        Self(Answer::Nothing)
    }

    /// This message is sent; the next message is handled when it found room in the outbox. Without
    /// room for 30 s (`send_timeout`) the session ends with 1013.
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
///
/// ```
/// use wsframe::{Close, IntoReply};
///
/// // Sends, sends nothing, or closes with 4000.
/// fn divide(a: i64, b: i64) -> Result<Option<String>, Close> {
///     match (a, b) {
///         (_, 0) => Err(Close::new(4000, "division by zero")),
///         (0, _) => Ok(None),
///         _ => Ok(Some((a / b).to_string())),
///     }
/// }
/// assert!(divide(6, 2).into_reply().is_ok());
/// assert!(divide(6, 0).into_reply().is_err());
/// ```
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
