use wsframe::{Session, on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message]
    fn none(&mut self, _: &Session) {}

    #[on_message]
    fn two(&mut self, _: String, _: &[u8]) {}
}

fn main() {}
