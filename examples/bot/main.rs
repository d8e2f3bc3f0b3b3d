//! A guest of the chat who answers everybody: `cargo run -p wsframe-examples --bin bot [ADDRESS]`
//! beside the example `chat`, whose page goes to the room `lobby`. It waits for a chat that is not
//! there, or not any more. What is said there stands in the page's script.

use serde_json::{Value, json};
use wsframe::{Backoff, Cause, prelude::*};

#[client_endpoint]
struct Bot {
    joined: bool, // what comes before the first `here` was said before we came
}

impl Bot {
    #[on_open]
    fn enter(&mut self) {
        self.joined = false;
    }

    #[on_message]
    fn answer(&mut self, Json(news): Json<Value>) -> Option<Json<Value>> {
        self.joined |= news["here"].is_array();
        let (from, said) = (news["from"].as_str()?, news["text"].as_str()?);
        let to = news["to"].is_string().then_some(from);
        let answer = format!("{from}, that had {} letters", said.chars().count());
        (self.joined && from != "bot").then(|| Json(json!({"text": answer, "to": to})))
    }

    #[on_disconnect]
    fn again(&mut self, disconnect: &Disconnect) -> Retry {
        match disconnect.cause() {
            // Our own session, which the chat has not missed yet, holds the name.
            Cause::Failed(wsframe::ConnectError::Refused { status, .. }) if *status == 409 => {
                Retry::Backoff
            }
            _ => Retry::Default,
        }
    }
}

#[tokio::main]
async fn main() {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    let url = format!("ws://{address}/chat/lobby?nick=bot");
    Client::new(url).reconnect(Backoff::new()).run(Bot { joined: false }).await;
}
