//! From a request to its response: route; then negotiate and admit, or pass it to the fallback.

use std::{
    convert::Infallible,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, header::CONNECTION, request::Parts,
};
use tokio::sync::oneshot;
use tower_service::Service;

use super::{
    Body, HttpService, PeerAddr,
    container::{Container, Core},
    health,
    pressure::unavailable,
    proxies::Proxied,
    site::Site,
    stack::Answer,
    upgrade::{self, Upgrade},
};
use crate::{
    endpoint::Handshake,
    handshake::{self, Agreement, Form, Refusal, is_websocket},
    limits::server::RETRY_AFTER,
    registry::{Admitted, Deployed},
    route::Params,
    session::{Principal, Resident, Seat},
    telemetry,
};

/// The innermost service: the endpoints, and beside them the fallback.
#[derive(Clone, Debug)]
pub(super) struct Endpoints(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    container: Arc<Container>,
    fallback: Option<HttpService>,
    mounted: Option<Mounted>,
}

/// Set where the connections are another server's: then each session takes a seat of its own. The
/// receiver learns when nobody can send requests any more.
pub(super) type Mounted = oneshot::Sender<Infallible>;

impl Service<Request<Body>> for Endpoints {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    /// Handshakes need no room in the fallback, so its readiness is asked for once it is needed.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answer {
        let inner = self.0.clone();
        Box::pin(async move { Ok(inner.answer(request).await) })
    }
}

impl Endpoints {
    pub(super) fn new(
        container: Arc<Container>,
        fallback: Option<HttpService>,
        mounted: Option<Mounted>,
    ) -> Self {
        Self(Arc::new(Inner { container, fallback, mounted }))
    }
}

impl Inner {
    /// A handshake for an endpoint is ours, however it ends. Everything else is the fallback's,
    /// and refused where there is none.
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let Container { site, core, .. } = &*self.container;
        let found = site
            .table()
            .find(request.uri().path())
            .map(|found| found.map(|(deployed, params)| (deployed.clone(), params)));
        let form = form(&request);
        let ours = matches!(found, Ok(Some(_))) && form.is_some();
        if !ours && let Some(fallback) = &self.fallback {
            return fallback.clone().answer(request).await;
        }
        let told = (request.uri().path().to_owned(), peer_of(&request));
        let opened = match found {
            Ok(Some((deployed, params))) => {
                let name = deployed.name().to_owned();
                // Before the admission, so that a shutdown waits for it.
                let opened = match self.seat(form, &request) {
                    Ok(seat) => open(site, core, deployed, params, request, seat).await,
                    Err(refusal) => Err(refusal),
                };
                opened.inspect_err(|refusal| {
                    telemetry::count::handshake(&name, refusal.status().as_u16());
                })
            }
            Ok(None) => Err(Refusal::not_found()),
            Err(_) => Err(Refusal::bad_request("malformed path")),
        };
        opened.unwrap_or_else(|refusal| {
            tell(&told.0, told.1, &refusal);
            refused(refusal)
        })
    }

    /// The seat of a session whose socket has none: it is another server's, or a stream of ours.
    fn seat(&self, form: Option<Form>, request: &Request<Body>) -> Result<Option<Seat>, Refusal> {
        let core = &self.container.core;
        if self.mounted.is_some() {
            return Ok(core.directory.sit(usize::MAX));
        }
        if form != Some(Form::ExtendedConnect) {
            return Ok(None);
        }
        let limits = core.limits();
        let mut seat = core.directory.sit(limits.connections).ok_or_else(unavailable)?;
        if limits.connection_rate.is_some_and(|rate| !core.arrivals.pass(rate)) {
            return Err(unavailable());
        }
        let proxied = request.extensions().get::<Proxied>().is_some();
        if let (false, Some(limit), Some(peer)) = (proxied, limits.per_address, peer_of(request)) {
            let resident = core.directory.addresses().enter(peer.ip(), limit);
            seat.reside(resident.ok_or_else(|| Refusal::too_many_requests(RETRY_AFTER))?);
        }
        Ok(Some(seat))
    }
}

