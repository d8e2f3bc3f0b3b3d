//! A public endpoint in a crate that forbids what it can: what is generated raises no lint.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    elided_lifetimes_in_paths,
    single_use_lifetimes,
    trivial_casts,
    unused_results,
    let_underscore_drop,
    nonstandard_style,
    future_incompatible,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]

use std::sync::Arc;

use wsframe::{
    CloseReason, Failure, Handshake, OnError, Refusal, Session, on_close, on_error, on_handshake,
    on_message, on_open, server_endpoint,
};

/// A room.
#[derive(Debug)]
#[server_endpoint("/strict/<room>", outbox = "1MiB", ping_interval = off, origins = any)]
pub struct Strict {
    /// Its name.
    pub room: String,
    /// How the guest is called.
    #[query]
    pub nick: Option<String>,
    #[state]
    log: Arc<String>,
    #[default(7)]
    level: u8,
}

impl Strict {
    #[on_handshake]
    fn admit(&mut self, handshake: &Handshake) -> Result<(), Refusal> {
        handshake.header("x-no").map_or(Ok(()), |_| Err(Refusal::not_found()))
    }

    #[on_open]
    async fn opened(&mut self, session: Session) -> wsframe::Result {
        session.send(self.room.clone()).await?;
        Ok(())
    }

    /// Answers.
    #[on_message]
    pub fn said(&mut self, text: &str) -> String {
        self.level += 1;
        format!("{text} {} {}", self.log, self.level)
    }

    #[on_close]
    async fn left(&mut self, reason: CloseReason) {
        println!("{reason}");
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        failure.default_action()
    }
}

fn main() {}
