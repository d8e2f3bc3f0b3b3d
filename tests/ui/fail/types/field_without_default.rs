use wsframe::server_endpoint;

struct Board;

#[server_endpoint("/chess")]
struct Chess {
    board: Board,
}

fn main() {}
