//! A chat: rooms, nick names, who is here, private messages, the last fifty messages for whoever
//! comes late. `cargo run -p wsframe-examples --bin chat [ADDRESS]`, then open the page that it
//! names, twice. What page and server say to each other stands in the page's script.

use std::{collections::BTreeMap, sync::Mutex, time::UNIX_EPOCH};

use axum::{Router, response::Html, routing::get};
use serde_json::{Value, json};
use wsframe::prelude::*;

static HISTORY: Mutex<BTreeMap<String, Vec<Value>>> = Mutex::new(BTreeMap::new());

#[server_endpoint("/chat/<room>")]
struct Chat {
    room: String,
    #[query]
    nick: String,
}

impl Chat {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        handshake.claim(Principal::new(format!("{}/{}", self.room, self.nick)))
    }

    #[on_open]
    async fn joined(&self, session: &Session) -> wsframe::Result {
        session.insert(self.nick.clone());
        session.join(&self.room).await?;
        let messages = HISTORY.lock().unwrap().get(&self.room).cloned().unwrap_or_default();
        session.send(Json(json!({"type": "history", "messages": messages}))).await?;
        self.here(session).await;
        Ok(())
    }

    #[on_message]
    async fn said(&self, Json(said): Json<Value>, session: &Session) -> Option<Json<Value>> {
        let (text, at) = (said["text"].as_str()?, UNIX_EPOCH.elapsed().ok()?.as_millis() as u64);
        if let Some(to) = said["to"].as_str() {
            let news =
                json!({"type": "private", "from": self.nick, "to": to, "text": text, "at": at});
            let reached =
                session.user(format!("{}/{to}", self.room)).send(Json(&news)).await.queued;
            return match reached {
                0 => Some(Json(json!({"type": "problem", "text": format!("{to} is not here")}))),
                _ => (to != self.nick).then_some(Json(news)),
            };
        }
        let news = json!({"type": "said", "nick": self.nick, "text": text, "at": at});
        session.room(&self.room).send(Json(self.remember(news))).await;
        None
    }

    /// Keeps a message for whoever comes late.
    fn remember(&self, news: Value) -> Value {
        let mut history = HISTORY.lock().unwrap();
        let messages = history.entry(self.room.clone()).or_default();
        messages.push(news.clone());
        messages.drain(..messages.len().saturating_sub(50));
        news
    }

    #[on_close]
    async fn here(&self, session: &Session) {
        let room = session.room(&self.room);
        let nicks: Vec<_> = room.members().iter().filter_map(Session::get::<String>).collect();
        room.send(Json(json!({"type": "here", "nicks": nicks}))).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), wsframe::StartupError> {
    let page = Router::new().route("/", get(Html(include_str!("page.html"))));
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    Server::new().fallback(page).serve(address).await
}
