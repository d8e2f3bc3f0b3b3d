//! The same assertions once more for the dialling side, where the suite runs its client endpoints.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, mpsc},
};
use wsframe::{
    Client, Coder, DecodeError, Error, FailureKind, Initiator, IntoMessage, Options, Part,
    SendError, TrySendError, http, prelude::*,
};
use wsframe_tests::{Liar, RIGHT, Running, serve, soon};

use super::{Heard, LEAVES, Told, end, told};

fn client(server: &Running, path: &str) -> Client {
    Client::new(format!("ws://{}{path}", server.addr))
}

/// Says what it is told to, and what it hears.
#[server_endpoint("/jakarta/dialling", max_message_size = "1MiB")]
struct Side {
    #[header("x-from")]
    from: Option<String>,
    #[state]
    told: Told,
}

impl Side {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) {
        let node = http::HeaderValue::from_static("seven");
        handshake.response_headers_mut().insert("x-node", node);
    }

    #[on_open]
    async fn opened(&self, session: &Session) {
        let from = self.from.as_deref().unwrap_or("nobody");
        self.told.tell(format!("from {from}"));
        session.send("hello").await.unwrap();
    }

    #[on_message]
    async fn order(&self, order: &str, session: &Session) -> wsframe::Result {
        match order.split_once(' ') {
            Some(("text", length)) => session.send("x".repeat(length.parse()?)).await?,
            Some(("binary", length)) => session.send(vec![0; length.parse()?]).await?,
            Some(("say", what)) => session.send(what.to_owned()).await?,
            Some(("bytes", what)) => session.send(what.as_bytes().to_vec()).await?,
            Some(("close", code)) => session.close(Close::new(code.parse::<u16>()?, "phrase")),
            _ => self.told.tell(format!("heard {order}")),
        }
        Ok(())
    }

    #[on_close]
    fn left(&self, reason: &CloseReason) {
        self.told.tell(format!("left {reason}, {:?}", reason.initiator()));
    }
}

async fn side() -> (Running, Heard) {
    let (told, heard) = told();
    (serve(Server::new().only::<Side>().state(told)).await, heard)
}

/// The parts of a message, put together again.
#[client_endpoint]
struct Parts {
    told: Told,
    text: usize,
    bytes: usize,
}

impl Parts {
    #[on_open]
    fn ask(&self) -> &'static str {
        "text 200000"
    }

    #[on_message]
    fn letters(&mut self, part: &Part<Text>) -> Option<&'static str> {
        self.text += part.payload.len();
        (part.last && self.text > 200_000).then_some("binary 300000")
    }

    #[on_message]
    fn part(&mut self, part: &Part<Bytes>) {
        self.bytes += part.payload.len();
        if part.last {
            self.told.tell(format!("{} letters, {} bytes", self.text, self.bytes));
        }
    }
}

#[tokio::test]
async fn assertion_13_parts_join_to_the_whole() {
    let (server, _) = side().await;
    let (told, mut heard) = told();
    let parts = client(&server, "/jakarta/dialling").start(Parts { told, text: 0, bytes: 0 });
    assert_eq!(heard.next().await, "200005 letters, 300000 bytes");
    drop(parts);
}

#[tokio::test]
async fn assertion_14_five_bytes_pass_and_six_close_with_1009() {
    let (server, mut heard) = side().await;
    for (order, passes) in [("say 12345", true), ("say 123456", false), ("bytes 123456", false)] {
        let small =
            client(&server, "/jakarta/dialling").options(Options::new().max_message_size(5_usize));
        let (session, mut messages) = small.connect().await.unwrap();
        assert_eq!(messages.next().await, Some("hello".into()));
        session.send(order).await.unwrap();
        if passes {
            assert_eq!(messages.next().await, Some("12345".into()));
            session.close(Close::normal());
        }
        assert_eq!(soon("the end", messages.next()).await, None);
        assert_eq!(heard.next().await, "from nobody");
        let (code, by) = if passes { (1000, "Peer") } else { (1009, "Peer") };
        let left = heard.next().await;
        assert!(left.starts_with(&format!("left {code}")) && left.ends_with(by), "{left}");
    }
}

