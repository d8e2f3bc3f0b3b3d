//! The complaint names the attribute that is there twice.

use wsframe::{Failure, OnError, Pong, on_error, on_handshake, on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_handshake]
    fn admit(&mut self) {}

    #[on_handshake]
    fn admit_too(&mut self) {}

    #[on_message]
    fn pong(&mut self, _: Pong) {}

    #[on_message(pong)]
    fn pong_too(&mut self, _: Pong) {}

    #[on_error]
    fn failed(&mut self, _: &Failure) -> OnError {
        OnError::Continue
    }

    #[on_error]
    fn failed_too(&mut self, _: &Failure) -> OnError {
        OnError::Continue
    }
}

fn main() {}
