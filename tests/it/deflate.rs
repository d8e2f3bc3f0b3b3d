//! Compressed messages: what is agreed on, and that everything works with them. The peer is written
//! by hand over another implementation of DEFLATE, or our own client.

use futures_util::stream;
use http::request::Parts;
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec};
use tokio::io::AsyncReadExt;
use wsframe::{
    Bytes, Close, Configurator, Deflate, Message, MessageReader, Options, Part, Replies, Room,
    Server, Session, Text, on_message, on_open, server_endpoint,
};
use wsframe_tests::{Client, Frame, Running, request, serve, soon};

#[server_endpoint("/echo", deflate = on, max_message_size = "1MiB")]
struct Echo;

impl Echo {
    #[on_open]
    fn opened(&self, session: &Session) -> String {
        session.extensions().unwrap_or("none").to_owned()
    }

    #[on_message(text)]
    #[on_message(binary)]
    fn echo(&self, message: Message) -> Message {
        message
    }
}

#[server_endpoint("/plain")]
struct Plain;

impl Plain {
    #[on_open]
    fn opened(&self, session: &Session) -> String {
        session.extensions().unwrap_or("none").to_owned()
    }
}

/// Takes its messages in pieces, and sends some so.
#[server_endpoint("/pieces", deflate = Deflate::new().threshold(0), max_message_size = 64)]
struct Pieces {
    text: String,
}

impl Pieces {
    #[on_message]
    fn text(&mut self, part: &Part<Text>) -> Option<String> {
        self.text += &part.payload;
        part.last.then(|| std::mem::take(&mut self.text))
    }

    #[on_message(binary)]
    async fn bytes(&mut self, mut bytes: MessageReader, session: &Session) -> wsframe::Result {
        let mut whole = Vec::new();
        bytes.read_to_end(&mut whole).await?;
        let mut message = session.begin_binary().await?;
        for piece in whole.chunks(4000) {
            message.send(Bytes::copy_from_slice(piece)).await?;
        }
        message.finish().await?;
        Ok(())
    }
}

#[server_endpoint("/many", deflate = Deflate::new().threshold(0))]
struct Many;

impl Many {
    #[on_message]
    fn many(&mut self, count: u32) -> Replies<stream::Iter<std::vec::IntoIter<String>>> {
        let messages: Vec<_> = (0..count).map(|i| format!("message {i}")).collect();
        Replies(stream::iter(messages))
    }
}

#[server_endpoint("/room/<room>", deflate = Deflate::new().threshold(100))]
struct Member {
    #[expect(dead_code, reason = "being a member is all")]
    room: Room,
}

async fn serving() -> Running {
    let server = Server::new().without_link_time();
    let server = server.endpoint::<Echo>().endpoint::<Plain>().endpoint::<Pieces>();
    serve(server.endpoint::<Many>().endpoint::<Member>()).await
}

fn offer(params: &str) -> String {
    format!("Sec-WebSocket-Extensions: permessage-deflate{params}\r\n")
}

/// What the server answers to an offer, and an open connection.
async fn open(server: &Running, path: &str, extra: &str) -> (Client, Option<String>) {
    let mut client = Client::tcp(server.addr).await;
    client.write(request(path, extra)).await;
    let response = client.response().await;
    assert_eq!(response.status, 101, "{response:?}");
    let answer = response.header("sec-websocket-extensions").map(str::to_owned);
    (client, answer)
}

fn inflate(payload: &[u8]) -> Vec<u8> {
    decompress_to_vec(&[payload, &[0, 0, 0xff, 0xff, 3, 0]].concat()).expect("a DEFLATE stream")
}

const USUAL: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

#[tokio::test]
async fn what_is_offered_is_answered_if_it_is_wanted() {
    let server = serving().await;
    for (path, offer, wanted) in [
        ("/echo", offer(""), Some(USUAL)),
        ("/echo", offer("; client_max_window_bits"), Some(USUAL)),
        ("/echo", offer("; server_max_window_bits=3"), None),
        ("/echo", offer("; what, permessage-deflate"), Some(USUAL)),
        ("/echo", String::new(), None),
        ("/plain", offer(""), None),
    ] {
        let (mut client, answer) = open(&server, path, &offer).await;
        assert_eq!(answer.as_deref(), wanted, "{path} {offer}");
        assert_eq!(client.expect_text().await, wanted.unwrap_or("none"));
    }
    server.stop().await;
}

