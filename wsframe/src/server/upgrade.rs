//! From the 101 to an open session: the socket comes out of hyper, and nothing of hyper's stays.

use std::sync::Arc;

use http::HeaderMap;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;

use super::seated::Seated;
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
///
/// `mounted` is the seat of a session whose socket has none, because another server accepted it.
pub(super) async fn run(
    upgrade: OnUpgrade,
    opening: Opening,
    home: Arc<Home>,
    mounted: Option<Seat>,
) {
    let Ok(upgraded) = upgrade.await else { return };
    let ((transport, writer), own) = reclaim(upgraded);
    let Some(seat) = own.or(mounted) else { return };
    let session = Session::open(seat, opening.facts, Some(opening.head), home, writer);
    opening.belongs.to(&session).await;
    (opening.start)(session, transport);
}

/// Takes the socket out of hyper: our own comes as plain TCP and with its seat; one of another
/// server goes on as the stream that it is.
fn reclaim(upgraded: Upgraded) -> ((Transport, Writer), Option<Seat>) {
    match upgraded.downcast::<TokioIo<Seated>>() {
        Ok(parts) => {
            let (tcp, seat) = parts.io.into_inner().into_parts();
            (Transport::tcp(tcp, parts.read_buf), Some(seat))
        }
        Err(upgraded) => (Transport::stream(TokioIo::new(upgraded), bytes::Bytes::new()), None),
    }
}
