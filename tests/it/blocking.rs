//! Handlers that block: on a thread of their own, one after the other, and nothing else waits.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wsframe::{
    Bytes, Close, CloseReason, Endpoint, Handshake, Message, MessageKind, MessageKinds, Outcome,
    Refusal, Reply, SendError, Server, Session, StateKey, Text, on_close, on_message, on_open,
    server_endpoint,
};
use wsframe_tests::{Client, Running, serve, soon};

/// What happened to the endpoint.
#[derive(Debug)]
enum Did {
    Open(Session),
    Begin(String),
    End(String, Result<(), SendError>),
    /// With the number of handlers that finished.
    Close(u32, CloseReason),
    Drop,
}

/// The endpoint's side: tells, and waits to be let go.
#[derive(Clone)]
struct Gate {
    told: UnboundedSender<Did>,
    open: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Gate {
    fn tell(&self, did: Did) {
        // The test may be over.
        let _ = self.told.send(did);
    }

    /// Blocks the thread. A test that is over lets everybody go.
    fn wait(&self) {
        let _ = self.open.lock().unwrap_or_else(PoisonError::into_inner).recv();
    }
}

/// The test's side.
struct Guard {
    heard: UnboundedReceiver<Did>,
    open: mpsc::Sender<()>,
}

impl Guard {
    fn new() -> (Gate, Self) {
        let (told, heard) = unbounded_channel();
        let (open, opened) = mpsc::channel();
        (Gate { told, open: Arc::new(Mutex::new(opened)) }, Self { heard, open })
    }

    async fn next(&mut self) -> Did {
        soon("an event", self.heard.recv()).await.expect("the endpoint lives")
    }

    async fn opened(&mut self) -> Session {
        match self.next().await {
            Did::Open(session) => session,
            other => panic!("opened expected, not {other:?}"),
        }
    }

    async fn begins(&mut self, what: &str) {
        match self.next().await {
            Did::Begin(began) if began == what => {}
            other => panic!("the begin of {what} expected, not {other:?}"),
        }
    }

    async fn ends(&mut self, what: &str) -> Result<(), SendError> {
        match self.next().await {
            Did::End(ended, sent) if ended == what => sent,
            other => panic!("the end of {what} expected, not {other:?}"),
        }
    }

    /// `on_close`, then the drop of the object, and nothing else.
    async fn closes(&mut self) -> (u32, CloseReason) {
        let closed = match self.next().await {
            Did::Close(handled, reason) => (handled, reason),
            other => panic!("on_close expected, not {other:?}"),
        };
        assert!(matches!(self.next().await, Did::Drop), "dropped after on_close");
        assert!(self.heard.try_recv().is_err(), "nothing after that");
        closed
    }

    /// Lets one handler go.
    fn release(&self) {
        self.open.send(()).expect("the endpoint lives");
    }
}

#[server_endpoint("/desk", close_timeout = "50ms", finish_within = "1ms")]
struct Desk {
    #[state]
    gate: Gate,
    handled: u32,
}

impl Desk {
    #[on_open]
    fn opened(&self, session: Session) {
        self.gate.tell(Did::Open(session));
    }

    #[on_message(blocking)]
    fn work(&mut self, order: &str, session: &Session) -> Result<String, Close> {
        self.gate.tell(Did::Begin(order.into()));
        self.gate.wait();
        match order {
            "panic" => panic!("as ordered"),
            "kick" => return Err(Close::new(4003, "kicked")),
            _ => {}
        }
        self.handled += 1;
        self.gate.tell(Did::End(order.into(), session.blocking_send("sent")));
        Ok(format!("{order} {}", self.handled))
    }

    #[on_message]
    async fn sum(&mut self, bytes: Bytes) -> u32 {
        tokio::task::yield_now().await;
        bytes.iter().map(|byte| u32::from(*byte)).sum()
    }

