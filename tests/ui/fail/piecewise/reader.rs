//! A reader is taken by value, in an `async fn`, and says nothing about the kind.

use wsframe::{MessageReader, on_message, server_endpoint};

#[server_endpoint("/a")]
struct A;

impl A {
    #[on_message]
    async fn which(&mut self, _: MessageReader) {}
}

#[server_endpoint("/b")]
struct B;

impl B {
    #[on_message(text)]
    async fn borrowed(&mut self, _: &mut MessageReader) {}

    #[on_message(binary)]
    fn plain(&mut self, _: MessageReader) {}
}

#[server_endpoint("/c")]
struct C;

impl C {
    #[on_message(binary, blocking)]
    fn blocks(&mut self, _: MessageReader) {}
}

fn main() {}
