//! An endpoint with handlers that block: they run on tokio's blocking pool.
//!
//! To the rest of the connection it is an endpoint like any other, whose handler waits for a
//! thread. So reading, pings, sending and the closing handshake go on beside it, and messages come
//! one after the other. Endpoints without such handlers never meet this one.

use std::{
    future::pending,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

use futures_util::FutureExt;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{
    endpoint::{Endpoint, Incoming, Outcome, wrapper},
    limits::ON_CLOSE_TIMEOUT,
    message::{CloseReason, Message},
    session::{Session, block_on},
    telemetry,
};

/// Moves the endpoint's object to a thread for each message of a blocking kind.
pub(super) struct Blocking<E>(Place<E>);

/// Where the object is.
enum Place<E> {
    Here(E),
    /// With a handler that runs on a thread.
    Away(JoinHandle<Back<E>>),
    /// Left to a handler that outlived its connection, or lost with the runtime.
    Gone,
}

/// The object as it comes back, also from a handler that panicked.
type Back<E> = (E, thread::Result<Outcome>);

impl<E: Endpoint> Blocking<E> {
    pub(super) fn new(endpoint: E) -> Self {
        Self(Place::Here(endpoint))
    }

    /// The object between handlers.
    fn here(&mut self) -> &mut E {
        match &mut self.0 {
            Place::Here(endpoint) => endpoint,
            // After a handler that did not come back, only `on_close` is called.
            Place::Away(_) | Place::Gone => unreachable!("handlers run one after the other"),
        }
    }

    /// Runs a handler on a thread.
    async fn handle(
        &mut self,
        handler: impl FnOnce(&mut E) -> Outcome + Send + 'static,
    ) -> Outcome {
        if let Place::Here(mut endpoint) = mem::replace(&mut self.0, Place::Gone) {
            self.0 = Place::Away(spawn_blocking(move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| handler(&mut endpoint)));
                (endpoint, outcome)
            }));
        }
        let Place::Away(thread) = &mut self.0 else { return pending().await };
        let Ok((endpoint, outcome)) = thread.await else {
            // It never ran: the runtime shuts down, and this task with it.
            self.0 = Place::Gone;
            return pending().await;
        };
        self.0 = Place::Here(endpoint);
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// `on_close` of an object whose handler outlived the connection: once it is back, however late.
async fn close_late<E: Endpoint>(
    thread: JoinHandle<Back<E>>,
    session: Session,
    reason: CloseReason,
) {
    let Ok((mut endpoint, outcome)) = thread.await else { return };
    if outcome.is_err() {
        telemetry::panicked(&session.id(), "a handler");
    }
    let on_close = AssertUnwindSafe(endpoint.on_close(&session, reason)).catch_unwind();
    match tokio::time::timeout(ON_CLOSE_TIMEOUT, on_close).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => telemetry::panicked(&session.id(), "on_close"),
        Err(_) => telemetry::abandoned(&session.id(), "on_close"),
    }
}

/// Everything is the endpoint's own, but where a blocking handler runs.
impl<E: Endpoint> Endpoint for Blocking<E> {
    wrapper!(E, here);

    async fn on_message(&mut self, session: &Session, message: Message) -> Outcome {
        if E::BLOCKING.contains(message.kind()) {
            let session = session.clone();
            self.handle(move |endpoint| block_on(endpoint.on_message(&session, message))).await
        } else {
            self.here().on_message(session, message).await
        }
    }

    async fn on_incoming(&mut self, session: &Session, incoming: Incoming) -> Outcome {
        if E::BLOCKING.contains(incoming.kind()) {
            let session = session.clone();
            self.handle(move |endpoint| block_on(endpoint.on_incoming(&session, incoming))).await
        } else {
            self.here().on_incoming(session, incoming).await
        }
    }

    async fn on_close(&mut self, session: &Session, reason: CloseReason) {
        if let Place::Here(endpoint) = &mut self.0 {
            return endpoint.on_close(session, reason).await;
        }
        if let Place::Away(thread) = mem::replace(&mut self.0, Place::Gone) {
            telemetry::still_blocks(&session.id());
            tokio::spawn(close_late(thread, session.clone(), reason));
        }
    }
}
