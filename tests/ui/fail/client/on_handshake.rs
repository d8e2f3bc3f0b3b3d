use wsframe::{client_endpoint, on_handshake, on_message, Handshake, Refusal};

#[client_endpoint]
struct Bot;

impl Bot {
    #[on_handshake]
    fn admit(&self, _: &Handshake) -> Result<(), Refusal> {
        Ok(())
    }

    #[on_message]
    fn said(&self, _: String) {}
}

fn main() {
    let _ = Bot;
}
