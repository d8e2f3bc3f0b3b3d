//! Sessions and their end: `ee/session`, `spec/application/closing` and `lifecycle`,
//! `spec/configuration/sessionid`.

use std::{collections::HashSet, time::Duration};

use tokio::time::Instant;
use wsframe::{CloseCode, Initiator, prelude::*};
use wsframe_tests::{Client, serve};

use super::{Told, running, telling, told};

#[server_endpoint("/jakarta/sessions/idle", idle_timeout = "10s", ping_interval = "1s")]
struct Idle {
    #[state]
    told: Told,
}

impl Idle {
    #[on_message]
    fn said(&self, text: String) {
        self.told.tell(text);
    }

    #[on_close]
    fn left(&self, reason: &CloseReason) {
        self.told.tell(format!("closed {} {:?}", reason, reason.initiator()));
    }
}

/// In Jakarta pings and pongs keep a session from being idle. Here only messages do: the heartbeat
/// would else keep every session for ever, and it finds dead peers by itself.
#[tokio::test(start_paused = true)]
async fn assertion_17_messages_keep_an_idle_session_and_pings_do_not() {
    let (told, _heard) = told();
    let app = Server::new().only::<Idle>().state(told).in_memory().unwrap();
    let mut peer = app.connect("/jakarta/sessions/idle").await.unwrap();
    for _ in 0..5 {
        peer.expect_silence(Duration::from_secs(8)).await;
        peer.send("here").await;
    }
    let began = Instant::now();
    // The heartbeat's pings are answered all the time; these come on top.
    let mut peer = peer.deadline(Duration::from_secs(30));
    for _ in 0..4 {
        peer.ping("ping").await;
        assert_eq!(peer.expect::<Pong>().await.payload(), b"ping");
        peer.send(Pong::new("unasked")).await;
        peer.expect_silence(Duration::from_secs(2)).await;
    }
    assert_eq!(peer.expect_close().await.code(), CloseCode::GOING_AWAY);
    let passed = began.elapsed().as_secs();
    assert!((9..=12).contains(&passed), "{passed}");
}

/// Jakarta's `onClose` sees 1006 there; ours sees the code that the peer got.
#[tokio::test]
async fn assertion_18_an_idle_session_is_closed_and_hears_no_more() {
    let (told, mut heard) = told();
    let server = Server::new().only::<Idle>().state(told);
    let short = Duration::from_millis(20);
    let server = serve(server.configure::<Idle>(|idle| idle.idle_timeout(short))).await;
    let mut client = Client::open(server.addr, "/jakarta/sessions/idle").await;
    assert_eq!(client.expect_close().await, (1001, "idle timeout".into()));
    // It comes before the answer to the close frame, and is not handled any more.
    client.text("too late").await;
    client.close(1001, "").await;
    client.expect_end().await;
    assert_eq!(heard.next().await, "closed 1001 idle timeout Local");
    server.stop().await;
    assert!(heard.is_quiet());
}

#[server_endpoint("/jakarta/sessions/ends")]
struct Ends {
    count: u32,
    #[state]
    told: Told,
}

impl Ends {
    #[on_open]
    fn opened(&mut self, session: &Session) {
        self.told.tell(format!("open {} {}", session.id(), session.is_open()));
    }

    #[on_message]
    fn said(&mut self, order: &str, session: &Session) -> Result<Option<u32>, Close> {
        match order {
            "count" => self.count += 1,
            "id" => self.told.tell(format!("message {}", session.id())),
            "panic" => {}
            "close" => session.close(Close::normal()),
            "close twice" => {
                session.close(Close::new(CloseCode::TOO_BIG, "too big for me"));
                session.close(Close::new(4000, "the second"));
            }
            _ => return Err(Close::new(CloseCode::TOO_BIG, "too big for me")),
        }
        Ok((order == "count").then_some(self.count))
    }

    #[on_close]
    fn left(&self, session: &Session, reason: &CloseReason) {
        let (open, sent) = (session.is_open(), session.try_send("x").is_ok());
        self.told.tell(format!("close {} {open} {sent} {reason}", session.id()));
        let by_peer = reason.initiator() == Initiator::Peer;
        assert!(!by_peer || reason.reason() != "panic", "as ordered");
    }
}

