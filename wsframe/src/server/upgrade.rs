//! From the 101 to an open session: the socket comes out of hyper, and nothing of hyper's stays.

use std::sync::Arc;

use http::{HeaderMap, Request};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;

#[cfg(feature = "testing")]
use super::carried::Carried;
use super::{Body, seated::Seated};
#[cfg(feature = "tls")]
use crate::tls::{Accepted, TlsInfo};
use crate::{
    connection::Transport,
    endpoint::Belongs,
    outbox::Writer,
    registry::{Admitted, Deployed},
    session::{Facts, Head, Home, Resident, Seat, Session},
};

/// Where the socket of a session comes from.
pub(super) enum Upgrade {
    /// Out of the HTTP connection, when the 101 is out.
    Hyper(OnUpgrade),
    /// It came with the request.
    #[cfg(feature = "testing")]
    Carried(Carried),
}

impl Upgrade {
    /// What the request brings; nothing if its extensions were lost on the way.
    pub(super) fn of(request: &mut Request<Body>) -> Option<Self> {
        #[cfg(feature = "testing")]
        if let Some(carried) = request.extensions_mut().remove() {
            return Some(Self::Carried(carried));
        }
        let brings = request.extensions().get::<OnUpgrade>().is_some();
        brings.then(|| Self::Hyper(hyper::upgrade::on(request)))
    }

    /// The socket, and its seat if it has one; `None` if the client has gone.
    async fn socket(self) -> Option<((Transport, Writer), Option<Seat>)> {
        match self {
            Self::Hyper(upgrade) => Some(reclaim(upgrade.await.ok()?)),
            #[cfg(feature = "testing")]
            Self::Carried(carried) => Some((carried.into_transport()?, None)),
        }
    }
}

/// What waits for the socket.
pub(super) struct Opening {
    facts: Facts,
    head: Head,
    belongs: Belongs,
    start: Box<dyn FnOnce(Session, Transport) + Send>,
    /// Where the client has shown a certificate.
    #[cfg(feature = "tls")]
    tls: Option<TlsInfo>,
}

impl Opening {
    /// Takes an admission apart; the headers are those that user code wants in the response.
    pub(super) fn new(admitted: Admitted) -> (Self, HeaderMap) {
        #[cfg(feature = "tls")]
        let tls = admitted.handshake.extensions().get::<TlsInfo>().cloned();
        let (facts, head, belongs, headers) = admitted.handshake.into_admission();
        let opening = Self {
            facts,
            head,
            belongs,
            start: admitted.start,
            #[cfg(feature = "tls")]
            tls: tls.filter(|tls| !tls.certificates().is_empty()),
        };
        (opening, headers)
    }
}

/// Waits for the 101 to be out, then opens the session. If the client has gone the object is
/// dropped; `on_open` never ran, so neither does `on_close`.
///
/// `mounted` is the seat of a session whose socket has none, because another server accepted it.
pub(super) async fn run(
    upgrade: Upgrade,
    opening: Opening,
    deployed: Arc<Deployed>,
    home: Arc<Home>,
    (mounted, resident): (Option<Seat>, Option<Resident>),
) {
    let Some(((transport, writer), own)) = upgrade.socket().await else { return };
    let Some(mut seat) = own.or(mounted) else { return };
    if let Some(resident) = resident {
        seat.reside(resident);
    }
    let session = Session::open(seat, opening.facts, Some(opening.head), home, writer);
    #[cfg(feature = "tls")]
    if let Some(tls) = opening.tls {
        session.insert(tls);
    }
    opening.belongs.to(&session).await;
    // Asked for once the session is in the directory: who retires the endpoint looks there after
    // it has retired it, so one of the two closes the session.
    if let Some(close) = deployed.farewell() {
        session.close(close.clone());
    }
    drop(deployed);
    (opening.start)(session, transport);
}

/// Takes the socket out of hyper: our own comes as plain TCP or TLS and with its seat; one of another
/// server goes on as the stream that it is.
fn reclaim(upgraded: Upgraded) -> ((Transport, Writer), Option<Seat>) {
    let upgraded = match upgraded.downcast::<TokioIo<Seated>>() {
        Ok(parts) => {
            let (tcp, seat) = parts.io.into_inner().into_parts();
            return (Transport::tcp(tcp, parts.read_buf), seat);
        }
        Err(upgraded) => upgraded,
    };
    #[cfg(feature = "tls")]
    let upgraded = match upgraded.downcast::<TokioIo<Box<Accepted<Seated>>>>() {
        Ok(parts) => {
            let mut tls = parts.io.into_inner();
            let seat = tls.get_mut().0.take_seat();
            return (Transport::stream(tls, parts.read_buf), seat);
        }
        Err(upgraded) => upgraded,
    };
    (Transport::stream(TokioIo::new(upgraded), bytes::Bytes::new()), None)
}
