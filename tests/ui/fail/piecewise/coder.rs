//! A coder takes whole messages.

use wsframe::{Part, Text, on_message, server_endpoint};

#[server_endpoint("/a")]
struct A {
    codec: u8,
}

impl A {
    #[on_message(text, coder = codec)]
    fn coded(&mut self, _: Part<Text>) {}
}

fn main() {}
