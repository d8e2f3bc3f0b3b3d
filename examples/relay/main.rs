//! Sends every message to everybody in the room, the sender included.
//! `cargo run -p wsframe-examples --bin relay [ADDRESS]`, then connect several clients to
//! `ws://127.0.0.1:8080/room/any`.

use wsframe::prelude::*;

#[server_endpoint("/room/<name>")]
struct Relay {
    name: String,
}

impl Relay {
    #[on_open]
    async fn enter(&mut self, session: &Session) -> wsframe::Result {
        session.join(&self.name).await?;
        Ok(())
    }

    #[on_message(text)]
    #[on_message(binary)]
    async fn relay(&mut self, message: Message, session: &Session) {
        session.room(&self.name).send(message).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), wsframe::StartupError> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    Server::new().serve(address).await
}