#[tokio::test]
async fn assertion_19_the_peer_sees_code_and_phrase() {
    let (server, _heard) = telling::<Ends>().await;
    let too_big = (1009, "too big for me".to_owned());
    for (order, seen) in
        [("close", (1000, String::new())), ("close twice", too_big.clone()), ("err", too_big)]
    {
        let mut client = Client::open(server.addr, "/jakarta/sessions/ends").await;
        client.text(order).await;
        assert_eq!(client.expect_close().await, seen, "{order}");
        client.close(seen.0, "").await;
        client.expect_end().await;
    }
}

#[tokio::test]
async fn assertion_19_the_endpoint_sees_the_peers_code_and_phrase() {
    let (server, mut heard) = telling::<Ends>().await;
    for (code, phrase) in [(1000, ""), (1009, "too big"), (1001, "é"), (4711, "of my own")] {
        let mut client = Client::open(server.addr, "/jakarta/sessions/ends").await;
        heard.next().await;
        client.close(code, phrase).await;
        assert_eq!(client.expect_close().await, (code, phrase.into()));
        let end = heard.next().await;
        let seen = format!("{code} {phrase}");
        assert!(end.ends_with(seen.trim_end()), "{end}");
    }
}

/// `onClose` that throws leads to `onError` in Jakarta. Ours returns nothing; its panic is logged and
/// stays where it is.
#[tokio::test]
async fn assertion_20_an_on_close_that_panics_harms_nobody() {
    let (server, mut heard) = telling::<Ends>().await;
    let mut other = Client::open(server.addr, "/jakarta/sessions/ends").await;
    let mut client = Client::open(server.addr, "/jakarta/sessions/ends").await;
    heard.next().await;
    heard.next().await;
    client.close(1000, "panic").await;
    assert_eq!(client.expect_close().await, (1000, "panic".into()));
    assert!(heard.next().await.ends_with("1000 panic"));
    other.text("count").await;
    assert_eq!(other.expect_text().await, "1");
    drop(other);
    server.stop().await;
}

#[tokio::test]
async fn assertion_21_open_in_on_open_and_not_in_on_close() {
    let (server, mut heard) = telling::<Ends>().await;
    let mut client = Client::open(server.addr, "/jakarta/sessions/ends").await;
    assert!(heard.next().await.ends_with(" true"));
    client.close(1000, "").await;
    let end = heard.next().await;
    assert!(end.ends_with(" false false 1000"), "{end}");
}

#[tokio::test]
async fn assertion_23_the_id_is_the_same_in_every_handler_and_only_there() {
    let (server, mut heard) = telling::<Ends>().await;
    let mut ids = HashSet::new();
    for _ in 0..5 {
        let mut client = Client::open(server.addr, "/jakarta/sessions/ends").await;
        client.text("id").await;
        let opened = heard.next().await;
        let id = opened.split(' ').nth(1).unwrap();
        assert_eq!(heard.next().await, format!("message {id}"));
        client.close(1000, "").await;
        assert!(heard.next().await.starts_with(&format!("close {id} ")));
        ids.insert(id.to_owned());
    }
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn assertion_24_each_connection_has_an_object_of_its_own() {
    let (server, _heard) = telling::<Ends>().await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Client::open(server.addr, "/jakarta/sessions/ends").await);
    }
    for count in ["1", "2"] {
        for client in &mut clients {
            client.text("count").await;
            assert_eq!(client.expect_text().await, count);
        }
    }
}

#[server_endpoint("/jakarta/sessions/peers/<room>")]
struct Peers {
    room: String,
}

impl Peers {
    #[on_open]
    fn opened(&self, session: &Session) -> String {
        let peers = session.peers();
        assert!(peers.contains(session), "it is one of them already");
        format!("{} {}", self.room, peers.len())
    }

    #[on_message]
    fn count(&self, _: &str, session: &Session) -> usize {
        session.peers().len()
    }
}

/// All rooms of a template together, and the one that asks among them, from `on_open` on.
#[tokio::test]
async fn assertion_22_open_sessions_come_and_go() {
    let server = running::<Peers>().await;
    let mut clients = Vec::new();
    for opened in ["a 1", "a 2", "b 3"] {
        let path = format!("/jakarta/sessions/peers/{}", &opened[..1]);
        let mut client = Client::open(server.addr, &path).await;
        assert_eq!(client.expect_text().await, opened);
        clients.push(client);
    }
    for left in [2, 1] {
        let mut leaves = clients.pop().unwrap();
        leaves.close(1000, "").await;
        assert_eq!(leaves.expect_close().await.0, 1000);
        leaves.expect_end().await;
        clients[0].text("how many?").await;
        assert_eq!(clients[0].expect_text().await, left.to_string());
    }
}
