//! `/livez` and `/readyz`, for whoever restarts processes and sends them connections.

use std::{convert::Infallible, fmt, net::SocketAddr, sync::Arc, time::Duration};

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream, ToSocketAddrs},
    sync::Semaphore,
};

use super::{Body, Server, ServerHandle, StartupError, container::Core, listener, shutdown::Phase};

/// Where the server tells how it is.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// On the port of everything else.
    pub(super) beside: bool,
    /// On a port of its own.
    pub(super) address: Option<String>,
}

/// How it is told how the server is.
impl Server {
    /// Answers `GET /livez` and `GET /readyz` on the server's own port, before any layer, endpoint
    /// or fallback: `/livez` with 200 while the process answers at all, `/readyz` with 200 while
    /// [`ServerHandle::is_ready`] says so, else with 503. Off by default.
    ///
    /// A server that is full refuses these connections too; with
    /// [`health_on`](Self::health_on) they have a port of their own.
    ///
    /// ```
    /// let server = wsframe::Server::new().health();
    /// # let _ = server;
    /// ```
    pub fn health(mut self) -> Self {
        self.health.beside = true;
        self
    }

    /// Answers the same on another address, which need not be reachable from outside, until the
    /// server has stopped: during a shutdown too. Not where the server is
    /// [mounted](Self::into_service).
    ///
    /// ```
    /// let server = wsframe::Server::new().health_on("127.0.0.1:9000");
    /// # let _ = server;
    /// ```
    pub fn health_on(mut self, address: impl fmt::Display) -> Self {
        self.health.address = Some(address.to_string());
        self
    }
}

/// The answer to a question about the server's health; `None` if it is about something else.
pub(super) fn answer<B>(core: &Arc<Core>, request: &Request<B>) -> Option<Response<Body>> {
    let ready = match request.uri().path() {
        "/livez" => Ok(()),
        "/readyz" => readiness(core),
        _ => return None,
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let (status, text) = match ready {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}

fn readiness(core: &Arc<Core>) -> Result<(), &'static str> {
    if core.phases.now() > Phase::Running {
        return Err("shutting down\n");
    }
    if ServerHandle(core.clone()).is_ready() { Ok(()) } else { Err("overloaded\n") }
}

/// Listens on the port for that alone.
pub(super) async fn bind(
    address: impl ToSocketAddrs + fmt::Debug,
) -> Result<TcpListener, StartupError> {
    let shown = format!("{address:?}");
    TcpListener::bind(address).await.map_err(|source| StartupError::Bind { address: shown, source })
}

/// Answers there until the server has stopped.
pub(super) async fn serve(listener: TcpListener, core: Arc<Core>) {
    /// So many at a time; the others wait in the kernel.
    const AT_A_TIME: usize = 64;
    let seats = Arc::new(Semaphore::new(AT_A_TIME));
    let accepts = async {
        while let Ok(seat) = seats.clone().acquire_owned().await {
            let (tcp, _): (TcpStream, SocketAddr) = listener::accept(&listener).await;
            let core = core.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = one(tcp, &core) => {}
                    () = core.phases.reached(Phase::Stopped) => {}
                }
                drop(seat);
            });
        }
    };
    tokio::select! {
        () = accepts => {}
        () = core.phases.reached(Phase::Stopped) => {}
    }
}

/// One question, one answer.
async fn one(tcp: TcpStream, core: &Arc<Core>) {
    const WITHIN: Duration = Duration::from_secs(5);
    let answers = service_fn(async |request: Request<Incoming>| {
        let response = answer(core, &request).unwrap_or_else(|| {
            let mut response = Response::new(Body::from("not found\n"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        });
        Ok::<_, Infallible>(response)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(tcp), answers);
    let _ = tokio::time::timeout(WITHIN, connection).await;
}
