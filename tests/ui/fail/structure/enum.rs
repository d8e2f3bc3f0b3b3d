use wsframe::{on_message, server_endpoint};

#[server_endpoint("/chat")]
enum Chat {
    A,
}

impl Chat {
    #[on_message]
    fn said(&mut self, _: String) {}
}

fn main() {}
