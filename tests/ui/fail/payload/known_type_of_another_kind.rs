use wsframe::{MessagePack, on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message(binary)]
    fn text(&mut self, _: String) {}

    #[on_message(text)]
    fn bytes(&mut self, _: &[u8]) {}
}

#[server_endpoint("/numbers")]
struct Numbers;

impl Numbers {
    #[on_message(binary)]
    fn number(&mut self, _: u32) {}

    #[on_message(text)]
    fn packed(&mut self, _: MessagePack<u32>) {}

    #[on_message(pong)]
    fn pong(&mut self, _: bool) {}
}

fn main() {}
