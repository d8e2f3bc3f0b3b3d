//! The user's object while a connection has it.

use std::{any::TypeId, future::Future, sync::Arc, time::Duration};

use super::handle::Shared;
use crate::{
    endpoint::{Endpoint, Handshake, Incoming, Intake, Options, Outcome, StateKey},
    handshake::Refusal,
    message::{CloseReason, Failure, Message, MessageKinds, OnError},
    session::{Event, Session},
};

/// An object that goes back to who lent it when the connection lets go of it, however that comes:
/// after `on_close`, or late, from the thread of a blocking handler.
pub(super) struct Lent<E> {
    /// `None` only while this is dropped.
    endpoint: Option<Box<E>>,
    owner: Arc<Shared<E>>,
}

impl<E: Endpoint> Lent<E> {
    pub(super) fn new(endpoint: Box<E>, owner: Arc<Shared<E>>) -> Self {
        Self { endpoint: Some(endpoint), owner }
    }

    #[inline]
    fn get(&mut self) -> &mut E {
        match &mut self.endpoint {
            Some(endpoint) => endpoint,
            None => unreachable!("it is given back when this is dropped"),
        }
    }
}

impl<E> Drop for Lent<E> {
    fn drop(&mut self) {
        if let Some(endpoint) = self.endpoint.take() {
            self.owner.give_back(endpoint);
        }
    }
}

/// Everything is the endpoint's own.
impl<E: Endpoint> Endpoint for Lent<E> {
    const PATH: &'static str = E::PATH;
    const BLOCKING: MessageKinds = E::BLOCKING;
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

    /// Never called: who dials brings the object.
    async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
        Err(Refusal::internal())
    }

    fn on_handshake(
        &mut self,
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<(), Refusal>> + Send {
        self.get().on_handshake(handshake)
    }

    fn on_open(&mut self, session: &Session) -> impl Future<Output = Outcome> + Send {
        self.get().on_open(session)
    }

    #[inline]
    fn on_message(
        &mut self,
        session: &Session,
        message: Message,
    ) -> impl Future<Output = Outcome> + Send {
        self.get().on_message(session, message)
    }

    fn on_incoming(
        &mut self,
        session: &Session,
        incoming: Incoming,
    ) -> impl Future<Output = Outcome> + Send {
        self.get().on_incoming(session, incoming)
    }

    fn on_tick(&mut self, session: &Session) -> impl Future<Output = Outcome> + Send {
        self.get().on_tick(session)
    }

    fn on_event(
        &mut self,
        session: &Session,
        event: Event,
    ) -> impl Future<Output = Outcome> + Send {
        self.get().on_event(session, event)
    }

    fn on_close(
        &mut self,
        session: &Session,
        reason: CloseReason,
    ) -> impl Future<Output = ()> + Send {
        self.get().on_close(session, reason)
    }

    fn on_error(
        &mut self,
        session: &Session,
        failure: &Failure,
    ) -> impl Future<Output = OnError> + Send {
        self.get().on_error(session, failure)
    }
}
