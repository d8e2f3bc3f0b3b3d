//! User code at its worst: it panics wherever it is called, in destructors too. It costs its own
//! connection and nothing else, is reported, and leaves nothing behind.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wsframe::{
    DecodeError, Endpoint, FromMessage, IntoMessage, Outcome, Principal,
    prelude::*,
    testing::{InMemory, Peer},
};
use wsframe_tests::{Records, soon};

/// Panics when it goes, wherever that is.
#[derive(Clone, Debug, Default)]
struct Bomb(bool);

impl Bomb {
    const ARMED: Self = Self(true);
}

impl Drop for Bomb {
    fn drop(&mut self) {
        // Two panics at once would end the process, in any Rust program.
        assert!(!self.0 || std::thread::panicking(), "in a destructor, as ordered");
    }
}

/// Panics when it is encoded or decoded.
struct Unspeakable;

impl IntoMessage for Unspeakable {
    fn into_message(self) -> wsframe::Result<Message> {
        panic!("in an encoder, as ordered")
    }
}

impl FromMessage for Unspeakable {
    fn from_message(_: Message) -> Result<Self, DecodeError> {
        panic!("in a decoder, as ordered")
    }
}

#[derive(Debug, PartialEq)]
enum Did {
    Open,
    Close(u16),
    Drop,
}

/// Tells when the object goes, even if its fields panic.
struct Life(UnboundedSender<Did>);

impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.0.send(Did::Drop);
    }
}

/// Does the worst at the place that the path names.
#[server_endpoint("/worst/<place>", finish_within = "1s")]
struct Worst {
    place: String,
    bomb: Bomb,
    #[state]
    told: UnboundedSender<Did>,
    life: Option<Life>,
}

struct Told(Bomb);

impl Worst {
    fn panic_in(&self, place: &str) {
        assert!(self.place != place, "as ordered");
    }

    #[on_handshake]
    fn handshake(&mut self) {
        self.panic_in("on_handshake");
        self.life = Some(Life(self.told.clone()));
        self.bomb.0 = self.place == "object" || self.place == "object and on_close";
    }

    #[on_open]
    async fn open(&mut self, session: &Session) -> Option<Unspeakable> {
        let _ = self.told.send(Did::Open);
        session.join("all").await.expect("it is open");
        match &*self.place {
            "data" => drop(session.insert(Bomb::ARMED)),
            "claims" => session.set_principal(Principal::new("ann").claims(Bomb::ARMED)),
            "task" => session.spawn(async { panic!("in a task, as ordered") }),
            "task that is dropped" => {
                let bomb = Bomb::ARMED;
                session.spawn(async move {
                    std::future::pending::<()>().await;
                    drop(bomb);
                });
            }
            "stream that is dropped" => {
                let bomb = Bomb::ARMED;
                let stream = futures_util::stream::poll_fn(move |_| {
                    let _ = &bomb;
                    std::task::Poll::<Option<String>>::Pending
                });
                session.stream(stream).detach();
            }
            _ => {}
        }
        self.panic_in("on_open");
        (self.place == "reply").then_some(Unspeakable)
    }

    #[on_message]
    async fn text(&mut self, order: String, session: &Session) -> wsframe::Result<Option<String>> {
        self.panic_in("on_message");
        match &*self.place {
            "reply of another" => session.send(Unspeakable).await?,
            "room" => drop(session.room("all").send(Unspeakable).await),
            "on_error" | "on_error and on_close" => return Err("as ordered".into()),
            "on_event" => session.tell(Told(Bomb::default()))?,
            "handler that is dropped" => {
                let _bomb = Bomb::ARMED;
                std::future::pending::<()>().await;
            }
            "events that wait" => {
                for _ in 0..3 {
                    session.tell(Told(Bomb::ARMED))?;
                }
                std::future::pending::<()>().await;
            }
            "handler that is done" => drop(Bomb::ARMED),
            _ => return Ok(Some(order)),
        }
        Ok(None)
    }

