//! Endpoints that come and go by hand, and requests that somebody else has routed.

use std::sync::Arc;

use http::{Request, Response};

use super::{
    Body, Server, ServerHandle, StartupError,
    service::{self, refused},
};
use crate::{
    endpoint::Endpoint,
    handshake::Refusal,
    message::{Close, CloseCode},
    registry::Deployment,
    route::Params,
    telemetry,
};

/// Endpoints by hand.
impl Server {
    /// Serves an endpoint at a path that is given here, with options of its own: a
    /// [`Route`](crate::Route) of closures, or a type as a [`Deployment`]. Unlike with
    /// [`endpoint`](Self::endpoint) each call counts, also where the type is linked. The filter does
    /// not leave it out.
    ///
    /// ```
    /// use wsframe::{Message, Route, Server, Session};
    ///
    /// let server = Server::new().without_link_time().deploy(
    ///     Route::new("/echo").on_message(|_: Session, message: Message| async move { message }),
    /// );
    /// # let _ = server;
    /// ```
    ///
    /// What is wrong with it is found at the start, with all other faults.
    #[doc(alias = "addEndpoint")]
    #[doc(alias = "ServerEndpointConfig.Builder")]
    pub fn deploy(mut self, endpoint: impl Into<Deployment>) -> Self {
        self.scan.deployments.push(endpoint.into());
        self
    }
}

/// What happens to the open sessions of an endpoint that is [undeployed](ServerHandle::undeploy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenSessions {
    /// They live on until they end by themselves.
    Keep,
    /// They are closed with 1001.
    Close,
}

/// Endpoints of a server that runs.
impl ServerHandle {
    /// Serves one more endpoint from now on. Everything that a start checks is checked: the path,
    /// the paths of all others, state, options. Handshakes that are under way are not affected.
    ///
    /// ```
    /// use wsframe::{Message, OpenSessions, Route, ServerHandle, Session, StartupError};
    ///
    /// fn plug_in(handle: &ServerHandle) -> Result<(), StartupError> {
    ///     handle.deploy(
    ///         Route::new("/plugin").on_message(|_: Session, message: Message| async { message }),
    ///     )
    /// }
    ///
    /// fn plug_out(handle: &ServerHandle) {
    ///     handle.undeploy("/plugin", OpenSessions::Close);
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// All faults together; then nothing has changed.
    /// [`NotServing`](StartupError::NotServing) before the server starts and from its shutdown on.
    #[doc(alias = "addEndpoint")]
    pub fn deploy(&self, endpoint: impl Into<Deployment>) -> Result<(), StartupError> {
        let site = self.0.site().filter(|_| !self.0.is_draining());
        let site = site.ok_or(StartupError::NotServing)?;
        let deployment = endpoint.into();
        site.deploy(&deployment).map_err(StartupError::faults)?;
        telemetry::changed("deployed", deployment.path());
        Ok(())
    }

    /// Serves the endpoint at this path no longer, however it came there; `false` if there is none.
    /// `path` is the template as the table shows it, with the prefix of a
    /// [`mount`](Server::mount); the names of parameters do not matter.
    ///
    /// A handshake that is under way is refused with 404. The sessions live on or are closed, as
    /// asked; [`OpenSessions::Close`] only starts, as [`Session::close`](crate::Session::close)
    /// does. The same path can be deployed again at once.
    pub fn undeploy(&self, path: &str, sessions: OpenSessions) -> bool {
        let close = match sessions {
            OpenSessions::Keep => None,
            OpenSessions::Close => {
                Some(Close::new(CloseCode::GOING_AWAY, "the endpoint is served no longer"))
            }
        };
        let undeployed = self.0.site().and_then(|site| site.undeploy(path, close.clone()));
        let Some(deployed) = undeployed else { return false };
        telemetry::changed("undeployed", path);
        if let Some(close) = close {
            let home = deployed.home(&self.0.directory);
            for session in self.0.directory.sessions_left() {
                if Arc::ptr_eq(session.home(), &home) {
                    session.close(close.clone());
                }
            }
        }
        true
    }

    /// Opens a session of `E` on a request that a handler of yours holds: the response is the 101,
    /// or a refusal. Everything that holds for a handshake of ours holds here: method, version,
    /// key, the **origin**, subprotocols, the fields and `#[on_handshake]`, limits, the shutdown.
    ///
    /// The path is not looked at, `params` are what [`Session::param`](crate::Session::param) and
    /// the fields see of it. `E` need not be served at any path; its options are those of its
    /// attribute, [`configure`](Server::configure) and [`options`](Server::options).
    ///
    /// ```no_run
    /// use axum::{Router, extract::{Path, Request, State}, response::Response, routing::any};
    /// use wsframe::{Body, ServerHandle, prelude::*};
    ///
    /// #[server_endpoint("/rooms/<room>")]
    /// struct Chat {
    ///     room: String,
    /// }
    /// # impl Chat { fn f(&self) { let _ = &self.room; } }
    ///
    /// async fn chat(
    ///     State(server): State<ServerHandle>,
    ///     Path(room): Path<String>,
    ///     request: Request,
    /// ) -> Response<Body> {
    ///     // Whatever is to be decided first: a login, a quota.
    ///     server.upgrade::<Chat>(request, &[("room", &room)]).await
    /// }
    ///
    /// # async fn main_() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = Server::new();
    /// let app = Router::new().route("/talk/{room}", any(chat)).with_state(server.handle());
    /// // The same works in a `fallback` of the server.
    /// let app: Router = app.nest_service("/ws", server.into_service()?);
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The server has to be started: served, or mounted as here and not dropped. The request needs
    /// its extensions, with hyper's upgrade among them, and may have the peer's address as
    /// [`PeerAddr`](crate::PeerAddr). Layers of this server are not asked, except where the handler
    /// stands behind them in its [`fallback`](Server::fallback). In another server, the response
    /// must not be turned into another one; the session would open all the same.
    ///
    /// Refusals are responses: 503 before the start and from the shutdown on, 500 if the endpoint
    /// has faults (they are reported, once for each request), the rest as with a
    /// [handshake of ours](crate::guide::errors_and_closing).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future opens no session.
    #[doc(alias = "upgradeHttpToWebSocket")]
    pub async fn upgrade<E: Endpoint>(
        &self,
        request: Request<impl Send>,
        params: &[(&str, &str)],
    ) -> Response<Body> {
        let params = Params::from_pairs(params.iter().copied());
        let unavailable = || refused(super::pressure::unavailable());
        let Some(site) = self.0.site() else { return unavailable() };
        let deployed = match site.unrouted(&Deployment::of::<E>()) {
            Ok(deployed) => deployed,
            Err(faults) => {
                telemetry::http_failed(request.uri().path(), "the upgrade", &faults);
                return refused(Refusal::internal());
            }
        };
        // Not known whether the socket has a seat; if it has, this one is given back with the 101.
        let Some(seat) = self.0.directory.sit(usize::MAX) else { return unavailable() };
        let settles = service::settles_above(&request);
        let request = request.map(|_| Body::empty());
        let opened = service::open(&site, &self.0, deployed, params, request, Some(seat)).await;
        let mut response = opened.unwrap_or_else(refused);
        if !settles {
            service::settle(&mut response);
        }
        response
    }
}
