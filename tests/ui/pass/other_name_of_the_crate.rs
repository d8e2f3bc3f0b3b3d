//! `crate = path` where the crate has another name.
#![deny(warnings)]

mod facade {
    pub mod inner {
        pub use ::wsframe as ws;
    }
}

use facade::inner::ws::{self, on_close, on_error, on_handshake, on_message, on_open, server_endpoint};

/// Hides the name under which the crate is known.
mod wsframe {}

#[server_endpoint("/renamed/<room>", crate = crate::facade::inner::ws, max_message_size = "1KiB")]
struct Renamed {
    room: String,
    said: u32,
}

impl Renamed {
    #[on_handshake(crate = facade::inner::ws)]
    fn admit(&self) {}

    #[on_open(crate = ws)]
    fn opened(&self) -> String {
        self.room.clone()
    }

    #[on_message(crate = ws)]
    fn said(&mut self, _: String) {
        self.said += 1;
    }

    #[on_message(pong, crate = ws)]
    fn pong(&self, _: ws::Message) {}

    #[on_close(crate = ws)]
    fn left(&self) {}

    #[on_error(crate = ws)]
    fn failed(&self, failure: &ws::Failure) -> ws::OnError {
        failure.default_action()
    }
}

fn main() {}
