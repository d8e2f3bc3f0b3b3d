//! HTTP inside a wsframe server: an axum router answers whatever is no WebSocket.
//! `cargo run -p wsframe-examples --bin http_inside [ADDRESS]`, then open <http://127.0.0.1:8080/>: the
//! page talks to the endpoint at `/echo` on the same port, and `/sessions` says how many do, in JSON.

use axum::{Json, Router, response::Html, routing::get};
use wsframe::prelude::*;

#[server_endpoint("/echo")]
struct Echo;

impl Echo {
    #[on_message]
    fn echo(&self, text: String) -> String {
        text
    }
}

#[tokio::main]
async fn main() -> Result<(), wsframe::StartupError> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    let server = Server::new();
    let handle = server.handle();
    let http = Router::new()
        .route("/", get(Html(include_str!("page.html"))))
        .route("/sessions", get(move || async move { Json(handle.sessions().len()) }));
    server.fallback(http).serve(address).await
}
