//! Encoding: from a value to a whole message.

use bytes::Bytes;

use crate::message::{Error, Message, Pong, Text};

/// A type that can be sent as one whole message.
///
/// Implemented for strings and [`Text`] (text), for byte types (binary), for [`Message`], for
/// [`Json<T>`](crate::Json) (text), for numbers, `bool` and `char` (text, as `Display` writes them),
/// and for `MessagePack<T>` and `Protobuf<T>` (binary). Implement it for your own types.
///
/// ```
/// use wsframe::{Error, IntoMessage, Message};
///
/// struct Price(u64);
///
/// impl IntoMessage for Price {
///     fn into_message(self) -> Result<Message, Error> {
///         Ok(format!("{} cents", self.0).into())
///     }
/// }
/// assert_eq!(Price(99).into_message().unwrap(), "99 cents".into());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a message",
    label = "not a message",
    note = "send `String`, `&'static str`, `Text`, `Bytes`, `Vec<u8>`, `Message`, `Json<T>` or a number, or implement `wsframe::IntoMessage`"
)]
#[doc(alias = "Encoder")]
pub trait IntoMessage {
    /// Encodes the value.
    ///
    /// # Errors
    ///
    /// Whatever keeps the value from being encoded.
    fn into_message(self) -> Result<Message, Error>;
}

/// Implements [`IntoMessage`] where `Message: From<T>`.
macro_rules! into_message {
    ($($type:ty),* $(,)?) => {$(
        impl IntoMessage for $type {
            #[inline]
            fn into_message(self) -> Result<Message, Error> {
                Ok(self.into())
            }
        }
    )*};
}

into_message!(Message, String, Text, Bytes, Vec<u8>, Pong);

impl IntoMessage for &str {
    fn into_message(self) -> Result<Message, Error> {
        Ok(self.into())
    }
}

impl IntoMessage for &[u8] {
    fn into_message(self) -> Result<Message, Error> {
        Ok(Message::Binary(Bytes::copy_from_slice(self)))
    }
}

impl IntoMessage for std::borrow::Cow<'_, str> {
    fn into_message(self) -> Result<Message, Error> {
        Ok(self.into_owned().into())
    }
}
