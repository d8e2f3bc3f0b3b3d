//! A chat: rooms, nick names, who is here, private messages, the last fifty messages for whoever
//! comes late. `cargo run -p wsframe-examples --bin chat [ADDRESS]`, then open the page that it
//! names, twice. What page and server say to each other stands in the page's script.

use axum::{response::Html, routing::get};
use serde_json::{Value, json};
use wsframe::prelude::*;

#[server_endpoint("/chat/<room>")]
struct Chat {
    room: Room,
    #[query]
    nick: String,
}

impl Chat {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        handshake.claim(Principal::new(self.nick.as_str()))
    }

    #[on_open]
    #[on_close]
    async fn here(&self) {
        self.room.send(Json(json!({"here": self.room.user_ids()}))).await;
    }

    #[on_message]
    async fn say(&self, Json(said): Json<Value>, session: &Session) -> Option<Json<Value>> {
        let at = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis() as u64;
        let news = json!({"from": self.nick, "to": said["to"], "text": said["text"], "at": at});
        let delivered = match said["to"].as_str() {
            Some(nick) => session.user(nick).send(Json(&news)).await,
            None => self.room.send_kept(50, Json(&news)).await,
        };
        said["to"].is_string().then(|| Json(json!({"told": news, "heard": delivered.queued})))
    }
}

#[tokio::main]
async fn main() -> Result<(), wsframe::StartupError> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    Server::new().fallback(get(Html(include_str!("page.html")))).serve(address).await
}
