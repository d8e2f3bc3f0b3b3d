//! `#[client_endpoint]` against our own server: the life of one connection, and its handle.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use tokio::{io::AsyncReadExt, net::TcpListener, sync::mpsc};
use wsframe::{
    Bytes, Cause, Client, ClientHandle, Close, ConnectError, Error, Failure, Handshake, Initiator,
    NotConnected, OnError, Options, Part, Pong, Refusal, Server, Session, Text, Unsent,
    client_endpoint, http, on_close, on_error, on_event, on_handshake, on_message, on_open,
    on_tick, server_endpoint,
};
use wsframe_tests::{Running, Watch, probed, serve, soon};

/// What happened to a [`Guest`].
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Opened { node: Option<String>, subprotocol: Option<String> },
    Text(String),
    Binary(Bytes),
    Pong,
    Failed(String),
    Told(u32),
    Closed { code: u16, initiator: Initiator },
    Dropped,
}

#[client_endpoint(subprotocols = ["v2", "v1"], max_message_size = 1024, ping_interval = "1h")]
#[derive(Debug)]
struct Guest {
    seen: mpsc::UnboundedSender<Seen>,
    /// Messages that came, over all connections.
    count: u32,
}

impl Guest {
    fn new() -> (Self, mpsc::UnboundedReceiver<Seen>) {
        let (seen, events) = mpsc::unbounded_channel();
        (Self { seen, count: 0 }, events)
    }

    fn saw(&self, seen: Seen) {
        let _ = self.seen.send(seen);
    }

    #[on_open]
    async fn opened(&mut self, session: &Session) -> Option<&'static str> {
        let head = session.head().expect("the answer's head");
        let node = head.headers.get("x-node").map(|node| node.to_str().unwrap().to_owned());
        let subprotocol = session.subprotocol().map(str::to_owned);
        self.saw(Seen::Opened { node, subprotocol });
        (head.uri.query() == Some("greet")).then_some("hello")
    }

    #[on_message]
    async fn text(&mut self, text: String, session: &Session) -> Result<Option<String>, Error> {
        assert!(session.head().is_none(), "the head is gone behind on_open");
        self.count += 1;
        self.saw(Seen::Text(text.clone()));
        match &*text {
            "fail" => Err("as ordered".into()),
            "panic" => panic!("as ordered"),
            "kick" => Err(Close::new(4003, "kicked").into()),
            "ping" => {
                session.ping("there?")?;
                Ok(None)
            }
            _ => Ok(Some(text)),
        }
    }

    #[on_message]
    fn binary(&mut self, bytes: Bytes) {
        self.saw(Seen::Binary(bytes));
    }

    #[on_message]
    fn pong(&mut self, _: &Pong) {
        self.saw(Seen::Pong);
    }

    #[on_event]
    fn told(&mut self, number: u32) -> String {
        self.saw(Seen::Told(number));
        number.to_string()
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        self.saw(Seen::Failed(failure.to_string()));
        OnError::Continue
    }

    #[on_close]
    async fn closed(&mut self, reason: wsframe::CloseReason, session: &Session) {
        assert!(!session.is_open());
        self.saw(Seen::Closed { code: reason.code().into(), initiator: reason.initiator() });
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.saw(Seen::Dropped);
    }
}

#[server_endpoint("/hosts", subprotocols = ["v1"])]
struct Host;

impl Host {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        if handshake.uri().query() == Some("refuse") {
            return Err(Refusal::forbidden("not you"));
        }
        let node = http::HeaderValue::from_static("seven");
        handshake.response_headers_mut().insert("x-node", node);
        Ok(())
    }

    #[on_open]
    async fn greet(&self, session: &Session) {
        for order in ["one", "fail"] {
            session.send(order).await.unwrap();
        }
        session.send(Bytes::from_static(b"three")).await.unwrap();
    }

    #[on_message]
    fn said(&self, text: &str, session: &Session) -> Option<Bytes> {
        if text == "one" {
            return Some(Bytes::from_static(b"heard"));
        }
        session.close(Close::new(4001, "enough"));
        None
    }
}

