use wsframe::{Failure, Handshake, OnError, on_error, on_handshake, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_handshake]
    async fn admit(&self, _: &mut Handshake) -> bool {
        true
    }

    #[on_error]
    async fn failed(&self, _: &Failure) -> Option<OnError> {
        None
    }
}

fn main() {}
