//! What the server as a whole does about failures.

use super::Server;
use crate::{
    message::{Failure, OnError},
    session::Session,
};

impl Server {
    /// Sets what is done about failures that no endpoint has met: those of endpoints without an
    /// `#[on_error]`, and those about which it says [`OnError::Default`]. They are logged in any case.
    /// Default: the connection is closed with 1011 for a handler's error and with 1007 for a payload.
    ///
    /// It is asked in the task of the connection and must not block. If it panics, its connection
    /// ends with 1011. A second one replaces the first.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use wsframe::{FailureKind, OnError, Server};
    ///
    /// static FAILURES: AtomicU64 = AtomicU64::new(0);
    ///
    /// let server = Server::new().on_failure(|_session, failure| {
    ///     FAILURES.fetch_add(1, Ordering::Relaxed);
    ///     match failure.kind() {
    ///         // What does not decode is passed over.
    ///         FailureKind::Decode => OnError::Continue,
    ///         // The rest is closed as ever.
    ///         _ => OnError::Default,
    ///     }
    /// });
    /// # let _ = server;
    /// ```
    pub fn on_failure(
        self,
        decide: impl Fn(&Session, &Failure) -> OnError + Send + Sync + 'static,
    ) -> Self {
        self.core.directory.strategy().set(decide);
        self
    }
}
