//! The one list of what we report.
//!
//! Everything goes to `tracing`. A program without a subscriber would see nothing of its own
//! handlers' errors, so [`Server::serve`](crate::Server::serve) turns on a fallback to the terminal, and
//! so does `Client::run`.

pub(crate) mod count;

use std::{
    fmt::Display,
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether reports go to the terminal where no subscriber is set.
static TERMINAL: AtomicBool = AtomicBool::new(false);

/// Writes reports to the terminal as long as no tracing subscriber is set.
#[cfg(any(feature = "server", feature = "client"))]
pub(crate) fn fall_back_to_terminal() {
    TERMINAL.store(true, Ordering::Relaxed);
}

fn to_terminal() -> bool {
    TERMINAL.load(Ordering::Relaxed) && !tracing::dispatcher::has_been_set()
}

/// The endpoints that are served.
#[cfg(feature = "server")]
pub(crate) fn table(table: &dyn Display) {
    if to_terminal() {
        eprintln!("{table}");
    } else {
        tracing::info!("endpoints\n{table}");
    }
}

/// The limits of the server as a whole.
#[cfg(feature = "server")]
pub(crate) fn limits(limits: &dyn Display) {
    if to_terminal() {
        eprintln!("{limits}");
    } else {
        tracing::info!("limits\n{limits}");
    }
}

/// An endpoint came or went while the server runs.
#[cfg(feature = "server")]
pub(crate) fn changed(what: &str, path: &str) {
    let path = path.escape_debug();
    if to_terminal() {
        eprintln!("wsframe: {what} {path}");
    } else {
        tracing::info!(%path, "{what}");
    }
}

/// The server is up. On stdout, where a script waits for it.
#[cfg(feature = "server")]
pub(crate) fn listening(scheme: &str, address: std::net::SocketAddr) {
    if to_terminal() {
        println!("listening on {scheme}://{address}");
    } else {
        tracing::info!("listening on {scheme}://{address}");
    }
}

/// A refused origin, with what to write if it is wanted.
#[cfg(feature = "server")]
pub(crate) fn origin_refused(path: &str, hint: &str) {
    let path = path.escape_debug();
    if to_terminal() {
        eprintln!("wsframe: {path}: origin refused; to allow it write {hint}");
    } else {
        tracing::warn!(%path, hint, "origin refused");
    }
}

/// A handler's error that no `on_error` took, with its whole chain of causes.
pub(crate) fn handler_failed(session: &dyn Display, failure: &dyn std::error::Error) {
    count::handler_error();
    let mut causes = String::new();
    let mut cause = failure.source();
    // A failure displays as its source; the chain begins behind that.
    while let Some(error) = cause.and_then(std::error::Error::source) {
        causes.push_str(": ");
        causes.push_str(&error.to_string());
        cause = Some(error);
    }
    if to_terminal() {
        eprintln!("wsframe: session {session}: handler failed: {failure}{causes}");
    } else {
        tracing::error!(%session, "handler failed: {failure}{causes}");
    }
}

/// A value that was to be sent to many did not become a message.
pub(crate) fn not_encoded(room: &str, error: &dyn std::error::Error) {
    let room = room.escape_debug();
    if to_terminal() {
        eprintln!("wsframe: room {room}: a message cannot be encoded: {error}");
    } else {
        tracing::error!(%room, "a message cannot be encoded: {error}");
    }
}

/// User code panicked; the message itself was printed by the panic hook.
pub(crate) fn panicked(session: &dyn Display, place: &str) {
    count::handler_panic();
    if to_terminal() {
        eprintln!("wsframe: session {session}: {place} panicked");
    } else {
        tracing::error!(%session, place, "panicked");
    }
}

/// A request has no response because of something in the program: a layer, the fallback, a host
/// that we are mounted in, a configurator. The client is answered 500.
pub(crate) fn http_failed(path: &str, place: &str, error: &dyn Display) {
    let path = path.escape_debug();
    if to_terminal() {
        eprintln!("wsframe: {path}: {place} failed: {error}");
    } else {
        tracing::error!(%path, place, "failed: {error}");
    }
}

/// A handler was dropped because it did not finish in time.
pub(crate) fn abandoned(session: &dyn Display, place: &str) {
    if to_terminal() {
        eprintln!("wsframe: session {session}: {place} did not finish in time and was dropped");
    } else {
        tracing::warn!(%session, place, "did not finish in time and was dropped");
    }
}

/// A blocking handler outlived its connection; nobody can stop a thread.
pub(crate) fn still_blocks(session: &dyn Display) {
    const WHAT: &str = "its thread goes on blocking; on_close is called when it comes back";
    if to_terminal() {
        eprintln!("wsframe: session {session}: {WHAT}");
    } else {
        tracing::warn!(%session, "{WHAT}");
    }
}

/// A connection that was dialled is gone, or could not be made; there will be another.
#[cfg(feature = "client")]
pub(crate) fn dials_again(disconnect: &dyn Display, after: std::time::Duration) {
    if to_terminal() {
        eprintln!("wsframe: {disconnect}; dials again after {after:.1?}");
    } else {
        tracing::info!(?after, "disconnected, dials again: {disconnect}");
    }
}

/// The same, and it is over.
#[cfg(feature = "client")]
pub(crate) fn gave_up(disconnect: &dyn Display) {
    tracing::info!("disconnected: {disconnect}");
}

/// The handler that decides what comes next did not.
#[cfg(feature = "client")]
pub(crate) fn on_disconnect_panicked() {
    if to_terminal() {
        eprintln!("wsframe: on_disconnect panicked; the client stops");
    } else {
        tracing::error!("on_disconnect panicked; the client stops");
    }
}

/// All outboxes together hold too much, and this one most.
pub(crate) fn outboxes_full(session: &dyn Display, bytes: usize) {
    count::slow_consumer_close();
    const WHAT: &str = "all outboxes together are full, and this one is the largest";
    if to_terminal() {
        eprintln!("wsframe: session {session}: {WHAT} ({bytes} bytes)");
    } else {
        tracing::warn!(%session, bytes, "{WHAT}");
    }
}

/// A session is open.
pub(crate) fn opened(
    session: &dyn Display,
    endpoint: &str,
    peer: Option<std::net::SocketAddr>,
    principal: Option<&str>,
) {
    count::opened(endpoint);
    let principal = principal.map(|id| tracing::field::display(id.escape_debug()));
    let peer = peer.map(tracing::field::display);
    tracing::debug!(%session, endpoint, peer, principal, "open");
}

/// A session has ended.
pub(crate) fn closed(
    session: &dyn Display,
    endpoint: &str,
    code: u16,
    reason: &str,
    by: &'static str,
    clean: bool,
) {
    count::closed(endpoint, code, by);
    let reason = reason.escape_debug();
    tracing::debug!(%session, endpoint, code, %reason, by, clean, "closed");
}

/// A request for an endpoint is not let in. What it is told may be the application's text.
#[cfg(feature = "server")]
pub(crate) fn refused(path: &str, peer: Option<std::net::SocketAddr>, status: u16, text: &str) {
    count::reject(match status {
        401 => "auth",
        403 => "forbidden",
        404 => "path",
        426 => "version",
        429 => "limit",
        503 => "overload",
        500.. => "failure",
        _ => "malformed",
    });
    let (path, text) = (path.escape_debug(), text.escape_debug());
    let peer = peer.map(tracing::field::display);
    tracing::debug!(%path, peer, status, %text, "refused");
}

/// A peer sends faster than it may.
pub(crate) fn rate_exceeded(session: &dyn Display, consequence: &str) {
    count::rate_limited();
    tracing::debug!(%session, consequence, "rate exceeded");
}

/// The peer broke the protocol or a limit.
pub(crate) fn peer_fault(session: &dyn Display, code: u16, reason: &str) {
    count::protocol_error(code);
    tracing::debug!(%session, code, reason, "peer fault");
}

/// A connection could not be accepted or served; the next one may be.
#[cfg(feature = "server")]
pub(crate) fn accept_failed(error: &std::io::Error) {
    count::accept_error(error.raw_os_error());
    if to_terminal() {
        eprintln!("wsframe: accept: {error}");
    } else {
        tracing::warn!("accept: {error}");
    }
}

/// A connection on which there was no TLS handshake; strangers can make any number of them.
#[cfg(all(feature = "server", feature = "tls"))]
pub(crate) fn not_secured(peer: Option<std::net::SocketAddr>, error: &dyn Display) {
    let peer = peer.map(tracing::field::display);
    tracing::debug!(peer, %error, "no TLS");
}
