//! What the tests share: a server on a free port, an endpoint that tells what happens to it, and a
//! client that can be as rude as a test needs.

mod client;
mod dice;
mod http2;
mod liar;
mod multiplexed;
mod probe;
mod process;
mod records;
mod server;
mod tls;

pub use self::{
    client::{Client, Frame, Response, get, request},
    dice::Dice,
    http2::Http2,
    liar::{Asked, Liar, RIGHT},
    multiplexed::{Multiplexed, OverStream},
    probe::{Event, Probe, Watch},
    process::{ServerProcess, in_a_process_of_its_own},
    records::Records,
    server::{Running, enter, probe, probed, serve},
    tls::{Authority, Front, Issued, Secured, Shown},
};

use std::{future::Future, time::Duration};

/// Bounds a wait that would otherwise hang the test run.
///
/// # Panics
///
/// When it takes longer than any sane machine needs.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(20), future).await {
        Ok(value) => value,
        Err(_) => panic!("waited for {what} in vain"),
    }
}
