//! Everything at once, at random, and then a look at what each has seen: one order for each room,
//! nothing lost that was accepted, nothing after the close frame, `on_close` once, nothing left.
//!
//! `WSFRAME_RACES` says for how many rounds; the seed of a round that fails is printed.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::AsyncWriteExt,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use wsframe::{Close, Overflow, SendError, TrySendError, prelude::*};
use wsframe_tests::{Client as Raw, Dice, Running, serve, soon};

/// What happened to the objects.
#[derive(Debug)]
enum Did {
    Open(Session),
    Close,
    Drop,
}

#[server_endpoint("/races")]
struct Racer {
    #[state]
    told: UnboundedSender<Did>,
}

impl Racer {
    #[on_open]
    fn open(&self, session: Session) {
        let _ = self.told.send(Did::Open(session));
    }

    #[on_close]
    fn closed(&self) {
        let _ = self.told.send(Did::Close);
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        let _ = self.told.send(Did::Drop);
    }
}

const ROOMS: u64 = 3;
const SESSIONS: usize = 12;
const ACTORS: u64 = 6;
const STEPS: usize = 120;

async fn start() -> (Running, UnboundedReceiver<Did>) {
    let (told, seen) = unbounded_channel();
    let server = Server::new().only::<Racer>().state(told).max_connections_per_address(1000);
    let server = server.configure::<Racer>(|racer| {
        racer.outbox(64 << 20).outbox_messages(100_000).overflow(Overflow::Close)
    });
    (serve(server).await, seen)
}

/// A client and its session.
async fn enter(server: &Running, seen: &mut UnboundedReceiver<Did>) -> (Raw, Session) {
    let client = Raw::open(server.addr, "/races").await;
    match soon("on_open", seen.recv()).await {
        Some(Did::Open(session)) => (client, session),
        other => panic!("{other:?}"),
    }
}

/// Reads to the end: the messages, in order. What stands behind a close frame is a fault.
async fn read(mut client: Raw) -> Vec<String> {
    let mut read = Vec::new();
    while let Some(frame) = client.next().await {
        match frame.first {
            0x81 => read.push(String::from_utf8(frame.payload).expect("a whole message")),
            0x88 => {
                let _ = client.tcp.write_all(&Raw::frame(0x88, &frame.payload)).await;
                assert_eq!(client.next().await, None, "something comes after the close frame");
                break;
            }
            first => panic!("a frame of {first:#x}"),
        }
    }
    read
}

/// One who does this and that with sessions and rooms. What was accepted for a session directly is
/// given back.
async fn act(
    mut dice: Dice,
    actor: u64,
    sessions: Vec<Session>,
    server: wsframe::ServerHandle,
    numbers: Arc<AtomicU64>,
) -> HashMap<usize, Vec<String>> {
    let mut accepted: HashMap<usize, Vec<String>> = HashMap::new();
    for step in 0..STEPS {
        let at = dice.pick(sessions.len());
        let session = &sessions[at];
        let name = format!("room {}", dice.roll(ROOMS));
        // Closes are seldom, or nobody would be left for the rest.
        match dice.roll(1000) {
            0..200 => drop(session.join(&name).await),
            200..250 => session.leave(&name).await,
            250..650 => {
                // Numbers are taken before the room takes turns: only its order counts.
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                server.room::<Racer>(&name).send(format!("{name}: {number}")).await;
            }
            650..750 => {
                let message = format!("to {at}: {actor} {step}");
                match session.send(&*message).await {
                    Ok(()) => accepted.entry(at).or_default().push(message),
                    Err(error) => assert!(matches!(error, SendError::Closed), "{error}"),
                }
            }
            750..850 => {
                let message = format!("to {at}: {actor} {step}");
                match session.try_send(&*message) {
                    Ok(()) => accepted.entry(at).or_default().push(message),
                    Err(error) => assert!(matches!(error, TrySendError::Closed), "{error:?}"),
                }
            }
            850..853 => session.close(Close::normal()),
            853 => server.room::<Racer>(&name).close(&Close::normal()),
            _ => tokio::task::yield_now().await,
        }
    }
    accepted
}

