//! A kind has one handler, however it takes its messages.

use wsframe::{Part, Text, on_message, server_endpoint};

#[server_endpoint("/a")]
struct A;

impl A {
    #[on_message]
    fn whole(&mut self, _: Text) {}

    #[on_message]
    fn part(&mut self, _: Part<Text>) {}
}

fn main() {}