fn client(server: &Running, path: &str) -> Client {
    Client::new(format!("ws://{}{path}", server.addr))
}

async fn next(events: &mut mpsc::UnboundedReceiver<Seen>) -> Seen {
    soon("an event", events.recv()).await.expect("the guest lives")
}

async fn opened(events: &mut mpsc::UnboundedReceiver<Seen>) {
    assert!(matches!(next(events).await, Seen::Opened { .. }));
}

async fn session(watch: &mut Watch) -> Session {
    watch.opened().await
}

/// Every task but this test's own is gone.
async fn all_tasks_end() {
    let tasks = tokio::runtime::Handle::current().metrics();
    let none = async {
        while tasks.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon("every task to end", none).await;
}

#[tokio::test]
async fn an_object_runs_until_the_server_closes_and_comes_back() {
    let server = serve(Server::new().only::<Host>()).await;
    let (guest, mut events) = Guest::new();
    let running = tokio::spawn(client(&server, "/hosts").run(guest));
    let agreed = Seen::Opened { node: Some("seven".into()), subprotocol: Some("v1".into()) };
    assert_eq!(next(&mut events).await, agreed);
    // Replies and failures do not change the order of what came.
    let came = [
        Seen::Text("one".into()),
        Seen::Text("fail".into()),
        Seen::Failed("as ordered".into()),
        Seen::Binary("three".into()),
        Seen::Binary("heard".into()),
    ];
    for seen in came {
        assert_eq!(next(&mut events).await, seen);
    }
    let session = server.handle.sessions().pop().expect("a session");
    session.send("three").await.unwrap();
    assert_eq!(next(&mut events).await, Seen::Text("three".into()));
    assert_eq!(next(&mut events).await, Seen::Closed { code: 4001, initiator: Initiator::Peer });
    let stopped = soon("the end", running).await.unwrap();
    assert_eq!(stopped.last.to_string(), "4001 enough");
    assert_eq!(stopped.last.unsent(), Unsent::default());
    let (guest, reason) = stopped.into_result().unwrap();
    assert_eq!((guest.count, reason.was_clean()), (3, true));
    assert!(events.is_empty(), "on_close comes once, and the object is not dropped");
    drop(guest);
    server.stop().await;
    all_tasks_end().await;
}

#[tokio::test]
async fn a_dial_that_fails_is_an_error_and_gives_the_object_back() {
    let server = serve(Server::new().only::<Host>()).await;
    let (guest, mut events) = Guest::new();
    let stopped = soon("the end", client(&server, "/hosts?refuse").run(guest)).await;
    let Cause::Failed(ConnectError::Refused { status, body, .. }) = stopped.last.cause() else {
        panic!("{stopped:?}")
    };
    assert_eq!((status.as_u16(), &body[..]), (403, &b"not you"[..]));
    assert_eq!(stopped.last.failures(), 1);
    assert!(events.try_recv().is_err(), "it was never open");
    let again = soon("the end", Client::new("http://nonsense").run(stopped.endpoint)).await;
    let error = again.into_result().expect_err("no such URL");
    assert!(matches!(error.cause(), Cause::Failed(ConnectError::InvalidUrl(_))), "{error:?}");
    let (guest, _events) = Guest::new();
    let zero = Client::new("ws://a/").options(Options::new().outbox(0_usize));
    let error = soon("the end", zero.run(guest)).await.into_result().expect_err("a zero");
    assert!(error.to_string().contains("`outbox` is zero"), "{error}");
    server.stop().await;
    all_tasks_end().await;
}

/// `run` starts when it is polled; who drops it closes with 1001, and the end is an orderly one.
#[tokio::test]
async fn dropping_the_run_closes_in_order() {
    let (server, mut watch) = probed(|options| options).await;
    let (guest, mut events) = Guest::new();
    let mut running = Box::pin(client(&server, "/probe").run(guest));
    tokio::select! {
        stopped = &mut running => panic!("{stopped:?}"),
        _ = session(&mut watch) => {}
    }
    opened(&mut events).await;
    drop(running);
    let reason = watch.closed().await;
    assert_eq!((reason.code(), reason.initiator()), (1001.into(), Initiator::Peer));
    assert_eq!(next(&mut events).await, Seen::Closed { code: 1001, initiator: Initiator::Local });
    assert_eq!(next(&mut events).await, Seen::Dropped);
    let (guest, mut events) = Guest::new();
    drop(client(&server, "/probe").run(guest));
    assert_eq!(next(&mut events).await, Seen::Dropped);
    server.stop().await;
    all_tasks_end().await;
}

#[tokio::test]
async fn a_handle_sends_waits_and_closes() {
    let (server, mut watch) = probed(|options| options).await;
    let (guest, mut events) = Guest::new();
    let handle = client(&server, "/probe?open=echo hey".replace(' ', "%20").as_str()).start(guest);
    assert_eq!(handle.session(), Err(NotConnected::Connecting));
    let ours = soon("a session", handle.opened()).await.unwrap();
    let _there = session(&mut watch).await;
    opened(&mut events).await;
    assert_eq!(next(&mut events).await, Seen::Text("hey".into()));
    assert_eq!(watch.message().await, "hey".into());
    handle.session().unwrap().send("echo from outside").await.unwrap();
    assert_eq!(watch.message().await, "echo from outside".into());
    assert_eq!(next(&mut events).await, Seen::Text("from outside".into()));
    assert_eq!(watch.message().await, "from outside".into());
    ours.tell(7_u32).unwrap();
    assert_eq!(next(&mut events).await, Seen::Told(7));
    assert_eq!(watch.message().await, "7".into());

    let other = handle.clone();
    assert!(!other.is_stopped());
    other.close(Close::new(4010, "done"));
    other.close(Close::new(4011, "too late"));
    assert_eq!(handle.session(), Err(NotConnected::Connecting));
    let last = soon("the end", handle.stopped()).await.expect("a session has ended");
    assert_eq!(last.to_string(), "4010 done");
    assert_eq!(next(&mut events).await, Seen::Closed { code: 4010, initiator: Initiator::Local });
    assert_eq!(next(&mut events).await, Seen::Dropped);
    assert_eq!(watch.closed().await.code(), 4010);
    assert_eq!(handle.session(), Err(NotConnected::Stopped));
    assert_eq!(soon("an answer", handle.opened()).await, Err(NotConnected::Stopped));
    assert!(ours.send("late").await.is_err());
    handle.close(Close::normal());
    server.stop().await;
    all_tasks_end().await;
}

/// Also while it dials: a server that never answers.
#[tokio::test]
async fn a_dial_is_given_up_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (guest, mut events) = Guest::new();
    let client = Client::new(format!("ws://{}/", listener.local_addr().unwrap()))
        .handshake_timeout(Duration::from_secs(3600));
    let handle = client.start(guest);
    let (mut tcp, _) = soon("a client", listener.accept()).await.unwrap();
    handle.close(Close::normal());
    assert!(soon("the end", handle.stopped()).await.is_none());
    assert_eq!(next(&mut events).await, Seen::Dropped);
    soon("the socket's end", tcp.read_to_end(&mut Vec::new())).await.unwrap();
    all_tasks_end().await;
}