    #[on_close]
    async fn left(&mut self, reason: CloseReason) {
        self.gate.tell(Did::Close(self.handled, reason));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.gate.tell(Did::Drop);
    }
}

async fn desk() -> (Running, Guard, Client, Session) {
    let (gate, mut guard) = Guard::new();
    let server = Server::new().without_link_time().endpoint::<Desk>().state(gate);
    let server = serve(server).await;
    let client = Client::open(server.addr, "/desk").await;
    let session = guard.opened().await;
    (server, guard, client, session)
}

/// The runtime has one thread, which this test runs on: were it blocked, nothing would come.
#[tokio::test]
async fn everything_else_goes_on() {
    let (_server, mut guard, mut client, session) = desk().await;
    client.text("a").await;
    guard.begins("a").await;
    client.send(0x89, "are you there?").await;
    let pong = client.next().await.expect("a pong");
    assert_eq!((pong.first, &*pong.payload), (0x8a, &b"are you there?"[..]));
    session.send("meanwhile").await.expect("an open session");
    assert_eq!(client.expect_text().await, "meanwhile");
    guard.release();
    assert!(guard.ends("a").await.is_ok());
    assert_eq!(client.expect_text().await, "sent");
    assert_eq!(client.expect_text().await, "a 1");
}

#[tokio::test]
async fn handlers_of_a_connection_run_one_after_the_other() {
    let (_server, mut guard, mut client, _) = desk().await;
    client.text("a").await;
    client.text("b").await;
    client.send(0x82, [1, 2, 3]).await;
    guard.begins("a").await;
    // Both have been read by the time the ping behind them is answered.
    client.send(0x89, "").await;
    assert_eq!(client.next().await.expect("a pong").first, 0x8a);
    guard.release();
    guard.release();
    assert!(guard.ends("a").await.is_ok());
    guard.begins("b").await;
    assert!(guard.ends("b").await.is_ok());
    for text in ["sent", "a 1", "sent", "b 2", "6"] {
        assert_eq!(client.expect_text().await, text);
    }
}

/// The object comes back, so `on_close` has it.
#[tokio::test]
async fn a_panic_ends_its_connection() {
    let (_server, mut guard, mut client, _) = desk().await;
    client.text("a").await;
    guard.begins("a").await;
    guard.release();
    assert!(guard.ends("a").await.is_ok());
    client.text("panic").await;
    guard.begins("panic").await;
    guard.release();
    assert_eq!(client.expect_text().await, "sent");
    assert_eq!(client.expect_text().await, "a 1");
    assert_eq!(client.expect_close().await.0, 1011);
    client.close(1011, "").await;
    let (handled, reason) = guard.closes().await;
    assert_eq!((handled, u16::from(reason.code())), (1, 1011));
}

#[tokio::test]
async fn an_error_is_an_error_as_ever() {
    let (_server, mut guard, mut client, _) = desk().await;
    client.text("kick").await;
    guard.begins("kick").await;
    guard.release();
    assert_eq!(client.expect_close().await, (4003, "kicked".into()));
    client.close(4003, "").await;
    assert_eq!(guard.closes().await.0, 0);
}

/// The thread cannot be stopped: the session and the server end without it, and `on_close` is
/// called when it is back, once.
#[tokio::test]
async fn a_thread_that_outlives_its_connection_closes_late() {
    let (server, mut guard, mut client, session) = desk().await;
    client.text("a").await;
    guard.begins("a").await;
    client.close(4000, "bye").await;
    assert_eq!(client.expect_close().await.0, 4000);
    assert_eq!(u16::from(session.closed().await.code()), 4000);
    server.stop().await;
    assert!(guard.heard.try_recv().is_err(), "it is still blocked");
    guard.release();
    assert!(matches!(guard.ends("a").await, Err(SendError::Closed)));
    let (handled, reason) = guard.closes().await;
    assert_eq!((handled, u16::from(reason.code())), (1, 4000));
}

/// What was late panics.
#[tokio::test]
async fn a_late_panic_is_followed_by_on_close() {
    let (server, mut guard, mut client, session) = desk().await;
    client.text("panic").await;
    guard.begins("panic").await;
    drop(client);
    session.closed().await;
    server.stop().await;
    guard.release();
    let (handled, reason) = guard.closes().await;
    assert_eq!((handled, u16::from(reason.code())), (0, 1006));
}

const BULK: usize = 64 * 1024;

/// Sends more than the outbox and the kernel hold.
#[server_endpoint("/bulk", outbox_messages = 2, send_timeout = "20s")]
struct Bulk;

impl Bulk {
    #[on_message(text, blocking)]
    fn dump(&mut self, count: u32, session: &Session) -> wsframe::Result {
        for n in 0..count {
            let mut bytes = vec![0; BULK];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            session.blocking_send(bytes)?;
        }
        Ok(())
    }

