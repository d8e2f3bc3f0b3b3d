//! A coder that is none, and handlers that do not go with theirs.

use wsframe::{Coder, DecodeError, Error, Message, on_message, server_endpoint};

#[derive(Default)]
struct Codec;

struct Command;

struct Answer;

impl Coder for Codec {
    type In = Command;
    type Out = Answer;

    fn decode(&mut self, _: Message) -> Result<Command, DecodeError> {
        Ok(Command)
    }

    fn encode(&mut self, _: Answer) -> Result<Message, Error> {
        Ok("answer".into())
    }
}

#[server_endpoint("/none")]
struct NoCoder {
    count: u32,
}

impl NoCoder {
    #[on_message(text, coder = count)]
    fn said(&mut self, _: Command) {}
}

#[server_endpoint("/missing")]
struct NoField;

impl NoField {
    #[on_message(text, coder = codec)]
    fn said(&mut self, _: Command) {}
}

#[server_endpoint("/payload")]
struct OtherPayload {
    codec: Codec,
}

impl OtherPayload {
    #[on_message(text, coder = codec)]
    fn said(&mut self, _: String) {}
}

#[server_endpoint("/reply")]
struct OtherReply {
    codec: Codec,
}

impl OtherReply {
    #[on_message(text, coder = codec)]
    async fn said(&mut self, _: Command) -> Option<String> {
        None
    }
}

fn main() {}
