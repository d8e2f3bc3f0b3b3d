//! A parameter of the path needs no attribute; others are unknown to the compiler.

use wsframe::server_endpoint;

#[server_endpoint("/chat/<room>/<seat>")]
struct Chat {
    #[param]
    room: String,
    #[path_param("seat")]
    seat: u8,
    #[queries]
    nick: String,
}

fn main() {}
