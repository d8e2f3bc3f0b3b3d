use wsframe::server_endpoint;

#[server_endpoint("/chat/<room>/<room>")]
struct Chat {
    room: String,
}

fn main() {}
