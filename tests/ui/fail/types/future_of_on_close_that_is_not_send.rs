//! The other handlers run on any thread, too.

use std::{cell::RefCell, rc::Rc};

use wsframe::{Failure, Handshake, OnError, on_close, on_error, on_handshake, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_handshake]
    async fn admit(&mut self, _: &mut Handshake) {
        let shared = Rc::new(1);
        tokio::task::yield_now().await;
        drop(shared);
    }

    #[on_close]
    async fn left(&mut self) {
        let shared = Rc::new(RefCell::new(1));
        tokio::task::yield_now().await;
        drop(shared);
    }

    #[on_error]
    async fn failed(&mut self, _: &Failure) -> OnError {
        let shared = Rc::new(1);
        tokio::task::yield_now().await;
        drop(shared);
        OnError::Continue
    }
}

fn main() {}
