//! The error of a handler is one, or text.

use wsframe::{on_message, on_open, server_endpoint};

#[derive(Debug)]
struct Failed;

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    async fn opened(&mut self) -> Result<(), Failed> {
        Err(Failed)
    }

    #[on_message]
    async fn said(&mut self, text: String) -> Result<String, u16> {
        Ok(text)
    }
}

fn main() {}
