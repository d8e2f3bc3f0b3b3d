use wsframe::server_endpoint;

#[server_endpoint("/a", ping_intervall = "25s")]
struct Misspelt;

#[server_endpoint("/b", compression = true)]
struct Foreign;

fn main() {}
