//! One attribute, one path, one struct.

use wsframe::{on_message, server_endpoint};

#[server_endpoint("/a")]
#[server_endpoint("/b")]
struct Chat;

impl Chat {
    #[on_message]
    fn said(&mut self, _: String) {}
}

fn main() {}
