use wsframe::{Text, on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message]
    fn said(&mut self, _: String) {}

    #[on_message]
    fn said_again(&mut self, _: Text) {}
}

fn main() {}
