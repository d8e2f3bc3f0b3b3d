use wsframe::{on_message, server_endpoint};

struct Move;

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message]
    fn moved(&mut self, _: Move) {}

    #[on_message]
    fn pair(&mut self, _: (u8, u8)) {}

    #[on_message]
    fn many(&mut self, _: Vec<u16>) {}
}

fn main() {}
