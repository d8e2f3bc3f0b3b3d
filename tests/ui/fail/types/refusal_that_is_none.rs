//! An error of `#[on_handshake]` becomes an answer, so it must say which.

use wsframe::{Handshake, on_handshake, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_handshake]
    async fn admit(&mut self, _: &mut Handshake) -> Result<(), std::io::Error> {
        Ok(())
    }
}

#[server_endpoint("/number")]
struct Number;

impl Number {
    #[on_handshake]
    fn admit(&mut self) -> Result<(), u16> {
        Err(403)
    }
}

fn main() {}
