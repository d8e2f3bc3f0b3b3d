use wsframe::{CloseReason, Failure, Handshake, Session, on_close, on_handshake, on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_handshake]
    fn admit(&mut self, _: Handshake, _: &Session) {}

    #[on_open]
    fn opened(&mut self, _: &mut Session, _: &str) {}

    #[on_close]
    fn left(&mut self, _: &Failure, _: CloseReason, _: &CloseReason) {}
}

fn main() {}
