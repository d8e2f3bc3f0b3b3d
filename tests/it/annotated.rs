//! What the attributes generate, driven over a socket: where fields come from, in which order, and
//! which handler gets what.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;
use wsframe::{
    Close, CloseReason, Endpoint, Failure, FromHandshake, FromMessage, Handshake, Json, OnError,
    Pong, Refusal, Server, Session, Text, on_close, on_error, on_handshake, on_message, on_open,
    server_endpoint,
};
use wsframe_tests::{Client, Running, request, serve, soon};

async fn running<E: Endpoint>() -> Running {
    serve(Server::new().without_link_time().endpoint::<E>()).await
}

/// Lets in who says `x-user`.
struct User(String);

impl FromHandshake for User {
    async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
        tokio::task::yield_now().await;
        let name = handshake.header("x-user").map(|name| Self(name.into()));
        name.ok_or_else(|| Refusal::unauthorized("who are you?"))
    }
}

#[server_endpoint("/fields/<type>/<rest..>")]
struct Fields {
    #[default(40 + 2)]
    answer: u8,
    #[state]
    word: Arc<String>,
    #[cookie]
    sid: Option<String>,
    #[header("X-Lucky")]
    lucky: Option<u8>,
    #[query]
    tag: Vec<u8>,
    #[query("n")]
    number: i32,
    r#type: u16,
    rest: String,
    plain: Option<u8>,
    #[extract]
    user: User,
}

