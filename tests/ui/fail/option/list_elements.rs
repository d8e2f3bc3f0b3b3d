//! Lists that are empty, or have an element that cannot be one or is there twice.

use wsframe::server_endpoint;

#[server_endpoint("/a", subprotocols = [], origins = [])]
struct Empty;

#[server_endpoint("/b", subprotocols = ["chat v2", "chat", "chat"])]
struct Names;

#[server_endpoint("/c", origins = ["*"])]
struct AllOrigins;

fn main() {}
