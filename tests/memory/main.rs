//! What a message of 1 GiB takes that is handled as it arrives. Not run with the other tests:
//!
//! ```text
//! cargo test --release -p wsframe-tests --test memory -- --ignored --nocapture
//! ```
//!
//! The client is a thread of the same process, so that what it takes counts too; it makes the message
//! as it sends it.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use tokio::io::AsyncReadExt;
use wsframe::{MessageReader, Part, prelude::*};
use wsframe_tests::{request, serve};

const LENGTH: usize = 1 << 30;
/// The most that may come on top of what the process takes before.
const BOUND_KIB: usize = 16 * 1024;
/// The message consists of this byte.
const BYTE: u8 = 7;

#[server_endpoint("/parts")]
struct Parts {
    length: usize,
}

impl Parts {
    #[on_message]
    fn part(&mut self, part: &Part<Bytes>) -> Option<String> {
        assert!(part.payload.iter().all(|byte| *byte == BYTE));
        self.length += part.payload.len();
        part.last.then(|| std::mem::take(&mut self.length).to_string())
    }
}

#[server_endpoint("/reader")]
struct Reader;

impl Reader {
    #[on_message(binary)]
    async fn read(&self, mut message: MessageReader) -> wsframe::Result<String> {
        let mut buffer = [0; 1024];
        let mut length = 0;
        loop {
            match message.read(&mut buffer).await? {
                0 => return Ok(length.to_string()),
                n => {
                    assert!(buffer[..n].iter().all(|byte| *byte == BYTE));
                    length += n;
                    // Slower than the client, so that the message has to wait.
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

/// Another task reads: whatever the handler leaves is received all the same.
#[server_endpoint("/kept")]
struct Kept;

impl Kept {
    #[on_message(binary)]
    async fn keep(&self, mut message: MessageReader, session: Session) {
        tokio::spawn(async move {
            let mut length = 0;
            while let Ok(Some(piece)) = message.next().await {
                length += piece.len();
            }
            session.send(length.to_string()).await
        });
    }
}

/// A line of `/proc/self/status`, in KiB.
fn status(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux");
    let line = status.lines().find(|line| line.starts_with(name)).expect("the line");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}

/// A client that has opened its session.
fn open(addr: SocketAddr, path: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(addr).expect("connect");
    tcp.write_all(request(path, "").as_bytes()).expect("the handshake");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tcp.read_exact(&mut byte).expect("the answer");
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    tcp
}

/// Sends the message in so many frames, and waits for the answer: its length.
fn send(mut tcp: &TcpStream, frames: usize) {
    let key = [1, 2, 3, 4];
    let chunk: Vec<u8> = key.iter().cycle().map(|key| BYTE ^ key).take(64 * 1024).collect();
    for i in 0..frames {
        let first = if i == 0 { 0x02 } else { 0x00 } | if i + 1 == frames { 0x80 } else { 0x00 };
        let length = LENGTH / frames;
        let header = match u16::try_from(length) {
            Ok(length) => [&[first, 0xfe][..], &length.to_be_bytes(), &key].concat(),
            Err(_) => [&[first, 0xff][..], &(length as u64).to_be_bytes(), &key].concat(),
        };
        tcp.write_all(&header).expect("a header");
        let mut left = length;
        while left > 0 {
            let n = left.min(chunk.len());
            tcp.write_all(&chunk[..n]).expect("a chunk");
            left -= n;
        }
    }
    let wanted = LENGTH.to_string();
    let mut answer = vec![0; 2 + wanted.len()];
    tcp.read_exact(&mut answer).expect("the answer");
    assert_eq!(&answer[2..], wanted.as_bytes());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "several GiB; the command stands above"]
async fn a_gibibyte_is_never_held() {
    let server = Server::new().only::<Parts>().only::<Reader>().only::<Kept>();
    let server = serve(server).await;
    for path in ["/parts", "/reader", "/kept"] {
        for frames in [1, 1024, 262_144] {
            let addr = server.addr;
            let tcp =
                tokio::task::spawn_blocking(move || open(addr, path)).await.expect("a client");
            // The peak begins here.
            fs::write("/proc/self/clear_refs", "5").expect("a peak of our own");
            let before = status("VmRSS");
            let sent = tokio::task::spawn_blocking(move || send(&tcp, frames));
            sent.await.expect("an answer");
            let (peak, after) = (status("VmHWM"), status("VmRSS"));
            let more = peak.saturating_sub(before);
            println!(
                "{path} in {frames} frames: VmRSS {before} KiB before, {after} KiB after; \
                 VmHWM {peak} KiB, {more} KiB more"
            );
            assert!(more <= BOUND_KIB, "{more} KiB");
        }
    }
}
