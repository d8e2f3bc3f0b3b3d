//! Names the library, and none of its endpoints.

use outside_endpoints as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), wsframe::StartupError> {
    wsframe::Server::new().serve("127.0.0.1:0").await
}
