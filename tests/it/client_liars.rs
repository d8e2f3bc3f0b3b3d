//! Servers that lie to our client: each lie is an error with a name, and leaves nothing behind.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wsframe::{Client, ConnectError, HandshakeFault, Initiator, Message, Step};
use wsframe_tests::{Liar, RIGHT, soon};

fn client(liar: &Liar) -> Client {
    to(liar.addr)
}

fn to(addr: SocketAddr) -> Client {
    Client::new(format!("ws://{addr}/lies")).subprotocol("truth")
}

async fn fails(client: Client) -> ConnectError {
    match soon("an error", client.connect()).await {
        Ok(_) => panic!("it connected"),
        Err(error) => error,
    }
}

fn right(more: &str) -> String {
    format!("{RIGHT}{more}")
}

#[tokio::test]
async fn a_wrong_head_is_a_fault_with_a_name() {
    use HandshakeFault as Fault;
    let without = |line: &str, instead: &str| right("\r\n").replace(line, instead);
    let many = (0..100).map(|i| format!("x-{i}: y\r\n")).collect::<String>();
    let long = format!("x: {}\r\n", "y".repeat(20 * 1024));
    for (text, fault) in [
        (without("{accept}", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), Fault::Accept),
        (without("Sec-WebSocket-Accept: {accept}\r\n", ""), Fault::Accept),
        (without("Upgrade: websocket", "Upgrade: h2c"), Fault::Upgrade),
        (without("Connection: upgrade", "Connection: close"), Fault::Connection),
        (without("HTTP/1.1", "HTTP/1.0"), Fault::Version),
        (right("Sec-WebSocket-Protocol: lies\r\n\r\n"), Fault::Subprotocol),
        (right("Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"), Fault::Extension),
        (right("Content-Length: 5\r\n\r\nhello"), Fault::Body),
        (right(&format!("{many}\r\n")), Fault::HeadTooLarge),
        (right(&format!("{long}\r\n")), Fault::HeadTooLarge),
        ("SSH-2.0-OpenSSH_9.9\r\n".into(), Fault::NotHttp),
    ] {
        match fails(client(&Liar::saying(&*text).await)).await {
            ConnectError::Handshake(found) => assert_eq!(found, fault, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_head_without_an_end_is_too_large() {
    let liar = Liar::new(|mut tcp, _| async move {
        let _ = tcp.write_all(b"HTTP/1.1 101 Switching Protocols\r\n").await;
        while tcp.write_all(b"x-more: and more\r\n").await.is_ok() {}
    })
    .await;
    let error = fails(client(&liar)).await;
    assert!(matches!(error, ConnectError::Handshake(HandshakeFault::HeadTooLarge)), "{error:?}");
}

#[tokio::test]
async fn a_slow_head_is_late() {
    let liar = Liar::new(|mut tcp, _| async move {
        let head = b"HTTP/1.1 101 Switching Protocols\r\nx: ".iter();
        for byte in head.chain(std::iter::repeat(&b'y')) {
            let pause = tokio::time::timeout(Duration::from_millis(1), tcp.read_u8());
            if pause.await.is_ok() || tcp.write_all(&[*byte]).await.is_err() {
                return; // the client has gone
            }
        }
    })
    .await;
    let error = fails(client(&liar).handshake_timeout(Duration::from_millis(100))).await;
    assert!(matches!(error, ConnectError::Timeout { what: Step::Handshake }), "{error:?}");
}

#[tokio::test]
async fn a_close_before_the_answer_is_a_fault() {
    for text in ["", "HTTP/1.1 101 Switching", RIGHT] {
        let liar = Liar::new(move |mut tcp, _| async move {
            let _ = tcp.write_all(text.as_bytes()).await;
        })
        .await;
        let error = fails(client(&liar)).await;
        assert!(matches!(error, ConnectError::Handshake(HandshakeFault::Closed)), "{error:?}");
    }
}

#[tokio::test]
async fn another_status_comes_with_headers_and_body() {
    for (text, wanted) in [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nX-Why: gone\r\n\r\nnot there", 404),
        ("HTTP/1.0 503 No\r\nX-Why: gone\r\nContent-Length: 9\r\n\r\nnot there", 503),
        (
            "HTTP/1.1 302 Found\r\nX-Why: gone\r\nLocation: ws://other.test/\r\n\
             Transfer-Encoding: chunked\r\n\r\n4\r\nnot \r\n5\r\nthere\r\n0\r\n\r\n",
            302,
        ),
        ("HTTP/1.1 200 OK\r\nX-Why: gone\r\nContent-Length: 9\r\n\r\nnot there", 200),
    ] {
        match fails(client(&Liar::saying(text).await).redirects(0)).await {
            ConnectError::Refused { status, headers, body } => {
                assert_eq!((status.as_u16(), &body[..]), (wanted, &b"not there"[..]));
                assert_eq!(headers["x-why"], "gone");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_body_is_kept_as_far_as_it_may_be() {
    // One without an end, one that stops half-way, one that breaks off.
    let endless = Liar::new(|mut tcp, _| async move {
        let _ = tcp.write_all(b"HTTP/1.1 500 No\r\n\r\n").await;
        while tcp.write_all(&[b'x'; 1000]).await.is_ok() {}
    });
    let text = "HTTP/1.1 500 No\r\nContent-Length: 99\r\n\r\nhalf";
    let broken = Liar::new(move |mut tcp, _| async move {
        let _ = tcp.write_all(text.as_bytes()).await;
    });
    let halting = Liar::saying(text);
    for (liar, wanted) in [(endless.await, 64 * 1024), (halting.await, 4), (broken.await, 4)] {
        let client = client(&liar).handshake_timeout(Duration::from_millis(500));
        match fails(client).await {
            ConnectError::Refused { body, .. } => assert_eq!(body.len(), wanted),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_comes_behind_the_head_is_the_first_message() {
    let liar = Liar::saying(right("Sec-WebSocket-Protocol: truth\r\n\r\n\u{1}\u{2}")).await;
    // Not a whole message, but a part of one: nothing is lost and nothing is misread.
    let (session, _messages) = soon("a session", client(&liar).connect()).await.unwrap();
    assert_eq!(session.subprotocol(), Some("truth"));
    drop(session);

    let liar = Liar::new(|mut tcp, asked| async move {
        let mut bytes = asked.answer(RIGHT).into_bytes();
        bytes.extend_from_slice(b"\r\n\x81\x05hello\x82\x01!\x88\x02\x0f\xa3");
        let _ = tcp.write_all(&bytes).await;
        let _ = tcp.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let (session, mut messages) = soon("a session", client(&liar).connect()).await.unwrap();
    assert_eq!(soon("text", messages.next()).await, Some(Message::text("hello")));
    let binary = soon("binary", messages.next()).await.expect("a message");
    assert_eq!(binary.as_bytes(), b"!");
    assert_eq!(soon("the end", messages.next()).await, None);
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.initiator()), (4003.into(), Initiator::Peer));
}

#[tokio::test]
async fn masked_frames_from_a_server_are_a_fault() {
    let liar = Liar::new(|mut tcp, asked| async move {
        let mut bytes = asked.answer(RIGHT).into_bytes();
        bytes.extend_from_slice(b"\r\n\x81\x82abcdef");
        let _ = tcp.write_all(&bytes).await;
        let _ = tcp.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let (session, mut messages) = soon("a session", client(&liar).connect()).await.unwrap();
    assert_eq!(soon("the end", messages.next()).await, None);
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.initiator()), (1002.into(), Initiator::Local));
}

/// Frames are masked, and no two keys are the same.
#[tokio::test]
async fn every_frame_has_a_key_of_its_own() {
    let (told, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let liar = Liar::new(move |mut tcp, asked| {
        let told = told.clone();
        async move {
            let head = asked.answer(&right("\r\n"));
            let _ = tcp.write_all(head.as_bytes()).await;
            let mut frames = [[0; 10]; 8];
            for frame in &mut frames {
                tcp.read_exact(frame).await.expect("a frame");
            }
            let _ = told.send(frames);
        }
    })
    .await;
    let (session, _messages) = soon("a session", client(&liar).connect()).await.unwrap();
    for _ in 0..8 {
        session.send("hell").await.unwrap();
    }
    let frames = soon("frames", seen.recv()).await.unwrap();
    let keys: std::collections::HashSet<_> = frames.iter().map(|frame| &frame[2..6]).collect();
    assert_eq!(keys.len(), 8);
    for frame in &frames {
        assert_eq!(frame[..2], [0x81, 0x84]);
        let text: Vec<_> = frame[6..].iter().zip(&frame[2..6]).map(|(a, b)| a ^ b).collect();
        assert_eq!(text, b"hell");
    }
}

#[tokio::test]
async fn what_cannot_be_dialled_is_said_before_it_is_tried() {
    for (url, wanted) in [
        ("ws://a/#b", "fragment"),
        ("http://localhost/", "scheme"),
        ("ws://bücher.example/", "punycode"),
    ] {
        let error = fails(Client::new(url)).await;
        assert!(error.to_string().contains(wanted), "{url}: {error}");
    }
    let zero = wsframe::Options::new().inbound(0_usize);
    let error = fails(Client::new("ws://localhost/").options(zero)).await;
    assert!(matches!(&error, ConnectError::InvalidRequest(why) if why.contains("inbound")));
}

#[tokio::test]
async fn nobody_there_is_an_error_of_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    let error = fails(to(addr)).await;
    assert!(matches!(error, ConnectError::Connect(_)), "{error:?}");
    let error = fails(Client::new("ws://no-such-host.invalid/")).await;
    assert!(matches!(error, ConnectError::Dns(_)), "{error:?}");
}

/// The sockets of this process whose other end is one of these ports. Other tests of the binary
/// have sockets too; theirs are not counted.
fn sockets_to(port: u16) -> usize {
    let inodes: Vec<String> = std::fs::read_to_string("/proc/self/net/tcp")
        .expect("proc")
        .lines()
        .filter_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let remote = fields.get(2)?.split_once(':')?.1;
            (u16::from_str_radix(remote, 16) == Ok(port)).then(|| format!("socket:[{}]", fields[9]))
        })
        .collect();
    std::fs::read_dir("/proc/self/fd")
        .expect("proc")
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter(|link| inodes.iter().any(|inode| link.as_os_str() == inode.as_str()))
        .count()
}

#[tokio::test]
async fn nothing_is_left_of_a_dial_that_failed() {
    let tasks = tokio::runtime::Handle::current().metrics();
    let endless = "HTTP/1.1 101 Switching Protocols\r\nx: ";
    for text in [
        &*right("Upgrade: h2c\r\n\r\n"),
        "HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\nhalf",
        "SSH-2.0-OpenSSH_9.9\r\n",
        endless,
    ] {
        let liar = Liar::saying(text).await;
        let error = fails(client(&liar).handshake_timeout(Duration::from_millis(50))).await;
        assert_eq!(sockets_to(liar.addr.port()), 0, "{error}");
    }
    // A dial that is given up half-way.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let dialling = tokio::spawn(async move { to(addr).connect().await.map(drop) });
    let (mut tcp, _) = listener.accept().await.unwrap();
    assert!(tcp.read(&mut [0; 16]).await.unwrap() > 0);
    assert_eq!(sockets_to(addr.port()), 1);
    dialling.abort();
    assert!(dialling.await.unwrap_err().is_cancelled());
    assert_eq!(sockets_to(addr.port()), 0);
    soon("every task to end", async {
        while tasks.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