/// Tells of its session.
#[client_endpoint]
struct Ids {
    told: Told,
}

impl Ids {
    #[on_open]
    fn opened(&self, session: &Session) {
        self.told.tell(format!("open {} {}", session.id(), session.is_open()));
        assert_eq!(session.insert(7_u8), None, "of its own");
    }

    #[on_message]
    fn said(&self, _: &str, session: &Session) {
        self.told.tell(format!("message {} {}", session.id(), session.is_open()));
    }

    #[on_close]
    fn closed(&self, session: &Session) {
        let kept = session.get::<u8>();
        self.told.tell(format!("close {} {} {kept:?}", session.id(), session.is_open()));
    }
}

/// 33, too: what is attached to a session belongs to that session.
#[tokio::test]
async fn assertion_21_and_23_one_session_from_its_beginning_to_its_end() {
    let (server, _) = side().await;
    let client = client(&server, "/jakarta/dialling");
    let mut ids = HashSet::new();
    for _ in 0..5 {
        let (told, mut heard) = told();
        let handle = client.start(Ids { told });
        let session = soon("the session", handle.opened()).await.unwrap();
        let id = session.id();
        assert_eq!(heard.next().await, format!("open {id} true"));
        assert_eq!(heard.next().await, format!("message {id} true"));
        session.close(Close::normal());
        assert_eq!(heard.next().await, format!("close {id} false Some(7)"));
        assert!(!session.is_open());
        assert!(ids.insert(id));
    }
}

#[tokio::test]
async fn assertion_19_each_side_sees_the_others_code_and_phrase() {
    let (server, mut heard) = side().await;
    let client = client(&server, "/jakarta/dialling");
    let (session, _messages) = client.connect().await.unwrap();
    heard.next().await;
    session.close(Close::new(1009, "phrase"));
    assert_eq!(heard.next().await, "left 1009 phrase, Peer");
    for (order, reason) in [("close 1009", "1009 phrase"), ("close 3500", "3500 phrase")] {
        let (session, _messages) = client.connect().await.unwrap();
        session.send(order).await.unwrap();
        let reason_seen = soon("the end", session.closed()).await;
        assert_eq!(reason_seen.to_string(), reason);
        assert_eq!(reason_seen.initiator(), Initiator::Peer);
    }
}

/// What Jakarta's configurator does in `beforeRequest` and `afterResponse`.
#[tokio::test]
async fn assertion_32_headers_of_both_heads_are_seen() {
    let (server, mut heard) = side().await;
    let client = client(&server, "/jakarta/dialling").header("X-From", "the test");
    let (_session, _messages, response) = client.connect_with_response().await.unwrap();
    assert_eq!(response.headers()["x-node"], "seven");
    assert_eq!(heard.next().await, "from the test");
}

/// A coder that tells of its life, and fails where it is asked to.
struct Living(Told);

impl Drop for Living {
    fn drop(&mut self) {
        self.0.tell("destroy");
    }
}

impl Coder for Living {
    type In = String;
    type Out = String;

    fn decode(&mut self, message: Message) -> Result<String, DecodeError> {
        match message.as_bytes() {
            b"undecodable" => {
                Err(DecodeError::new(message, std::io::Error::other("a decoder's error")))
            }
            text => Ok(String::from_utf8_lossy(text).into_owned()),
        }
    }

    fn encode(&mut self, value: String) -> Result<Message, Error> {
        match &*value {
            "unencodable" => Err(std::io::Error::other("an encoder's error").into()),
            _ => Ok(format!("heard {value}").into()),
        }
    }
}

#[client_endpoint]
struct Coded {
    coder: Living,
    told: Told,
}

impl Coded {
    #[on_message(text, coder = coder)]
    fn text(&mut self, text: String) -> String {
        text
    }

