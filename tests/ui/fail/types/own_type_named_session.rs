//! Arguments are told by their last word; a type of one's own with that name is another type.

use wsframe::{on_open, server_endpoint};

struct Session;

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    fn opened(&mut self, _: &Session) {}
}

fn main() {}
