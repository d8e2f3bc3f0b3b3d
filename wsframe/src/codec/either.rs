//! One payload of two types, tried after each other.

use super::{DecodeError, FromMessage, IntoMessage};
use crate::message::{Error, Message};

/// A payload that is decoded as `L`, or as `R` if `L` says that the message is
/// [not its own](DecodeError::not_mine). Any other failure of `L` is final.
///
/// For more than two candidates, nest it: `Either<A, Either<B, C>>`. The message is handed on, not
/// copied. Numbers, `bool` and `char` hand on text that they are not, [`Json`](crate::Json) what is
/// no JSON; strings and bytes take all of their kind, so they stand last. As a reply or in a send it
/// is what it holds.
///
/// The kind of the message follows from the candidates where they are known and of one kind.
/// Otherwise say it: `#[on_message(text)]`, or that and `#[on_message(binary)]` for
/// `Either<String, Bytes>`.
///
/// For shapes of your own design prefer one enum in [`Json`](crate::Json): it needs no order.
///
/// ```
/// use wsframe::{Either, on_message, server_endpoint};
///
/// #[server_endpoint("/dice")]
/// struct Dice {
///     sum: u64,
/// }
///
/// impl Dice {
///     #[on_message]
///     fn threw(&mut self, what: Either<u64, String>) -> Either<u64, String> {
///         match what {
///             Either::Left(number) => {
///                 self.sum += number;
///                 Either::Left(self.sum)
///             }
///             Either::Right(word) => Either::Right(format!("{word} is no number")),
///         }
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "willDecode")]
#[doc(alias = "decoders")]
pub enum Either<L, R> {
    /// The first candidate took the message.
    Left(L),
    /// The first candidate said that the message is not its own, and the second took it.
    Right(R),
}

impl<L: FromMessage, R: FromMessage> FromMessage for Either<L, R> {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        match L::from_message(message) {
            Ok(left) => Ok(Self::Left(left)),
            Err(error) if error.is_not_mine() => {
                R::from_message(error.into_message()).map(Self::Right)
            }
            Err(error) => Err(error),
        }
    }
}

impl<L: IntoMessage, R: IntoMessage> IntoMessage for Either<L, R> {
    fn into_message(self) -> Result<Message, Error> {
        match self {
            Self::Left(left) => left.into_message(),
            Self::Right(right) => right.into_message(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Text;

    /// Takes what begins with its letter and has a second one.
    #[derive(Debug, PartialEq)]
    struct Letter<const C: char>(char);

    impl<const C: char> FromMessage for Letter<C> {
        fn from_message(message: Message) -> Result<Self, DecodeError> {
            let text = Text::from_message(message)?;
            match text.strip_prefix(C).map(|rest| rest.chars().next()) {
                Some(Some(second)) => Ok(Self(second)),
                Some(None) => Err(DecodeError::new(text.into(), format!("{C} alone"))),
                None => Err(DecodeError::not_mine(text.into(), format!("no {C}"))),
            }
        }
    }

    type Three = Either<Letter<'a'>, Either<Letter<'b'>, Letter<'c'>>>;
    type Mirrored = Either<Either<Letter<'a'>, Letter<'b'>>, Letter<'c'>>;

    #[test]
    fn the_first_that_takes_it_has_it() {
        for (text, three, mirrored) in [
            ("a1", Three::Left(Letter('1')), Mirrored::Left(Either::Left(Letter('1')))),
            (
                "b2",
                Three::Right(Either::Left(Letter('2'))),
                Either::Left(Either::Right(Letter('2'))),
            ),
            ("c3", Three::Right(Either::Right(Letter('3'))), Mirrored::Right(Letter('3'))),
        ] {
            assert_eq!(Three::from_message(text.into()).expect(text), three);
            assert_eq!(Mirrored::from_message(text.into()).expect(text), mirrored);
        }
        // Both would take it.
        type Twice = Either<Letter<'a'>, Text>;
        assert_eq!(Twice::from_message("ab".into()).expect("a"), Either::Left(Letter('b')));
    }

    #[test]
    fn any_other_failure_is_final() {
        for (text, why, not_mine) in [
            ("a", "a alone", false),
            ("b", "b alone", false),
            ("c", "c alone", false),
            ("d", "no c", true),
        ] {
            for error in [
                Three::from_message(text.into()).expect_err(text),
                Mirrored::from_message(text.into()).expect_err(text),
            ] {
                assert_eq!(error.is_not_mine(), not_mine, "{text}");
                let (message, source) = error.into_parts();
                assert_eq!((message, source.to_string()), (text.into(), why.into()));
            }
        }
        type Greedy = Either<Letter<'a'>, Text>;
        assert!(Greedy::from_message("a".into()).is_err(), "the second is not asked");
    }

    #[test]
    fn a_message_of_the_other_kind_is_handed_on() {
        type Any = Either<Text, Bytes>;
        assert!(matches!(Any::from_message("a".into()), Ok(Either::Left(_))));
        assert!(matches!(Any::from_message(vec![1].into()), Ok(Either::Right(_))));
    }

    #[test]
    fn the_bytes_are_not_copied() {
        let message = Message::from("not a number, but some text");
        let Ok(Either::Right(text)) = Either::<u8, Text>::from_message(message.clone()) else {
            panic!("text")
        };
        assert_eq!(text.as_ptr(), message.as_bytes().as_ptr());
    }

    #[test]
    fn what_it_holds_is_sent() {
        for (value, message) in
            [(Either::Left(7), Message::from("7")), (Either::Right(vec![7]), vec![7].into())]
        {
            assert_eq!(value.into_message().expect("a message"), message);
        }
    }
}
