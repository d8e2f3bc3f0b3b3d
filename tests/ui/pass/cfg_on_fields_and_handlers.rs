//! What is configured out is not bound, not called and not missed.
#![deny(warnings)]
#![allow(unexpected_cfgs)]

use std::sync::Arc;

use wsframe::{Session, on_message, on_open, server_endpoint};

#[server_endpoint("/cfg/<room>")]
struct Chat {
    room: String,
    #[cfg(never)]
    #[state]
    database: Missing,
    #[state]
    #[cfg(not(never))]
    log: Arc<u8>,
    #[query]
    #[cfg(never)]
    nick: Missing,
    #[cfg(never)]
    count: Missing,
}

impl Chat {
    #[on_open]
    #[cfg(never)]
    fn opened(&mut self, session: &Missing) {}

    #[cfg(never)]
    #[on_open]
    fn opened_too(&mut self, session: &Missing) {}

    #[on_open]
    #[cfg(not(never))]
    fn opened(&mut self, _: &Session) -> String {
        format!("{} {}", self.room, self.log)
    }

    #[on_message]
    #[cfg(not(never))]
    fn said(&self, _: String) {}
}

fn main() {}
