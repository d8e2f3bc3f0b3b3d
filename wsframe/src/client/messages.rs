//! The messages of a session that was dialled, as a stream.

use std::{
    fmt,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt,
    future::{Either, select},
};
use tokio::sync::{Semaphore, mpsc};

use super::hub::Hub;
use crate::{
    endpoint::{Endpoint, Handshake, Outcome, Reply},
    handshake::Refusal,
    limits::Settings,
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
pub struct Messages {
    came: mpsc::UnboundedReceiver<Message>,
    room: Arc<Room>,
}

/// Room for messages that nobody has taken yet.
struct Room {
    bytes: Semaphore,
    messages: Semaphore,
    /// All of `bytes`: a larger message takes them all.
    most: usize,
}

impl Room {
    /// What a message takes of `bytes`.
    fn weight(&self, message: &Message) -> usize {
        message.len().min(self.most)
    }
}

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
        let came = self.came.poll_recv(cx);
        if let Poll::Ready(Some(message)) = &came {
            self.room.bytes.add_permits(self.room.weight(message));
            self.room.messages.add_permits(1);
        }
        came
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        // Who waits for room waits no longer.
        self.room.bytes.close();
        self.room.messages.close();
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("waiting", &self.came.len()).finish_non_exhaustive()
    }
}

/// The endpoint of a session that was dialled: it hands every message on, and waits while there is
/// no room.
pub(super) struct Feed {
    /// `None` once nobody listens or nothing more comes.
    to: Option<mpsc::UnboundedSender<Message>>,
    room: Arc<Room>,
    /// Looks after the heartbeat as long as this session lives.
    _hub: Arc<Hub>,
}

impl Feed {
    pub(super) fn new(hub: Arc<Hub>, settings: &Settings) -> (Self, Messages) {
        let (to, came) = mpsc::unbounded_channel();
        // Permits are asked for in `u32`s.
        let most = settings.inbound.min(u32::MAX as usize).min(Semaphore::MAX_PERMITS);
        let room = Arc::new(Room {
            bytes: Semaphore::new(most),
            messages: Semaphore::new(settings.inbound_messages.min(Semaphore::MAX_PERMITS)),
            most,
        });
        (Self { to: Some(to), room: room.clone(), _hub: hub }, Messages { came, room })
    }

    /// `None` when nobody listens.
    async fn hand_on(&self, message: Message) -> Option<()> {
        let to = self.to.as_ref()?;
        let weight = self.room.weight(&message) as u32;
        let one = self.room.messages.acquire().await.ok()?;
        let bytes = self.room.bytes.acquire_many(weight).await.ok()?;
        to.send(message).ok()?;
        // Given back by who takes the message.
        one.forget();
        bytes.forget();
        Some(())
    }
}

impl Endpoint for Feed {
    const PATH: &'static str = "/";

    /// Never called: nobody is let in here.
    async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
        Err(Refusal::internal())
    }

    async fn on_message(&mut self, session: &Session, message: Message) -> Outcome {
        if matches!(message, Message::Pong(_)) {
            return Ok(Reply::none());
        }
        let handed_on = {
            let handing_on = pin!(self.hand_on(message));
            match select(handing_on, session.closed()).await {
                Either::Left((handed_on, _)) => handed_on,
                // We closed: nothing more is handled, and nobody need take anything.
                Either::Right((end, _)) if end.initiator() == Initiator::Local => None,
                Either::Right((_, handing_on)) => handing_on.await,
            }
        };
        if handed_on.is_none() {
            self.to = None;
        }
        Ok(Reply::none())
    }

    async fn on_close(&mut self, _: &Session, _: CloseReason) {
        self.to = None;
    }
}