    #[on_message(binary)]
    fn bytes(&self, _: &[u8]) -> Unspeakable {
        Unspeakable
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        assert_eq!(failure.kind() == FailureKind::Decode, failure.message().is_some());
        self.told.tell(format!("{:?} {failure}", failure.kind()));
        OnError::Continue
    }
}

struct Unspeakable;

impl IntoMessage for Unspeakable {
    fn into_message(self) -> Result<Message, Error> {
        Err("unspeakable".into())
    }
}

/// The coder comes and goes with the object that holds it, which is the user's here.
#[tokio::test]
async fn assertion_34_and_36_coders_of_a_client_and_their_errors() {
    let (server, mut there) = side().await;
    let (told, mut heard) = told();
    let object = Coded { coder: Living(told.clone()), told };
    let handle = client(&server, "/jakarta/dialling").start(object);
    assert_eq!(there.next().await, "from nobody");
    assert_eq!(there.next().await, "heard heard hello");
    let session = soon("the session", handle.opened()).await.unwrap();
    for (order, seen) in [
        ("say undecodable", "Decode a decoder's error"),
        ("say unencodable", "Handler an encoder's error"),
        ("bytes x", "Handler unspeakable"),
    ] {
        session.send(order).await.unwrap();
        assert_eq!(heard.next().await, seen);
    }
    assert!(heard.is_quiet());
    session.send("say still here").await.unwrap();
    assert_eq!(there.next().await, "heard heard still here");
    session.close(Close::normal());
    assert_eq!(heard.next().await, "destroy");
}

/// Numbers as this program writes them.
struct Roman(usize);

impl IntoMessage for Roman {
    fn into_message(self) -> Result<Message, Error> {
        match self.0 {
            n @ 1..=3 => Ok("I".repeat(n).into()),
            n => Err(format!("{n} is too much").into()),
        }
    }
}

#[tokio::test]
async fn assertion_37_and_38_an_encoder_of_ones_own() {
    let (server, mut heard) = side().await;
    let (session, _messages) = client(&server, "/jakarta/dialling").connect().await.unwrap();
    assert_eq!(heard.next().await, "from nobody");
    session.send(Roman(3)).await.unwrap();
    session.try_send(Roman(2)).unwrap();
    session.send(3).await.unwrap();
    for seen in ["heard III", "heard II", "heard 3"] {
        assert_eq!(heard.next().await, seen);
    }
    let Err(SendError::Encode(error)) = session.send(Roman(4)).await else { panic!("sent") };
    assert_eq!(error.to_string(), "4 is too much");
    let Err(TrySendError::Encode(error)) = session.try_send(Roman(5)) else { panic!("sent") };
    assert_eq!(error.to_string(), "5 is too much");
}

/// A server of raw sockets, and what it has accepted.
async fn raw() -> (Liar, mpsc::UnboundedReceiver<TcpStream>) {
    let (opened, sockets) = mpsc::unbounded_channel();
    let liar = Liar::new(move |mut tcp, asked| {
        let (opened, answer) = (opened.clone(), asked.answer(&format!("{RIGHT}\r\n")));
        async move {
            tcp.write_all(answer.as_bytes()).await.unwrap();
            let _ = opened.send(tcp);
        }
    });
    (liar.await, sockets)
}

/// Does what the server tells it.
#[client_endpoint(outbox = "1000B")]
struct Orders {
    told: Told,
    go_on: Arc<Notify>,
}

impl Orders {
    #[on_message]
    async fn order(&self, order: &str, session: &Session) {
        match order {
            "wait" => {
                self.told.tell("waits");
                self.go_on.notified().await;
            }
            "flood" => {
                self.told.tell("floods");
                while session.send(vec![0; 100_000]).await.is_ok() {}
            }
            other => self.told.tell(other),
        }
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        self.told.tell(format!("error {failure}"));
        OnError::Continue
    }

    #[on_close]
    fn left(&self, reason: &CloseReason) {
        self.told.tell(end(reason));
    }
}

