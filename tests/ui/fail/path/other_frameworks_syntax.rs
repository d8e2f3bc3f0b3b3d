use wsframe::server_endpoint;

#[server_endpoint("/chat/{room}")]
struct Braces {
    room: String,
}

#[server_endpoint("/chat/:room/x")]
struct Colon {
    room: String,
}

#[server_endpoint("/files/{*rest}")]
struct Star {
    rest: String,
}

fn main() {}