    /// Not a place to block in.
    #[on_message]
    fn wrong(&mut self, _: Bytes, session: &Session) -> wsframe::Result {
        Ok(session.blocking_send("never")?)
    }

    #[on_message(pong)]
    async fn thread(&mut self, _: Message, session: Session) {
        thread::spawn(move || session.blocking_send("from a thread"));
    }
}

async fn bulk() -> (Running, Client) {
    let server = serve(Server::new().without_link_time().endpoint::<Bulk>()).await;
    let client = Client::open(server.addr, "/bulk").await;
    (server, client)
}

#[tokio::test]
async fn a_blocking_send_waits_for_room() {
    let (_server, mut client) = bulk().await;
    client.text("300").await;
    for n in 0..300_u32 {
        let frame = client.next().await.expect("a frame");
        assert_eq!((frame.payload.len(), &frame.payload[..4]), (BULK, &n.to_be_bytes()[..]));
    }
}

#[tokio::test]
async fn a_blocking_send_panics_where_it_would_hold_up_others() {
    let (_server, mut client) = bulk().await;
    client.send(0x8a, "").await;
    assert_eq!(client.expect_text().await, "from a thread");
    client.send(0x82, "").await;
    assert_eq!(client.expect_close().await.0, 1011);
}

/// Sends until nobody takes it any more.
#[server_endpoint("/flood", outbox_messages = 2, send_timeout = "10ms")]
struct Flood {
    #[state]
    gate: Gate,
}

impl Flood {
    #[on_message(blocking)]
    fn flood(&mut self, _: Text, session: &Session) -> Result<(), SendError> {
        loop {
            let sent = session.blocking_send(vec![0; BULK]);
            if let Err(error) = sent {
                self.gate.tell(Did::End("flood".into(), session.blocking_send("once more")));
                return Err(error);
            }
        }
    }

    #[on_close]
    fn left(&mut self, reason: CloseReason) {
        self.gate.tell(Did::Close(0, reason));
    }
}

#[tokio::test]
async fn a_blocking_send_gives_a_peer_up_that_does_not_read() {
    let (gate, mut guard) = Guard::new();
    let server = Server::new().without_link_time().endpoint::<Flood>().state(gate);
    let server = serve(server).await;
    let mut client = Client::open(server.addr, "/flood").await;
    client.text("").await;
    assert!(matches!(guard.ends("flood").await, Err(SendError::Closed)));
    match guard.next().await {
        Did::Close(_, reason) => assert_eq!(u16::from(reason.code()), 1013),
        other => panic!("on_close expected, not {other:?}"),
    }
}

/// By hand, with waiting on the thread.
struct ByHand(Gate);

impl Endpoint for ByHand {
    const PATH: &'static str = "/hand";
    const BLOCKING: MessageKinds = MessageKinds::NONE.with(MessageKind::Binary);

    fn states() -> Vec<StateKey> {
        vec![StateKey::of::<Gate>()]
    }

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        handshake.state().map(Self).ok_or_else(Refusal::internal)
    }

    fn on_message(
        &mut self,
        session: &Session,
        message: Message,
    ) -> impl Future<Output = Outcome> + Send {
        let before = thread::current().id();
        async move {
            // The runtime is at hand on the thread.
            tokio::spawn(async {}).await?;
            let same = before == thread::current().id();
            let kind = message.kind();
            session.send(format!("{kind:?} {same}")).await?;
            self.0.tell(Did::Begin("hand".into()));
            if kind == MessageKind::Binary {
                self.0.wait();
            }
            Ok(Reply::message("done"))
        }
    }
}

#[tokio::test]
async fn an_endpoint_by_hand_may_block_too() {
    let (gate, mut guard) = Guard::new();
    let server = Server::new().without_link_time().endpoint::<ByHand>().state(gate);
    let server = serve(server).await;
    let mut client = Client::open(server.addr, "/hand").await;
    client.text("").await;
    assert_eq!(client.expect_text().await, "Text true");
    assert_eq!(client.expect_text().await, "done");
    guard.begins("hand").await;
    client.send(0x82, "").await;
    assert_eq!(client.expect_text().await, "Binary true");
    guard.begins("hand").await;
    guard.release();
    assert_eq!(client.expect_text().await, "done");
}