async fn round(seed: u64) {
    let mut dice = Dice::new(seed);
    let (server, mut seen) = start().await;
    let (mut readers, mut sessions) = (Vec::new(), Vec::new());
    for _ in 0..SESSIONS {
        let (client, session) = enter(&server, &mut seen).await;
        readers.push(tokio::spawn(read(client)));
        sessions.push(session);
    }
    let numbers = Arc::new(AtomicU64::new(0));
    let actors: Vec<_> = (0..ACTORS)
        .map(|actor| {
            let dice = Dice::new(dice.roll(u64::MAX));
            let (sessions, handle) = (sessions.clone(), server.handle.clone());
            tokio::spawn(act(dice, actor, sessions, handle, numbers.clone()))
        })
        .collect();
    let mut accepted: HashMap<usize, Vec<String>> = HashMap::new();
    for actor in actors {
        for (at, messages) in soon("an actor", actor).await.expect("it does not panic") {
            accepted.entry(at).or_default().extend(messages);
        }
    }
    for session in &sessions {
        session.close(Close::normal());
    }
    let mut orders: HashMap<String, Vec<Vec<String>>> = HashMap::new();
    for (at, reader) in readers.into_iter().enumerate() {
        let read = soon("a reader", reader).await.expect("what it reads is right");
        check_own(at, &read, accepted.remove(&at).unwrap_or_default());
        for room in 0..ROOMS {
            let start = format!("room {room}: ");
            let order = read.iter().filter(|message| message.starts_with(&start)).cloned();
            orders.entry(start.clone()).or_default().push(order.collect());
        }
    }
    for (room, orders) in orders {
        check_order(&room, &orders);
    }

    let (mut closed, mut dropped) = (0, 0);
    while dropped < SESSIONS {
        match soon("the ends", seen.recv()).await.expect("the server runs") {
            Did::Close => closed += 1,
            Did::Drop => dropped += 1,
            Did::Open(_) => panic!("a session opened by itself"),
        }
    }
    assert_eq!(closed, SESSIONS, "on_close once for each");
    for room in 0..ROOMS {
        assert!(server.handle.room::<Racer>(format!("room {room}")).members().is_empty());
    }
    server.stop().await;
    assert!(seen.try_recv().is_err(), "something happened after the end");
}

/// What was accepted for a session is there, once, and that of one sender in its order.
fn check_own(at: usize, read: &[String], mut accepted: Vec<String>) {
    let own = format!("to {at}: ");
    let mut mine: Vec<_> = read.iter().filter(|message| message.starts_with("to ")).collect();
    for actor in 0..ACTORS {
        let start = format!("{own}{actor} ");
        let steps: Vec<usize> =
            mine.iter().filter_map(|message| message.strip_prefix(&start)?.parse().ok()).collect();
        assert!(steps.is_sorted(), "session {at}, actor {actor}: {steps:?}");
    }
    mine.sort();
    accepted.sort();
    assert!(mine.iter().copied().eq(&accepted), "session {at}: {mine:?} instead of {accepted:?}");
}

/// Any two members that got two messages got them in one order, and none twice.
fn check_order(room: &str, orders: &[Vec<String>]) {
    for (a, first) in orders.iter().enumerate() {
        let place: HashMap<_, _> = first.iter().enumerate().map(|(at, m)| (m, at)).collect();
        assert_eq!(place.len(), first.len(), "{room}session {a} got a message twice");
        for (b, second) in orders.iter().enumerate().skip(a + 1) {
            let common: Vec<_> = second.iter().filter_map(|message| place.get(message)).collect();
            assert!(common.is_sorted(), "{room}sessions {a} and {b} disagree");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_random_history_holds_what_is_promised() {
    let rounds = std::env::var("WSFRAME_RACES").ok().and_then(|rounds| rounds.parse().ok());
    for seed in 1..=rounds.unwrap_or(10_u64) {
        let round = tokio::spawn(round(seed));
        assert!(round.await.is_ok(), "with the seed {seed}");
    }
}

/// After a join has returned a message of the room arrives, after a leave none does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joining_and_leaving_have_an_edge() {
    let (server, mut seen) = start().await;
    let room = server.handle.room::<Racer>("edge");
    let stop = Arc::new(AtomicU64::new(0));
    let others = tokio::spawn({
        let (room, stop) = (room.clone(), stop.clone());
        async move {
            while stop.load(Ordering::Relaxed) == 0 {
                room.send("noise").await;
                tokio::task::yield_now().await;
            }
        }
    });
    let (mut client, session) = enter(&server, &mut seen).await;
    for turn in 0..200 {
        session.join("edge").await.unwrap();
        room.send(format!("inside {turn}")).await;
        session.leave("edge").await;
        room.send(format!("outside {turn}")).await;
        session.send(format!("end {turn}")).await.unwrap();
        let mut inside = 0;
        loop {
            match client.expect_text().await {
                text if text == format!("end {turn}") => break,
                text if text == format!("inside {turn}") => inside += 1,
                text => assert_eq!(text, "noise", "in turn {turn}"),
            }
        }
        assert_eq!(inside, 1, "in turn {turn}");
    }
    stop.store(1, Ordering::Relaxed);
    others.await.unwrap();
}
