//! What serves the requests of one connection, whichever HTTP is spoken on it.

use std::{net::SocketAddr, sync::Arc};

use http::{Extensions, Request, Response};
use hyper::body::Incoming;

use super::{
    Body, HttpService, PeerAddr,
    container::Core,
    limits::Limits,
    proxies::{Proxied, Proxies},
    service::refused,
};
use crate::handshake::Refusal;

/// What serves the requests of one connection.
pub(super) struct Serving {
    /// Or the answer to all of them, where the server does not take the connection.
    pub(super) service: Result<HttpService, Refusal>,
    pub(super) core: Arc<Core>,
    pub(super) limits: Limits,
    pub(super) peer: Option<SocketAddr>,
    /// Where the peer is one of them.
    pub(super) proxies: Option<Arc<Proxies>>,
    /// What is known of the connection, and goes along with each request.
    pub(super) known: Extensions,
}

impl Serving {
    /// Answers one request.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let service = match &self.service {
            Ok(service) => service.clone(),
            Err(refusal) => return refused(refusal.clone()),
        };
        let client = self.proxies.as_ref().and_then(|proxies| proxies.client(request.headers()));
        let mut request = request.map(Body::new);
        let extensions = request.extensions_mut();
        extensions.extend(self.known.clone());
        if client.is_some() {
            extensions.insert(Proxied);
        }
        if let Some(peer) = client.or(self.peer) {
            extensions.insert(PeerAddr(peer));
        }
        service.answer(request).await
    }
}
