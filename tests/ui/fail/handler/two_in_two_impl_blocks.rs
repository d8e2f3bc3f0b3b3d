//! One handler for each kind, wherever the `impl` blocks are.

use wsframe::{on_close, on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    fn opened(&mut self) {}
}

mod other {
    use super::*;

    impl Chat {
        #[on_open]
        async fn opened_too(&mut self) {}

        #[on_close]
        async fn left(&mut self) {}
    }
}

impl Chat {
    #[on_close]
    async fn left_too(&mut self) {}
}

fn main() {}
