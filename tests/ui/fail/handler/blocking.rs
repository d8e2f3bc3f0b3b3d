//! Where `blocking` cannot be.

use wsframe::{Message, on_close, on_message, on_open, on_tick, server_endpoint};

#[server_endpoint("/a")]
struct Blocks;

impl Blocks {
    #[on_open(blocking)]
    fn opened(&mut self) {}

    #[on_message(blocking)]
    async fn said(&mut self, _: String) {}

    #[on_message(binary, blocking, blocking)]
    fn bytes(&mut self, _: Message) {}

    #[on_message(pong, blocking = true)]
    fn pong(&mut self, _: Message) {}

    #[on_tick(every = "1s", blocking)]
    fn tick(&mut self) {}

    #[on_close(blocking)]
    fn left(&mut self) {}
}

/// The kind is still to be said, and there is still one handler for each.
#[server_endpoint("/b")]
struct Twice;

impl Twice {
    #[on_message(blocking)]
    fn said(&mut self, _: Message) {}

    #[on_message(blocking)]
    fn number(&mut self, _: u8) {}

    #[on_message(text, blocking)]
    fn word(&mut self, _: String) {}
}

fn main() {}
