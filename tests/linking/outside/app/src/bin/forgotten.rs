//! Depends on the libraries and never names them: they are not linked.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), wsframe::StartupError> {
    wsframe::Server::new().serve("127.0.0.1:0").await
}
