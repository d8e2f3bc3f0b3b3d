//! A payload is taken by value, to change it, or behind `&`.

use wsframe::{on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message]
    fn text(&mut self, _: &mut String) {}

    #[on_message]
    fn bytes(&mut self, _: &mut [u8]) {}
}

fn main() {}