/// In which form a request asks for a WebSocket, if it does.
fn form<B>(request: &Request<B>) -> Option<Form> {
    #[cfg(feature = "http2")]
    if super::http2::asks(request) {
        return Some(Form::ExtendedConnect);
    }
    is_websocket(request.headers()).then_some(Form::Upgrade)
}

fn peer_of<B>(request: &Request<B>) -> Option<SocketAddr> {
    request.extensions().get().map(|PeerAddr(peer)| *peer)
}

/// Reports a refusal.
pub(super) fn tell(path: &str, peer: Option<SocketAddr>, refusal: &Refusal) {
    telemetry::refused(path, peer, refusal.status().as_u16(), refusal.body());
}

/// The answer that opens a session. `seat` is that of a session whose socket has none.
pub(super) async fn open(
    site: &Site,
    core: &Core,
    deployed: Arc<Deployed>,
    params: Params,
    mut request: Request<Body>,
    seat: Option<Seat>,
) -> Result<Response<Body>, Refusal> {
    let upgrade = Upgrade::of(&mut request);
    let peer = peer_of(&request);
    let form = form(&request).unwrap_or_default();
    let (mut head, _body) = request.into_parts();

    form.even(&mut head)?;
    let agreement = negotiate(&head, form, &deployed)?;
    let Some(upgrade) = upgrade else {
        let why = "the request came without its extensions; layers and hosts must pass them on";
        telemetry::http_failed(head.uri.path(), "the handshake", &why);
        return Err(Refusal::internal());
    };
    refuse_while_full(core)?;
    let resident = resident(core, &head, peer)?;

    let subprotocol = agreement.subprotocol.clone();
    let directory = core.directory.clone();
    let home = deployed.home(&directory);
    let states = site.states.clone();
    let handshake =
        Handshake::new(head, params, peer, subprotocol, states, directory, home.clone())
            .deflated(agreement.deflate);
    let admitted = admit(&deployed, handshake, core.limits().admission_timeout).await?;
    // Once more: the admission may have taken long.
    refuse_while_full(core)?;
    refuse_principal(core, admitted.handshake.principal())?;
    if deployed.is_retired() {
        return Err(Refusal::not_found());
    }
    let name = deployed.name().to_owned();
    let (opening, headers) = upgrade::Opening::new(admitted);
    let pending = upgrade::run(upgrade, opening, deployed, home, (seat, resident));
    telemetry::count::handshake(&name, form.opens().as_u16());
    Ok(accepted(headers, agreement, Box::pin(pending)))
}

/// Whether the connection came to us over TLS.
fn is_secured(head: &Parts) -> bool {
    #[cfg(feature = "tls")]
    return head.extensions.get::<crate::tls::TlsInfo>().is_some();
    #[cfg(not(feature = "tls"))]
    {
        let _ = head;
        false
    }
}

/// What client and server agree on. A configurator has its say, so a panic is a 500.
fn negotiate(head: &Parts, form: Form, deployed: &Deployed) -> Result<Agreement, Refusal> {
    let negotiated =
        AssertUnwindSafe(|| handshake::negotiate(head, form, &deployed.policy(is_secured(head))));
    let path = head.uri.path();
    let agreed = catch_unwind(negotiated).unwrap_or_else(|_| {
        telemetry::panicked(&format_args!("(handshake of {path:?})"), "the configurator");
        Err(Refusal::internal())
    });
    agreed.inspect_err(|refusal| {
        if refusal.status() == StatusCode::FORBIDDEN
            && deployed.origins_are_set()
            && let Some(line) = handshake::line_to_add(&head.headers)
        {
            telemetry::origin_refused(path, &line);
        }
    })
}

fn refuse_while_full(core: &Core) -> Result<(), Refusal> {
    if core.is_full() { Err(unavailable()) } else { Ok(()) }
}

/// The place of one more connection from an address that a proxy speaks for, where addresses have a
/// limit. Of the others the accept has taken care.
fn resident(
    core: &Core,
    head: &Parts,
    peer: Option<SocketAddr>,
) -> Result<Option<Resident>, Refusal> {
    let proxied = head.extensions.get::<Proxied>().is_some();
    let (true, Some(peer), Some(limit)) = (proxied, peer, core.limits().per_address) else {
        return Ok(None);
    };
    let resident = core.directory.addresses().enter(peer.ip(), limit);
    resident.map(Some).ok_or_else(|| Refusal::too_many_requests(RETRY_AFTER))
}

