//! The user's object while a connection has it.

use std::{future::Future, sync::Arc};

use super::handle::Shared;
use crate::{
    endpoint::{Endpoint, Incoming, Outcome, wrapper},
    message::{CloseReason, Message, MessageKinds},
    session::Session,
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
    wrapper!(E, get);

    const BLOCKING: MessageKinds = E::BLOCKING;

    #[inline]
    fn on_message(
        &mut self,
        session: &Session,
        message: Message,
    ) -> impl Future<Output = Outcome> + Send {
        self.get().on_message(session, message)
    }

    fn on_incoming<'a>(
        &'a mut self,
        session: &'a Session,
        incoming: Incoming,
    ) -> impl Future<Output = Outcome> + Send + 'a {
        self.get().on_incoming(session, incoming)
    }

    fn on_close(
        &mut self,
        session: &Session,
        reason: CloseReason,
    ) -> impl Future<Output = ()> + Send {
        self.get().on_close(session, reason)
    }
}
