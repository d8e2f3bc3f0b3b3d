//! Two methods for one event, and arguments that the event does not have.

use wsframe::{CloseReason, Failure, OnError, on_close, on_error, on_open, server_endpoint};

#[server_endpoint("/open")]
struct Open;

impl Open {
    #[on_open]
    fn first(&self) {}

    #[on_open]
    fn second(&self) {}
}

#[server_endpoint("/close")]
struct TwoEnds;

impl TwoEnds {
    #[on_close]
    fn first(&self) {}

    #[on_close]
    fn second(&self, _: CloseReason) {}
}

#[server_endpoint("/error")]
struct TwoErrors;

impl TwoErrors {
    #[on_error]
    fn first(&self, _: &Failure) -> OnError {
        OnError::Continue
    }

    #[on_error]
    fn second(&self, _: &Failure) -> OnError {
        OnError::Continue
    }
}

fn main() {}
