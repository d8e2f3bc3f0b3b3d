//! An endpoint with handlers that block: they run on tokio's blocking pool.
//!
//! To the rest of the connection it is an endpoint like any other, whose handler waits for a
//! thread. So reading, pings, sending and the closing handshake go on beside it, and messages come
//! one after the other. Endpoints without such handlers never meet this one.

use std::{
    any::TypeId,
    future::{Future, pending},
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
    time::Duration,
};

use futures_util::FutureExt;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{
    endpoint::{Endpoint, Handshake, Incoming, Intake, Options, Outcome, StateKey},
    handshake::Refusal,
    limits::ON_CLOSE_TIMEOUT,
    message::{CloseReason, Failure, Message, OnError},
    session::{Event, Session, block_on},
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
    const PATH: &'static str = E::PATH;
    const TEXT_INTAKE: Intake = E::TEXT_INTAKE;
    const BINARY_INTAKE: Intake = E::BINARY_INTAKE;
    const TICK: Option<Duration> = E::TICK;
    const EVENT: Option<TypeId> = E::EVENT;

    fn options() -> Options {
        E::options()
    }

    fn states() -> Vec<StateKey> {
        E::states()
    }

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        E::bind(handshake).await.map(Self::new)
    }

    fn on_handshake(
        &mut self,
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<(), Refusal>> + Send {
        self.here().on_handshake(handshake)
    }

    fn on_open(&mut self, session: &Session) -> impl Future<Output = Outcome> + Send {
        self.here().on_open(session)
    }

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

    fn on_tick(&mut self, session: &Session) -> impl Future<Output = Outcome> + Send {
        self.here().on_tick(session)
    }

    fn on_event(
        &mut self,
        session: &Session,
        event: Event,
    ) -> impl Future<Output = Outcome> + Send {
        self.here().on_event(session, event)
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

    fn on_error(
        &mut self,
        session: &Session,
        failure: &Failure,
    ) -> impl Future<Output = OnError> + Send {
        self.here().on_error(session, failure)
    }
}
