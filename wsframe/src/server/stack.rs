//! Tower services of any type as one type, and what holds for each of them: an error is a 500, and
//! so is a panic.

use std::{
    convert::Infallible,
    fmt,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE};
use tower_service::Service;

use super::Body;
use crate::{message::Error, telemetry};

/// A server as a tower service: for every request a response, and never an error.
///
/// Comes from [`Server::into_service`](crate::Server::into_service), to be mounted in another HTTP
/// server, and is what [`Server::layer`](crate::Server::layer) hands to each layer. It takes
/// requests with any body. Clones are the same server.
///
/// ```
/// use http::{Request, StatusCode};
/// use tower::ServiceExt;
/// use wsframe::{Body, Server, server_endpoint};
///
/// #[server_endpoint("/stack")]
/// struct Echo;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), wsframe::StartupError> {
/// let service = Server::new().only::<Echo>().into_service()?;
/// let request = Request::get("/stack").header("host", "localhost").body(Body::empty()).unwrap();
/// let Ok(response) = service.oneshot(request).await;
/// assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED); // no handshake
/// # Ok(())
/// # }
/// ```
pub struct HttpService(
    // Never locked for long, only to clone. It spares users the bound `Sync`.
    Mutex<Box<dyn Erased>>,
);

/// What a request becomes.
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl HttpService {
    /// Erases the type of `service`; `name` is what reports call it.
    pub(super) fn new<S, B>(service: S, name: &'static str) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<Error>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        Self(Mutex::new(Box::new(Guarded { service, name, unready: None })))
    }

    /// Answers one request.
    pub(super) async fn answer(mut self, request: Request<Body>) -> Response<Body> {
        let service = self.get_mut();
        poll_fn(|cx| service.poll_ready(cx)).await;
        match service.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    fn get_mut(&mut self) -> &mut dyn Erased {
        &mut **self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B> Service<Request<B>> for HttpService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.get_mut().poll_ready(cx).map(Ok)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.get_mut().call(request.map(Body::new))
    }
}

impl Clone for HttpService {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).boxed_clone()))
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

/// A service whose type is forgotten.
trait Erased: Send {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    fn call(&mut self, request: Request<Body>) -> Answer;
    fn boxed_clone(&self) -> Box<dyn Erased>;
}

/// A service that answers whatever happens in it.
struct Guarded<S> {
    service: S,
    name: &'static str,
    /// What it failed with instead of becoming ready; the next request is answered with it.
    unready: Option<Failed>,
}

/// Why there is no response.
enum Failed {
    Error(Error),
    Panic,
}

impl Failed {
    /// Reports it and says nothing of it to the client.
    fn respond(self, path: &str, name: &str) -> Response<Body> {
        match self {
            Self::Error(error) => telemetry::http_failed(path, name, &error),
            Self::Panic => telemetry::http_failed(path, name, &"panicked"),
        }
        let mut response = Response::new(Body::from("internal error"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        response
    }
}

impl<S, B> Erased for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<Error>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.unready.is_none() {
            match catch_unwind(AssertUnwindSafe(|| self.service.poll_ready(cx))) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(Ok(()))) => {}
                Ok(Poll::Ready(Err(error))) => self.unready = Some(Failed::Error(error.into())),
                Err(_) => self.unready = Some(Failed::Panic),
            }
        }
        Poll::Ready(())
    }

    fn call(&mut self, request: Request<Body>) -> Answer {
        let (uri, name) = (request.uri().clone(), self.name);
        let called = match self.unready.take() {
            Some(failed) => Err(failed),
            None => catch_unwind(AssertUnwindSafe(|| self.service.call(request)))
                .map_err(|_| Failed::Panic),
        };
        Box::pin(async move {
            let answered = match called {
                Ok(future) => match AssertUnwindSafe(future).catch_unwind().await {
                    Ok(answered) => answered.map_err(|error| Failed::Error(error.into())),
                    Err(_) => Err(Failed::Panic),
                },
                Err(failed) => Err(failed),
            };
            Ok(match answered {
                Ok(response) => response.map(Body::new),
                Err(failed) => failed.respond(uri.path(), name),
            })
        })
    }

    fn boxed_clone(&self) -> Box<dyn Erased> {
        // Readiness is not cloned: a service may have reserved something for it.
        Box::new(Self { service: self.service.clone(), name: self.name, unready: None })
    }
}
