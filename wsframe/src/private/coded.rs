//! Replies that go through a coder.

use crate::{Coder, Error, Outcome, Reply};

/// What a handler with `coder = …` may return. `Shape` only tells the implementations apart.
///
/// That `C` is a coder is required where it decodes; once more here, it would be one mistake with two
/// messages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by a handler whose coder is `{C}`",
    label = "not what the coder encodes",
    note = "return `()`, the coder's `Out`, an `Option` of it or a `Result` of these"
)]
pub trait CodedReply<C, Shape> {
    #[doc(hidden)]
    fn encode(self, coder: &mut C) -> Outcome;
}

#[derive(Debug)]
pub struct Nothing;

#[derive(Debug)]
pub struct Value;

#[derive(Debug)]
pub struct Within<Shape>(std::marker::PhantomData<Shape>);

#[diagnostic::do_not_recommend]
impl<C> CodedReply<C, Nothing> for () {
    fn encode(self, _: &mut C) -> Outcome {
        Ok(Reply::none())
    }
}

#[diagnostic::do_not_recommend]
impl<C: Coder<Out = T>, T> CodedReply<C, Value> for T {
    fn encode(self, coder: &mut C) -> Outcome {
        coder.encode(self).map(Reply::message)
    }
}

#[diagnostic::do_not_recommend]
impl<C, R: CodedReply<C, Shape>, Shape> CodedReply<C, Within<Shape>> for Option<R> {
    fn encode(self, coder: &mut C) -> Outcome {
        self.map_or_else(|| Ok(Reply::none()), |reply| reply.encode(coder))
    }
}

#[diagnostic::do_not_recommend]
impl<C, R: CodedReply<C, Shape>, E: Into<Error>, Shape> CodedReply<C, Within<Shape>>
    for Result<R, E>
{
    fn encode(self, coder: &mut C) -> Outcome {
        self.map_or_else(|error| Err(error.into()), |reply| reply.encode(coder))
    }
}

/// Sends what the handler returned through the coder.
pub fn encode<C, Shape>(coder: &mut C, reply: impl CodedReply<C, Shape>) -> Outcome {
    reply.encode(coder)
}
