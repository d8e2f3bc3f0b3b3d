//! From a request to its response: route, negotiate, admit.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Request, Response, StatusCode, header::CONNECTION};
use http_body_util::Full;
use hyper::body::Incoming;

use super::{container::Container, http::SharedSeat, upgrade};
use crate::{
    endpoint::Handshake,
    handshake::{self, Agreement, Refusal},
    limits::server::{ADMISSION_TIMEOUT, RETRY_AFTER},
    registry::{Admitted, Deployed},
    route::Params,
    telemetry,
};

/// Answers one request. An upgrade goes on in a task of its own.
pub(super) async fn respond(
    container: &Arc<Container>,
    request: Request<Incoming>,
    peer: Option<SocketAddr>,
    seat: &SharedSeat,
) -> Response<Full<Bytes>> {
    match open(container, request, peer, seat).await {
        Ok(response) => response,
        Err(refusal) => refused(refusal),
    }
}

/// The 101 that opens a session.
async fn open(
    container: &Arc<Container>,
    mut request: Request<Incoming>,
    peer: Option<SocketAddr>,
    seat: &SharedSeat,
) -> Result<Response<Full<Bytes>>, Refusal> {
    if !seat.is_taken() {
        return Err(Refusal::unavailable(RETRY_AFTER));
    }
    let upgrade = hyper::upgrade::on(&mut request);
    let (head, _body) = request.into_parts();

    let (deployed, params) = route(container, head.uri.path())?;
    let agreement =
        handshake::negotiate(&head, &deployed.policy(false)).inspect_err(|refusal| {
            if refusal.status() == StatusCode::FORBIDDEN
                && let Some(line) = handshake::line_to_add(&head.headers)
            {
                telemetry::origin_refused(head.uri.path(), &line);
            }
        })?;
    if container.core.is_draining() {
        return Err(Refusal::unavailable(RETRY_AFTER));
    }

    let subprotocol = agreement.subprotocol.clone();
    let states = container.states.clone();
    let handshake =
        Handshake::new(head, params, peer, subprotocol, states, container.core.directory.clone());
    let admitted = admit(deployed, handshake).await?;
    // Once more: the admission may have taken long.
    let seat = seat.take().filter(|_| !container.core.is_draining());
    let seat = seat.ok_or_else(|| Refusal::unavailable(RETRY_AFTER))?;
    let home = deployed.home(&container.core.directory);
    let (opening, response) = accepted(&agreement, admitted);
    tokio::spawn(upgrade::run(upgrade, opening, home, seat));
    Ok(response)
}

fn route<'a>(container: &'a Container, path: &str) -> Result<(&'a Arc<Deployed>, Params), Refusal> {
    container
        .table
        .find(path)
        .map_err(|_| Refusal::bad_request("malformed path"))?
        .ok_or_else(Refusal::not_found)
}

/// Lets the endpoint bind and decide; bounded in time, and a panic is a 500.
async fn admit(deployed: &Deployed, handshake: Handshake) -> Result<Admitted, Refusal> {
    let path = handshake.uri().path().to_owned();
    let admission = AssertUnwindSafe((deployed.descriptor.admit)(handshake)).catch_unwind();
    match tokio::time::timeout(ADMISSION_TIMEOUT, admission).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => {
            telemetry::panicked(&format_args!("(handshake of {path:?})"), "the admission");
            Err(Refusal::internal())
        }
        Err(_) => {
            telemetry::abandoned(&format_args!("(handshake of {path:?})"), "the admission");
            Err(Refusal::unavailable(RETRY_AFTER))
        }
    }
}

/// The response, and what opens the session once it is out.
fn accepted(
    agreement: &Agreement,
    admitted: Admitted,
) -> (upgrade::Opening, Response<Full<Bytes>>) {
    let (opening, mut headers) = upgrade::Opening::new(admitted);
    agreement.write(&mut headers);
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = headers;
    (opening, response)
}

/// Every refusal closes: what follows on the connection may have been meant for a WebSocket.
fn refused(refusal: Refusal) -> Response<Full<Bytes>> {
    let (status, headers, body) = refusal.into_response_parts();
    let body = match body {
        std::borrow::Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        std::borrow::Cow::Owned(text) => text.into(),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
