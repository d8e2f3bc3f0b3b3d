//! A pong is a frame.

use wsframe::{Bytes, MessageReader, Part, on_message, server_endpoint};

#[server_endpoint("/a")]
struct A;

impl A {
    #[on_message(pong)]
    async fn read(&mut self, _: MessageReader) {}
}

#[server_endpoint("/b")]
struct B;

impl B {
    #[on_message(pong)]
    fn part(&mut self, _: Part<Bytes>) {}
}

fn main() {}
