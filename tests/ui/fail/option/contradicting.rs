//! Two options of one attribute that leave one of them without effect.

use wsframe::server_endpoint;

#[server_endpoint("/a", ping_interval = off, pong_timeout = "10s")]
struct NoPings;

#[server_endpoint("/b", max_frame_size = "1MiB", max_message_size = "64KiB")]
struct FrameBeyondMessage;

fn main() {}