#[tokio::test]
async fn errors_and_panics_end_what_they_have_to() {
    let (server, mut watch) = probed(|options| options).await;
    for (order, code) in [("panic", 1011), ("kick", 4003)] {
        let (guest, mut events) = Guest::new();
        let handle = client(&server, "/probe").start(guest);
        let there = session(&mut watch).await;
        opened(&mut events).await;
        there.send("fail").await.unwrap();
        assert_eq!(next(&mut events).await, Seen::Text("fail".into()));
        assert_eq!(next(&mut events).await, Seen::Failed("as ordered".into()));
        there.send(order).await.unwrap();
        assert_eq!(next(&mut events).await, Seen::Text(order.into()));
        assert_eq!(next(&mut events).await, Seen::Closed { code, initiator: Initiator::Local });
        assert_eq!(next(&mut events).await, Seen::Dropped);
        assert_eq!(watch.closed().await.code(), code);
        let last = soon("the end", handle.stopped()).await.unwrap();
        assert!(!last.is_transient(), "{last:?}");
    }
    server.stop().await;
    all_tasks_end().await;
}

/// What the attribute says holds, and what the client says goes before it.
#[tokio::test]
async fn options_come_from_the_attribute_and_the_client() {
    let (server, mut watch) = probed(|options| options).await;
    for (of_client, code) in
        [(Options::new(), 1009), (Options::new().max_message_size(4096_usize), 1001)]
    {
        let (guest, _events) = Guest::new();
        let handle = client(&server, "/probe").options(of_client).start(guest);
        let there = session(&mut watch).await;
        there.send(vec![0; 2000]).await.unwrap();
        if code == 1001 {
            there.ping("read?").unwrap();
            assert!(matches!(watch.message().await, wsframe::Message::Pong(_)));
            handle.close(Close::new(1001, ""));
        }
        assert_eq!(watch.closed().await.code(), code);
        soon("the end", handle.stopped()).await;
    }
    let (guest, mut events) = Guest::new();
    let host = serve(Server::new().only::<Host>()).await;
    let _handle = client(&host, "/hosts").subprotocol("v3").start(guest);
    let Seen::Opened { subprotocol, .. } = next(&mut events).await else { panic!("opened") };
    assert_eq!(subprotocol, None, "the client asks for its own alone");
    host.stop().await;
    server.stop().await;
}

