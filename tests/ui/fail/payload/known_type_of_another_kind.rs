use wsframe::{on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message(binary)]
    fn text(&mut self, _: String) {}

    #[on_message(text)]
    fn bytes(&mut self, _: &[u8]) {}
}

fn main() {}
