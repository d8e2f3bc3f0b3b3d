//! `#[state]` and `#[extract]` are told by the type alone.

use wsframe::server_endpoint;

#[server_endpoint("/chat")]
struct Chat {
    #[state("log")]
    a: String,
    #[extract(User)]
    b: String,
    #[default = 5]
    c: u8,
    #[default()]
    d: u8,
    #[default(1 +)]
    e: u8,
    #[header()]
    f: u8,
}

fn main() {}