/// Pongs reach the handler, pings are sent, and a server that answers none is lost.
#[tokio::test]
async fn the_heartbeat_beats_on_this_side() {
    let (server, mut watch) = probed(|options| options).await;
    let (guest, mut events) = Guest::new();
    let quick = Options::new().ping_interval(Duration::from_millis(10));
    let _handle = client(&server, "/probe").options(quick.clone()).start(guest);
    let _there = session(&mut watch).await;
    opened(&mut events).await;
    for _ in 0..3 {
        assert_eq!(next(&mut events).await, Seen::Pong);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let silent = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        tokio_tungstenite::accept_async(tcp).await.unwrap()
    });
    let (guest, _events) = Guest::new();
    let deaf = Client::new(url).options(quick.pong_timeout(Duration::from_millis(20)));
    let running = tokio::spawn(deaf.run(guest));
    let _kept = soon("a handshake", silent).await.unwrap();
    let stopped = soon("the end", running).await.unwrap();
    assert_eq!(stopped.last.to_string(), "1006 no sign of life after a ping");
    assert!(stopped.last.is_transient());
}

/// The other forms of handlers.
#[client_endpoint]
#[derive(Default)]
struct Varied {
    ticks: Arc<AtomicUsize>,
    bytes: usize,
    letters: usize,
    home: Option<ThreadId>,
}

impl Varied {
    #[on_tick(every = "1ms")]
    fn tick(&mut self) -> Option<&'static str> {
        (self.ticks.fetch_add(1, Ordering::Relaxed) == 2).then_some("third tick")
    }

    #[on_open]
    fn opened(&mut self) {
        self.home = Some(thread::current().id());
    }

    #[on_message(blocking)]
    fn letters(&mut self, part: &Part<Text>) -> Option<String> {
        assert_ne!(self.home, Some(thread::current().id()), "it may block here");
        self.letters += part.payload.len();
        part.last.then(|| format!("{} letters", self.letters))
    }

    #[on_message]
    fn part(&mut self, part: &Part<Bytes>) -> Option<String> {
        self.bytes += part.payload.len();
        part.last.then(|| self.bytes.to_string())
    }
}

