//! What comes on a connection before HTTP: the word of a proxy, TLS, and which HTTP it is to be.

use std::{future::Future, net::SocketAddr, sync::Arc};

use ::http::Extensions;
use tokio::{net::TcpStream, time::timeout};

#[cfg(feature = "http2")]
use super::http2;
use super::{
    HttpService,
    container::Core,
    http,
    limits::Limits,
    proxies::{self, Forwarding, Proxies},
    seated::Seated,
    shutdown::Phase,
};
#[cfg(feature = "tls")]
use crate::tls::{ServerTls, TlsInfo};
use crate::{handshake::Refusal, limits::server::RETRY_AFTER, session::Seat};

/// A connection that was accepted.
pub(super) struct Before {
    pub(super) tcp: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) seat: Seat,
    pub(super) service: Result<HttpService, Refusal>,
    pub(super) proxies: Option<Arc<Proxies>>,
    pub(super) core: Arc<Core>,
    pub(super) limits: Limits,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<ServerTls>,
}

impl Before {
    /// Serves it. Each step has the time of a head, and none goes on when the server goes down.
    pub(super) async fn serve(mut self) {
        if self.proxies.as_ref().is_some_and(|p| p.forwarding == Forwarding::ProxyProtocol) {
            self.proxies = None;
            let header = timeout(self.limits.head_timeout, proxies::read_header(&mut self.tcp));
            let Some(Ok(Ok(client))) = unless_draining(&self.core, header).await else { return };
            self.speaks_for(client);
        }
        let Self { tcp, peer, seat, service, proxies, core, limits, .. } = self;
        #[cfg_attr(not(feature = "http2"), allow(unused_mut))]
        let mut socket = Seated::new(tcp, seat);
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls {
            let securing = timeout(limits.head_timeout, tls.accept(socket, limits.http2));
            let stream = match unless_draining(&core, securing).await {
                Some(Ok(Ok(stream))) => Box::new(stream),
                Some(Ok(Err(error))) => return crate::telemetry::not_secured(peer, &error),
                Some(Err(_)) => return crate::telemetry::not_secured(peer, &"it took too long"),
                None => return,
            };
            let mut secured = Extensions::new();
            secured.insert(TlsInfo::of(&stream));
            #[cfg(feature = "http2")]
            if crate::tls::speaks_http2(&stream) {
                let peer = Some(peer);
                let http2 = http2::serve(service, core, stream, peer, proxies, limits, secured);
                // Apart, so that those who do without have no room kept for it.
                return Box::pin(http2).await;
            }
            return http::serve(service, core, stream, Some(peer), proxies, limits, secured).await;
        }
        let plain = Extensions::new();
        #[cfg(feature = "http2")]
        if limits.http2 {
            let looking = timeout(limits.head_timeout, socket.begins_http2());
            match unless_draining(&core, looking).await {
                Some(Ok(Ok(true))) => {
                    let peer = Some(peer);
                    let http2 = http2::serve(service, core, socket, peer, proxies, limits, plain);
                    return Box::pin(http2).await;
                }
                Some(Ok(Ok(false))) => {}
                _ => return,
            }
        }
        http::serve(service, core, socket, Some(peer), proxies, limits, plain).await;
    }

    /// The proxy has said for whom it speaks, if for somebody else.
    fn speaks_for(&mut self, client: Option<SocketAddr>) {
        let Some(client) = client else { return };
        self.peer = client;
        if let Some(limit) = self.limits.per_address {
            match self.core.directory.addresses().enter(client.ip(), limit) {
                Some(resident) => self.seat.reside(resident),
                None => self.service = Err(Refusal::too_many_requests(RETRY_AFTER)),
            }
        }
    }
}

/// `None` if the server goes down first.
async fn unless_draining<T>(core: &Core, what: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        result = what => Some(result),
        () = core.phases.reached(Phase::Draining) => None,
    }
}
