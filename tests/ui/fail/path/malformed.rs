use wsframe::server_endpoint;

#[server_endpoint("")]
struct Empty;

#[server_endpoint("chat")]
struct NoSlash;

#[server_endpoint("/chat//x")]
struct EmptySegment;

#[server_endpoint("/a/../b")]
struct Dots;

#[server_endpoint("/chat?nick=x")]
struct Query;

#[server_endpoint("/room-<room>/x")]
struct PartOfSegment {
    room: String,
}

#[server_endpoint("/<ro om>")]
struct BadName;

#[server_endpoint("/<room: u32>")]
struct Typed {
    room: u32,
}

#[server_endpoint("/<rest..>/x")]
struct RestNotLast {
    rest: String,
}

fn main() {}
