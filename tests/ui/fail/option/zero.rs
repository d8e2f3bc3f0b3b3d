//! Zero is no limit and no wait, but nothing at all.

use wsframe::server_endpoint;

#[server_endpoint(
    "/a",
    outbox = 0,
    outbox_messages = 0,
    max_message_size = "0KiB",
    pong_timeout = "0s",
    idle_timeout = "0m"
)]
struct Chat;

fn main() {}
