//! A part has no meaning of its own.

use wsframe::{Json, Part, on_message, server_endpoint};

#[server_endpoint("/a")]
struct A;

impl A {
    #[on_message]
    fn json(&mut self, _: Part<Json<Vec<u8>>>) {}

    #[on_message(binary)]
    fn number(&mut self, _: Part<u32>) {}
}

fn main() {}
