use wsframe::server_endpoint;

struct Log;

#[server_endpoint("/chat")]
struct Chat {
    #[state]
    log: Log,
}

fn main() {}
