//! Decoding: from a whole message to what a handler takes.

use bytes::Bytes;

use crate::message::{Error, Message, MessageKind, Pong, Text};

/// A type that a message handler can take as its payload.
///
/// Known without further words: `String`, `&str` and [`Text`] for text; [`Bytes`], `Vec<u8>` and
/// `&[u8]` for binary; [`Pong`]; and [`Json<T>`](crate::Json) for text. Implement it for your own
/// type and say the kind on the handler: `#[on_message(text)]`.
///
/// ```
/// use wsframe::{DecodeError, FromMessage, Message};
///
/// struct Celsius(f32);
///
/// impl FromMessage for Celsius {
///     fn from_message(message: Message) -> Result<Self, DecodeError> {
///         match std::str::from_utf8(message.as_bytes()).ok().and_then(|text| text.parse().ok()) {
///             Some(degrees) => Ok(Celsius(degrees)),
///             None => Err(DecodeError::new(message, "not a number")),
///         }
///     }
/// }
/// assert!(Celsius::from_message("36.6".into()).is_ok());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of a message handler",
    label = "not a payload",
    note = "take `String`, `&str`, `Text`, `Bytes`, `Vec<u8>`, `&[u8]`, `Pong` or `Json<T>`, or implement `wsframe::FromMessage`"
)]
#[doc(alias = "Decoder")]
pub trait FromMessage: Sized {
    /// Decodes the message.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] with the message, which reaches `on_error`; without an `on_error` the
    /// connection is closed with 1007.
    fn from_message(message: Message) -> Result<Self, DecodeError>;
}

/// A message that is not what the handler's payload type asks for; what
/// [`FromMessage`](FromMessage::from_message) fails with.
///
/// ```
/// use wsframe::{DecodeError, FromMessage, Message};
///
/// struct Byte(u8);
///
/// impl FromMessage for Byte {
///     fn from_message(message: Message) -> Result<Self, DecodeError> {
///         match message.as_bytes() {
///             &[byte] => Ok(Byte(byte)),
///             _ => Err(DecodeError::new(message, "not one byte")),
///         }
///     }
/// }
/// let error = Byte::from_message(Message::binary(vec![1, 2])).err().unwrap();
/// assert_eq!(error.to_string(), "the message does not decode: not one byte");
/// ```
///
/// Specification: RFC 6455 section 7.4.1 (1007).
#[derive(Debug, thiserror::Error)]
#[error("the message does not decode: {source}")]
#[doc(alias = "DecodeException")]
pub struct DecodeError {
    message: Message,
    source: Error,
}

impl DecodeError {
    /// The offending message and what is wrong with it.
    pub fn new(message: Message, source: impl Into<Error>) -> Self {
        Self { message, source: source.into() }
    }

    pub(crate) fn into_parts(self) -> (Message, Error) {
        (self.message, self.source)
    }
}

/// Only a hand-written endpoint or a wrong `#[on_message(kind)]` comes here.
fn wrong_kind(message: Message, wanted: MessageKind) -> DecodeError {
    let got = message.kind();
    DecodeError::new(message, format!("a {got:?} message where {wanted:?} is taken"))
}

impl FromMessage for Message {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        Ok(message)
    }
}

impl FromMessage for Text {
    #[inline]
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        match message {
            Message::Text(text) => Ok(text),
            other => Err(wrong_kind(other, MessageKind::Text)),
        }
    }
}

impl FromMessage for String {
    #[inline]
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        Text::from_message(message).map(Self::from)
    }
}

impl FromMessage for Bytes {
    #[inline]
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        match message {
            Message::Binary(bytes) => Ok(bytes),
            other => Err(wrong_kind(other, MessageKind::Binary)),
        }
    }
}

impl FromMessage for Vec<u8> {
    #[inline]
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        Bytes::from_message(message).map(Self::from)
    }
}

impl FromMessage for Pong {
    #[inline]
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        match message {
            Message::Pong(pong) => Ok(pong),
            other => Err(wrong_kind(other, MessageKind::Pong)),
        }
    }
}
