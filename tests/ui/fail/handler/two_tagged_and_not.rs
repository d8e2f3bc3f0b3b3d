//! A kind that the payload tells and one that the attribute tells are the same kind.

use wsframe::{Bytes, Message, on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message]
    fn bytes(&mut self, _: Bytes) {}

    #[on_message(binary)]
    fn any(&mut self, _: Message) {}
}

fn main() {}
