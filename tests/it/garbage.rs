//! A connection over a stream that gives and takes as it likes: a byte now and then, and `Pending` in
//! between; and on it what nearly is WebSocket. Whatever comes, what the server answers is right, and
//! it comes to an end with nothing left.
//!
//! `WSFRAME_GARBAGE` says for how many rounds; the seed of a round that fails is printed.

use std::{
    env, io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wsframe::{Deflate, prelude::*, testing::InMemory};
use wsframe_tests::{Client as Raw, Dice, request};

static OBJECTS: AtomicUsize = AtomicUsize::new(0);

#[server_endpoint(
    "/garbage/<rest..>",
    deflate = Deflate::new().threshold(0),
    max_message_size = 2000,
    max_fragments = 20
)]
struct Echo {
    #[expect(dead_code, reason = "only decoded")]
    rest: String,
    #[default(Counted::new())]
    _counted: Counted,
}

struct Counted;

impl Counted {
    fn new() -> Self {
        OBJECTS.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        OBJECTS.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Echo {
    #[on_message(text)]
    #[on_message(binary)]
    async fn echo(&self, message: Message, session: &Session) -> Message {
        // Now and then somebody else has his turn.
        if message.len().is_multiple_of(3) {
            tokio::task::yield_now().await;
            drop(session.try_send("beside"));
        }
        message
    }
}

/// The stream: what the server reads, and what it has written.
struct Fickle {
    dice: Dice,
    input: Vec<u8>,
    output: Arc<Mutex<Vec<u8>>>,
}

impl Fickle {
    /// How many bytes may pass now; none means: later.
    fn passes(&mut self, cx: &Context<'_>) -> Option<usize> {
        match self.dice.roll(8) {
            0..3 => {
                cx.waker().wake_by_ref();
                None
            }
            3..6 => Some(1 + self.dice.roll(7) as usize),
            _ => Some(usize::MAX),
        }
    }
}

impl AsyncRead for Fickle {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(most) = self.passes(cx) else { return Poll::Pending };
        let len = most.min(self.input.len()).min(buf.remaining());
        buf.put_slice(&self.input[..len]);
        self.input.drain(..len);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Fickle {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(most) = self.passes(cx) else { return Poll::Pending };
        let len = most.min(bytes.len());
        self.output.lock().unwrap().extend(&bytes[..len]);
        Poll::Ready(Ok(len))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.passes(cx).map_or(Poll::Pending, |_| Poll::Ready(Ok(())))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

/// What a client sends, of which some is wrong; and whether it says goodbye.
fn stream(dice: &mut Dice) -> (Vec<u8>, bool) {
    const HEADERS: [&str; 5] = [
        "",
        "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; x=\"\r\n",
        "Origin: http://localhost\r\n",
        "Origin: http://[::1\r\n",
    ];
    let path: String = (0..1 + dice.roll(4))
        .map(|_| ["a", "%20", "%c3%a4", "/", "%", "%2f", "..", "?x=%f"][dice.pick(8)])
        .collect();
    let path = if dice.roll(3) > 0 { "x".to_owned() } else { path };
    let header = HEADERS[dice.pick(HEADERS.len())];
    let mut bytes = request(&format!("/garbage/{path}"), header).into_bytes();
    let head = bytes.len();
    for _ in 0..dice.roll(20) {
        let payload: Vec<u8> =
            (0..[3, 20, 130, 900][dice.pick(4)]).map(|_| b'a' + dice.roll(20) as u8).collect();
        let first = [0x81, 0x82, 0x81, 0x82, 0x01, 0x80, 0x00, 0x89, 0x8a, 0xc1][dice.pick(10)];
        let long = first & 0x08 != 0 && dice.roll(10) > 0;
        bytes.extend(Raw::frame(first, if long { &payload[..3] } else { &payload }));
    }
    let mut closes = dice.roll(2) == 0;
    if closes {
        bytes.extend(Raw::frame(0x88, &1000_u16.to_be_bytes()));
    }
    // In half of the rounds something breaks, seldom in the head.
    for _ in 0..dice.roll(2) * dice.roll(5) {
        let from = if dice.roll(4) == 0 { 0 } else { head.min(bytes.len() - 1) };
        closes = false;
        let at = from + dice.pick(bytes.len() - from);
        match dice.roll(3) {
            0 => bytes[at] = dice.roll(256) as u8,
            1 => bytes[at] ^= 1 << dice.roll(8),
            _ => bytes.truncate(at + 1),
        }
    }
    (bytes, closes)
}

/// Whether these are frames of a server, with nothing behind a close frame. To a client that just ends
/// the server does not say goodbye either, and the last frame may be cut.
fn check(mut bytes: &[u8], compresses: bool, closes: bool) -> Result<(), String> {
    let mut closed = false;
    while let [first, second, rest @ ..] = bytes {
        let (len, rest) = match (second, rest) {
            (0..=125, _) => (usize::from(*second), rest),
            (126, [a, b, rest @ ..]) => (usize::from(u16::from_be_bytes([*a, *b])), rest),
            (126, _) => break,
            _ => return Err(format!("a length of {second}")),
        };
        match first {
            0x81 | 0x82 => {}
            0xc1 | 0xc2 if compresses => {}
            0x88 | 0x8a if len <= 125 => {}
            _ => return Err(format!("a frame of {first:#x} with {len}")),
        }
        let Some((payload, rest)) = rest.split_at_checked(len) else { break };
        if *first == 0x81 && std::str::from_utf8(payload).is_err() {
            return Err("text that is none".to_owned());
        }
        closed = *first == 0x88;
        if closed && !rest.is_empty() {
            return Err("something behind the close frame".to_owned());
        }
        bytes = rest;
    }
    if closes && !(closed && bytes.is_empty()) {
        return Err("no close frame at the end".to_owned());
    }
    Ok(())
}

async fn round(app: &InMemory, seed: u64) -> Result<bool, String> {
    let mut dice = Dice::new(seed);
    let (input, closes) = stream(&mut dice);
    let output = Arc::new(Mutex::new(Vec::new()));
    app.speak(Fickle { dice, input, output: output.clone() }).await;
    let mut waits = 0;
    while app.handle().connections() > 0 || OBJECTS.load(Ordering::Relaxed) > 0 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        waits += 1;
        if waits > 120 {
            return Err("it does not end".to_owned());
        }
    }
    let output = std::mem::take(&mut *output.lock().unwrap());
    let Some(end) = output.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if closes { Err("no answer".to_owned()) } else { Ok(false) };
    };
    let end = end + 4;
    let head = String::from_utf8_lossy(&output[..end]).to_ascii_lowercase();
    match head.get(9..12) {
        Some("101") => {
            check(&output[end..], head.contains("permessage-deflate"), closes).map(|()| true)
        }
        Some(status) if status.starts_with('4') => Ok(false),
        _ => Err(head),
    }
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_always_right() {
    let app = Server::new().only::<Echo>().in_memory().unwrap();
    let rounds = env::var("WSFRAME_GARBAGE").ok().and_then(|rounds| rounds.parse().ok());
    let rounds = rounds.unwrap_or(2000_u64);
    let mut opened = 0;
    for seed in 1..=rounds {
        match round(&app, seed).await {
            Ok(opens) => opened += u64::from(opens),
            Err(fault) => panic!("with the seed {seed}: {fault}"),
        }
    }
    // Most of it gets far enough to be of interest.
    assert!(opened > rounds / 3, "{opened} of {rounds}");
}