#[tokio::test]
async fn every_level_of_options_has_its_say() {
    let with = |server: Server| async { serve(server.without_link_time()).await };
    let on = |options: Options| options.deflate(true);
    let server = with(Server::new().endpoint::<Plain>().options(on)).await;
    assert_eq!(open(&server, "/plain", &offer("")).await.1.as_deref(), Some(USUAL));
    let off = |options: Options| options.deflate(false);
    let server = with(Server::new().endpoint::<Echo>().configure::<Echo>(off)).await;
    assert_eq!(open(&server, "/echo", &offer("")).await.1, None);
    let faults = Server::new()
        .without_link_time()
        .endpoint::<Echo>()
        .configure::<Echo>(|options| options.deflate(Deflate::new().level(10)));
    let faults = faults.bind("127.0.0.1:0").await.unwrap_err().to_string();
    assert!(faults.contains("`level` of `deflate` is 10; it goes from 1 to 9"), "{faults}");
    let shown = Server::new()
        .without_link_time()
        .endpoint::<Echo>()
        .configure::<Echo>(|options| options.deflate(Deflate::new().level(1)));
    let shown = shown.bind("127.0.0.1:0").await.unwrap().table().to_string();
    assert!(shown.contains("deflate = on level=1 (configure)"), "{shown}");
}

struct Choosy;

impl Configurator<Echo> for Choosy {
    fn choose_deflate(&self, head: &Parts, deflate: Deflate) -> Deflate {
        match head.uri.query() {
            Some("off") => Deflate::from(false),
            Some("wrong") => deflate.level(0),
            _ => deflate.server_max_window_bits(10),
        }
    }
}

#[tokio::test]
async fn a_configurator_chooses() {
    let server = Server::new().without_link_time().endpoint::<Echo>().configurator(Choosy);
    let server = serve(server).await;
    assert_eq!(open(&server, "/echo?off", &offer("")).await.1, None);
    let small = format!("{USUAL}; server_max_window_bits=10");
    assert_eq!(open(&server, "/echo", &offer("")).await.1, Some(small));
    let refused = Client::ask(server.addr, request("/echo?wrong", &offer(""))).await;
    assert_eq!(refused.status, 500);
}

#[tokio::test]
async fn messages_are_compressed_both_ways() {
    let server = serving().await;
    let (mut client, _) = open(&server, "/echo", &offer("")).await;
    client.expect_text().await;
    for size in [0, 1, 125, 126, 1023, 1024, 4096, 8191, 8192, 8193, 65_535, 65_536, 500_000] {
        let text = "some text of a peer, ".repeat(size / 21 + 1)[..size].to_owned();
        client.send(0xc1, compress_to_vec(text.as_bytes(), 6)).await;
        let frame = client.next().await.unwrap();
        if size < 1024 {
            assert_eq!(frame, Frame { first: 0x81, payload: text.into_bytes() });
        } else {
            assert_eq!(frame.first, 0xc1);
            assert!(frame.payload.len() < size / 2);
            assert_eq!(inflate(&frame.payload), text.as_bytes());
        }
    }
    // Uncompressed messages may come in between, pings too, and fragments.
    client.text("plain").await;
    assert_eq!(client.expect_text().await, "plain");
    let payload = compress_to_vec(&[7; 5000], 6);
    client.send(0x42, &payload[..3]).await;
    client.send(0x89, b"ping").await;
    client.send(0x80, &payload[3..]).await;
    assert_eq!(client.next().await.unwrap().first, 0x8a);
    assert_eq!(inflate(&client.next().await.unwrap().payload), [7; 5000]);
    server.stop().await;
}

