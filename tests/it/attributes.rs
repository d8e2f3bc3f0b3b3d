//! Endpoints by annotation, served: where fields come from, what handlers take and return.

use std::sync::Arc;

use tokio::sync::mpsc;
use wsframe::{
    DecodeError, Error, FromHandshake, FromMessage, IntoMessage, Json, Options, prelude::*,
};
use wsframe_tests::{Client, Frame, Running, request, serve, soon};

/// A server of these endpoints alone: all tests of this binary share one link-time registry.
async fn only<E: wsframe::Endpoint>(server: Server) -> Running {
    serve(server.only::<E>()).await
}

async fn status(server: &Running, path: &str, headers: &str) -> u16 {
    Client::ask(server.addr, request(path, headers)).await.status
}

// ---- fields

struct User(String);

impl FromHandshake for User {
    async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
        match handshake.header("authorization") {
            Some(token) => Ok(Self(token.to_owned())),
            None => Err(Refusal::unauthorized("who are you?")),
        }
    }
}

#[server_endpoint("/fields/<room>/<seat>/<rest..>")]
struct Fields {
    room: String,
    seat: u16,
    rest: String,
    #[query]
    nick: String,
    #[query("tag")]
    tags: Vec<u8>,
    #[query]
    age: Option<u32>,
    #[header("x-lang")]
    language: Option<String>,
    #[header("user-agent")]
    agent: String,
    #[cookie]
    theme: String,
    #[cookie("size")]
    size: Option<u8>,
    #[state]
    greeting: Arc<String>,
    #[extract]
    user: User,
    #[default(3)]
    lives: u8,
    r#type: Vec<u32>,
}

impl Fields {
    #[on_message]
    fn tell(&mut self, _: &str) -> String {
        self.r#type.push(1);
        format!(
            "{} {} {} {} {:?} {:?} {:?} {} {} {:?} {} {} {} {:?}",
            self.room,
            self.seat,
            self.rest,
            self.nick,
            self.tags,
            self.age,
            self.language,
            self.agent,
            self.theme,
            self.size,
            self.greeting,
            self.user.0,
            self.lives,
            self.r#type,
        )
    }
}

const HEADERS: &str = "Authorization: ann\r\nUser-Agent: test\r\nCookie: a=b; theme=dark\r\n";

#[tokio::test]
async fn every_field_comes_from_its_place() {
    let server = only::<Fields>(Server::new().state(Arc::new(String::from("hi")))).await;
    let path = "/fields/caf%C3%A9%2Fbar/7/a/b?tag=1&nick=a+b%21&tag=2";
    let mut client = Client::tcp(server.addr).await;
    client.write(request(path, HEADERS)).await;
    assert_eq!(client.response().await.status, 101);
    for objects in ["[1]", "[1, 1]"] {
        client.text("").await;
        let expected =
            format!("café/bar 7 a/b a b! [1, 2] None None test dark None hi ann 3 {objects}");
        assert_eq!(client.expect_text().await, expected);
    }
    let more = format!("{HEADERS}X-Lang: de\r\nCookie: size=2\r\n");
    client = Client::tcp(server.addr).await;
    client.write(request("/fields/r/1/x?nick=&age=5", &more)).await;
    assert_eq!(client.response().await.status, 101);
    client.text("").await;
    let expected = "r 1 x  [] Some(5) Some(\"de\") test dark Some(2) hi ann 3 [1]";
    assert_eq!(client.expect_text().await, expected);
}

#[tokio::test]
async fn what_is_missing_or_malformed_is_a_status() {
    let server = only::<Fields>(Server::new().state(Arc::new(String::new()))).await;
    let good = "/fields/r/1/x?nick=n";
    for (path, headers, expected) in [
        (good, HEADERS, 101),
        ("/fields/r/x/x?nick=n", HEADERS, 404),
        ("/fields/r/65536/x?nick=n", HEADERS, 404),
        ("/fields/r/1/x", HEADERS, 400),
        ("/fields/r/1/x?nick=n&age=old", HEADERS, 400),
        ("/fields/r/1/x?nick=n&tag=1&tag=x", HEADERS, 400),
        (good, "Authorization: ann\r\nCookie: theme=x\r\n", 400),
        (good, "Authorization: ann\r\nUser-Agent: x\r\n", 400),
        // The stranger learns that he is one before anything else, but not of what is not there.
        ("/fields/r/x/x", "", 401),
        ("/fields/r/1", "", 404),
    ] {
        assert_eq!(status(&server, path, headers).await, expected, "{path} {headers:?}");
    }
}

#[tokio::test]
async fn missing_state_keeps_the_server_from_starting() {
    let error = Server::new().only::<Fields>().bind("127.0.0.1:0").await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("Arc<alloc::string::String>") && text.contains("attributes.rs:"),
        "{text}"
    );
}

// ---- handlers

struct Celsius(f32);

impl FromMessage for Celsius {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        match std::str::from_utf8(message.as_bytes()).ok().and_then(|text| text.parse().ok()) {
            Some(degrees) => Ok(Self(degrees)),
            None => Err(DecodeError::new(message, "no temperature")),
        }
    }
}

struct Fahrenheit(f32);

impl IntoMessage for Fahrenheit {
    fn into_message(self) -> Result<Message, Error> {
        if self.0.is_nan() { Err("not a number".into()) } else { Ok(self.0.to_string().into()) }
    }
}

#[server_endpoint("/weather", subprotocols = ["c2f"], origins = any)]
struct Weather;

