//! The value of `#[default(…)]` has the type of the field.

use wsframe::server_endpoint;

#[server_endpoint("/chat")]
struct Chat {
    #[default("general")]
    room: String,
    #[default(-1)]
    level: u8,
}

fn main() {}
