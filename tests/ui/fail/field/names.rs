//! Names that no query parameter, header or cookie can have.

use wsframe::server_endpoint;

#[server_endpoint("/chat")]
struct Chat {
    #[query("")]
    a: String,
    #[cookie("my cookie")]
    b: String,
    #[header("")]
    c: String,
    #[query(nick)]
    d: String,
    #[query("a", "b")]
    e: String,
}

fn main() {}
