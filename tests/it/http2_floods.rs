//! What nobody sends over HTTP/2 who means well, and connections on which nothing comes.

use std::{io::ErrorKind, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message as Sent;
use wsframe::Server;
use wsframe_tests::{Client, Multiplexed, Running, Watch, get, probe, request, serve, soon};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// `GET http://x/`, and the same as a POST.
const GET: &[u8] = b"\x82\x86\x84\x41\x01x";
const POST: &[u8] = b"\x83\x86\x84\x41\x01x";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A CONNECT for the probe, which does not answer it before it is told so.
fn handshake(stream: u32) -> Vec<u8> {
    let mut head = b"\x86\x41\x01x".to_vec();
    for (name, value) in [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":path", "/probe?bind=wait"),
        ("sec-websocket-version", "13"),
    ] {
        head.extend([0, name.len() as u8]);
        head.extend(name.bytes());
        head.push(value.len() as u8);
        head.extend(value.bytes());
    }
    frame(HEADERS, END_HEADERS, stream, &head)
}

/// A peer that writes frames by hand.
struct Raw(TcpStream);

impl Raw {
    async fn connect(server: &Running) -> Self {
        let mut tcp = TcpStream::connect(server.addr).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        tcp.write_all(PREFACE).await.unwrap();
        Self(tcp)
    }

    /// Writes, for as long as there is somebody who reads.
    async fn write(&mut self, frames: &[u8]) {
        match soon("a write", self.0.write_all(frames)).await {
            Err(error)
                if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) =>
            {
                panic!("{error}")
            }
            _ => {}
        }
    }

    /// The next frame: what it is, its stream, its payload; `None` at the end.
    async fn next(&mut self) -> Option<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        soon("a frame", self.0.read_exact(&mut head)).await.ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        soon("a payload", self.0.read_exact(&mut payload)).await.ok()?;
        Some((head[3], u32::from_be_bytes(*head[5..].first_chunk().unwrap()), payload))
    }

    /// The next frame of that kind, its stream and its payload.
    async fn expect(&mut self, kind: u8) -> (u32, Vec<u8>) {
        loop {
            let (got, stream, payload) = self.next().await.expect("a frame");
            if got == kind {
                return (stream, payload);
            }
        }
    }

    /// The reason of the GOAWAY that has to come, and nothing behind it.
    async fn sent_away(&mut self) -> u32 {
        let (_, payload) = self.expect(GOAWAY).await;
        while self.next().await.is_some() {}
        u32::from_be_bytes(*payload[4..].first_chunk().unwrap())
    }
}

async fn both(set: impl FnOnce(Server) -> Server) -> (Running, Watch) {
    let (server, watch) = probe();
    (serve(set(server.http2(true))).await, watch)
}

/// Others are served as before.
async fn is_well(server: &Running) {
    assert_eq!(Client::ask(server.addr, get("/missing")).await.status, 404);
    while server.handle.connections() > 0 {
        tokio::task::yield_now().await;
    }
}

/// CVE-2023-44487, RUSTSEC-2024-0003.
#[tokio::test]
async fn rapid_reset() {
    let (server, _) = both(|server| server).await;
    let mut raw = Raw::connect(&server).await;
    let flood: Vec<u8> = (0..500)
        .flat_map(|i| {
            let stream = 2 * i + 1;
            let reset = frame(RST_STREAM, 0, stream, &8u32.to_be_bytes());
            [frame(HEADERS, END_HEADERS | END_STREAM, stream, GET), reset].concat()
        })
        .collect();
    raw.write(&flood).await;
    assert_eq!(raw.sent_away().await, ENHANCE_YOUR_CALM);
    is_well(&server).await;
}

/// CVE-2025-8671: it is the server that is made to reset.
#[tokio::test]
async fn made_to_reset() {
    let (server, _) = both(|server| server).await;
    let mut raw = Raw::connect(&server).await;
    let flood: Vec<u8> = (0..200)
        .flat_map(|i| {
            let stream = 2 * i + 1;
            // More than a window can be.
            let nonsense = frame(WINDOW_UPDATE, 0, stream, &[0x7f, 0xff, 0xff, 0xff]);
            [frame(HEADERS, END_HEADERS, stream, POST), nonsense].concat()
        })
        .collect();
    raw.write(&flood).await;
    assert_eq!(raw.sent_away().await, ENHANCE_YOUR_CALM);
    is_well(&server).await;
}

/// RUSTSEC-2024-0332.
#[tokio::test]
async fn a_head_without_end() {
    let (server, _) = both(|server| server).await;
    let mut raw = Raw::connect(&server).await;
    raw.write(&frame(HEADERS, END_STREAM, 1, GET)).await;
    let field = [&b"\0\x01x\x7f\x81\x7e"[..], &[b'y'; 16_000]].concat();
    for _ in 0..1000 {
        raw.write(&frame(CONTINUATION, 0, 1, &field[..])).await;
    }
    // Sent away, or cut off where it did not read that.
    while let Some((kind, ..)) = raw.next().await {
        assert_ne!(kind, HEADERS);
    }
    is_well(&server).await;
}

