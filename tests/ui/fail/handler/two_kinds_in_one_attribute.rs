//! A method for two kinds has two attributes.

use wsframe::{Message, on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message(text, binary)]
    fn said(&mut self, _: Message) {}

    #[on_message("pong")]
    fn pong(&mut self, _: Message) {}
}

fn main() {}