impl Fields {
    #[on_open]
    fn all(&self) -> String {
        let Self { answer, word, sid, lucky, tag, number, r#type, rest, plain, user } = self;
        format!(
            "{answer} {word} {sid:?} {lucky:?} {tag:?} {number} {type} {rest} {plain:?} {}",
            user.0
        )
    }
}

#[tokio::test]
async fn every_field_is_bound_from_its_place() {
    let state = Arc::new("word".to_owned());
    let server = Server::new().without_link_time().endpoint::<Fields>().state(state);
    let server = serve(server).await;
    let mut client = Client::tcp(server.addr).await;
    let head = "X-User: ali\r\nCookie: a=b; sid=s1\r\nX-Lucky: 7\r\n";
    client.write(request("/fields/300/a/b%20c?tag=1&n=-5&tag=2", head)).await;
    assert_eq!(client.response().await.status, 101);
    let all = r#"42 word Some("s1") Some(7) [1, 2] -5 300 a/b c None ali"#;
    assert_eq!(client.expect_text().await, all);
    let mut client = Client::tcp(server.addr).await;
    client.write(request("/fields/1/x?n=0", "X-User: ali\r\n")).await;
    assert_eq!(client.response().await.status, 101);
    assert_eq!(client.expect_text().await, "42 word None None [] 0 1 x None ali");
}

/// A stranger is told so before anything else; then the path, the query and the rest.
#[tokio::test]
async fn the_first_field_that_fails_is_the_answer() {
    let state = Arc::new(String::new());
    let server = Server::new().without_link_time().endpoint::<Fields>().state(state);
    let server = serve(server).await;
    let user = "X-User: ali\r\n";
    for (path, head, status) in [
        ("/fields/none/x", "", 401),
        ("/fields/none/x", user, 404),
        ("/fields/1/x", user, 400),
        ("/fields/1/x?n=one", user, 400),
        ("/fields/1/x?n=1&tag=x", user, 400),
        ("/fields/1/x?n=1", "X-User: ali\r\nX-Lucky: no\r\n", 400),
        ("/fields/1/x?n=1", user, 101),
    ] {
        let response = Client::ask(server.addr, request(path, head)).await;
        assert_eq!(response.status, status, "{path} {head}");
    }
}

#[derive(serde::Deserialize)]
struct Sum {
    a: i32,
    b: i32,
}

#[server_endpoint("/text")]
struct TextOnly;

impl TextOnly {
    #[on_message]
    async fn sum(&self, Json(sum): Json<Sum>) -> String {
        (sum.a + sum.b).to_string()
    }
}

#[tokio::test]
async fn a_kind_without_a_handler_is_not_taken() {
    let server = running::<TextOnly>().await;
    let mut client = Client::open(server.addr, "/text").await;
    client.text(r#"{"a":1,"b":2}"#).await;
    assert_eq!(client.expect_text().await, "3");
    client.send(0x8a, "unasked").await;
    client.send(0x82, [1, 2]).await;
    assert_eq!(client.expect_close().await.0, 1003);
    let mut client = Client::open(server.addr, "/text").await;
    client.text("no JSON").await;
    assert_eq!(client.expect_close().await.0, 1007);
}

#[server_endpoint("/kinds")]
struct Kinds {
    said: u32,
}

impl Kinds {
    #[on_message]
    fn text(&mut self, text: &str) -> Option<String> {
        self.said += 1;
        (!text.is_empty()).then(|| format!("{text} {}", self.said))
    }

    #[on_message]
    async fn bytes(&mut self, session: Session, bytes: &[u8]) -> wsframe::Result<Bytes> {
        session.send(format!("{} bytes", bytes.len())).await?;
        Ok(Bytes::from_static(b"got it"))
    }
}

/// Handlers may be anywhere in the crate.
mod elsewhere {
    use super::*;

    impl Kinds {
        #[on_message]
        fn pong(&self, pong: &Pong, session: &Session) -> Result<Text, Close> {
            let _ = session;
            match pong.payload() {
                b"leave" => Err(Close::new(4001, "as you wish")),
                other => Ok(String::from_utf8_lossy(other).as_ref().into()),
            }
        }
    }
}

#[tokio::test]
async fn each_kind_has_its_handler() {
    let server = running::<Kinds>().await;
    let mut client = Client::open(server.addr, "/kinds").await;
    client.text("").await;
    client.text("a").await;
    assert_eq!(client.expect_text().await, "a 2");
    client.send(0x82, [1, 2, 3]).await;
    assert_eq!(client.expect_text().await, "3 bytes");
    assert_eq!(client.next().await.expect("a frame").payload, b"got it");
    client.send(0x8a, "beat").await;
    assert_eq!(client.expect_text().await, "beat");
    client.send(0x8a, "leave").await;
    assert_eq!(client.expect_close().await, (4001, "as you wish".into()));
}

struct Even(u32);

impl FromMessage for Even {
    fn from_message(message: wsframe::Message) -> Result<Self, wsframe::DecodeError> {
        match std::str::from_utf8(message.as_bytes()).ok().and_then(|text| text.parse().ok()) {
            Some(n) if n % 2 == 0 => Ok(Self(n)),
            _ => Err(wsframe::DecodeError::new(message, "odd")),
        }
    }
}

#[derive(Debug)]
struct TooBig;

impl From<TooBig> for Refusal {
    fn from(_: TooBig) -> Self {
        Self::bad_request("too big")
    }
}

#[server_endpoint("/life/<size>")]
struct Life {
    size: u32,
    #[state]
    told: mpsc::UnboundedSender<String>,
}

impl Life {
    fn tell(&self, text: impl Into<String>) {
        self.told.send(text.into()).expect("the test listens");
    }

    #[on_handshake]
    async fn admit(&mut self, handshake: &mut Handshake) -> Result<(), TooBig> {
        self.tell("handshake");
        handshake.response_headers_mut().insert("x-size", self.size.into());
        if self.size > 100 { Err(TooBig) } else { Ok(()) }
    }

    #[on_open]
    async fn opened(&mut self, _: &Session) {
        self.tell("open");
    }

    #[on_message(text)]
    #[on_message(binary)]
    async fn half(&mut self, even: &Even) -> String {
        (even.0 / 2).to_string()
    }

    #[on_error]
    async fn failed(&mut self, session: &Session, failure: &Failure) -> OnError {
        self.tell(format!("error {failure}"));
        let _ = session.send("even numbers, please").await;
        OnError::Continue
    }

    #[on_close]
    async fn left(&mut self, reason: &CloseReason, _: Session) {
        self.tell(format!("close {reason}"));
    }
}

#[tokio::test]
async fn a_life_from_handshake_to_close() {
    let (told, mut heard) = mpsc::unbounded_channel();
    let server = Server::new().without_link_time().endpoint::<Life>().state(told);
    let server = serve(server).await;
    assert_eq!(Client::ask(server.addr, request("/life/101", "")).await.status, 400);
    let mut client = Client::tcp(server.addr).await;
    client.write(request("/life/9", "")).await;
    assert_eq!(client.response().await.header("x-size"), Some("9"));
    client.text("8").await;
    assert_eq!(client.expect_text().await, "4");
    client.text("7").await;
    assert_eq!(client.expect_text().await, "even numbers, please");
    client.send(0x82, "6").await;
    assert_eq!(client.expect_text().await, "3");
    client.close(4000, "bye").await;
    assert_eq!(client.expect_close().await.0, 4000);
    let mut told = Vec::new();
    while told.last().is_none_or(|last: &String| !last.starts_with("close")) {
        told.push(soon("an event", heard.recv()).await.expect("the server lives"));
    }
    assert_eq!(told[..3], ["handshake", "handshake", "open"]);
    assert!(told[3].starts_with("error") && told[3].contains("odd"), "{told:?}");
    assert_eq!(told[4], "close 4000 bye");
}

const LIMIT: usize = 2 * 8;

#[server_endpoint("/tuned", max_message_size = LIMIT, subprotocols = ["b", "a"], idle_timeout = off)]
struct Tuned;

impl Tuned {
    #[on_message]
    fn echo(&self, text: Text) -> Text {
        text
    }
}

#[tokio::test]
async fn options_of_the_attribute_hold() {
    let server = running::<Tuned>().await;
    let mut client = Client::tcp(server.addr).await;
    client.write(request("/tuned", "Sec-WebSocket-Protocol: x, a, b\r\n")).await;
    assert_eq!(client.response().await.header("sec-websocket-protocol"), Some("a"));
    client.text("sixteen letters!").await;
    assert_eq!(client.expect_text().await, "sixteen letters!");
    client.text("seventeen letters").await;
    assert_eq!(client.expect_close().await.0, 1009);
}

/// The attribute leaves the methods as they were.
#[test]
fn methods_can_be_called_directly() {
    let mut kinds = Kinds { said: 0 };
    assert_eq!(kinds.text("a").as_deref(), Some("a 1"));
    assert_eq!(<Kinds as Endpoint>::PATH, "/kinds");
}
