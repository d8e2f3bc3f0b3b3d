//! What a handler may take and give back beside strings and bytes.

use wsframe::{
    Endpoint, Failure, FailureKind, MessagePack, OnError, Protobuf, Server, on_error, on_message,
    server_endpoint,
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
