use wsframe::server_endpoint;

#[server_endpoint("/chat")]
fn chat() {}

struct Chat;

#[server_endpoint("/chat")]
impl Chat {}

fn main() {}
