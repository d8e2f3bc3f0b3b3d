//! The object lives as long as the connection, so no handler may take it away.

use std::{pin::Pin, sync::Arc};

use wsframe::{on_close, on_message, on_open, server_endpoint};

#[server_endpoint("/chat")]
struct Chat {
    said: u8,
}

impl Chat {
    #[on_open]
    async fn opened(mut self) {
        self.said += 1;
    }

    #[on_message]
    async fn said(self: Arc<Self>, _: String) {}

    #[on_close]
    async fn left(self: Pin<&mut Self>) {}
}

fn main() {}
