//! The illegal pairs of the specification: a message has one payload.

use wsframe::{Bytes, MessageReader, Part, Pong, Text, on_message, server_endpoint};

#[server_endpoint("/reader")]
struct ReaderAndFlag;

impl ReaderAndFlag {
    #[on_message(text)]
    async fn text(&self, _: MessageReader, _last: bool) {}

    #[on_message(binary)]
    async fn binary(&self, _: MessageReader, _last: bool) {}
}

#[server_endpoint("/pong")]
struct PongAndFlag;

impl PongAndFlag {
    #[on_message]
    fn pong(&self, _: Pong, _last: bool) {}
}

#[server_endpoint("/number")]
struct TextAndNumber;

impl TextAndNumber {
    #[on_message]
    fn text(&self, _: String, _: i32) {}

    #[on_message]
    fn binary(&self, _: Bytes, _: i32) {}
}

/// In Jakarta the last two are parts. Here a part is one argument.
#[server_endpoint("/flag")]
struct TextAndFlag;

impl TextAndFlag {
    #[on_message]
    fn text(&self, _: Text, _last: bool) {}

    #[on_message]
    fn binary(&self, _: Part<Bytes>, _last: bool) {}
}

struct BigDecimal;

#[server_endpoint("/decimal")]
struct WithoutDecoder;

impl WithoutDecoder {
    #[on_message]
    fn decimal(&self, _: BigDecimal) {}
}

fn main() {}
