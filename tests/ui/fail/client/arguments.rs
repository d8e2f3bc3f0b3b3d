use wsframe::{Close, client_endpoint};

#[client_endpoint("/chat")]
struct WithPath;

#[client_endpoint(path = "/chat")]
struct WithNamedPath;

#[client_endpoint(url = "ws://127.0.0.1/")]
struct WithUrl;

#[client_endpoint(origins = any, ping_intervall = "5s", ping_interval = 25, origins = same_host)]
struct Options;

fn main() {
    let _ = (WithPath, WithNamedPath, WithUrl, Options, Close::normal());
}
