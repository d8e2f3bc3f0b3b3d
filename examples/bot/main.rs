//! A guest of the chat who answers everybody: `cargo run -p wsframe-examples --bin bot [ADDRESS]`
//! beside the example `chat`, whose page goes to the room `lobby`. What is said there stands in the
//! page's script.

use serde_json::{Value, json};
use wsframe::{Client, Json, Message};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    let url = format!("ws://{address}/chat/lobby?nick=bot");
    let (session, mut messages) = Client::new(url).connect().await?;
    let mut joined = false; // what comes before the first `here` was said before we came
    while let Some(message) = messages.next().await {
        let Message::Text(text) = message else { continue };
        let news: Value = serde_json::from_str(&text)?;
        joined |= news["here"].is_array();
        let (Some(from), Some(said)) = (news["from"].as_str(), news["text"].as_str()) else {
            continue;
        };
        if joined && from != "bot" {
            let answer = format!("{from}, that had {} letters", said.chars().count());
            let to = news["to"].is_string().then_some(from);
            session.send(Json(json!({"text": answer, "to": to}))).await?;
        }
    }
    println!("{}", session.closed().await);
    Ok(())
}