impl Weather {
    #[on_handshake]
    fn admit(&mut self, handshake: &mut Handshake) -> Result<(), Refusal> {
        if handshake.query("banned").is_some() {
            return Err(Refusal::forbidden("not you"));
        }
        let headers = handshake.response_headers_mut();
        headers.insert("x-station", "7".parse().expect("a value"));
        headers.insert("upgrade", "nonsense".parse().expect("a value"));
        Ok(())
    }

    #[on_open]
    async fn greet(&self, session: Session) -> Option<String> {
        session.subprotocol().map(|name| format!("speaking {name}"))
    }

    #[on_message(text)]
    async fn convert(&mut self, Celsius(degrees): Celsius) -> Result<Fahrenheit, Error> {
        Ok(Fahrenheit(degrees * 1.8 + 32.0))
    }

    #[on_message]
    fn reverse(&self, bytes: &[u8]) -> Vec<u8> {
        bytes.iter().rev().copied().collect()
    }

    #[on_message]
    async fn pong(&mut self, pong: Pong, session: &Session) -> wsframe::Result {
        session.send(format!("pong {}", pong.payload().len())).await?;
        Ok(())
    }

    #[on_error]
    fn failed(&mut self, failure: &Failure, session: &Session) -> OnError {
        let about = failure.message().map(|message| message.len());
        match session.try_send(format!("{:?} {about:?}: {failure}", failure.kind())) {
            Ok(()) => OnError::Continue,
            Err(_) => failure.default_action(),
        }
    }
}

#[tokio::test]
async fn handlers_take_and_return_what_they_say() {
    let server = only::<Weather>(Server::new()).await;
    let mut client = Client::tcp(server.addr).await;
    let wanted = "Origin: https://anywhere.example\r\nSec-WebSocket-Protocol: c2f\r\n";
    client.write(request("/weather", wanted)).await;
    let response = client.response().await;
    assert_eq!(response.header("x-station"), Some("7"));
    assert_eq!(response.header("upgrade"), Some("websocket"), "cannot be overridden");
    assert_eq!(client.expect_text().await, "speaking c2f");

    client.text("100").await;
    assert_eq!(client.expect_text().await, "212");
    client.send(0x82, b"abc").await;
    assert_eq!(client.next().await, Some(Frame { first: 0x82, payload: b"cba".to_vec() }));
    client.send(0x8a, b"12").await;
    assert_eq!(client.expect_text().await, "pong 2");

    client.text("warm").await;
    assert_eq!(client.expect_text().await, "Decode Some(4): no temperature");
    client.text("NaN").await;
    assert_eq!(client.expect_text().await, "Handler None: not a number");
    assert_eq!(status(&server, "/weather?banned=1", "").await, 403);
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Move {
    Left,
    Right { by: u32 },
}

type Ends = mpsc::UnboundedSender<(u32, CloseReason)>;

#[server_endpoint("/game", max_message_size = "1KiB", idle_timeout = off)]
struct Game {
    #[state]
    ends: Ends,
    at: u32,
}

impl Game {
    #[on_message]
    fn step(&mut self, Json(step): Json<Move>) -> Json<u32> {
        match step {
            Move::Left => self.at = self.at.saturating_sub(1),
            Move::Right { by } => self.at += by,
        }
        Json(self.at)
    }
}

mod elsewhere {
    use super::*;

    impl Game {
        /// In another module than the struct, and in another `impl` block.
        #[on_close]
        pub(super) async fn over(&mut self, reason: CloseReason) {
            let _ = self.ends.send((self.at, reason));
        }
    }
}

#[tokio::test]
async fn json_is_decoded_and_a_kind_without_a_handler_closes() {
    let (ends, mut told): (Ends, _) = mpsc::unbounded_channel();
    let server = only::<Game>(Server::new().state(ends)).await;
    let mut client = Client::open(server.addr, "/game").await;
    client.text(r#"{"right":{"by":5}}"#).await;
    assert_eq!(client.expect_text().await, "5");
    client.text(r#""left""#).await;
    assert_eq!(client.expect_text().await, "4");
    // A pong without a handler is passed over; binary without one is not.
    client.send(0x8a, "").await;
    client.send(0x82, "x").await;
    assert_eq!(client.expect_close().await.0, 1003);
    client.close(1003, "").await;
    let (at, reason) = soon("on_close", told.recv()).await.expect("told");
    assert_eq!((at, u16::from(reason.code())), (4, 1003));

    let mut client = Client::open(server.addr, "/game").await;
    client.text("nonsense").await;
    assert_eq!(client.expect_close().await.0, 1007);
    client = Client::open(server.addr, "/game").await;
    client.text(&"x".repeat(1025)).await;
    assert_eq!(client.expect_close().await.0, 1009);
}

/// The methods stay as they were written.
#[test]
fn handlers_can_be_called_in_a_unit_test() {
    let (ends, _told): (Ends, _) = mpsc::unbounded_channel();
    let mut game = Game { ends, at: 1 };
    assert_eq!(game.step(Json(Move::Right { by: 2 })).0, 3);
}

#[tokio::test]
async fn configure_is_stronger_than_the_attribute_and_that_than_the_server() {
    let (ends, _told): (Ends, _) = mpsc::unbounded_channel();
    let server = Server::new().state(ends).options(|all| all.max_message_size(5));
    let server =
        only::<Game>(server.configure::<Game>(|one: Options| one.max_message_size(2000))).await;
    let mut client = Client::open(server.addr, "/game").await;
    client.text(&format!(r#"{{"right":{{"by":{}7}}}}"#, " ".repeat(1500))).await;
    assert_eq!(client.expect_text().await, "7");
}
