//! How a server goes down: first it says that it is not ready, then it takes no more connections and
//! tells its sessions, then it cuts what is left.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use futures_util::FutureExt;
use rand::RngExt;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Server, ServerHandle, container::Core, limits::Limits, shutdown::Phase};
use crate::{
    limits::server::HOOK_TIMEOUT,
    message::{Close, CloseCode, CloseReason, Error, Initiator},
    telemetry,
};

/// What sessions are told unless something else is set.
pub(super) fn farewell() -> Close {
    Close::new(CloseCode::GOING_AWAY, "server shuts down")
}

/// Something of the application's that runs at the start.
pub(super) type OnStart =
    Box<dyn FnOnce(ServerHandle) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> + Send>;
/// Something of the application's that runs at the end.
pub(super) type OnStop =
    Box<dyn FnOnce(ServerHandle) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// What the application does at the start and at the end, in the order in which it was said.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) on_start: Vec<OnStart>,
    pub(super) on_stop: Vec<OnStop>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// How the server starts and goes down.
impl Server {
    /// What sessions are told at a shutdown, in place of 1001: 1012 where the server comes back at
    /// once, for example.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wsframe::{Close, CloseCode, Server};
    ///
    /// let server = Server::new()
    ///     .shutdown_close(Close::new(CloseCode::RESTART, "a new version"))
    ///     .shutdown_notice(Duration::from_secs(5))
    ///     .shutdown_window(Duration::from_secs(10))
    ///     .shutdown_grace(Duration::from_secs(25));
    /// # let _ = server;
    /// ```
    pub fn shutdown_close(mut self, close: Close) -> Self {
        self.farewell = close;
        self
    }

    /// How long a shutdown goes on serving after [`ServerHandle::is_ready`] has become `false`,
    /// so that a load balancer looks elsewhere before connections are refused. It is not part of
    /// the grace. Default zero.
    pub fn shutdown_notice(mut self, notice: Duration) -> Self {
        self.limits.notice = notice;
        self
    }

    /// The time over which the sessions are told, each at a moment that is left to chance, so that
    /// not all clients come back at the same one. It is part of
    /// [`shutdown_grace`](Self::shutdown_grace), so it should be a good deal shorter. Default zero:
    /// all at once.
    pub fn shutdown_window(mut self, window: Duration) -> Self {
        self.limits.window = window;
        self
    }

    /// Runs something when the server listens, before it accepts the first connection; several run
    /// one after the other. An error keeps the server from starting. Not called where a server is
    /// [mounted](Self::into_service): the host does what is to be done.
    ///
    /// ```
    /// use wsframe::{Server, ServerHandle};
    ///
    /// # async fn migrate() -> std::io::Result<()> { Ok(()) }
    /// let server = Server::new()
    ///     .on_start(|server: ServerHandle| async move {
    ///         migrate().await?;
    ///         tokio::spawn(async move { server.broadcast("we are back").await });
    ///         Ok(())
    ///     })
    ///     .on_stop(|_| async { println!("everybody has gone") });
    /// # let _ = server;
    /// ```
    pub fn on_start<F, Fut>(mut self, hook: F) -> Self
    where
        F: FnOnce(ServerHandle) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.hooks.on_start.push(Box::new(|handle| Box::pin(hook(handle))));
        self
    }

    /// Runs something when a shutdown is over: every session has ended and its `on_close` has run, or
    /// the grace is over and it was cut. Several run one after the other, within 5 s in all. Not called where the server is
    /// stopped at once, by a second signal or by dropping its future, and not where it is
    /// [mounted](Self::into_service).
    pub fn on_stop<F, Fut>(mut self, hook: F) -> Self
    where
        F: FnOnce(ServerHandle) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hooks.on_stop.push(Box::new(|handle| Box::pin(hook(handle))));
        self
    }
}

/// Runs what was to run at the end.
pub(super) async fn run_stop_hooks(hooks: Vec<OnStop>, handle: &ServerHandle) {
    let all = async {
        for hook in hooks {
            let handle = handle.clone();
            let ran = std::panic::AssertUnwindSafe(async move { hook(handle).await });
            if ran.catch_unwind().await.is_err() {
                telemetry::panicked(&"(none)", "on_stop");
            }
        }
    };
    if tokio::time::timeout(HOOK_TIMEOUT, all).await.is_err() {
        telemetry::abandoned(&"(none)", "on_stop");
    }
}

impl ServerHandle {
    /// Starts the shutdown: [`is_ready`](Self::is_ready) becomes `false`; after
    /// [`shutdown_notice`](crate::Server::shutdown_notice) there are no new connections and every
    /// session is closed, with 1001 or [`shutdown_close`](crate::Server::shutdown_close), at once or
    /// over [`shutdown_window`](crate::Server::shutdown_window); handlers and `on_close` finish,
    /// within [`shutdown_grace`](crate::Server::shutdown_grace) (30 s) in all. It only starts;
    /// [`stopped`](Self::stopped) waits. Once more does nothing.
    ///
    /// Specification: RFC 6455 section 7.4.1.
    pub fn shutdown(&self) {
        let Limits { notice, window, .. } = self.0.limits();
        if notice.is_zero() && window.is_zero() {
            return self.close_now();
        }
        match self.0.runtime() {
            Some(runtime) if self.0.phases.now() == Phase::Running => {
                let next = if notice.is_zero() { Phase::Draining } else { Phase::Leaving };
                self.0.phases.advance(next);
                runtime.spawn(drain(self.0.clone()));
            }
            Some(_) => {}
            None => self.close_now(),
        }
    }

    /// Whether the server takes new connections and means to go on with it: from its start until its
    /// shutdown begins. What a readiness probe asks for.
    pub fn is_ready(&self) -> bool {
        self.0.runtime().is_some() && self.0.phases.now() == Phase::Running && !self.0.is_full()
    }

    /// No new connections; every session is told.
    fn close_now(&self) {
        self.0.phases.advance(Phase::Draining);
        self.0.directory.close_all(&self.0.farewell());
    }

    /// Cuts what is left, and it is over.
    pub(super) fn stop(&self) {
        self.cut();
        self.0.phases.advance(Phase::Stopped);
    }

    /// Cuts the sessions that are left.
    pub(super) fn cut(&self) {
        self.close_now();
        let code = self.0.farewell().code();
        for session in self.0.directory.sessions_left() {
            session.kill(CloseReason::new(code, "server stopped", Initiator::Local, false));
        }
    }
}

/// A shutdown that takes its time, until the last session is told.
async fn drain(core: Arc<Core>) {
    let told = async {
        let (Limits { notice, window, .. }, close) = (core.limits(), core.farewell());
        sleep(notice).await;
        core.phases.advance(Phase::Draining);
        let sessions = core.directory.begin_closing(&close);
        let now = Instant::now();
        let mut sessions: Vec<_> = sessions
            .into_iter()
            .map(|session| (now + window.mul_f64(rand::rng().random::<f64>()), session))
            .collect();
        sessions.sort_by_key(|(at, _)| *at);
        for (at, session) in sessions {
            sleep_until(at).await;
            session.close(close.clone());
        }
    };
    tokio::select! {
        () = told => {}
        () = core.phases.reached(Phase::Stopped) => {}
    }
}
