//! Names as they are in other frameworks, near enough to be told.

use wsframe::server_endpoint;

#[server_endpoint("/a", maxMessageSize = 1024, max_frame = 1024, subprotocol = ["chat"])]
struct Chat;

fn main() {}
