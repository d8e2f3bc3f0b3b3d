//! The options are separated from the path.

use wsframe::server_endpoint;

#[server_endpoint("/chat" origins = any)]
struct Chat;

#[server_endpoint("/chat", origins = any outbox = "1MiB")]
struct Options;

fn main() {}
