//! The object outlives the request, so it cannot borrow from it.

use wsframe::server_endpoint;

#[server_endpoint("/chat/<room>")]
struct Chat {
    room: &'static str,
    #[query]
    nick: Option<&'static str>,
    #[header("user-agent")]
    agent: &'static str,
}

fn main() {}
