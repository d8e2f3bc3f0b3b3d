//! Names the libraries, and none of their endpoints.

use outside_addressed as _;
use outside_endpoints as _;
use outside_renamed as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), wsframe::StartupError> {
    wsframe::Server::new().serve("127.0.0.1:0").await
}
