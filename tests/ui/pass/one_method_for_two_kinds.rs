//! A method may have several attributes.
#![deny(warnings)]

use wsframe::{Message, on_message, server_endpoint};

#[server_endpoint("/echo")]
struct Echo;

impl Echo {
    #[on_message(text)]
    #[on_message(binary)]
    fn echo(&self, message: Message) -> Message {
        message
    }
}

fn main() {}
