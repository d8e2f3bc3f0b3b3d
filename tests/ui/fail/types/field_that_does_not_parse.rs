use wsframe::server_endpoint;

struct Room;

#[server_endpoint("/chat/<room>")]
struct Chat {
    room: Room,
    #[query]
    nick: Option<Room>,
}

fn main() {}
