//! The attribute writes the `impl`.

use wsframe::{Endpoint, Handshake, Refusal, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Endpoint for Chat {
    const PATH: &'static str = "/chat";

    async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

fn main() {}
