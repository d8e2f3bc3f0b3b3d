//! An extractor decides itself whether a missing value is a refusal.

use wsframe::{FromHandshake, Handshake, Refusal, server_endpoint};

struct User;

impl FromHandshake for User {
    async fn from_handshake(_: &mut Handshake) -> Result<Self, Refusal> {
        Ok(User)
    }
}

#[server_endpoint("/chat")]
struct Chat {
    #[extract]
    user: Option<User>,
}

fn main() {}
