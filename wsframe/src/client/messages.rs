//! The messages of a session that was dialled, as a stream.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt,
    future::{Either, select},
};

use super::{
    hub::Hub,
    queue::{Giver, Refused, Taker, queue},
};
use crate::{
    endpoint::{Endpoint, Handshake, Outcome, Reply},
    handshake,
    message::{CloseReason, Initiator, Message},
    session::Session,
};

/// The text and binary messages of a session that was dialled, in order: a [`Stream`].
///
/// It ends with the session; what came before the server's close frame is still in it.
/// [`Session::closed`] tells why. Pings are answered without it, and pongs are signs of life that
/// stay out.
///
/// It is bounded: `inbound` bytes and `inbound_messages` wait in it, as much again in front of it,
/// then reading stops and TCP pushes back on the server. Who does not take the rest of the
/// messages within `finish_within` (10 s) after the end loses what did not fit.
///
/// Dropping it closes nothing: messages are thrown away from then on, the session still answers
/// pings and can send. [`Session::close`] ends it.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let (session, mut messages) = wsframe::Client::new("ws://127.0.0.1:8080/news").connect().await?;
/// while let Some(message) = messages.next().await {
///     println!("{message:?}");
/// }
/// println!("{}", session.closed().await);
/// # Ok(())
/// # }
/// ```
pub struct Messages(Taker);

impl Messages {
    /// The next message; `None` when the session has ended and all are taken.
    ///
    /// # Cancel safety
    ///
    /// No message is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Message> {
        StreamExt::next(self).await
    }
}

impl Stream for Messages {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        self.0.poll_take(cx)
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("waiting", &self.0.len()).finish_non_exhaustive()
    }
}

/// The endpoint of a session that was dialled: it hands every message on, and waits while there is
/// no room.
pub(super) struct Feed {
    /// `None` once nobody listens or nothing more comes.
    to: Option<Giver>,
    /// Looks after the heartbeat as long as this session lives.
    _hub: Arc<Hub>,
}

impl Feed {
    pub(super) fn new(hub: Arc<Hub>) -> (Self, Messages) {
        let (giver, taker) = queue();
        (Self { to: Some(giver), _hub: hub }, Messages(taker))
    }

    /// Hands on what found no room at first; `false` when nobody listens any more.
    async fn wait(&self, session: &Session, mut message: Message) -> bool {
        let Some(to) = &self.to else { return false };
        let settings = session.settings();
        loop {
            {
                let room = poll_fn(|cx| to.poll_room(cx, &message, settings));
                match select(room, session.closed()).await {
                    Either::Left(((), _)) => {}
                    // We closed: nothing more is handled, and nobody need take anything.
                    Either::Right((end, _)) if end.initiator() == Initiator::Local => return false,
                    Either::Right((_, room)) => room.await,
                }
            }
            message = match to.give(message, settings) {
                Ok(()) => return true,
                Err(Refused::Gone) => return false,
                Err(Refused::Full(message)) => message,
            };
        }
    }
}

impl Endpoint for Feed {
    const PATH: &'static str = "/";

    /// Never called: nobody is let in here.
    async fn bind(_: &mut Handshake) -> Result<Self, handshake::Refusal> {
        Err(handshake::Refusal::internal())
    }

    async fn on_message(&mut self, session: &Session, message: Message) -> Outcome {
        if matches!(message, Message::Pong(_)) {
            return Ok(Reply::none());
        }
        let Some(to) = &self.to else { return Ok(Reply::none()) };
        let taken = match to.give(message, session.settings()) {
            Ok(()) => true,
            Err(Refused::Gone) => false,
            // Boxed, so that a connection that is idle does not keep the place for it.
            Err(Refused::Full(message)) => Box::pin(self.wait(session, message)).await,
        };
        if !taken {
            self.to = None;
        }
        Ok(Reply::none())
    }

    async fn on_close(&mut self, _: &Session, _: CloseReason) {
        self.to = None;
    }
}
