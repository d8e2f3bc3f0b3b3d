//! What one event has, another has not.

use wsframe::{
    CloseReason, Failure, Handshake, Session, on_close, on_error, on_message, on_open,
    server_endpoint,
};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    fn opened(&mut self, _: &mut Handshake) {}

    #[on_message]
    fn said(&mut self, _: String, _: CloseReason) {}

    #[on_close]
    fn left(&mut self, _: String) {}

    #[on_error]
    fn failed(&mut self, _: Failure, _: &str) -> wsframe::OnError {
        wsframe::OnError::Continue
    }
}

#[server_endpoint("/twice")]
struct Twice;

impl Twice {
    #[on_open]
    fn opened(&mut self, _: &Session, _: Session) {}
}

fn main() {}
