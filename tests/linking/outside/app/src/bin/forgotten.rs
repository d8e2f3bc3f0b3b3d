//! Depends on the library and never names it: it is not linked.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), wsframe::StartupError> {
    wsframe::Server::new().serve("127.0.0.1:0").await
}
