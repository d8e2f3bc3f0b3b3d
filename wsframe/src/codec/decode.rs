//! Decoding: from a whole message to what a handler takes.

use bytes::Bytes;

use crate::message::{Error, Message, MessageKind, Pong, Text};

/// A type that a message handler can take as its payload.
///
/// Known without further words: `String`, `&str`, [`Text`] and [`Json<T>`](crate::Json) for text;
/// numbers, `bool` and `char`, which are the whole of a text, without a space or a line break around
/// them (`f32` and `f64` take `NaN` and `inf` too); [`Bytes`], `Vec<u8>`, `&[u8]`,
/// `MessagePack<T>` and `Protobuf<T>` for binary; and [`Pong`].
/// Implement it for your own type and say the kind on the handler: `#[on_message(text)]`.
/// [`Either<A, B>`](crate::Either) tries two types after each other.
///
/// The encoding of a type that has one is overridden by a type around it:
///
/// ```
/// use wsframe::{DecodeError, Error, FromMessage, IntoMessage, Message};
///
/// /// A number that may be written in hexadecimal too, and is sent so.
/// struct Hex(u32);
///
/// impl FromMessage for Hex {
///     fn from_message(message: Message) -> Result<Self, DecodeError> {
///         let text = String::from_message(message)?;
///         let number = match text.strip_prefix("0x") {
///             Some(digits) => u32::from_str_radix(digits, 16),
///             None => text.parse(),
///         };
///         number.map(Hex).map_err(|error| DecodeError::new(text.into(), error))
///     }
/// }
///
/// impl IntoMessage for Hex {
///     fn into_message(self) -> Result<Message, Error> {
///         Ok(format!("{:#x}", self.0).into())
///     }
/// }
///
/// assert!(matches!(Hex::from_message("0xff".into()), Ok(Hex(255))));
/// assert_eq!(Hex(255).into_message().unwrap(), "0xff".into());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of a message handler",
    label = "not a payload",
    note = "take `String`, `&str`, `Text`, `Json<T>`, a number, `Bytes`, `Vec<u8>`, `&[u8]` or `Pong`, or implement `wsframe::FromMessage`"
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
/// It reaches `#[on_error]` as a [`Failure`](crate::Failure) with the message and the source; without
/// an `#[on_error]` the connection is closed with 1007.
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
    is_mine: bool,
}

impl DecodeError {
    /// The offending message and what is wrong with it. No other decoder is tried.
    pub fn new(message: Message, source: impl Into<Error>) -> Self {
        Self { message, source: source.into(), is_mine: true }
    }

    /// A message that is somebody else's: the next candidate of [`Either`](crate::Either) gets it.
    /// Without one, this is an error like any other.
    ///
    /// `message` is what `from_message` was given, since the next candidate is given it back.
    ///
    /// ```
    /// use wsframe::{DecodeError, Either, FromMessage, Message, Text};
    ///
    /// /// `/name argument`, as chats have it.
    /// #[derive(Debug, PartialEq)]
    /// struct Command(String);
    ///
    /// impl FromMessage for Command {
    ///     fn from_message(message: Message) -> Result<Self, DecodeError> {
    ///         let text = Text::from_message(message)?;
    ///         match text.strip_prefix('/') {
    ///             Some("") => Err(DecodeError::new(text.into(), "a command has a name")),
    ///             Some(command) => Ok(Command(command.to_owned())),
    ///             None => Err(DecodeError::not_mine(text.into(), "a command begins with `/`")),
    ///         }
    ///     }
    /// }
    ///
    /// let decode = Either::<Command, String>::from_message;
    /// assert_eq!(decode("/quit".into()).unwrap(), Either::Left(Command("quit".into())));
    /// assert_eq!(decode("hello".into()).unwrap(), Either::Right("hello".into()));
    /// assert!(decode("/".into()).is_err());
    /// ```
    #[doc(alias = "willDecode")]
    pub fn not_mine(message: Message, source: impl Into<Error>) -> Self {
        Self { message, source: source.into(), is_mine: false }
    }

    /// Whether another decoder may be tried.
    pub fn is_not_mine(&self) -> bool {
        !self.is_mine
    }

    /// The message, to give it to another decoder.
    pub fn into_message(self) -> Message {
        self.message
    }

    pub(crate) fn into_parts(self) -> (Message, Error) {
        (self.message, self.source)
    }
}

/// Only a hand-written endpoint, a wrong `#[on_message(kind)]` or a candidate of an `Either` for two
/// kinds comes here.
fn wrong_kind(message: Message, wanted: MessageKind) -> DecodeError {
    let got = message.kind();
    DecodeError::not_mine(message, format!("a {got:?} message where {wanted:?} is taken"))
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
