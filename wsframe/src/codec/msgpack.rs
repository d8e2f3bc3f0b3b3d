//! MessagePack.

use rmp_serde::Deserializer;
use serde::{Serialize, de::DeserializeOwned};

use super::{DecodeError, FromMessage, IntoMessage};
use crate::message::{Error, Message};

/// How deep values may be nested, as in JSON: a peer must not be able to exhaust the stack.
const MAX_DEPTH: usize = 128;

/// A value that travels as MessagePack in a binary message, through serde.
///
/// Structs are sent as maps with the names of their fields, which is what other languages expect;
/// read are maps and arrays. Bytes that are not this value, or something behind the value, reach
/// `#[on_error]`; without one the connection is closed with 1007. `Vec<u8>` as a field is an array
/// of numbers; the crate `serde_bytes` makes it bytes.
///
/// ```
/// use wsframe::{FromMessage, IntoMessage, MessagePack};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Point { x: i32, y: i32 }
///
/// let message = MessagePack(Point { x: 1, y: -1 }).into_message().unwrap();
/// assert_eq!(message.as_bytes(), b"\x82\xa1x\x01\xa1y\xff");
/// assert!(matches!(MessagePack::from_message(message), Ok(MessagePack(Point { x: 1, y: -1 }))));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessagePack<T>(pub T);

impl<T: DeserializeOwned> FromMessage for MessagePack<T> {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        let mut decoder = Deserializer::new(message.as_bytes());
        decoder.set_max_depth(MAX_DEPTH);
        match T::deserialize(&mut decoder) {
            Ok(value) if decoder.get_ref().is_empty() => Ok(Self(value)),
            Ok(_) => Err(DecodeError::new(message, "bytes behind the value")),
            Err(error) => Err(DecodeError::new(message, error)),
        }
    }
}

impl<T: Serialize> IntoMessage for MessagePack<T> {
    fn into_message(self) -> Result<Message, Error> {
        Ok(rmp_serde::to_vec_named(&self.0)?.into())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Move {
        Stay,
        To { x: i8, name: String },
    }

    fn decode(bytes: &[u8]) -> Result<Move, DecodeError> {
        MessagePack::from_message(bytes.to_vec().into()).map(|MessagePack(value)| value)
    }

    #[test]
    fn values_go_there_and_back() {
        for value in [Move::Stay, Move::To { x: -1, name: "a".into() }] {
            let message = MessagePack(&value).into_message().expect("bytes");
            assert_eq!(decode(message.as_bytes()).expect("the value"), value);
        }
    }

    #[test]
    fn structs_as_arrays_are_read_too() {
        let bytes = b"\x81\xa2To\x92\x05\xa1b";
        assert_eq!(decode(bytes).expect("the value"), Move::To { x: 5, name: "b".into() });
    }

    #[test]
    fn what_is_not_the_value_and_nothing_else_is_refused() {
        for bytes in
            [&b""[..], b"\xc1", b"\xa4St", b"\xa4Stay\x00", b"\x01", b"\xdb\xff\xff\xff\xff"]
        {
            let error = decode(bytes).expect_err("malformed");
            assert_eq!(error.into_message().as_bytes(), bytes, "the message is kept");
        }
    }

    proptest::proptest! {
        /// No bytes make it panic, and none are lost.
        #[test]
        fn any_bytes_are_a_value_or_come_back(bytes: Vec<u8>) {
            if let Err(error) = decode(&bytes) {
                proptest::prop_assert_eq!(error.into_message().into_bytes(), bytes);
            }
        }
    }

    #[test]
    fn nesting_has_an_end() {
        #[derive(Debug, Deserialize)]
        struct Nest(#[expect(dead_code, reason = "only its depth counts")] Vec<Self>);

        let nested = |depth| {
            let mut bytes = vec![0x91; depth];
            bytes.push(0x90);
            MessagePack::<Nest>::from_message(bytes.into())
        };
        assert!(nested(16).is_ok());
        assert!(nested(100_000).is_err());
    }
}
