use wsframe::server_endpoint;

#[server_endpoint(
    "/a",
    ping_interval = "25sec",
    pong_timeout = 10,
    close_timeout = "5 KiB",
    max_message_size = "64k",
    max_frame_size = "64kib",
    outbox = "1.5MiB"
)]
struct Chat;

fn main() {}
