//! What a handler may take and give back beside strings and bytes.

use wsframe::{
    Bytes, DecodeError, Either, Endpoint, Failure, FailureKind, FromMessage, Json, Message,
    MessagePack, OnError, Protobuf, Server, Text, on_error, on_message, server_endpoint,
};
use wsframe_tests::{Client, Running, serve};

async fn running<E: Endpoint>() -> Running {
    serve(Server::new().without_link_time().endpoint::<E>()).await
}

#[server_endpoint("/half")]
struct Half;

impl Half {
    #[on_message]
    fn half(&self, number: i64) -> Option<f64> {
        (number != 0).then(|| number as f64 / 2.0)
    }
}

#[tokio::test]
async fn numbers_are_parsed_and_written() {
    let server = running::<Half>().await;
    let mut client = Client::open(server.addr, "/half").await;
    for (number, half) in [("7", "3.5"), ("-8", "-4"), ("+2", "1")] {
        client.text(number).await;
        assert_eq!(client.expect_text().await, half);
    }
    client.send(0x82, "7").await;
    assert_eq!(client.expect_close().await.0, 1003);
}

#[tokio::test]
async fn text_that_is_no_number_closes() {
    let server = running::<Half>().await;
    for text in ["seven", "", "7\n", " 7", "7.0", "9223372036854775808"] {
        let mut client = Client::open(server.addr, "/half").await;
        client.text(text).await;
        assert_eq!(client.expect_close().await.0, 1007, "{text:?}");
    }
}

#[server_endpoint("/patient")]
struct Patient;

impl Patient {
    #[on_message]
    fn not(&self, yes: bool) -> bool {
        !yes
    }

    #[on_error]
    async fn failed(&self, failure: &Failure, session: &wsframe::Session) -> OnError {
        assert_eq!(failure.kind(), FailureKind::Decode);
        let text = failure.message().map(|message| message.as_bytes().to_vec());
        let _ = session.send(text.unwrap_or_default()).await;
        OnError::Continue
    }
}

/// `on_error` is told the message, and may let the session go on.
#[tokio::test]
async fn on_error_gets_what_does_not_parse() {
    let server = running::<Patient>().await;
    let mut client = Client::open(server.addr, "/patient").await;
    client.text("TRUE").await;
    assert_eq!(client.next().await.expect("a frame").payload, b"TRUE");
    client.text("true").await;
    assert_eq!(client.expect_text().await, "false");
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Point {
    x: i32,
    y: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Place {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(uint32, tag = "2")]
    visits: u32,
}

#[server_endpoint("/packed")]
struct Packed;

impl Packed {
    #[on_message]
    fn mirror(&self, MessagePack(point): MessagePack<Point>) -> MessagePack<Point> {
        MessagePack(Point { x: point.y, y: point.x })
    }
}

#[server_endpoint("/buffer")]
struct Buffer {
    seen: u32,
}

impl Buffer {
    #[on_message]
    fn visit(&mut self, Protobuf(place): Protobuf<Place>) -> Protobuf<Place> {
        self.seen += 1;
        Protobuf(Place { visits: self.seen, ..place })
    }
}

#[tokio::test]
async fn message_pack_travels_in_binary_messages() {
    let server = running::<Packed>().await;
    let mut client = Client::open(server.addr, "/packed").await;
    let point = rmp_serde::to_vec(&Point { x: 1, y: -2 }).expect("bytes");
    client.send(0x82, point).await;
    let frame = client.next().await.expect("a frame");
    let point: Point = rmp_serde::from_slice(&frame.payload).expect("a point");
    assert_eq!((point.x, point.y), (-2, 1));
    client.send(0x82, b"\x81\xa1x\x01").await;
    assert_eq!(client.expect_close().await.0, 1007);
}

#[tokio::test]
async fn protocol_buffers_travel_in_binary_messages() {
    use prost::Message as _;

    let server = running::<Buffer>().await;
    let mut client = Client::open(server.addr, "/buffer").await;
    let place = Place { name: "Ulm".into(), visits: 0 };
    client.send(0x82, place.encode_to_vec()).await;
    let frame = client.next().await.expect("a frame");
    let place = Place::decode(&*frame.payload).expect("a place");
    assert_eq!(place, Place { name: "Ulm".into(), visits: 1 });
    client.send(0x82, b"\x0a\x05").await;
    assert_eq!(client.expect_close().await.0, 1007);
}

/// `/name` is a command, and needs a name.
struct Command(String);

impl FromMessage for Command {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        let text = Text::from_message(message)?;
        match text.strip_prefix('/') {
            Some("") => Err(DecodeError::new(text.into(), "no name")),
            Some(name) => Ok(Self(name.into())),
            None => Err(DecodeError::not_mine(text.into(), "no command")),
        }
    }
}

#[server_endpoint("/either")]
struct Candidates;

impl Candidates {
    #[on_message(text)]
    fn said(&self, said: Either<Command, Either<i32, Json<[i32; 2]>>>) -> Either<i32, String> {
        match said {
            Either::Left(Command(name)) => Either::Right(format!("command {name}")),
            Either::Right(Either::Left(number)) => Either::Left(-number),
            Either::Right(Either::Right(Json([x, y]))) => Either::Right(format!("at {x}, {y}")),
        }
    }
}

#[tokio::test]
async fn candidates_are_tried_in_their_order() {
    let server = running::<Candidates>().await;
    let mut client = Client::open(server.addr, "/either").await;
    for (said, answer) in [("/quit", "command quit"), ("5", "-5"), ("[1, 2]", "at 1, 2")] {
        client.text(said).await;
        assert_eq!(client.expect_text().await, answer);
    }
    // Nobody's, and one that is somebody's but wrong.
    for wrong in ["hello", "/"] {
        let mut client = Client::open(server.addr, "/either").await;
        client.text(wrong).await;
        assert_eq!(client.expect_close().await.0, 1007, "{wrong}");
    }
}

#[server_endpoint("/lenient")]
struct Lenient;

impl Lenient {
    /// A number or anything: known to be text.
    #[on_message]
    fn said(&self, said: &Either<u8, String>) -> String {
        format!("{said:?}")
    }

    #[on_error]
    fn failed(&self, _: &Failure) -> OnError {
        OnError::Continue
    }
}

#[server_endpoint("/mixed")]
struct Mixed;

impl Mixed {
    #[on_message(text)]
    #[on_message(binary)]
    fn said(&self, said: Either<Text, Bytes>) -> Either<Text, Bytes> {
        said
    }
}

#[tokio::test]
async fn candidates_may_be_of_two_kinds() {
    let server = running::<Lenient>().await;
    let mut client = Client::open(server.addr, "/lenient").await;
    client.text("256").await;
    assert_eq!(client.expect_text().await, r#"Right("256")"#);
    client.text("255").await;
    assert_eq!(client.expect_text().await, "Left(255)");
    let server = running::<Mixed>().await;
    let mut client = Client::open(server.addr, "/mixed").await;
    client.text("text").await;
    assert_eq!(client.expect_text().await, "text");
    client.send(0x82, b"bytes").await;
    let frame = client.next().await.expect("a frame");
    assert_eq!((frame.first, &*frame.payload), (0x82, &b"bytes"[..]));
}
