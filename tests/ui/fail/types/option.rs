use wsframe::server_endpoint;

const LIMIT: &str = "64KiB";

#[server_endpoint("/a", max_message_size = LIMIT)]
struct Chat;

fn main() {}