    #[on_message(binary)]
    fn binary(&self, _: Unspeakable) {}

    #[on_tick(every = "1m")]
    fn tick(&self) {
        self.panic_in("on_tick");
    }

    #[on_event]
    fn event(&self, told: Told) {
        drop(told.0);
        self.panic_in("on_event");
    }

    #[on_error]
    fn error(&self, failure: &Failure) -> OnError {
        self.panic_in("on_error");
        self.panic_in("on_error and on_close");
        failure.default_action()
    }

    #[on_close]
    async fn closed(&self, reason: CloseReason) {
        let _ = self.told.send(Did::Close(reason.code().into()));
        self.panic_in("on_close");
        self.panic_in("on_error and on_close");
        self.panic_in("object and on_close");
    }
}

/// A server with one session that does nothing wrong.
struct House {
    app: InMemory,
    neighbour: Peer,
    told: UnboundedReceiver<Did>,
    records: Records,
}

impl House {
    async fn new(set: impl FnOnce(Server) -> Server) -> Self {
        let records = Records::begin();
        let (sender, mut told) = unbounded_channel();
        let app = set(Server::new().only::<Worst>().state(sender)).in_memory().unwrap();
        let neighbour = app.connect("/worst/nowhere").await.unwrap();
        assert_eq!(soon("the neighbour", told.recv()).await, Some(Did::Open));
        Self { app, neighbour, told, records }
    }

    /// What becomes of the session, which has to end with the object.
    async fn life(&mut self, place: &str) -> Vec<Did> {
        let mut life = Vec::new();
        while life.last() != Some(&Did::Drop) {
            let did = tokio::time::timeout(Duration::from_secs(600), self.told.recv()).await;
            life.push(did.unwrap_or_else(|_| panic!("{place}: {life:?}")).unwrap());
        }
        life
    }

    /// Nothing is left of it, and the neighbour is well.
    async fn is_in_order(&mut self, place: &str) {
        let mut waited = 0;
        while self.app.handle().connections() > 1 {
            // With a paused clock this comes to an end at once, if it does.
            tokio::time::sleep(Duration::from_millis(10)).await;
            waited += 1;
            assert!(waited < 6000, "{place}: a connection is left");
        }
        let room = self.app.handle().room::<Worst>("all");
        assert_eq!(room.members().len(), 1, "{place}: a member is left");
        assert_eq!(room.send(place).await.queued, 1, "{place}");
        assert_eq!(self.neighbour.expect_text().await, place);
        self.neighbour.send("still here").await;
        assert_eq!(self.neighbour.expect_text().await, "still here");
        assert!(self.app.handle().user("ann").sessions().is_empty(), "{place}");
        assert_eq!(self.app.handle().sessions().len(), 1, "{place}");
    }

    /// How often something was said to have panicked.
    fn panics(&self) -> usize {
        self.records.all().iter().filter(|line| line.contains("panicked")).count()
    }
}

/// Where it panics, what the peer does for it, the code with which the session closes, how often it
/// is reported.
const PLACES: &[(&str, Order, u16, usize)] = &[
    ("on_open", Order::Nothing, 1011, 1),
    ("on_message", Order::Text, 1011, 1),
    ("on_error", Order::Text, 1011, 1),
    ("on_event", Order::Text, 1011, 1),
    ("on_tick", Order::Nothing, 1011, 1),
    ("on_close", Order::Close, 1000, 1),
    ("on_error and on_close", Order::Text, 1011, 2),
    ("reply", Order::Nothing, 1011, 1),
    ("reply of another", Order::Text, 1011, 1),
    ("room", Order::Text, 1011, 1),
    ("payload", Order::Binary, 1011, 1),
    ("handler that is done", Order::Text, 1011, 1),
    ("object", Order::Close, 1000, 1),
    ("object and on_close", Order::Close, 1000, 2),
    ("data", Order::Close, 1000, 0),
    ("claims", Order::Close, 1000, 0),
    ("task", Order::Close, 1000, 1),
    ("task that is dropped", Order::Close, 1000, 0),
    ("stream that is dropped", Order::Close, 1000, 0),
    ("events that wait", Order::TextAndClose, 1000, 3),
    ("handler that is dropped", Order::TextAndClose, 1000, 1),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Nothing,
    Text,
    Binary,
    Close,
    TextAndClose,
}

