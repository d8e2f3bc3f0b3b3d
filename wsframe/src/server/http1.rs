//! One HTTP/1.1 connection, until it is upgraded or over.

use std::{convert::Infallible, pin::pin};

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{serving::Serving, shutdown::Phase};

/// Serves HTTP on `socket`. Every head has its time, the first one from now on, so that a peer which
/// sends nothing is bounded as well.
pub(super) async fn serve<S>(serving: Serving, socket: S)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let Serving { core, limits, .. } = &serving;
    let service = service_fn(async |request| Ok::<_, Infallible>(serving.answer(request).await));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_headers(limits.headers)
        .max_buf_size(limits.head_size)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    // The phases come first: a response that always has more would use up the task's budget with
    // every poll, and leave none to notice a shutdown.
    tokio::select! {
        biased;
        () = core.phases.reached(Phase::Draining) => connection.as_mut().graceful_shutdown(),
        // An error here is the peer's: a malformed head that hyper answered, a timeout, a reset.
        _ = connection.as_mut() => return,
    }
    tokio::select! {
        biased;
        () = core.phases.reached(Phase::Stopped) => {}
        _ = connection.as_mut() => {}
    }
}
