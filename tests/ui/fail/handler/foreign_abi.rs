//! A handler is a plain method.

use wsframe::{on_message, on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    extern "C" fn opened(&mut self) {}

    #[on_message]
    unsafe extern "C" fn said(&mut self, _: String) {}
}

fn main() {}
