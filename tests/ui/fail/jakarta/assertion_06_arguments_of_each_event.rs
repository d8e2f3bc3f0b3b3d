//! What an event does not have, and what it cannot do without.

use wsframe::{
    CloseReason, Failure, OnError, Session, on_close, on_error, on_open, server_endpoint,
};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    fn opened(&self, _: &Session, _: CloseReason) {}

    #[on_close]
    fn left(&self, _: &Session, _: &Failure) {}

    #[on_error]
    fn failed(&self, _: &Failure, _: &Session, _: CloseReason) -> OnError {
        OnError::Continue
    }
}

#[server_endpoint("/lacks")]
struct Lacks;

impl Lacks {
    #[on_open]
    fn opened(&self, _: u32) {}

    #[on_error]
    fn failed(&self) -> OnError {
        OnError::Continue
    }
}

fn main() {}
