//! From the 101 to an open session: the socket comes out of hyper, and nothing of hyper's stays.

use std::sync::Arc;

use http::HeaderMap;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{
    connection::Transport,
    endpoint::Belongs,
    outbox::Writer,
    registry::Admitted,
    session::{Facts, Head, Home, Seat, Session},
};

/// What waits for the socket.
pub(super) struct Opening {
    facts: Facts,
    head: Head,
    belongs: Belongs,
    start: Box<dyn FnOnce(Session, Transport) + Send>,
}

impl Opening {
    /// Takes an admission apart; the headers are those that user code wants in the response.
    pub(super) fn new(admitted: Admitted) -> (Self, HeaderMap) {
        let (facts, head, belongs, headers) = admitted.handshake.into_admission();
        (Self { facts, head, belongs, start: admitted.start }, headers)
    }
}

/// Waits for the 101 to be out, then opens the session. If the client has gone the object is
/// dropped; `on_open` never ran, so neither does `on_close`.
pub(super) async fn run(upgrade: OnUpgrade, opening: Opening, home: Arc<Home>, seat: Seat) {
    let Ok(upgraded) = upgrade.await else { return };
    let (transport, writer) = reclaim(upgraded);
    let session = Session::open(seat, opening.facts, Some(opening.head), home, writer);
    opening.belongs.to(&session);
    (opening.start)(session, transport);
}

/// Takes the TCP socket out of hyper; anything else goes on as the stream that it is.
fn reclaim(upgraded: Upgraded) -> (Transport, Writer) {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => Transport::tcp(parts.io.into_inner(), parts.read_buf),
        Err(upgraded) => Transport::stream(TokioIo::new(upgraded), bytes::Bytes::new()),
    }
}
