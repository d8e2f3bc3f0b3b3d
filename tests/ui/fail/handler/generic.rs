//! A handler is called with one type for each argument.

use wsframe::{FromMessage, Session, on_message, on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    fn opened<const N: usize>(&mut self, _: &Session) {}

    #[on_message(text)]
    fn said<T: FromMessage>(&mut self, _: T) {}

    #[on_message(binary)]
    fn bytes(&mut self, _: impl FromMessage) {}
}

fn main() {}
