use wsframe::{Either, on_message, server_endpoint};

struct Move;

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message(text)]
    fn moved(&mut self, _: Either<Move, String>) {}
}

fn main() {}