/// A principal that has expired, or has as many sessions as it may have.
fn refuse_principal(core: &Core, principal: Option<&Principal>) -> Result<(), Refusal> {
    let Some(principal) = principal else { return Ok(()) };
    if principal.has_expired() {
        return Err(Refusal::unauthorized("expired"));
    }
    let limit = core.directory.per_principal();
    if limit < usize::MAX && core.directory.users().members(principal.id()).len() >= limit {
        return Err(Refusal::too_many_requests(RETRY_AFTER));
    }
    Ok(())
}

/// Lets the endpoint bind and decide; bounded in time, and a panic is a 500.
async fn admit(
    deployed: &Deployed,
    handshake: Handshake,
    within: Duration,
) -> Result<Admitted, Refusal> {
    let path = handshake.uri().path().to_owned();
    let admission = AssertUnwindSafe(deployed.admit(handshake)).catch_unwind();
    match tokio::time::timeout(within, admission).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => {
            telemetry::panicked(&format_args!("(handshake of {path:?})"), "the admission");
            Err(Refusal::internal())
        }
        Err(_) => {
            telemetry::abandoned(&format_args!("(handshake of {path:?})"), "the admission");
            Err(unavailable())
        }
    }
}

/// What a 101 promises; it travels through the layers with the response, for [`Settled`] to keep.
///
/// Nothing waits for the socket before that: when a connection is done, hyper hands it over to
/// whoever waits for an upgrade, whatever the response was. A layer that turned the 101 into a 403
/// would have let the client in.
#[derive(Clone)]
struct Promise(Arc<Mutex<Option<(Agreement, Opens)>>>);

/// Waits for the socket, then opens the session.
type Opens = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Promise {
    fn take(&self) -> Option<(Agreement, Opens)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The response that opens a session.
fn accepted(mut headers: HeaderMap, agreement: Agreement, opens: Opens) -> Response<Body> {
    agreement.write(&mut headers);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = agreement.form().opens();
    *response.headers_mut() = headers;
    response.extensions_mut().insert(Promise(Arc::new(Mutex::new(Some((agreement, opens))))));
    response
}

/// Every refusal closes: what follows on the connection may have been meant for a WebSocket. Over
/// HTTP/2 it is the stream that ends, and hyper takes the header off.
pub(super) fn refused(refusal: Refusal) -> Response<Body> {
    let (status, headers, body) = refusal.into_response_parts();
    let body = match body {
        std::borrow::Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        std::borrow::Cow::Owned(text) => text.into(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Keeps the promise of a 101, if it came through: what the protocol needs is in the answer, and
/// the session opens when the socket is there.
pub(super) fn settle(response: &mut Response<Body>) {
    let promise = response.extensions_mut().remove::<Promise>();
    if let Some((agreement, opens)) = promise.and_then(|promise| promise.take())
        && response.status() == agreement.form().opens()
    {
        agreement.write(response.headers_mut());
        *response.body_mut() = Body::empty();
        tokio::spawn(opens);
    }
}

/// Among the extensions of a handshake: a [`Settled`] sees the response.
#[derive(Clone, Copy)]
struct Settles;

/// Whether the promise of a 101 will be kept by a [`Settled`] above, or has to be kept at once.
pub(super) fn settles_above<B>(request: &Request<B>) -> bool {
    request.extensions().get::<Settles>().is_some()
}

/// The outermost service: whatever the layers below did, what the protocol needs is in the answer.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) inner: HttpService,
    /// Where questions about the server's health are answered here.
    pub(super) health: Option<Arc<Core>>,
}

impl Service<Request<Body>> for Settled {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Body>>::poll_ready(&mut self.inner, cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Answer {
        let form = form(&request);
        if form.is_some() {
            request.extensions_mut().insert(Settles);
        }
        if let Some(answer) = self.health.as_ref().and_then(|core| health::answer(core, &request)) {
            return Box::pin(std::future::ready(Ok(answer)));
        }
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            settle(&mut response);
            if form.is_some_and(|form| response.status() != form.opens()) {
                // As above, also where a layer or the fallback is who refuses.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        })
    }
}
