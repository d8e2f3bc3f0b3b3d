//! Candidates of two kinds, of no known kind, and one that is no payload.

use wsframe::{Bytes, Either, on_message, server_endpoint};

#[server_endpoint("/two")]
struct TwoKinds;

impl TwoKinds {
    #[on_message]
    fn said(&mut self, _: Either<String, Bytes>) {}
}

struct Move;

#[server_endpoint("/unknown")]
struct Unknown;

impl Unknown {
    #[on_message]
    fn said(&mut self, _: &Either<Move, Either<u8, String>>) {}
}

fn main() {}
