//! Nobody is left to hear a reply of `#[on_close]`.

use wsframe::{CloseReason, on_close, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_close]
    async fn left(&mut self, reason: CloseReason) -> String {
        format!("good bye: {reason}")
    }
}

#[server_endpoint("/other")]
struct Other;

impl Other {
    #[on_close]
    fn left(&mut self) -> Option<Vec<u8>> {
        None
    }
}

fn main() {}
