//! What is known of a failure, and what the server as a whole does about it.

use std::{
    fmt,
    num::ParseIntError,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::stream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wsframe::{
    Close, Endpoint, FailureKind, Incoming, Intake, IntoMessage, IntoReply, Json, Outcome, Replies,
    Reply, Route, prelude::*,
};
use wsframe_tests::soon;

/// An error of our own, to be found again.
#[derive(Debug, PartialEq)]
struct Broken(&'static str);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Broken {}

/// A reply that does not encode.
struct Mute;

impl IntoMessage for Mute {
    fn into_message(self) -> wsframe::Result<Message> {
        Err(Broken("reply").into())
    }
}

/// An endpoint without an `on_error`: it fails as it is told.
#[server_endpoint("/failures/plain")]
struct Plain;

impl Plain {
    #[on_message]
    fn told(&self, order: &str) -> wsframe::Result<String> {
        match order {
            "fail" => Err(Broken("handler").into()),
            "kick" => Err(Close::new(4001, "kicked").into()),
            order => Ok(order.to_owned()),
        }
    }

    #[on_message(binary)]
    fn number(&self, _: Json<u8>) {}
}

/// One with an `on_error` that leaves to the server what it does not know.
#[server_endpoint("/failures/own")]
struct Own;

impl Own {
    #[on_message]
    fn told(&self, order: &str) -> wsframe::Result {
        Err(if order == "ours" { Broken("ours").into() } else { "theirs".into() })
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        match failure.downcast_ref::<Broken>() {
            Some(_) => OnError::Close(Close::new(4002, "ours")),
            None => failure.default_action(),
        }
    }
}

fn route() -> Route {
    Route::new("/failures/route")
        .on_message(|_, _| async { Err::<(), _>(wsframe::Error::from(Broken("closure"))) })
}

fn server() -> Server {
    Server::new().only::<Plain>().only::<Own>().deploy(route())
}

#[tokio::test(start_paused = true)]
async fn one_strategy_serves_all_endpoints() {
    let met = Arc::new(AtomicUsize::new(0));
    let counted = met.clone();
    let app = server()
        .on_failure(|_, _| panic!("replaced by the next one"))
        .on_failure(move |session, failure| {
            assert!(session.is_open());
            counted.fetch_add(1, Ordering::Relaxed);
            match failure.downcast_ref::<Broken>() {
                Some(Broken("closure")) => OnError::Close(Close::new(4003, "not here")),
                Some(_) => OnError::Continue,
                None => OnError::Default,
            }
        })
        .in_memory()
        .unwrap();

    let mut plain = app.connect("/failures/plain").await.unwrap();
    plain.send("fail").await;
    plain.send("still here").await;
    assert_eq!(plain.expect_text().await, "still here");
    assert_eq!(met.load(Ordering::Relaxed), 1);
    // A payload that does not decode is one too; here the default is left as it is.
    plain.send(Bytes::from("no number")).await;
    assert_eq!(plain.expect_close().await.code(), 1007);
    assert_eq!(met.load(Ordering::Relaxed), 2);

    let mut closures = app.connect("/failures/route").await.unwrap();
    closures.send("x").await;
    let end = closures.expect_close().await;
    assert_eq!((end.code().into(), end.reason()), (4003_u16, "not here"));

    let mut own = app.connect("/failures/own").await.unwrap();
    own.send("theirs").await;
    assert_eq!(own.expect_close().await.code(), 1011);
    assert_eq!(met.load(Ordering::Relaxed), 4);
}

/// What an endpoint meets itself, and what is no failure, never comes to the server.
#[tokio::test(start_paused = true)]
async fn the_strategy_is_asked_last() {
    let app = server().on_failure(|_, _| unreachable!("somebody else knew")).in_memory().unwrap();
    for (path, order, code) in
        [("/failures/own", "ours", 4002_u16), ("/failures/plain", "kick", 4001)]
    {
        let mut peer = app.connect(path).await.unwrap();
        peer.send(order).await;
        assert_eq!(u16::from(peer.expect_close().await.code()), code);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_strategy_is_contained() {
    let app = server().on_failure(|_, _| panic!("as ordered")).in_memory().unwrap();
    let mut other = app.connect("/failures/plain").await.unwrap();
    for path in ["/failures/plain", "/failures/own", "/failures/route"] {
        let mut peer = app.connect(path).await.unwrap();
        peer.send("fail").await;
        let end = peer.expect_close().await;
        assert_eq!((end.code().into(), end.reason()), (1011_u16, "internal error"));
    }
    other.send("unharmed").await;
    assert_eq!(other.expect_text().await, "unharmed");
}

#[tokio::test(start_paused = true)]
async fn without_a_strategy_the_session_closes() {
    let app = server().in_memory().unwrap();
    for (path, code) in
        [("/failures/plain", 1011), ("/failures/own", 1011), ("/failures/route", 1011)]
    {
        let mut peer = app.connect(path).await.unwrap();
        peer.send("fail").await;
        assert_eq!(peer.expect_close().await.code(), code, "{path}");
    }
}

// ---- what a failure tells

/// What an `on_error` found: kind, message, its own error.
type Seen = (FailureKind, Option<Message>, Option<&'static str>, String);

fn seen(failure: &Failure) -> Seen {
    let own = failure.downcast_ref::<Broken>().map(|broken| broken.0);
    (failure.kind(), failure.message().cloned(), own, failure.to_string())
}

/// Every way to fail; the path says whether the first call already does.
#[server_endpoint("/failures/every/<open>")]
struct Every {
    open: String,
    ticks: u32,
    #[state]
    seen: UnboundedSender<Seen>,
}

struct Told;

impl Every {
    #[on_open]
    fn opened(&self) -> Result<(), Broken> {
        if self.open == "fail" { Err(Broken("open")) } else { Ok(()) }
    }

    #[on_message]
    fn number(&self, number: u64, session: &Session) -> wsframe::Result<Option<Mute>> {
        match number {
            1 => Err(Broken("message").into()),
            2 => Ok(Some(Mute)),
            3 => {
                session.stream(stream::iter([Err::<String, _>(Broken("stream"))])).detach();
                Ok(None)
            }
            4 => Ok(session.tell(Told).map(|()| None)?),
            // Somebody else's sending is a handler's failure too.
            _ => Ok(session.try_send(Mute).map(|()| None)?),
        }
    }

    #[on_message(binary)]
    fn many(&self, number: Json<u8>) -> Replies<stream::Iter<std::vec::IntoIter<Mute>>> {
        let items = (0..number.0).map(|_| Mute).collect::<Vec<_>>();
        Replies(stream::iter(items))
    }

    #[on_tick(every = "1m")]
    fn tick(&mut self) -> Result<(), Broken> {
        self.ticks += 1;
        if self.ticks == 1 { Err(Broken("tick")) } else { Ok(()) }
    }

    #[on_event]
    fn told(&self, _: Told) -> Result<(), Broken> {
        Err(Broken("event"))
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        let _ = self.seen.send(seen(failure));
        OnError::Continue
    }
}

/// Parts fail to decode too.
struct InParts(UnboundedSender<Seen>);

impl Endpoint for InParts {
    const PATH: &'static str = "/failures/parts";
    const TEXT_INTAKE: Intake = Intake::Parts;

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        handshake.state().map(Self).ok_or_else(Refusal::internal)
    }

    async fn on_incoming(&mut self, _: &Session, incoming: Incoming) -> Outcome {
        let Incoming::Part(part) = incoming else { return Ok(Reply::unsupported()) };
        part.decode::<u64>()?.payload.to_string().into_reply()
    }

    async fn on_message(&mut self, _: &Session, _: Message) -> Outcome {
        Ok(Reply::none())
    }

    async fn on_error(&mut self, _: &Session, failure: &Failure) -> OnError {
        let _ = self.0.send(seen(failure));
        OnError::Continue
    }
}

async fn next(seen: &mut UnboundedReceiver<Seen>) -> Seen {
    soon("a failure", seen.recv()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_failure_tells_what_it_is() {
    use FailureKind::{Decode, Handler};

    let (sender, mut met) = unbounded_channel();
    let server = Server::new().only::<Every>().endpoint::<InParts>().state(sender);
    let app = server.in_memory().unwrap();
    let mut peer = app.connect("/failures/every/fail").await.unwrap();
    let (kind, message, own, text) = next(&mut met).await;
    assert_eq!((kind, message, own, &*text), (Handler, None, Some("open"), "open"));

    let table: [(Message, FailureKind, Option<&str>); 8] = [
        ("no number".into(), Decode, None),
        (Bytes::from("no number").into(), Decode, None),
        ("1".into(), Handler, Some("message")),
        ("2".into(), Handler, Some("reply")),
        ("3".into(), Handler, Some("stream")),
        ("4".into(), Handler, Some("event")),
        ("5".into(), Handler, None),
        (Bytes::from("1").into(), Handler, Some("reply")),
    ];
    for (sent, expected, error) in table {
        peer.send(sent.clone()).await;
        let (kind, message, own, text) = next(&mut met).await;
        assert_eq!((kind, own), (expected, error), "{sent:?}");
        assert_eq!(message, (kind == Decode).then(|| sent.clone()), "{sent:?}");
        assert!(!text.is_empty(), "{sent:?}");
    }

    tokio::time::sleep(Duration::from_secs(61)).await;
    let (kind, message, own, _) = next(&mut met).await;
    assert_eq!((kind, message, own), (Handler, None, Some("tick")));

    let mut peer = app.connect("/failures/parts").await.unwrap();
    peer.send_part("12", false).await;
    assert_eq!(peer.expect_text().await, "12");
    peer.send_part("x", false).await;
    let (kind, message, _, text) = next(&mut met).await;
    assert_eq!((kind, message), (Decode, Some("x".into())), "{text}");
    // The next part is handled all the same.
    peer.send_part("3", true).await;
    assert_eq!(peer.expect_text().await, "3");
}

/// The standard library's errors are found as what they are.
#[tokio::test(start_paused = true)]
async fn the_decoders_error_is_found() {
    let (sender, mut met) = unbounded_channel();
    let app = Server::new()
        .without_link_time()
        .deploy(
            Route::new("/failures/number")
                .on_message(|_, message: Message| async move {
                    let text = <String as wsframe::FromMessage>::from_message(message)?;
                    Ok::<_, wsframe::Error>(text.parse::<i32>().map(|n| n.to_string())?)
                })
                .on_error(move |_, failure| {
                    let found = failure.downcast_ref::<ParseIntError>().is_some();
                    let _ = sender.send((failure.kind(), found));
                    OnError::Continue
                }),
        )
        .in_memory()
        .unwrap();
    let mut peer = app.connect("/failures/number").await.unwrap();
    for (sent, expected) in [
        (Message::from("x"), (FailureKind::Handler, true)),
        (Message::Binary(Bytes::new()), (FailureKind::Decode, false)),
    ] {
        peer.send(sent).await;
        assert_eq!(soon("a failure", met.recv()).await, Some(expected));
    }
}
