use wsframe::server_endpoint;

#[server_endpoint("/a", outbox = "1MiB", origins = any, outbox = "2MiB")]
struct Chat;

fn main() {}
