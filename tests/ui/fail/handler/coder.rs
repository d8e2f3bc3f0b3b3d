//! How a coder cannot be named.

use wsframe::{Coder, DecodeError, Error, Message, on_message, on_open, server_endpoint};

#[derive(Default)]
struct Codec;

impl Coder for Codec {
    type In = u32;
    type Out = u32;

    fn decode(&mut self, message: Message) -> Result<u32, DecodeError> {
        Ok(message.len() as u32)
    }

    fn encode(&mut self, value: u32) -> Result<Message, Error> {
        Ok(value.to_string().into())
    }
}

#[server_endpoint("/lines")]
struct Lines {
    codec: Codec,
}

impl Lines {
    #[on_message(coder = codec)]
    fn without_a_kind(&mut self, _: u32) {}

    #[on_message(text, coder = self.codec)]
    fn with_self(&mut self, _: u32) {}

    #[on_message(text, coder = "codec")]
    fn with_quotes(&mut self, _: u32) {}

    #[on_message(text, coder = Codec::default())]
    fn with_an_expression(&mut self, _: u32) {}

    #[on_message(text, coder)]
    fn without_a_field(&mut self, _: u32) {}

    #[on_message(text, coder = codec, coder = codec)]
    fn twice(&mut self, _: u32) {}

    #[on_open(coder = codec)]
    fn opened(&mut self) -> u32 {
        0
    }
}

fn main() {}
