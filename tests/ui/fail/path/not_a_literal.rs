//! A constant would have to be known before the macro runs.

use wsframe::server_endpoint;

const PATH: &str = "/chat";

#[server_endpoint(PATH)]
struct Constant;

#[server_endpoint(concat!("/chat", "/x"), origins = any)]
struct Call;

#[server_endpoint(b"/chat")]
struct Bytes;

fn main() {}
