//! Numbers, `bool` and `char`: text that is parsed.

use std::{error, str::FromStr};

use super::{DecodeError, FromMessage, IntoMessage};
use crate::message::{Error, Message, Text};

/// The whole text is the value: no space around it and no line break behind it. Any other text may
/// be another decoder's.
fn parse<T>(message: Message) -> Result<T, DecodeError>
where
    T: FromStr<Err: error::Error + Send + Sync + 'static>,
{
    let text = Text::from_message(message)?;
    text.parse().map_err(|error: T::Err| DecodeError::not_mine(Message::Text(text), error))
}

/// Payloads that are parsed with `FromStr` and sent as `Display` writes them.
macro_rules! parsed {
    ($($type:ty),* $(,)?) => {$(
        impl FromMessage for $type {
            fn from_message(message: Message) -> Result<Self, DecodeError> {
                parse(message)
            }
        }

        impl IntoMessage for $type {
            fn into_message(self) -> Result<Message, Error> {
                Ok(self.to_string().into())
            }
        }
    )*};
}

parsed!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64, bool, char,);

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    fn there_and_back<T: FromMessage + IntoMessage + PartialEq + Copy + Debug>(
        value: T,
        text: &str,
    ) {
        assert_eq!(T::from_message(text.into()).expect(text), value);
        assert_eq!(value.into_message().expect("text"), text.into());
    }

    fn refused<T: FromMessage + Debug>(text: &str) {
        let error = T::from_message(text.into()).expect_err(text);
        assert!(error.is_not_mine(), "{text:?} may be something else");
        assert_eq!(error.into_message(), text.into(), "the message is kept");
    }

    #[test]
    fn the_ends_of_every_type_go_there_and_back() {
        there_and_back(i8::MIN, "-128");
        there_and_back(i16::MIN, "-32768");
        there_and_back(i32::MAX, "2147483647");
        there_and_back(i64::MIN, "-9223372036854775808");
        there_and_back(i128::MAX, &i128::MAX.to_string());
        there_and_back(isize::MIN, &isize::MIN.to_string());
        there_and_back(u8::MAX, "255");
        there_and_back(u16::MAX, "65535");
        there_and_back(u32::MAX, "4294967295");
        there_and_back(u64::MAX, "18446744073709551615");
        there_and_back(u128::MAX, &u128::MAX.to_string());
        there_and_back(usize::MAX, &usize::MAX.to_string());
        there_and_back(0.1_f32, "0.1");
        there_and_back(f64::MIN_POSITIVE, &f64::MIN_POSITIVE.to_string());
        there_and_back(f64::NEG_INFINITY, "-inf");
        there_and_back(true, "true");
        there_and_back(false, "false");
        there_and_back('\u{1f980}', "\u{1f980}");
        there_and_back(' ', " ");
    }

    #[test]
    fn what_is_not_the_value_and_nothing_else_is_refused() {
        for text in ["", " 1", "1 ", "1\n", "1\r\n", "0x1", "1_0", "one"] {
            refused::<u32>(text);
            refused::<i128>(text);
            refused::<f64>(text);
        }
        for text in ["-1", "256", "1.0"] {
            refused::<u8>(text);
        }
        for text in ["", "True", "1", "yes", "true\n"] {
            refused::<bool>(text);
        }
        for text in ["", "ab", "a\n", "e\u{301}"] {
            refused::<char>(text);
        }
    }

    #[test]
    fn binary_messages_are_not_parsed() {
        assert!(u8::from_message(Message::binary(&b"1"[..])).is_err());
    }
}