#[tokio::test]
async fn faults_close_with_their_codes() {
    let server = serving().await;
    let bomb = compress_to_vec(&vec![0; 20 << 20], 9);
    for (path, first, payload, code) in [
        ("/echo", 0xc2, bomb, 1009),
        ("/echo", 0xc2, vec![0xff; 20], 1007),
        ("/echo", 0xc2, [compress_to_vec(b"x", 1), vec![1, 2]].concat(), 1007),
        ("/echo", 0xc1, compress_to_vec(b"\xff", 1), 1007),
        ("/echo", 0xc9, vec![], 1002),
        ("/echo", 0xc0, vec![], 1002),
        ("/echo", 0xa1, vec![], 1002),
        ("/plain", 0xc1, compress_to_vec(b"x", 1), 1002),
    ] {
        let (mut client, _) = open(&server, path, &offer("")).await;
        client.expect_text().await;
        client.send(first, payload).await;
        assert_eq!(client.expect_close().await.0, code, "{path} {first:x}");
    }
    server.stop().await;
}

/// Sends a text and a binary message of each size, and wants them back.
async fn echoes(session: &Session, messages: &mut wsframe::Messages, sizes: &[usize]) {
    for &size in sizes {
        let bytes: Vec<u8> = (0..size).map(|i| b'a' + (i * i % 7) as u8).collect();
        for message in [Message::from(bytes.clone()), String::from_utf8(bytes).unwrap().into()] {
            session.send(message.clone()).await.unwrap();
            let back = soon("an echo", messages.next()).await.unwrap();
            assert!(back == message, "{size}: {} of them back", back.len());
        }
    }
}

#[tokio::test]
async fn our_client_and_our_server_agree() {
    let all = Deflate::new().server_no_context_takeover(false).client_no_context_takeover(false);
    let server = serving().await;
    let keeping = Server::new().without_link_time().endpoint::<Echo>();
    let keeping = serve(keeping.configure::<Echo>(|o| o.deflate(all.threshold(10)))).await;
    for (server, deflate) in [
        (&server, Deflate::new()),
        (&server, all.threshold(0)),
        (&keeping, all.threshold(0)),
        (&keeping, Deflate::new().threshold(1)),
        (&keeping, all.level(9).server_max_window_bits(9).client_max_window_bits(9)),
        (&keeping, all.level(1).server_max_window_bits(8).client_max_window_bits(8)),
    ] {
        let client = wsframe::Client::new(format!("ws://{}/echo", server.addr));
        let options = Options::new().deflate(deflate).max_message_size(1 << 20);
        let (session, mut messages) = client.options(options).connect().await.unwrap();
        let agreed = soon("the greeting", messages.next()).await.unwrap();
        assert_eq!(Some(agreed), session.extensions().map(Message::text), "{deflate:?}");
        assert!(session.extensions().is_some_and(|text| text.starts_with("permessage-deflate")));
        let sizes = [0, 1, 11, 1000, 1024, 4095, 4096, 32_767, 32_768, 32_769, 65_536, 300_000];
        echoes(&session, &mut messages, &sizes).await;
        echoes(&session, &mut messages, &sizes[4..]).await;
        session.close(Close::normal());
        assert_eq!(soon("the end", messages.next()).await, None);
    }
    // A server without it, and a client without it.
    let client = wsframe::Client::new(format!("ws://{}/plain", server.addr));
    let (session, _) = client.options(Options::new().deflate(true)).connect().await.unwrap();
    assert_eq!(session.extensions(), None);
    let wrong = Options::new().deflate(Deflate::new().client_max_window_bits(7));
    let client = wsframe::Client::new(format!("ws://{}/plain", server.addr)).options(wrong);
    let error = client.connect().await.unwrap_err().to_string();
    assert!(error.contains("`client_max_window_bits` of `deflate` is 7"), "{error}");
}

