use std::rc::Rc;

use wsframe::server_endpoint;

#[server_endpoint("/chat")]
struct Chat {
    said: Rc<u8>,
}

fn main() {}
