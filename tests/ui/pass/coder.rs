//! Coders, and what a handler with one may return.
#![deny(warnings, clippy::all)]

use wsframe::{Coder, DecodeError, Error, Message, Session, on_message, server_endpoint};

#[derive(Default)]
struct Codec(u32);

#[derive(Clone)]
pub struct Command(u32);

pub struct Answer(u32);

impl Coder for Codec {
    type In = Command;
    type Out = Answer;

    fn decode(&mut self, _: Message) -> Result<Command, DecodeError> {
        self.0 += 1;
        Ok(Command(self.0))
    }

    fn encode(&mut self, answer: Answer) -> Result<Message, Error> {
        Ok(answer.0.to_string().into())
    }
}

macro_rules! returns {
    ($($name:ident: $type:ty = $value:expr),* $(,)?) => {$(
        #[server_endpoint("/")]
        struct $name {
            r#in: Codec,
        }

        impl $name {
            #[on_message(text, coder = r#in)]
            async fn said(&mut self, command: Command, _: &Session) -> $type {
                let reply: fn(u32) -> $type = $value;
                reply(command.0)
            }

            #[on_message(coder = r#in, binary, blocking)]
            #[on_message(coder = r#in, pong)]
            fn bytes(&self, command: &Command) -> $type {
                let reply: fn(u32) -> $type = $value;
                reply(command.0)
            }
        }
    )*};
}

returns!(
    Nothing: () = |_| (),
    Value: Answer = Answer,
    Optional: Option<Answer> = |n| Some(Answer(n)),
    Fallible: Result<Answer, std::fmt::Error> = |n| Ok(Answer(n)),
    Usual: wsframe::Result = |_| Ok(()),
    Both: wsframe::Result<Option<Answer>> = |n| Ok(Some(Answer(n))),
);

#[server_endpoint("/tuple")]
struct Tuple(Codec);

impl Tuple {
    #[on_message(text, coder = 0)]
    fn said(&mut self, _: Command) {}
}

fn main() {}
