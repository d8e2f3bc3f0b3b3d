use wsframe::server_endpoint;

#[server_endpoint("/chat/<room>")]
struct Chat {
    #[query]
    room: String,
    #[query]
    #[default(String::new())]
    nick: String,
}

fn main() {}
