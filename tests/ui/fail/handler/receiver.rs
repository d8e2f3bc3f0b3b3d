use wsframe::{on_message, on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    fn opened(self) {}

    #[on_message]
    fn said(_: String) {}

    #[on_message]
    fn bytes(self: Box<Self>, _: &[u8]) {}
}

fn main() {}
