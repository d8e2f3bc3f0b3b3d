//! An endpoint that takes text in parts and reads binary messages while they arrive, and tells what
//! happens to it.

use std::sync::Arc;

use tokio::{
    io::AsyncReadExt,
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
};
use wsframe::{
    MessageReader, Part, Pong,
    prelude::{
        CloseReason, Failure, OnError, Server, Session, Text, on_close, on_error, on_message,
        on_open, server_endpoint,
    },
    testing::{InMemory, Peer},
};
use wsframe_tests::soon;

/// What happened.
#[derive(Debug)]
pub(crate) enum Did {
    Open(Session),
    /// A part, and whether it was the last one.
    Part(bool),
    /// A reader was given away.
    Reader(MessageReader),
    /// A handler waits, with the reader if it has one.
    Waits,
    /// A handler was dropped while it waited.
    Abandoned,
    /// A message was read, or not to its end.
    Read(Result<usize, std::io::ErrorKind>),
    Pong,
    Failed,
    Close(CloseReason),
}

/// The endpoint's side.
#[derive(Clone)]
pub(crate) struct Wire {
    told: UnboundedSender<Did>,
    go: Arc<Notify>,
}

impl Wire {
    fn tell(&self, did: Did) {
        // The test may be over.
        let _ = self.told.send(did);
    }

    /// Until the test lets the handler go.
    async fn wait(&self) {
        struct Unfinished<'a>(&'a Wire);

        impl Drop for Unfinished<'_> {
            fn drop(&mut self) {
                self.0.tell(Did::Abandoned);
            }
        }

        let unfinished = Unfinished(self);
        self.tell(Did::Waits);
        self.go.notified().await;
        std::mem::forget(unfinished);
    }
}

/// `how` says what is done with a binary message: `read` it, `hold` it until the test lets it go and
/// read it then, `keep` it for a task of the test. A text part `wait` waits.
#[server_endpoint("/taker/<how>", inbound = "64KiB", idle_timeout = "50s")]
pub(crate) struct Taker {
    how: String,
    #[state]
    wire: Wire,
}

impl Taker {
    #[on_open]
    fn opened(&self, session: Session) {
        self.wire.tell(Did::Open(session));
    }

    #[on_message]
    async fn part(&self, part: &Part<Text>) {
        self.wire.tell(Did::Part(part.last));
        if *part.payload == *"wait" {
            self.wire.wait().await;
        }
    }

    #[on_message(binary)]
    async fn message(&self, reader: MessageReader) -> wsframe::Result {
        match &*self.how {
            "keep" => self.wire.tell(Did::Reader(reader)),
            "hold" => {
                self.wire.wait().await;
                self.read(reader).await?;
            }
            _ => self.read(reader).await?,
        }
        Ok(())
    }

    #[on_message]
    fn pong(&self, _: &Pong) {
        self.wire.tell(Did::Pong);
    }

    #[on_error]
    fn failed(&self, _: &Failure) -> OnError {
        self.wire.tell(Did::Failed);
        OnError::Default
    }

    #[on_close]
    fn closed(&self, reason: CloseReason) {
        self.wire.tell(Did::Close(reason));
    }
}

impl Taker {
    async fn read(&self, mut reader: MessageReader) -> std::io::Result<()> {
        let mut buffer = vec![0; 10_000];
        let mut sum = 0;
        loop {
            match reader.read(&mut buffer).await {
                Ok(0) => break self.wire.tell(Did::Read(Ok(sum))),
                Ok(n) => sum += n,
                Err(error) => {
                    self.wire.tell(Did::Read(Err(error.kind())));
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// The test's side.
pub(crate) struct Watch {
    told: UnboundedReceiver<Did>,
    go: Arc<Notify>,
    app: InMemory,
}

impl Watch {
    pub(crate) fn start() -> Self {
        let (sender, told) = unbounded_channel();
        let go = Arc::new(Notify::new());
        let wire = Wire { told: sender, go: go.clone() };
        let server = Server::new().without_link_time().endpoint::<Taker>().state(wire);
        Self { told, go, app: server.in_memory().unwrap() }
    }

    /// A peer that is patient, and its session.
    pub(crate) async fn enter(&mut self, how: &str) -> (Peer, Session) {
        let peer = self.app.connect(&format!("/taker/{how}")).await.unwrap();
        let Did::Open(session) = self.next().await else { panic!("on_open comes first") };
        (peer.deadline(std::time::Duration::from_secs(60)), session)
    }

    pub(crate) async fn next(&mut self) -> Did {
        soon("an event", self.told.recv()).await.expect("the endpoint lives")
    }

    /// The next event, which has to be the end.
    pub(crate) async fn closed(&mut self) -> u16 {
        match self.next().await {
            Did::Close(reason) => reason.code().into(),
            other => panic!("the end expected, not {other:?}"),
        }
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.told.is_empty()
    }

    /// Lets a handler go that waits.
    pub(crate) fn release(&self) {
        self.go.notify_one();
    }
}

/// The next event has to be this one.
macro_rules! happens {
    ($watch:expr, $pattern:pat) => {
        match $watch.next().await {
            $pattern => {}
            other => panic!("{} expected, not {other:?}", stringify!($pattern)),
        }
    };
}

pub(crate) use happens;
