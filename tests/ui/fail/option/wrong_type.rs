//! Literals of another type than the option's.

use wsframe::server_endpoint;

#[server_endpoint(
    "/a",
    max_message_size = 64.5,
    max_fragments = "10",
    overflow = "close",
    origins = "https://example.org",
    ping_interval = 25.0,
    idle_timeout = true,
    deflate = 6
)]
struct Chat;

fn main() {}
