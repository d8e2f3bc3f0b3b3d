//! Sends every message back. `cargo run -p wsframe-examples --bin echo [ADDRESS]`, then connect to
//! `ws://127.0.0.1:8080/echo` with any WebSocket client.

use wsframe::prelude::*;

#[server_endpoint("/echo", max_message_size = "16MiB", max_fragments = 70_000)]
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
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    Server::new().serve(address).await
}
