//! The values that travel: whole messages, shared text, pongs, close codes.

mod close;
mod failure;
mod kinds;
mod pong;
mod text;

use bytes::Bytes;

pub use self::{
    close::{Close, CloseCode, CloseReason, Initiator},
    failure::{Failure, FailureKind, OnError},
    kinds::MessageKinds,
    pong::Pong,
    text::Text,
};

/// A boxed error, as handlers return it and `on_error` receives it.
///
/// Anything that is `Into<Box<dyn Error + Send + Sync>>` turns into it with `?` or `.into()`:
/// error types, strings, and [`Close`] for ending the connection with a code of your choice.
///
/// ```
/// let text: wsframe::Error = "the cup is empty".into();
/// let close: wsframe::Error = wsframe::Close::new(4000, "enough").into();
/// assert!(close.is::<wsframe::Close>() && !text.is::<wsframe::Close>());
/// ```
pub type Error = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What a handler may return: nothing or a reply, or an error.
///
/// ```
/// async fn handler() -> wsframe::Result {
///     let port: u16 = "8080".parse()?;
///     assert_eq!(port, 8080);
///     Ok(())
/// }
/// ```
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// One whole message, received or to be sent.
///
/// Cloning is cheap: the payload is shared.
///
/// ```
/// use wsframe::Message;
///
/// let hello = Message::from("hello");
/// assert_eq!(hello.kind(), wsframe::MessageKind::Text);
/// assert_eq!(hello.len(), 5);
/// ```
///
/// Specification: RFC 6455 section 5.6.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "WebSocketMessage")]
#[doc(alias = "TextMessage")]
#[doc(alias = "BinaryMessage")]
pub enum Message {
    /// A text message; its payload is valid UTF-8.
    Text(Text),
    /// A binary message.
    Binary(Bytes),
    /// A pong: the answer to a ping of ours, or unsolicited. At most 125 bytes.
    Pong(Pong),
}

/// The kinds of message that a handler can be written for. There is none for pings: they are
/// answered by themselves.
///
/// ```
/// use wsframe::{Message, MessageKind, Pong};
///
/// assert_eq!(Message::text("hi").kind(), MessageKind::Text);
/// assert_eq!(Message::binary(vec![1]).kind(), MessageKind::Binary);
/// assert_eq!(Message::from(Pong::new("")).kind(), MessageKind::Pong);
/// ```
///
/// Specification: RFC 6455 sections 5.5 and 5.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// UTF-8 text.
    Text,
    /// Arbitrary bytes.
    Binary,
    /// The answer to a ping, or an unsolicited pong.
    Pong,
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// A binary message.
    pub fn binary(bytes: impl Into<Bytes>) -> Self {
        Self::Binary(bytes.into())
    }

    /// Which kind of message this is.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Text(_) => MessageKind::Text,
            Self::Binary(_) => MessageKind::Binary,
            Self::Pong(_) => MessageKind::Pong,
        }
    }

    /// The payload's length in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether the payload is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The payload, whatever its kind.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
            Self::Pong(pong) => pong.payload(),
        }
    }

    /// The payload as shared bytes, whatever its kind.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) => text.into(),
            Self::Binary(bytes) => bytes,
            Self::Pong(pong) => pong.into_payload(),
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Text> for Message {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

impl From<Pong> for Message {
    fn from(pong: Pong) -> Self {
        Self::Pong(pong)
    }
}
