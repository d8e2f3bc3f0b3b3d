//! One HTTP/1.1 connection, until it is upgraded or over.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::{container::Container, service, shutdown::Phase};
use crate::{
    limits::server::{MAX_HEAD_SIZE, MAX_HEADERS},
    session::Seat,
};

/// The seat of a connection, until an upgrade takes it along. Without one the server is full.
#[derive(Clone, Debug)]
pub(super) struct SharedSeat(Arc<Mutex<Option<Seat>>>);

impl SharedSeat {
    fn seat(&self) -> MutexGuard<'_, Option<Seat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_taken(&self) -> bool {
        self.seat().is_some()
    }

    pub(super) fn take(&self) -> Option<Seat> {
        self.seat().take()
    }
}

/// Serves HTTP on `tcp`. Every head has `head_timeout`, the first one from now on, so that a peer
/// which sends nothing is bounded as well.
pub(super) async fn serve(
    container: Arc<Container>,
    tcp: TcpStream,
    peer: SocketAddr,
    seat: Option<Seat>,
    head_timeout: Duration,
) {
    let seat = SharedSeat(Arc::new(Mutex::new(seat)));
    let core = container.core.clone();
    let service = {
        service_fn(move |request| {
            let (container, seat) = (container.clone(), seat.clone());
            async move {
                Ok::<_, Infallible>(service::respond(&container, request, Some(peer), &seat).await)
            }
        })
    };
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_SIZE)
        .serve_connection(TokioIo::new(tcp), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut draining = pin!(core.phases.reached(Phase::Draining));
    tokio::select! {
        biased;
        // An error here is the peer's: a malformed head that hyper answered, a timeout, a reset.
        _ = connection.as_mut() => return,
        () = draining.as_mut() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
