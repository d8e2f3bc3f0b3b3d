use std::rc::Rc;

use wsframe::{on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    async fn opened(&mut self) {
        let shared = Rc::new(1);
        tokio::task::yield_now().await;
        drop(shared);
    }
}

fn main() {}
