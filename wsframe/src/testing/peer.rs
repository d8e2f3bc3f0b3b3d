//! The other side of a session.

use std::{fmt, future::Future, panic::Location, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap,
    header::{SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL},
};
use tokio::{
    io::DuplexStream,
    sync::mpsc::{self, UnboundedReceiver},
    task::AbortHandle,
    time::timeout,
};

use super::reader::{self, Came, Line};
use crate::{
    codec::{FromMessage, IntoMessage},
    message::{Close, CloseReason, Message, MessageKind},
    wire::Opcode,
};

/// The other side of a session: what a browser would be.
///
/// In the background it reads, answers pings and answers a close frame, as every client does;
/// [`pause`](Self::pause) makes it stop. Dropped, it is a peer that vanished: the transport ends
/// without a close frame.
///
/// What it is told to expect has to come within its [deadline](Self::deadline). If it does not, or
/// something else comes, the method panics and says what was awaited, where, and what had come
/// instead.
///
/// ```
/// # async fn example(app: &wsframe::testing::InMemory) -> Result<(), wsframe::testing::Refused> {
/// let mut ann = app.connect("/chat/rust?nick=ann").await?;
/// ann.send("hello").await;
/// assert_eq!(ann.expect_text().await, "ann: hello");
/// ann.close(1000, "bye").await;
/// assert_eq!(ann.expect_close().await.code(), 1000);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Peer {
    line: Arc<Line>,
    came: UnboundedReceiver<Came>,
    pings: UnboundedReceiver<Bytes>,
    reader: AbortHandle,
    headers: HeaderMap,
    deadline: Duration,
    /// A message in parts has begun.
    midway: bool,
    end: Option<CloseReason>,
}

impl Peer {
    pub(super) fn new(stream: DuplexStream, headers: HeaderMap, deadline: Duration) -> Self {
        let (from, to) = tokio::io::split(stream);
        let line = Line::new(to);
        let (came_sender, came) = mpsc::unbounded_channel();
        let (pings_sender, pings) = mpsc::unbounded_channel();
        let compressed = headers.contains_key(SEC_WEBSOCKET_EXTENSIONS);
        let reader = reader::read(from, line.clone(), came_sender, pings_sender, compressed);
        let reader = tokio::spawn(reader).abort_handle();
        Self { line, came, pings, reader, headers, deadline, midway: false, end: None }
    }

    /// How long to wait for what is expected, in tokio's time. Default 5 s.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    // ---- the 101

    /// The headers of the 101.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The subprotocol that was agreed on.
    pub fn subprotocol(&self) -> Option<&str> {
        self.headers.get(SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()
    }

    // ---- sending

    /// Sends a whole message.
    ///
    /// # Panics
    ///
    /// If the message does not encode, the server is gone, or it does not read until the deadline.
    ///
    /// # Cancel safety
    ///
    /// A dropped future may have sent half a frame; the peer is good for nothing then. So it is
    /// with every method that sends.
    #[track_caller]
    pub fn send(&mut self, message: impl IntoMessage) -> impl Future<Output = ()> + Send {
        let place = Location::caller();
        let message = match message.into_message() {
            Ok(message) => message,
            Err(error) => panic!("the message does not encode: {error}"),
        };
        let opcode = opcode(message.kind());
        let line = self.line.clone();
        self.put(place, async move { line.frame(opcode, true, message.as_bytes()).await })
    }

    /// Sends one part of a message; the first says of which kind the message is. Control frames may
    /// go in between.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send), and if a pong is to be sent in parts.
    #[track_caller]
    pub fn send_part(
        &mut self,
        part: impl Into<Message>,
        last: bool,
    ) -> impl Future<Output = ()> + Send {
        let place = Location::caller();
        let part = part.into();
        assert!(part.kind() != MessageKind::Pong, "a pong has no parts");
        let opcode = if self.midway { Opcode::Continuation } else { opcode(part.kind()) };
        self.midway = !last;
        let line = self.line.clone();
        self.put(place, async move { line.frame(opcode, last, part.as_bytes()).await })
    }

    /// Sends a ping; the answer comes as a message, [`Pong`](crate::Pong).
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn ping(&mut self, payload: impl Into<Bytes>) -> impl Future<Output = ()> + Send {
        let payload = payload.into();
        let line = self.line.clone();
        self.put(Location::caller(), async move { line.frame(Opcode::Ping, true, &payload).await })
    }

    /// Sends bytes as they are: for frames that no proper client sends.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn send_raw(&mut self, bytes: impl Into<Bytes>) -> impl Future<Output = ()> + Send {
        let bytes = bytes.into();
        let line = self.line.clone();
        self.put(Location::caller(), async move { line.write(&bytes).await })
    }

