use wsframe::server_endpoint;

#[server_endpoint("/chat/<room>")]
struct Chat {
    room: Option<String>,
    #[cookie]
    sid: Vec<String>,
}

fn main() {}
