use wsframe::server_endpoint;

struct Colour;

#[server_endpoint("/chat/<room>")]
struct Chat {
    room: Colour,
    #[query]
    nick: Option<Colour>,
}

fn main() {}
