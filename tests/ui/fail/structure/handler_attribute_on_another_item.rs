//! Nothing else in an `impl` block can be a handler.

use wsframe::{on_error, on_handshake, on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    const OPENED: u8 = 1;

    #[on_handshake]
    fn admit();

    #[on_error]
    fn failed() {}
}

fn main() {}