#[tokio::test]
async fn pieces_and_streams_are_compressed() {
    let keep = Deflate::new().server_no_context_takeover(false).client_no_context_takeover(false);
    for server_deflate in [Deflate::new().threshold(0), keep.threshold(0)] {
        let server = Server::new().without_link_time().endpoint::<Pieces>();
        let server = serve(server.configure::<Pieces>(|o| o.deflate(server_deflate))).await;
        let client = wsframe::Client::new(format!("ws://{}/pieces", server.addr));
        let options = Options::new().deflate(keep.threshold(0)).max_message_size(8 << 20);
        let (session, mut messages) = client.options(options).connect().await.unwrap();
        // Longer than the limit on whole messages: it is none for what is taken in pieces.
        for size in [0, 1, 100, 32_768, 100_000, 3 << 20] {
            let text = "zwölf Boxkämpfer, ".repeat(size / 20);
            session.send(text.clone()).await.unwrap();
            let back = soon("a text", messages.next()).await.unwrap();
            assert!(back == Message::text(text), "{size}");
            let bytes: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let mut message = session.begin_binary().await.unwrap();
            for piece in bytes.chunks(50_000) {
                message.send(Bytes::copy_from_slice(piece)).await.unwrap();
            }
            message.finish().await.unwrap();
            let back = soon("bytes", messages.next()).await.unwrap();
            assert!(back == Message::from(bytes), "{size}");
        }
        // Once more as one message, behind a stream.
        session.send("the end").await.unwrap();
        assert_eq!(soon("a text", messages.next()).await, Some(Message::text("the end")));
    }
}

/// The marks stand where they have to, and each frame of a stream is readable when it comes.
#[tokio::test]
async fn a_stream_is_marked_once() {
    let server = serving().await;
    let (mut client, _) = open(&server, "/pieces", &offer("")).await;
    client.send(0x82, vec![1; 9000]).await;
    let mut whole = Vec::new();
    for first in [0x42, 0x00, 0x00, 0x80] {
        let frame = client.next().await.unwrap();
        assert_eq!(frame.first, first);
        whole.extend(frame.payload);
    }
    assert_eq!(inflate(&whole), [1; 9000]);
    let (mut client, _) = open(&server, "/many", &offer("")).await;
    client.text("3").await;
    for i in 0..3 {
        let frame = client.next().await.unwrap();
        let text = if frame.first == 0xc1 { inflate(&frame.payload) } else { frame.payload };
        assert_eq!(text, format!("message {i}").into_bytes());
    }
}

#[tokio::test]
async fn a_room_of_all_kinds_gets_one_message() {
    let keep = Deflate::new().server_no_context_takeover(false).threshold(100);
    let server = Server::new().without_link_time().endpoint::<Member>();
    let server = serve(server.configure::<Member>(|o| o.deflate(keep))).await;
    let mut members = Vec::new();
    for extra in [
        String::new(),
        offer("; server_no_context_takeover"),
        offer("; server_no_context_takeover; client_max_window_bits"),
        offer(""),
        offer("; server_max_window_bits=9; server_no_context_takeover"),
    ] {
        members.push(open(&server, "/room/red", &extra).await.0);
    }
    let room = server.handle.room::<Member>("red");
    soon("the members", async {
        while room.members().len() < 5 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    for round in 0..3 {
        let text = format!("round {round} ").repeat(500);
        assert_eq!(room.send(text.clone()).await.queued, 5);
        let mut frames = Vec::new();
        for member in &mut members {
            frames.push(member.next().await.unwrap());
        }
        assert_eq!(frames[0], Frame { first: 0x81, payload: text.clone().into_bytes() });
        assert_eq!(frames[1], frames[2]);
        assert_eq!(frames[1].first, 0xc1);
        assert_eq!(inflate(&frames[1].payload), text.as_bytes());
        assert_eq!(inflate(&frames[4].payload), text.as_bytes());
        if round == 0 {
            assert_eq!(inflate(&frames[3].payload), text.as_bytes());
        } else {
            assert!(frames[3].payload.len() < frames[1].payload.len());
        }
    }
    room.send("short").await;
    for member in &mut members {
        assert_eq!(member.expect_text().await, "short");
    }
}

/// Peers in memory inflate, too.
#[tokio::test]
async fn in_memory() {
    let app = Server::new().without_link_time().endpoint::<Echo>().in_memory().unwrap();
    let request = app.request("/echo").header("sec-websocket-extensions", "permessage-deflate");
    let mut peer = request.connect().await.unwrap();
    assert_eq!(peer.expect_text().await, USUAL);
    let text = "a text ".repeat(1000);
    peer.send(text.clone()).await;
    assert_eq!(peer.expect_text().await, text);
}
