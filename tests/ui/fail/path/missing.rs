use wsframe::server_endpoint;

#[server_endpoint]
struct Nothing;

#[server_endpoint(max_message_size = "64KiB")]
struct OnlyOptions;

#[server_endpoint(path = "/chat")]
struct Named;

#[server_endpoint("/a", "/b")]
struct Two;

fn main() {}