/// At each place: its own connection ends, with `on_close` once and the object gone, it is reported,
/// and everybody else goes on.
#[tokio::test(start_paused = true)]
async fn a_panic_anywhere_ends_its_connection_alone() {
    let mut house = House::new(|server| server).await;
    let mut faults = Vec::new();
    for &(place, order, code, reports) in PLACES {
        let before = house.panics();
        let path = format!("/worst/{}", place.replace(' ', "%20"));
        let mut peer = house.app.connect(&path).await.unwrap();
        match order {
            Order::Nothing => {}
            Order::Text | Order::TextAndClose => peer.send("do it").await,
            Order::Binary => peer.send(Bytes::from_static(b"do it")).await,
            Order::Close => {}
        }
        if matches!(order, Order::Close | Order::TextAndClose) {
            peer.close(1000, "").await;
        }
        let life = house.life(place).await;
        if life != [Did::Open, Did::Close(code), Did::Drop] {
            faults.push(format!("{place}: {life:?}"));
        }
        drop(peer);
        house.is_in_order(place).await;
        let reported = house.panics() - before;
        if reported != reports {
            faults.push(format!("{place}: reported {reported} times"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    house.app.handle().shutdown();
    soon("the end", house.app.handle().stopped()).await;
}

/// Before the 101 it is an answer.
#[tokio::test(start_paused = true)]
async fn a_panic_before_the_101_is_a_500() {
    let mut house = House::new(|server| server).await;
    let Err(refused) = house.app.connect("/worst/on_handshake").await else { panic!("it opened") };
    assert_eq!(refused.status(), 500);
    house.is_in_order("on_handshake").await;
    assert_eq!(house.panics(), 1);
}

/// By hand a method may panic before there is a future.
struct Early(String, UnboundedSender<Did>);

impl Endpoint for Early {
    const PATH: &'static str = "/early/<place>";

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        let place = handshake.param("place").unwrap_or_default().to_owned();
        Ok(Self(place, handshake.state().ok_or_else(Refusal::internal)?))
    }

    fn on_open(&mut self, _: &Session) -> impl Future<Output = Outcome> + Send {
        let _ = self.1.send(Did::Open);
        assert!(self.0 != "on_open", "as ordered");
        std::future::ready(Ok(wsframe::Reply::none()))
    }

    fn on_message(&mut self, _: &Session, _: Message) -> impl Future<Output = Outcome> + Send {
        assert!(self.0 != "on_message", "as ordered");
        std::future::ready(Ok(wsframe::Reply::none()))
    }

    fn on_close(&mut self, _: &Session, reason: CloseReason) -> impl Future<Output = ()> + Send {
        let _ = self.1.send(Did::Close(reason.code().into()));
        assert!(self.0 != "on_close", "as ordered");
        std::future::ready(())
    }
}

impl Drop for Early {
    fn drop(&mut self) {
        let _ = self.1.send(Did::Drop);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_before_the_future_is_one_too() {
    let mut house = House::new(|server| server.endpoint::<Early>()).await;
    for (place, code) in [("on_open", 1011), ("on_message", 1011), ("on_close", 1000)] {
        let before = house.panics();
        let mut peer = house.app.connect(&format!("/early/{place}")).await.unwrap();
        peer.send("do it").await;
        if place == "on_close" {
            peer.close(1000, "").await;
        }
        assert_eq!(house.life(place).await, [Did::Open, Did::Close(code), Did::Drop], "{place}");
        drop(peer);
        house.is_in_order(place).await;
        assert_eq!(house.panics() - before, 1, "{place}");
    }
}
