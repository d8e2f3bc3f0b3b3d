//! What comes on a connection before HTTP: the word of a proxy, TLS, and which HTTP it is to be.

use std::{future::Future, net::SocketAddr};

use tokio::{net::TcpStream, time::timeout};

#[cfg(feature = "http2")]
use super::http2;
use super::{
    container::Core,
    http1,
    proxies::{self, Forwarding},
    seated::Seated,
    serving::Serving,
    shutdown::Phase,
};
#[cfg(feature = "tls")]
use crate::tls::{ServerTls, TlsInfo};
use crate::{handshake::Refusal, limits::server::RETRY_AFTER, session::Seat};

/// A connection that was accepted.
pub(super) struct Before {
    pub(super) tcp: TcpStream,
    pub(super) seat: Seat,
    pub(super) serving: Serving,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<ServerTls>,
}

impl Before {
    /// Serves it. Each step has the time of a head, and none goes on when the server goes down.
    pub(super) async fn serve(mut self) {
        let serving = &mut self.serving;
        if serving.proxies.as_ref().is_some_and(|p| p.forwarding == Forwarding::ProxyProtocol) {
            serving.proxies = None;
            let header = timeout(serving.limits.head_timeout, proxies::read_header(&mut self.tcp));
            let Some(Ok(Ok(client))) = unless_draining(&serving.core, header).await else { return };
            self.speaks_for(client);
        }
        let Self { tcp, seat, serving, .. } = self;
        let socket = Seated::new(tcp, seat);
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls {
            return secured(tls, socket, serving).await;
        }
        #[cfg(feature = "http2")]
        if serving.limits.http2 {
            return either(socket, serving).await;
        }
        http1::serve(serving, socket).await;
    }

    /// The proxy has said for whom it speaks, if for somebody else.
    fn speaks_for(&mut self, client: Option<SocketAddr>) {
        let Some(client) = client else { return };
        let serving = &mut self.serving;
        serving.peer = Some(client);
        if let Some(limit) = serving.limits.per_address {
            match serving.core.directory.addresses().enter(client.ip(), limit) {
                Some(resident) => self.seat.reside(resident),
                None => serving.service = Err(Refusal::too_many_requests(RETRY_AFTER)),
            }
        }
    }
}

/// Serves a connection over TLS, with the HTTP that was agreed on.
#[cfg(feature = "tls")]
async fn secured(tls: ServerTls, socket: Seated, mut serving: Serving) {
    let accepting = tls.accept(socket, serving.limits.http2);
    let securing = timeout(serving.limits.head_timeout, accepting);
    let stream = match unless_draining(&serving.core, securing).await {
        Some(Ok(Ok(stream))) => Box::new(stream),
        Some(Ok(Err(error))) => return crate::telemetry::not_secured(serving.peer, &error),
        Some(Err(_)) => return crate::telemetry::not_secured(serving.peer, &"it took too long"),
        None => return,
    };
    serving.known.insert(TlsInfo::of(&stream));
    #[cfg(feature = "http2")]
    if crate::tls::speaks_http2(&stream) {
        // Apart, so that those who do without have no room kept for it.
        return Box::pin(http2::serve(serving, stream)).await;
    }
    http1::serve(serving, stream).await;
}

/// Serves a connection without TLS, with the HTTP that it begins with.
#[cfg(feature = "http2")]
async fn either(mut socket: Seated, serving: Serving) {
    let looking = timeout(serving.limits.head_timeout, socket.begins_http2());
    match unless_draining(&serving.core, looking).await {
        // Apart, as above.
        Some(Ok(Ok(true))) => Box::pin(http2::serve(serving, socket)).await,
        Some(Ok(Ok(false))) => http1::serve(serving, socket).await,
        _ => {}
    }
}

/// `None` if the server goes down first.
async fn unless_draining<T>(core: &Core, what: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        result = what => Some(result),
        () = core.phases.reached(Phase::Draining) => None,
    }
}
