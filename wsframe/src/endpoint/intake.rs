//! How messages are taken: whole, in parts, or read while they arrive.

use crate::{
    codec::{DecodeError, FromMessage},
    message::{Message, MessageKind},
    session::MessageReader,
};

/// How an endpoint takes the messages of one kind; see
/// [`Endpoint::TEXT_INTAKE`](super::Endpoint::TEXT_INTAKE).
///
/// ```
/// use wsframe::Intake;
///
/// assert_eq!(Intake::default(), Intake::Whole);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Intake {
    /// As whole messages, of at most `max_message_size`.
    #[default]
    Whole,
    /// In parts, as they arrive; of any length.
    Parts,
    /// Read while they arrive; of any length.
    Reader,
}

/// What [`Endpoint::on_incoming`](super::Endpoint::on_incoming) is called with: a message that is
/// not all here.
#[derive(Debug)]
#[non_exhaustive]
pub enum Incoming {
    /// A part of a message, of a kind that is taken in [parts](Intake::Parts).
    Part(Part<Message>),
    /// A message that has begun, of a kind that is [read](Intake::Reader) while it arrives.
    Reader(MessageReader),
}

impl Incoming {
    /// Text or binary.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Part(part) => part.payload.kind(),
            Self::Reader(reader) => reader.kind(),
        }
    }
}

/// A part of a message, as it arrives.
///
/// A handler with such a payload is called for each part, in order: `Part<Text>`, `Part<String>`,
/// `Part<Bytes>` and `Part<Vec<u8>>`. How a message is cut says nothing: parts are as long as what
/// one read brought, whatever frames the peer made. Text is never cut inside a character. A message
/// may be of any length; `max_message_size`, `max_fragments` and `assembly_timeout` do not apply, so
/// bound what you keep.
///
/// Every message ends with a part that is the `last` one, and that part may be empty. If the
/// connection ends inside a message there is none.
///
/// ```
/// use wsframe::{Part, prelude::*};
///
/// #[server_endpoint("/sum")]
/// struct Sum {
///     bytes: usize,
/// }
///
/// impl Sum {
///     #[on_message]
///     fn add(&mut self, part: Part<Bytes>) -> Option<String> {
///         self.bytes += part.payload.len();
///         part.last.then(|| std::mem::take(&mut self.bytes).to_string())
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "MessageHandler.Partial")]
#[doc(alias = "supportsPartialMessages")]
pub struct Part<T> {
    /// What arrived.
    pub payload: T,
    /// Whether the message ends with it.
    pub last: bool,
}

impl<T> Part<T> {
    /// A part, as a test of a handler makes it.
    pub fn new(payload: T, last: bool) -> Self {
        Self { payload, last }
    }
}

impl Part<Message> {
    /// The part with its payload as another type.
    ///
    /// # Errors
    ///
    /// What [`FromMessage`] says of the payload.
    pub fn decode<T: FromMessage>(self) -> Result<Part<T>, DecodeError> {
        Ok(Part { payload: T::from_message(self.payload)?, last: self.last })
    }
}