#[tokio::test]
async fn ticks_blocking_handlers_and_parts_work_on_this_side() {
    let (server, mut watch) = probed(|options| options).await;
    let varied = Varied::default();
    let running = tokio::spawn(client(&server, "/probe").run(varied));
    let there = session(&mut watch).await;
    assert_eq!(watch.message().await, "third tick".into());
    there.send("whole").await.unwrap();
    assert_eq!(watch.message().await, "5 letters".into());
    there.send("x".repeat(300_000)).await.unwrap();
    assert_eq!(watch.message().await, "300005 letters".into());
    there.send(vec![0; 300_000]).await.unwrap();
    assert_eq!(watch.message().await, "300000".into());
    there.close(Close::normal());
    let stopped = soon("the end", running).await.unwrap();
    assert_eq!(stopped.endpoint.bytes, 300_000);
    server.stop().await;
}

/// A thousand clients, and then nothing of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_come_and_go() {
    const CLIENTS: usize = 1000;
    let descriptors = || std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let server = serve(Server::new().only::<Host>()).await;
    let client = client(&server, "/hosts");
    let before = descriptors();
    let (seen, mut events) = mpsc::unbounded_channel();
    let handles: Vec<_> =
        (0..CLIENTS).map(|_| client.start(Guest { seen: seen.clone(), count: 0 })).collect();
    let mut heard = 0;
    while heard < CLIENTS {
        heard += usize::from(next(&mut events).await == Seen::Binary("heard".into()));
    }
    assert_eq!(server.handle.connections(), CLIENTS);
    for handle in &handles {
        handle.close(Close::normal());
    }
    let mut dropped = 0;
    while dropped < CLIENTS {
        dropped += usize::from(next(&mut events).await == Seen::Dropped);
    }
    for handle in handles {
        assert_eq!(soon("the end", handle.stopped()).await.unwrap().to_string(), "1000");
    }
    server.stop().await;
    all_tasks_end().await;
    // Other tests of this process open some of their own meanwhile.
    let left = async {
        while descriptors() > before + CLIENTS / 2 {
            tokio::task::yield_now().await;
        }
    };
    soon("the descriptors", left).await;
}

/// It has no path, so a server that is given it does not start.
#[tokio::test]
async fn no_server_makes_it() {
    let fault = Server::new().without_link_time().endpoint::<Varied>().bind("127.0.0.1:0").await;
    let text = fault.expect_err("no path").to_string();
    assert!(text.contains("begins with"), "{text}");
}

/// Objects that were started from one client share their rooms, also over many clones of it.
#[client_endpoint]
struct Member;

impl Member {
    #[on_open]
    async fn join(&self, session: &Session) -> wsframe::Result {
        session.join("all").await?;
        Ok(())
    }
}

/// Of another type, with rooms of their own.
#[client_endpoint(ping_interval = off)]
struct Stranger;

impl Stranger {
    #[on_open]
    async fn join(&self, session: &Session) -> wsframe::Result {
        session.join("all").await?;
        Ok(())
    }
}

#[tokio::test]
async fn objects_of_one_client_share_rooms() {
    let (server, mut watch) = probed(|options| options).await;
    let client = client(&server, "/probe");
    let (one, two) = (client.start(Member), client.clone().start(Member));
    let other = client.clone().redirects(1).start(Member);
    let strangers = [client.start(Stranger), client.start(Stranger)];
    for _ in 0..5 {
        watch.opened().await;
    }
    let members = |of: &ClientHandle| of.session().map_or(0, |s| s.room("all").members().len());
    let joined = async {
        while members(&one) < 2 || members(&other) < 1 || members(&strangers[0]) < 2 {
            tokio::task::yield_now().await;
        }
    };
    soon("all to join", joined).await;
    assert_eq!((members(&one), members(&two), members(&other)), (2, 2, 1));
    assert_eq!(strangers.each_ref().map(members), [2, 2]);
    one.session().unwrap().room("all").send("hello").await;
    for _ in 0..2 {
        assert_eq!(watch.message().await, "hello".into());
    }
    server.stop().await;
    all_tasks_end().await;
}
