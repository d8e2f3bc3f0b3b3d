//! An endpoint that tells what happens to it, and does what its messages say.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};
use wsframe::{
    Close, CloseReason, DecodeError, Endpoint, Failure, FailureKind, Handshake, Message, OnError,
    Outcome, Refusal, Reply, Session, StateKey,
};

use crate::soon;

/// What happened to a [`Probe`].
#[derive(Debug)]
pub enum Event {
    /// `bind` waits.
    Binding,
    /// `on_open` began.
    Opened(Session),
    /// `on_message` began.
    Message(Message),
    /// `on_error` was called.
    Failed(FailureKind, String),
    /// `on_close` was called.
    Closed(CloseReason),
    /// A handler that waited was dropped before it was released.
    Abandoned,
    /// The object was dropped.
    Dropped,
}

/// The probe's side of the wire to the test.
#[derive(Clone, Debug)]
pub struct Wire {
    events: mpsc::UnboundedSender<Event>,
    release: Arc<Notify>,
}

impl Wire {
    fn tell(&self, event: Event) {
        // The test may be over.
        let _ = self.events.send(event);
    }
}

/// The test's side.
#[derive(Debug)]
pub struct Watch {
    events: mpsc::UnboundedReceiver<Event>,
    release: Arc<Notify>,
}

impl Watch {
    /// Both sides of a new wire.
    pub fn new() -> (Wire, Self) {
        let (sender, events) = mpsc::unbounded_channel();
        let release = Arc::new(Notify::new());
        (Wire { events: sender, release: release.clone() }, Self { events, release })
    }

    /// The next event.
    ///
    /// # Panics
    ///
    /// If none comes.
    pub async fn next(&mut self) -> Event {
        soon("an event", self.events.recv()).await.expect("the probe lives")
    }

    /// The next event, which has to be `Opened`.
    ///
    /// # Panics
    ///
    /// If it is another.
    pub async fn opened(&mut self) -> Session {
        match self.next().await {
            Event::Opened(session) => session,
            other => panic!("opened expected, not {other:?}"),
        }
    }

    /// The next event, which has to be a message.
    ///
    /// # Panics
    ///
    /// If it is another.
    pub async fn message(&mut self) -> Message {
        match self.next().await {
            Event::Message(message) => message,
            other => panic!("a message expected, not {other:?}"),
        }
    }

    /// The next two events, which have to be the last ones: `Closed`, `Dropped`.
    ///
    /// # Panics
    ///
    /// If they are others.
    pub async fn closed(&mut self) -> CloseReason {
        let reason = match self.next().await {
            Event::Closed(reason) => reason,
            other => panic!("closed expected, not {other:?}"),
        };
        assert!(matches!(self.next().await, Event::Dropped), "dropped after on_close");
        reason
    }

    /// Lets one waiting handler go on.
    pub fn release(&self) {
        self.release.notify_one();
    }

    /// Whether nothing has happened that was not looked at.
    pub fn is_quiet(&self) -> bool {
        self.events.is_empty()
    }
}

/// The endpoint. It echoes binary messages; a text message is an order: `echo …`, `wait`,
/// `fail`, `misread`, `kick`, `panic`, `close CODE REASON`.
#[derive(Debug)]
pub struct Probe {
    wire: Wire,
    on_open: Option<String>,
    on_error: Option<String>,
}

impl Probe {
    fn tell(&self, event: Event) {
        self.wire.tell(event);
    }

    async fn obey(&self, session: &Session, order: &str) -> Outcome {
        let (order, rest) = order.split_once(' ').unwrap_or((order, ""));
        match order {
            "echo" => return Ok(Reply::message(rest)),
            "wait" => {
                let unfinished = Unfinished(&self.wire);
                self.wire.release.notified().await;
                std::mem::forget(unfinished);
                return Ok(Reply::message("released"));
            }
            "fail" => return Err("secret words".into()),
            "misread" => return Err(DecodeError::new(rest.into(), "no sense in it").into()),
            "kick" => return Err(Close::new(4003, "kicked").into()),
            "panic" => panic!("as ordered"),
            "close" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                let code: u16 = code.parse().expect("a code");
                session.close(Close::new(code, reason.to_owned()));
            }
            "send" => session.send(rest).await?,
            _ => {}
        }
        Ok(Reply::none())
    }
}

/// Tells when it is dropped on the way.
struct Unfinished<'a>(&'a Wire);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.tell(Event::Abandoned);
    }
}

impl Endpoint for Probe {
    const PATH: &'static str = "/probe";

    fn states() -> Vec<StateKey> {
        vec![StateKey::of::<Wire>()]
    }

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        match handshake.query("bind").as_deref() {
            Some("panic") => panic!("as ordered"),
            Some("refuse") => return Err(Refusal::unauthorized("who are you?")),
            _ => {}
        }
        let wire: Wire = handshake.state().ok_or_else(Refusal::internal)?;
        if handshake.query("bind").as_deref() == Some("wait") {
            wire.tell(Event::Binding);
            let unfinished = Unfinished(&wire);
            wire.release.notified().await;
            std::mem::forget(unfinished);
        }
        let (on_open, on_error) = (handshake.query("open"), handshake.query("error"));
        Ok(Self { wire, on_open, on_error })
    }

    async fn on_open(&mut self, session: &Session) -> Outcome {
        self.tell(Event::Opened(session.clone()));
        match self.on_open.take() {
            Some(order) => self.obey(session, &order).await,
            None => Ok(Reply::none()),
        }
    }

    async fn on_message(&mut self, session: &Session, message: Message) -> Outcome {
        self.tell(Event::Message(message.clone()));
        match message {
            Message::Text(order) => self.obey(session, &order).await,
            Message::Pong(_) => Ok(Reply::none()),
            echo => Ok(Reply::message(echo)),
        }
    }

    async fn on_error(&mut self, _: &Session, failure: &Failure) -> OnError {
        self.tell(Event::Failed(failure.kind(), failure.to_string()));
        match self.on_error.as_deref() {
            Some("continue") => OnError::Continue,
            Some("panic") => panic!("as ordered"),
            _ => failure.default_action(),
        }
    }

    async fn on_close(&mut self, session: &Session, reason: CloseReason) {
        assert!(!session.is_open(), "nothing can be sent in on_close");
        self.tell(Event::Closed(reason));
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.tell(Event::Dropped);
    }
}