async fn leave(mut tcp: TcpStream, how: &str) {
    match how {
        "fin" => {}
        "reset" => tcp.set_zero_linger().unwrap(),
        "close and fin" => tcp.write_all(b"\x88\x05\x03\xe9bye").await.unwrap(),
        _ => {
            tcp.write_all(b"\x88\x05\x0d\xacbye").await.unwrap();
            // Until the client has answered and gone.
            tcp.read_to_end(&mut Vec::new()).await.unwrap();
        }
    }
}

async fn order(tcp: &mut TcpStream, order: &str) {
    tcp.write_all(&[0x81, order.len() as u8]).await.unwrap();
    tcp.write_all(order.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn assertion_44_every_end_is_told_with_its_code() {
    for (how, seen) in LEAVES {
        let (liar, mut sockets) = raw().await;
        let ((told, mut heard), go_on) = (told(), Arc::default());
        let object = Orders { told, go_on };
        let running = tokio::spawn(Client::new(format!("ws://{}", liar.addr)).run(object));
        let mut tcp = sockets.recv().await.unwrap();
        order(&mut tcp, "hello").await;
        assert_eq!(heard.next().await, "hello");
        leave(tcp, how).await;
        assert_eq!(heard.next().await, seen, "{how}");
        soon("the end", running).await.unwrap();
        assert!(heard.is_quiet(), "{how}");
    }
}

#[tokio::test]
async fn assertion_44_also_while_a_handler_waits() {
    for (how, seen) in LEAVES {
        let (liar, mut sockets) = raw().await;
        let ((told, mut heard), go_on) = (told(), Arc::<Notify>::default());
        let object = Orders { told, go_on: go_on.clone() };
        let client = Client::new(format!("ws://{}", liar.addr))
            .options(Options::new().close_timeout(Duration::from_millis(20)));
        let running = tokio::spawn(client.run(object));
        let mut tcp = sockets.recv().await.unwrap();
        order(&mut tcp, "wait").await;
        assert_eq!(heard.next().await, "waits");
        leave(tcp, how).await;
        // `on_close` comes after the handler, whatever has happened meanwhile.
        assert!(heard.is_quiet(), "{how}");
        go_on.notify_one();
        assert_eq!(heard.next().await, seen, "{how}");
        soon("the end", running).await.unwrap();
    }
}

/// The server reads nothing, so the handler's send waits; no end of the server's leaves it waiting.
#[tokio::test]
async fn assertion_45_a_server_that_leaves_ends_a_send_that_waits() {
    for how in ["fin", "reset", "close and fin"] {
        let (liar, mut sockets) = raw().await;
        let ((told, mut heard), go_on) = (told(), Arc::default());
        let object = Orders { told, go_on };
        let running = tokio::spawn(Client::new(format!("ws://{}", liar.addr)).run(object));
        let mut tcp = sockets.recv().await.unwrap();
        order(&mut tcp, "flood").await;
        assert_eq!(heard.next().await, "floods");
        leave(tcp, how).await;
        let end = heard.next().await;
        assert!(!end.starts_with("error"), "{how}: {end}");
        soon("the end", running).await.unwrap();
    }
}

#[tokio::test]
async fn assertion_45_a_server_that_reads_nothing_is_left_with_1013() {
    let (liar, mut sockets) = raw().await;
    let ((told, mut heard), go_on) = (told(), Arc::default());
    let client = Client::new(format!("ws://{}", liar.addr))
        .options(Options::new().send_timeout(Duration::from_millis(20)));
    let running = tokio::spawn(client.run(Orders { told, go_on }));
    let mut tcp = sockets.recv().await.unwrap();
    order(&mut tcp, "flood").await;
    assert_eq!(heard.next().await, "floods");
    let end = heard.next().await;
    assert!(end.starts_with("1013") && end.ends_with("Local, cut"), "{end}");
    soon("the end", running).await.unwrap();
}