    /// Sends the close frame. It only starts; [`expect_close`](Self::expect_close) waits for the
    /// server's, which comes behind what the server had sent before.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn close(&mut self, code: u16, reason: &str) -> impl Future<Output = ()> + Send {
        let close = Close::new(code, reason.to_owned());
        let line = self.line.clone();
        self.put(Location::caller(), async move { line.close(Some(&close)).await })
    }

    // ---- receiving

    /// The next message. Pings in between were answered and are passed over.
    ///
    /// # Panics
    ///
    /// If none comes until the deadline, or the session ends instead.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has taken nothing. So it is with every method that expects.
    #[track_caller]
    pub fn receive(&mut self) -> impl Future<Output = Message> + Send {
        self.expected(Location::caller(), "a message", Ok)
    }

    /// The next message, which has to be text.
    ///
    /// # Panics
    ///
    /// As [`receive`](Self::receive), and if it is another.
    #[track_caller]
    pub fn expect_text(&mut self) -> impl Future<Output = String> + Send {
        self.expected(Location::caller(), "a text message", |message| match message {
            Message::Text(text) => Ok(text.into()),
            other => Err(other),
        })
    }

    /// The next message, which has to be binary.
    ///
    /// # Panics
    ///
    /// As [`receive`](Self::receive), and if it is another.
    #[track_caller]
    pub fn expect_binary(&mut self) -> impl Future<Output = Bytes> + Send {
        self.expected(Location::caller(), "a binary message", |message| match message {
            Message::Binary(bytes) => Ok(bytes),
            other => Err(other),
        })
    }

    /// The next message, which has to decode: `peer.expect::<Json<Move>>()`.
    ///
    /// # Panics
    ///
    /// As [`receive`](Self::receive), and if it does not decode.
    #[track_caller]
    pub fn expect<T: FromMessage>(&mut self) -> impl Future<Output = T> + Send {
        let wanted = std::any::type_name::<T>();
        self.expected(Location::caller(), wanted, |message| {
            T::from_message(message).map_err(|error| error.into_parts().0)
        })
    }

    /// The next ping. Messages before it stay; it was answered when it came.
    ///
    /// # Panics
    ///
    /// If none comes until the deadline, or the session ends instead.
    #[track_caller]
    pub fn expect_ping(&mut self) -> impl Future<Output = Bytes> + Send {
        let place = Location::caller();
        async move {
            match timeout(self.deadline, self.pings.recv()).await {
                Ok(Some(payload)) => payload,
                Ok(None) => fail(place, "a ping", &"the session had ended"),
                Err(_) => self.in_vain(place, "a ping"),
            }
        }
    }

    /// The end of the session, with no message before it. Code 1005 is a close frame without one,
    /// 1006 an end without a close frame. The initiator is seen from here:
    /// [`Local`](crate::Initiator::Local) if this peer closed first.
    ///
    /// # Panics
    ///
    /// If it does not come until the deadline, or a message comes instead.
    #[track_caller]
    pub fn expect_close(&mut self) -> impl Future<Output = CloseReason> + Send {
        let place = Location::caller();
        async move {
            match self.next(place, "the end of the session").await {
                Ok(message) => fail(place, "the end of the session", &Shown(&message)),
                Err(reason) => reason,
            }
        }
    }

    /// Nothing comes for so long; pings count for nothing. With tokio's clock paused it takes no
    /// time.
    ///
    /// # Panics
    ///
    /// If something comes.
    #[track_caller]
    pub fn expect_silence(&mut self, lasts: Duration) -> impl Future<Output = ()> + Send {
        let place = Location::caller();
        async move {
            let wanted = format!("silence for {lasts:?}");
            match timeout(lasts, self.came.recv()).await {
                Err(_) => {}
                Ok(Some(Came::Message(message))) => fail(place, &wanted, &Shown(&message)),
                Ok(Some(Came::End(reason))) => fail(place, &wanted, &ended(&reason)),
                Ok(None) => fail(place, &wanted, &"the session had ended before"),
            }
        }
    }

    // ---- being a bad peer

    /// Reads nothing and answers nothing from now on, as a peer whose network is gone or that is
    /// too slow. 64 KiB fit in between, then the server cannot write.
    pub fn pause(&mut self) {
        self.line.reading.send_replace(false);
    }

    /// Reads and answers again.
    pub fn resume(&mut self) {
        self.line.reading.send_replace(true);
    }

    // ----

    fn put(
        &self,
        place: &'static Location<'static>,
        write: impl Future<Output = bool> + Send,
    ) -> impl Future<Output = ()> + Send {
        let deadline = self.deadline;
        async move {
            match timeout(deadline, write).await {
                Ok(true) => {}
                Ok(false) => fail(place, "to send", &"the server is gone"),
                Err(_) => panic!("{place}: the server read nothing for {deadline:?}"),
            }
        }
    }

    async fn expected<T>(
        &mut self,
        place: &'static Location<'static>,
        wanted: &str,
        take: impl FnOnce(Message) -> Result<T, Message>,
    ) -> T {
        match self.next(place, wanted).await {
            Ok(message) => match take(message) {
                Ok(taken) => taken,
                Err(other) => fail(place, wanted, &Shown(&other)),
            },
            Err(reason) => fail(place, wanted, &ended(&reason)),
        }
    }

    /// The next message, or how the session ended.
    async fn next(
        &mut self,
        place: &'static Location<'static>,
        wanted: &str,
    ) -> Result<Message, CloseReason> {
        if let Some(reason) = &self.end {
            return Err(reason.clone());
        }
        match timeout(self.deadline, self.came.recv()).await {
            Ok(Some(Came::Message(message))) => Ok(message),
            Ok(Some(Came::End(reason))) => {
                self.end = Some(reason.clone());
                Err(reason)
            }
            Ok(None) => fail(place, wanted, &"the runtime had stopped"),
            Err(_) => self.in_vain(place, wanted),
        }
    }

    fn in_vain(&self, place: &Location<'_>, wanted: &str) -> ! {
        let deadline = self.deadline;
        let paused = if *self.line.reading.borrow() { "" } else { " (it is paused)" };
        panic!("{place}: waited {deadline:?} for {wanted} in vain: nothing came{paused}")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn opcode(kind: MessageKind) -> Opcode {
    match kind {
        MessageKind::Text => Opcode::Text,
        MessageKind::Binary => Opcode::Binary,
        MessageKind::Pong => Opcode::Pong,
    }
}

/// What had come instead.
fn fail(place: &Location<'_>, wanted: &str, instead: &dyn fmt::Display) -> ! {
    panic!("{place}: waited for {wanted}, but {instead}")
}

fn ended(reason: &CloseReason) -> String {
    format!("the session ended: {reason}")
}

/// A message as a failure shows it.
struct Shown<'a>(&'a Message);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// What of a message is shown.
        const SHOWN: usize = 200;
        let text = match self.0 {
            Message::Text(text) => format!("{:?}", text.as_str()),
            other => format!("{:?}", other.as_bytes()),
        };
        let cut: String = text.chars().take(SHOWN).collect();
        let more = if cut.len() < text.len() { "…" } else { "" };
        let len = self.0.len();
        write!(f, "a {:?} message of {len} bytes came: {cut}{more}", self.0.kind())
    }
}
