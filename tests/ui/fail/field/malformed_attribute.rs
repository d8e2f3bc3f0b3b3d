use wsframe::server_endpoint;

#[server_endpoint("/chat")]
struct Chat {
    #[header]
    a: String,
    #[header("not a header")]
    b: String,
    #[query = "c"]
    c: String,
    #[state(d)]
    d: String,
    #[default]
    e: String,
}

#[server_endpoint("/tuple")]
struct Tuple(#[query] String);

fn main() {}
