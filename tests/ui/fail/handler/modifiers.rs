use wsframe::{on_message, on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open(text)]
    fn opened(&mut self) {}

    #[on_message(json)]
    unsafe fn said<T>(&mut self, _: String) {}
}

fn main() {}
