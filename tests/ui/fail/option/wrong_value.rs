use wsframe::server_endpoint;

#[server_endpoint(
    "/a",
    pong_timeout = off,
    ping_interval = "0s",
    overflow = drop_older,
    deflate = onn,
    origins = ["example.org", "https://example.org/"],
    subprotocols = "chat",
    max_fragments = true,
    inbound,
)]
struct Chat;

fn main() {}
