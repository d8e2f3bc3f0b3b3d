//! wsframe inside an axum app, which owns the listener: its endpoints are nested below `/ws`.
//! `cargo run -p wsframe-examples --bin http_outside [ADDRESS]`, then open <http://127.0.0.1:8080/>, or
//! connect to `ws://127.0.0.1:8080/ws/echo` with any WebSocket client. It greets with your address.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::map_request,
    routing::get,
};
use wsframe::{PeerAddr, prelude::*};

#[server_endpoint("/echo")]
struct Echo;

impl Echo {
    #[on_open]
    fn greet(&self, session: &Session) -> Option<String> {
        session.peer().map(|peer| format!("hello, {peer}"))
    }

    #[on_message]
    fn echo(&self, text: String) -> String {
        text
    }
}

/// Tells wsframe what only axum knows.
async fn peer(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    request.extensions_mut().insert(PeerAddr(peer));
    request
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    let server = Server::new();
    let handle = server.handle();
    let app = Router::new()
        .nest_service("/ws", server.into_service()?)
        .layer(map_request(peer))
        .route("/", get(|| async { "there is an echo at /ws/echo" }));

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    // axum does not know the sessions; the handle closes them.
    handle.shutdown();
    handle.stopped().await;
    Ok(())
}
