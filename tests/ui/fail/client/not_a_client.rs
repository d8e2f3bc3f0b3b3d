use wsframe::{server_endpoint, Client};

#[server_endpoint("/chat")]
struct Chat;

fn main() {
    let _ = Client::new("ws://127.0.0.1/").start(Chat);
}