#[tokio::test]
async fn a_head_that_is_too_large() {
    let (server, _) = both(|server| server.max_head_size(8 * 1024)).await;
    let client = Multiplexed::connect(server.addr).await;
    let long = "x".repeat(10_000);
    let answer = client.ask(client.handshake("/probe", &[("x-long", &long)])).await;
    assert_eq!(answer.status(), 431);
    // In few bytes: one field, and then its number in the table again and again.
    let mut raw = Raw::connect(&server).await;
    let mut head = GET.to_vec();
    head.extend(b"\x40\x01x\x7f\x81\x1e"); // its value has 127 + 0x1e * 128 + 1 bytes
    head.extend([b'y'; 3968]);
    head.extend([0xbe; 2000]);
    raw.write(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &head)).await;
    assert_eq!(raw.sent_away().await, ENHANCE_YOUR_CALM);
    drop((client, raw));
    is_well(&server).await;
}

/// RUSTSEC-2026-0258.
#[tokio::test]
async fn frames_without_content() {
    let (server, _) = both(|server| server).await;
    let mut raw = Raw::connect(&server).await;
    raw.write(&frame(HEADERS, END_HEADERS, 1, POST)).await;
    let nothing = frame(DATA, 0, 1, b"").repeat(10_000);
    for _ in 0..50 {
        raw.write(&nothing).await;
    }
    while raw.next().await.is_some() {}
    is_well(&server).await;
}

/// Answers that nobody reads are not kept.
#[tokio::test(start_paused = true)]
async fn pings_and_settings_without_end() {
    for flood in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9])] {
        let (server, _) = both(|server| server).await;
        let mut raw = Raw::connect(&server).await;
        let flood = flood.repeat(1000);
        let mut written = 0;
        // As much as the buffers of the system hold.
        while written < 64 << 20 {
            // The clock only moves when nobody has anything to do.
            let writing = tokio::time::timeout(Duration::from_secs(1), raw.0.write(&flood));
            let Ok(Ok(n)) = writing.await else { break };
            written += n;
        }
        assert!(written < 64 << 20, "all was taken");
        drop(raw);
        is_well(&server).await;
    }
}

#[tokio::test]
async fn more_streams_than_there_may_be() {
    let (server, mut watch) = both(|server| server.max_http2_streams(3)).await;
    let mut raw = Raw::connect(&server).await;
    for i in 0..4 {
        raw.write(&handshake(2 * i + 1)).await;
    }
    let (stream, reason) = raw.expect(RST_STREAM).await;
    assert_eq!((stream, &reason[..]), (7, &REFUSED_STREAM.to_be_bytes()[..]));
    for _ in 0..3 {
        assert!(matches!(watch.next().await, wsframe_tests::Event::Binding));
    }
    // What is reset is abandoned, and its place is free.
    raw.write(&frame(RST_STREAM, 0, 3, &8u32.to_be_bytes())).await;
    assert!(matches!(watch.next().await, wsframe_tests::Event::Abandoned));
    raw.write(&handshake(9)).await;
    assert!(matches!(watch.next().await, wsframe_tests::Event::Binding));
    assert_eq!(server.handle.connections(), 4);
    drop(raw);
    for _ in 0..3 {
        assert!(matches!(watch.next().await, wsframe_tests::Event::Abandoned));
    }
    is_well(&server).await;
}

#[tokio::test]
async fn a_wrong_beginning() {
    let (server, _) = both(|server| server).await;
    for beginning in [&b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"[..], b"PRI x", b"PRI "] {
        let mut client = Client::tcp(server.addr).await;
        client.write(beginning).await;
        client.tcp.shutdown().await.unwrap();
        let mut rest = Vec::new();
        let _ = soon("the end", client.tcp.read_to_end(&mut rest)).await;
        assert!(!rest.starts_with(b"HTTP/1"), "{rest:?}");
    }
    is_well(&server).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_comes() {
    let (server, _) = both(|server| server).await;
    for beginning in [&b""[..], b"PR", b"PRI * HT", PREFACE] {
        let mut client = Client::tcp(server.addr).await;
        client.write(beginning).await;
        let mut rest = Vec::new();
        let ending =
            tokio::time::timeout(Duration::from_secs(45), client.tcp.read_to_end(&mut rest));
        let _ = ending.await.expect("the end");
    }
    // A head that has begun is none.
    let mut raw = Raw::connect(&server).await;
    raw.write(&frame(HEADERS, 0, 1, GET)).await;
    let ending = tokio::time::timeout(Duration::from_secs(45), raw.sent_away());
    ending.await.expect("the end");
    is_well(&server).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_comes_any_more() {
    let (server, mut watch) = both(|server| server).await;
    let mut client = Multiplexed::connect(server.addr).await;
    let mut socket = client.open("/probe").await;
    watch.opened().await;
    let talking = tokio::spawn(async move {
        // Answers pings meanwhile.
        let talk = async {
            while let Some(Ok(message)) = socket.next().await {
                if message == Sent::text("enough") {
                    break;
                }
            }
        };
        talk.await;
        socket
    });
    sleep(Duration::from_secs(600)).await;
    // It has a session.
    let sessions = server.handle.sessions();
    assert_eq!(sessions.len(), 1);
    sessions[0].send("enough").await.unwrap();
    let mut socket = talking.await.unwrap();
    socket.send(Sent::text("close 4000")).await.unwrap();
    watch.message().await;
    while let Some(Ok(_)) = socket.next().await {}
    // And now it has none.
    sleep(Duration::from_secs(61)).await;
    client.ended_by_server().await.expect("an orderly end");
    is_well(&server).await;
    // Over HTTP/1.1 nothing is different.
    assert_eq!(Client::ask(server.addr, request("/missing", "")).await.status, 404);
}
