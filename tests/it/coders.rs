//! Coders that remember: one for each connection, with set-up and tear-down.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wsframe::{
    Close, Coder, DecodeError, Error, Failure, FailureKind, FromHandshake, FromMessage, Handshake,
    Message, OnError, Refusal, Server, Session, on_close, on_error, on_message, server_endpoint,
};
use wsframe_tests::{Client, Running, serve, soon};

type Told = UnboundedSender<String>;

/// Every line begins with the sum of the lengths of all lines before it.
struct Lengths {
    heard: usize,
    said: usize,
    told: Told,
}

/// Set-up: begins where the client says.
impl FromHandshake for Lengths {
    async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
        let from = handshake.query("from").unwrap_or_else(|| "0".into());
        let from = from.parse().map_err(|_| Refusal::bad_request("from where?"))?;
        let told = handshake.state().ok_or_else(Refusal::internal)?;
        Ok(Self { heard: from, said: from, told })
    }
}

/// Tear-down.
impl Drop for Lengths {
    fn drop(&mut self) {
        // The test may be over.
        let _ = self.told.send(format!("dropped at {} {}", self.heard, self.said));
    }
}

impl Coder for Lengths {
    type In = String;
    type Out = String;

    fn decode(&mut self, message: Message) -> Result<String, DecodeError> {
        let line = String::from_message(message)?;
        let Some((number, rest)) = line.split_once(' ') else {
            return Err(DecodeError::new(line.into(), "no number"));
        };
        assert_ne!(number, "panic", "as ordered");
        if number.parse() != Ok(self.heard) {
            let why = format!("{} expected", self.heard);
            return Err(DecodeError::new(line.into(), why));
        }
        self.heard += rest.len();
        Ok(rest.to_owned())
    }

    fn encode(&mut self, line: String) -> Result<Message, Error> {
        match &*line {
            "unspeakable" => return Err("secret words".into()),
            "panic" => panic!("as ordered"),
            _ => {}
        }
        let message = format!("{} {line}", self.said);
        self.said += line.len();
        Ok(message.into())
    }
}

#[server_endpoint("/lines")]
struct Lines {
    #[extract]
    codec: Lengths,
    #[state]
    told: Told,
}

impl Lines {
    #[on_message(text, coder = codec)]
    async fn said(&mut self, line: &str, session: &Session) -> Result<Option<String>, Close> {
        assert!(session.is_open());
        match line {
            "kick" => Err(Close::new(4003, "kicked")),
            "hush" => Ok(None),
            line => Ok(Some(line.to_owned())),
        }
    }

    /// The same coder serves another kind, and what is no reply.
    #[on_message(binary, coder = codec, blocking)]
    fn blocks(&mut self, _: String) {}

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        let _ = self.told.send(format!("{:?}: {failure}", failure.kind()));
        match failure.kind() {
            FailureKind::Decode => OnError::Continue,
            _ => failure.default_action(),
        }
    }

    #[on_close]
    fn left(&self) {
        let _ = self.told.send("closed".into());
    }
}

/// Unnamed fields have numbers; the coder starts at `Default`, and takes and gives types of its own.
#[server_endpoint("/sums")]
struct Sums(#[default(7)] u8, Sum);

#[derive(Default)]
struct Sum(i64);

impl Coder for Sum {
    type In = i64;
    type Out = i64;

    fn decode(&mut self, message: Message) -> Result<i64, DecodeError> {
        self.0 += i64::from_message(message)?;
        Ok(self.0)
    }

    fn encode(&mut self, value: i64) -> Result<Message, Error> {
        Ok(Message::binary((value + self.0).to_be_bytes().to_vec()))
    }
}

impl Sums {
    #[on_message(text, coder = 1, blocking)]
    fn sum(&self, sum: i64) -> wsframe::Result<i64> {
        Ok(sum + i64::from(self.0))
    }
}

async fn lines() -> (Running, UnboundedReceiver<String>) {
    let (told, heard) = unbounded_channel();
    let server =
        Server::new().without_link_time().endpoint::<Lines>().endpoint::<Sums>().state(told);
    (serve(server).await, heard)
}

async fn next(heard: &mut UnboundedReceiver<String>) -> String {
    soon("an event", heard.recv()).await.expect("the endpoint lives")
}

#[tokio::test]
async fn each_connection_has_its_own_memory() {
    let (server, _heard) = lines().await;
    let mut clients = Vec::new();
    for path in ["/lines", "/lines?from=10"] {
        clients.push(Client::open(server.addr, path).await);
    }
    for (client, line) in [(0, "0 hello"), (1, "10 a"), (0, "5 you")] {
        clients[client].text(line).await;
        assert_eq!(clients[client].expect_text().await, line);
    }
    let second = &mut clients[1];
    // Nothing said: the coder is not asked.
    second.text("11 hush").await;
    second.text("15 b").await;
    assert_eq!(second.expect_text().await, "11 b");
    second.text("16 kick").await;
    assert_eq!(second.expect_close().await, (4003, "kicked".into()));
}

#[tokio::test]
async fn what_does_not_decode_goes_to_on_error() {
    let (server, mut heard) = lines().await;
    let mut client = Client::open(server.addr, "/lines").await;
    client.text("1 hello").await;
    assert_eq!(next(&mut heard).await, "Decode: 0 expected");
    client.text("0 hello").await;
    assert_eq!(client.expect_text().await, "0 hello");
    client.send(0x82, "5 hello").await;
    assert_eq!(next(&mut heard).await, "Decode: a Binary message where Text is taken");
    client.text("5 unspeakable").await;
    assert_eq!(next(&mut heard).await, "Handler: secret words");
    assert_eq!(client.expect_close().await, (1011, "internal error".into()));
}

/// The coder is dropped with the object, after `on_close`.
#[tokio::test]
async fn a_coder_that_panics_ends_its_connection() {
    let (server, mut heard) = lines().await;
    for (said, end) in [("panic now", "dropped at 0 0"), ("0 panic", "dropped at 5 0")] {
        let mut client = Client::open(server.addr, "/lines").await;
        client.text(said).await;
        assert_eq!(client.expect_close().await.0, 1011);
        client.close(1011, "").await;
        assert_eq!(next(&mut heard).await, "closed");
        assert_eq!(next(&mut heard).await, end);
    }
}

/// The handshake is refused, or its object dropped: no session, but a tear-down.
#[tokio::test]
async fn the_set_up_may_refuse() {
    let (server, mut heard) = lines().await;
    let request = wsframe_tests::request("/lines?from=x", "");
    assert_eq!(Client::ask(server.addr, request).await.status, 400);
    let mut client = Client::open(server.addr, "/lines?from=3").await;
    client.close(1000, "").await;
    assert_eq!(client.expect_close().await.0, 1000);
    assert_eq!(next(&mut heard).await, "closed");
    assert_eq!(next(&mut heard).await, "dropped at 3 3");
}

#[tokio::test]
async fn a_coder_goes_along_with_a_blocking_handler() {
    let (server, _heard) = lines().await;
    let mut client = Client::open(server.addr, "/sums").await;
    for (said, answer) in [("1", 1 + 7 + 1), ("2", 3 + 7 + 3_i64)] {
        client.text(said).await;
        let frame = client.next().await.expect("a frame");
        assert_eq!((frame.first, frame.payload), (0x82, answer.to_be_bytes().to_vec()));
    }
    client.text("x").await;
    assert_eq!(client.expect_close().await.0, 1007);
}
