//! An attribute that there is not.

use wsframe::{on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_messages]
    fn said(&mut self, _: String) {}

    #[on_message]
    fn right(&mut self, _: String) {}

    #[on_mesage]
    fn bytes(&mut self, _: &[u8]) {}
}

fn main() {}
