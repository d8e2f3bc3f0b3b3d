//! What the specification's test suite asserts, asserted of this server: one module per group of
//! its tests, each test named after the number of the assertion in the project's list of 48.
//!
//! Where the name of a test says something else than the specification, wsframe differs on purpose;
//! `wsframe/docs/jakarta.md` says why.
//!
//! Some assertions are held by the compiler. Their cases are in `tests/ui/fail/jakarta`: 6 (one
//! method for each event, with its own arguments), 7 (illegal forms of messages), 8 (parameters that
//! do not parse) and 40 (two handlers for one kind). The rest of 2 and 5 is in `tests/ui/fail/path`,
//! of 38 (a value that is no message) in `tests/ui/fail/types`. 39 (null) has no counterpart.
//!
//! What is asserted of client endpoints stands in [`dialling`].

mod coders;
mod configurator;
mod dialling;
mod messages;
mod open_points;
mod parameters;
mod remote;
mod security;
mod sessions;
mod signatures;
mod tomcat;
mod uris;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wsframe::{CloseReason, Endpoint, Initiator, Server};
use wsframe_tests::{Running, serve, soon};

/// What endpoints tell the test, as `#[state]`.
#[derive(Clone)]
struct Told(UnboundedSender<String>);

impl Told {
    fn tell(&self, what: impl Into<String>) {
        // The test may be over.
        let _ = self.0.send(what.into());
    }
}

/// The test's side of it.
struct Heard(UnboundedReceiver<String>);

impl Heard {
    async fn next(&mut self) -> String {
        soon("what an endpoint tells", self.0.recv()).await.expect("an endpoint")
    }

    fn is_quiet(&self) -> bool {
        self.0.is_empty()
    }
}

fn told() -> (Told, Heard) {
    let (sender, receiver) = unbounded_channel();
    (Told(sender), Heard(receiver))
}

/// A server with this endpoint alone.
async fn running<E: Endpoint>() -> Running {
    serve(Server::new().only::<E>()).await
}

/// The same, and what the endpoint tells.
async fn telling<E: Endpoint>() -> (Running, Heard) {
    let (told, heard) = told();
    (serve(Server::new().only::<E>().state(told)).await, heard)
}

/// How a peer leaves, and what the endpoint sees of it, as [`end`] says it.
const LEAVES: [(&str, &str); 4] = [
    ("fin", "1006, Network, cut"),
    ("reset", "1006, Network, cut"),
    ("close and fin", "1001 bye, Peer, clean"),
    ("close", "3500 bye, Peer, clean"),
];

/// What `on_close` is told.
fn end(reason: &CloseReason) -> String {
    let clean = if reason.was_clean() { "clean" } else { "cut" };
    // What is said of a lost transport is for people.
    let lost = reason.initiator() == Initiator::Network;
    let why = if lost { reason.code().to_string() } else { reason.to_string() };
    format!("{why}, {:?}, {clean}", reason.initiator())
}
