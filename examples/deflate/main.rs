//! Sends every message back, compressed where the client can inflate it.
//! `cargo run -p wsframe-examples --bin deflate [ADDRESS [takeover]]`, then open
//! `ws://127.0.0.1:8080/echo` in any browser; they all offer permessage-deflate. With `takeover`
//! each side compresses its messages with those before them in mind.

use wsframe::{Deflate, prelude::*};

#[server_endpoint("/echo", deflate = on, max_message_size = "16MiB", max_fragments = 70_000)]
struct Echo;

impl Echo {
    #[on_message(text)]
    #[on_message(binary)]
    fn echo(&self, message: Message) -> Message {
        message
    }
}

#[tokio::main]
async fn main() -> Result<(), wsframe::StartupError> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or("127.0.0.1:8080".into());
    let takeover = args.next().is_some_and(|word| word == "takeover");
    let deflate =
        Deflate::new().server_no_context_takeover(!takeover).client_no_context_takeover(!takeover);
    Server::new().configure::<Echo>(|echo| echo.deflate(deflate)).serve(address).await
}
