//! JSON text.

use serde::{Serialize, de::DeserializeOwned};

use super::{DecodeError, FromMessage, IntoMessage};
use crate::message::{Error, Message};

/// A value that travels as JSON text, through serde.
///
/// As a payload it is decoded from a text message; as a reply or in a send it becomes one. Text that
/// is not this JSON reaches `#[on_error]`; without one the connection is closed with 1007.
/// `#[on_message(binary)]` decodes it from a binary message.
///
/// In an [`Either`](crate::Either), the next candidate is tried for what is no JSON at all. JSON of
/// another shape than `T` is an error: several shapes are one enum.
///
/// ```
/// use wsframe::{FromMessage, IntoMessage, Json};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// #[serde(tag = "type", rename_all = "lowercase")]
/// enum Move { Left, Right { by: u32 } }
///
/// let message = Json(Move::Right { by: 2 }).into_message().unwrap();
/// assert_eq!(message, r#"{"type":"right","by":2}"#.into());
/// assert!(matches!(Json::from_message(message), Ok(Json(Move::Right { by: 2 }))));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromMessage for Json<T> {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        match serde_json::from_slice(message.as_bytes()) {
            Ok(value) => Ok(Self(value)),
            Err(error) if !error.is_data() => Err(DecodeError::not_mine(message, error)),
            Err(error) => Err(DecodeError::new(message, error)),
        }
    }
}

impl<T: Serialize> IntoMessage for Json<T> {
    fn into_message(self) -> Result<Message, Error> {
        Ok(serde_json::to_string(&self.0)?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_json_is_not_mine() {
        for (text, not_mine) in [
            ("hello", true),
            ("", true),
            ("[1", true),
            ("[1] 2", true),
            ("[-1]", false),
            ("{}", false),
        ] {
            let error = Json::<Vec<u8>>::from_message(text.into()).expect_err(text);
            assert_eq!(error.is_not_mine(), not_mine, "{text}");
            assert_eq!(error.into_message(), text.into(), "the message is kept");
        }
    }
}
