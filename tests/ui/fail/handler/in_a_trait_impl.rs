//! The hidden function beside a handler is no member of the trait: rustc's own words, which name it.

use wsframe::{on_message, server_endpoint};

trait Talk {
    fn said(&mut self, text: String);
}

#[server_endpoint("/chat")]
struct Chat;

impl Talk for Chat {
    #[on_message]
    fn said(&mut self, text: String) {
        drop(text);
    }
}

fn main() {}
