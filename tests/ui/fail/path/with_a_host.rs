//! The server knows its address; a template is what stands behind it.

use wsframe::server_endpoint;

#[server_endpoint("ws://localhost:8080/chat")]
struct Url;

fn main() {}
