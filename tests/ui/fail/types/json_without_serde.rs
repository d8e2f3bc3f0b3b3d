//! What travels as JSON derives serde's traits.

use wsframe::{Json, on_message, server_endpoint};

struct Move;
struct Board;

#[server_endpoint("/chess")]
struct Chess;

impl Chess {
    #[on_message]
    async fn moved(&mut self, _: Json<Move>) -> Json<Board> {
        Json(Board)
    }
}

fn main() {}
