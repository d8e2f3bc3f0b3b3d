//! Protocol Buffers.

use super::{DecodeError, FromMessage, IntoMessage};
use crate::message::{Error, Message};

/// A message of Protocol Buffers, as prost generates them, in a binary message.
///
/// Bytes that are not this message reach `#[on_error]`; without one the connection is closed with
/// 1007. The format does not name its type: take one message with a `oneof` for messages of several
/// shapes. Fields of type `bytes` that prost makes [`Bytes`](crate::Bytes) share the memory of what
/// was received.
///
/// `T` implements `prost::Message` of the version that this crate depends on, 0.14.
///
/// ```
/// use wsframe::{FromMessage, IntoMessage, Protobuf};
///
/// #[derive(Clone, PartialEq, prost::Message)]
/// struct Point {
///     #[prost(sint32, tag = "1")]
///     x: i32,
///     #[prost(sint32, tag = "2")]
///     y: i32,
/// }
///
/// let message = Protobuf(Point { x: 1, y: -1 }).into_message().unwrap();
/// assert_eq!(message.as_bytes(), [0x08, 2, 0x10, 1]);
/// assert!(matches!(Protobuf::from_message(message), Ok(Protobuf(Point { x: 1, y: -1 }))));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Protobuf<T>(pub T);

impl<T: prost::Message + Default> FromMessage for Protobuf<T> {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        match T::decode(message.clone().into_bytes()) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(DecodeError::new(message, error)),
        }
    }
}

impl<T: prost::Message> IntoMessage for Protobuf<T> {
    fn into_message(self) -> Result<Message, Error> {
        Ok(self.0.encode_to_vec().into())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[derive(Clone, PartialEq, prost::Message)]
    struct Picture {
        #[prost(string, tag = "1")]
        name: String,
        #[prost(bytes = "bytes", tag = "2")]
        pixels: Bytes,
    }

    #[test]
    fn values_go_there_and_back_and_share_their_bytes() {
        let picture = Picture { name: "a".into(), pixels: Bytes::from_static(b"pixels") };
        let message = Protobuf(picture.clone()).into_message().expect("bytes");
        let received = message.clone();
        let Protobuf(found) = Protobuf::<Picture>::from_message(message).expect("the value");
        assert_eq!(found, picture);
        assert!(received.as_bytes().as_ptr_range().contains(&found.pixels.as_ptr()));
    }

    proptest::proptest! {
        /// No bytes make it panic, and none are lost.
        #[test]
        fn any_bytes_are_a_message_or_come_back(bytes: Vec<u8>) {
            if let Err(error) = Protobuf::<Picture>::from_message(bytes.clone().into()) {
                proptest::prop_assert_eq!(error.into_message().into_bytes(), bytes);
            }
        }
    }

    #[test]
    fn what_is_not_the_message_is_refused() {
        for bytes in [&b"\x0a\x05ab"[..], b"\x0a\x01\xff", b"\x08\x01", b"\xff"] {
            let error = Protobuf::<Picture>::from_message(bytes.to_vec().into()).expect_err("bad");
            assert_eq!(error.into_message().as_bytes(), bytes, "the message is kept");
        }
    }
}
