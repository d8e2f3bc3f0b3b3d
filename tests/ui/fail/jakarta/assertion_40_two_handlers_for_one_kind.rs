//! Whole and in parts, as text and as what is parsed from it, read: all are handlers for text.

use wsframe::{MessageReader, Part, Pong, on_message, server_endpoint};

#[server_endpoint("/parts")]
struct Parts;

impl Parts {
    #[on_message]
    fn whole(&self, _: &str) {}

    #[on_message]
    fn parts(&self, _: Part<String>) {}
}

#[server_endpoint("/parsed")]
struct Parsed;

impl Parsed {
    #[on_message]
    fn flag(&self, _: bool) {}

    #[on_message]
    fn number(&self, _: i64) {}
}

#[server_endpoint("/read")]
struct Read;

impl Read {
    #[on_message]
    fn whole(&self, _: Vec<u8>) {}

    #[on_message(binary)]
    async fn read(&self, _: MessageReader) {}
}

#[server_endpoint("/pong")]
struct Pongs;

impl Pongs {
    #[on_message]
    fn pong(&self, _: Pong) {}

    #[on_message]
    fn again(&self, _: Pong) {}
}

fn main() {}
