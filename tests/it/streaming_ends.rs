//! Messages that are taken as they arrive and do not end well, or take their time.

use std::{io::ErrorKind, time::Duration};

use tokio::{
    io::AsyncReadExt,
    time::{Instant, sleep},
};
use wsframe::{
    Close, MessageReader, Server,
    prelude::{Bytes, Failure, OnError, on_error, on_message, server_endpoint},
};
use wsframe_tests::soon;

use crate::taker::{Did, Watch, happens};

/// The peer's close frame waits for the handler as long as a closing handshake may take; then the
/// handler has `finish_within`, and `on_close` follows.
#[tokio::test(start_paused = true)]
async fn a_part_handler_that_never_returns_is_given_up() {
    let mut watch = Watch::start();
    let (mut peer, _session) = watch.enter("read").await;
    peer.send_part("wait", false).await;
    happens!(watch, Did::Part(..));
    happens!(watch, Did::Waits);
    let start = Instant::now();
    peer.close(4001, "bye").await;
    assert_eq!(peer.expect_close().await.code(), 4001);
    assert_eq!(start.elapsed().as_secs(), 5);
    happens!(watch, Did::Abandoned);
    assert_eq!(start.elapsed().as_secs(), 15);
    assert_eq!(watch.closed().await, 4001);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_cut_inside_a_message() {
    let mut watch = Watch::start();
    let (mut peer, _session) = watch.enter("read").await;
    peer.send_part("half", false).await;
    drop(peer);
    happens!(watch, Did::Part(false));
    assert_eq!(watch.closed().await, 1006);

    // A reader fails; that is no failure of the handler that passes it on.
    let (mut peer, _session) = watch.enter("read").await;
    peer.send_part(Bytes::from("half"), false).await;
    drop(peer);
    happens!(watch, Did::Read(Err(ErrorKind::UnexpectedEof)));
    assert_eq!(watch.closed().await, 1006);

    // Also one that another task keeps, after what there was.
    let (mut peer, _session) = watch.enter("keep").await;
    peer.send_part(Bytes::from("half"), false).await;
    let Did::Reader(mut reader) = watch.next().await else { panic!("a reader") };
    drop(peer);
    assert_eq!(watch.closed().await, 1006);
    assert_eq!(soon("a piece", reader.next()).await.unwrap(), Some(Bytes::from("half")));
    let error = soon("the end", reader.next()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}

#[tokio::test(start_paused = true)]
async fn a_close_frame_inside_a_message() {
    let mut watch = Watch::start();
    let (mut peer, _session) = watch.enter("read").await;
    peer.send_part("half", false).await;
    peer.close(4001, "changed my mind").await;
    happens!(watch, Did::Part(false));
    assert_eq!(peer.expect_close().await.code(), 4001);
    assert_eq!(watch.closed().await, 4001);

    let (mut peer, _session) = watch.enter("read").await;
    peer.send_part(Bytes::from("half"), false).await;
    peer.close(4001, "changed my mind").await;
    happens!(watch, Did::Read(Err(ErrorKind::UnexpectedEof)));
    // The peer's own code comes back, not 1011.
    assert_eq!(peer.expect_close().await.code(), 4001);
    assert_eq!(watch.closed().await, 4001);

    // And a close of ours.
    let (mut peer, session) = watch.enter("read").await;
    peer.send_part(Bytes::from("half"), false).await;
    // Answered when the message has begun.
    peer.ping("").await;
    peer.receive().await;
    session.close(Close::new(4002, "enough"));
    happens!(watch, Did::Read(Err(ErrorKind::UnexpectedEof)));
    assert_eq!(peer.expect_close().await.code(), 4002);
    assert_eq!(watch.closed().await, 4002);
}

/// A message that was taken away is read to its end by whoever has it, and others are handled
/// meanwhile.
#[tokio::test(start_paused = true)]
async fn a_reader_outlives_its_handler() {
    let mut watch = Watch::start();
    let (mut peer, _session) = watch.enter("keep").await;
    peer.send_part(Bytes::from("a"), false).await;
    let Did::Reader(mut reader) = watch.next().await else { panic!("a reader") };
    peer.send_part(Bytes::from("b"), false).await;
    peer.send_part(Bytes::from("c"), true).await;
    // It waits in the reader, and the next message does not wait for it.
    peer.send_part("next", true).await;
    happens!(watch, Did::Part(true));
    peer.send_part(Bytes::from("2"), false).await;
    let Did::Reader(mut second) = watch.next().await else { panic!("a reader") };
    peer.send_part(Bytes::from("."), true).await;
    let (mut one, mut two) = (String::new(), String::new());
    soon("the first", reader.read_to_string(&mut one)).await.unwrap();
    soon("the second", second.read_to_string(&mut two)).await.unwrap();
    assert_eq!((&*one, &*two), ("abc", "2."));
}

#[tokio::test(start_paused = true)]
async fn large_messages_one_after_the_other() {
    let mut watch = Watch::start();
    let (mut peer, _session) = watch.enter("hold").await;
    let (large, small) = (Bytes::from(vec![7; 3_000_000]), Bytes::from(vec![7; 30_000]));
    // The handler of the first begins late, when the second has begun to arrive.
    peer.send_part(small.clone(), false).await;
    happens!(watch, Did::Waits);
    peer.send_part(small.clone(), true).await;
    peer.send_part(small.clone(), false).await;
    watch.release();
    happens!(watch, Did::Read(Ok(60_000)));
    happens!(watch, Did::Waits);
    watch.release();
    peer.send_part(small, true).await;
    happens!(watch, Did::Read(Ok(60_000)));
    for _ in 0..2 {
        // Notified before it waits: it goes through.
        watch.release();
        peer.send(large.clone()).await;
        happens!(watch, Did::Waits);
        happens!(watch, Did::Read(Ok(3_000_000)));
    }
}

/// No deadline runs for a message as a whole, and every part is a sign that the peer is not idle.
#[tokio::test(start_paused = true)]
async fn a_slow_drip_is_no_fault() {
    for kind in ["text", "binary"] {
        let mut watch = Watch::start();
        let (mut peer, _session) = watch.enter("read").await;
        for _ in 0..10 {
            match kind {
                "text" => peer.send_part("x", false).await,
                _ => peer.send_part(Bytes::from("x"), false).await,
            }
            sleep(Duration::from_secs(40)).await;
        }
        // Ten times 40 s without a complaint; now the idle timeout has its turn.
        assert_eq!(peer.expect_close().await.code(), 1001, "{kind}");
    }
}

/// The deadline is for one message, not for a peer whose reads always end inside of one.
#[tokio::test(start_paused = true)]
async fn who_is_always_inside_a_message_is_not_slow() {
    let mut watch = Watch::start();
    let (mut peer, session) = watch.enter("read").await;
    // A pong would stand inside of it.
    session.set_ping_interval(None);
    let frame = [&[0x81, 0x84, 0, 0, 0, 0][..], b"text"].concat();
    // The second half of one message and the first of the next.
    let shifted = [&frame[5..], &frame[..5]].concat();
    peer.send_raw(frame[..5].to_vec()).await;
    for _ in 0..10 {
        sleep(Duration::from_secs(20)).await;
        peer.send_raw(shifted.clone()).await;
        happens!(watch, Did::Part(true));
    }
    let start = Instant::now();
    assert_eq!(peer.expect_close().await.code(), 1008);
    assert_eq!(start.elapsed().as_secs(), 30);
}

// ---- text that is read

#[server_endpoint("/ends/text")]
struct Text;

impl Text {
    #[on_message(text)]
    async fn read(&self, mut text: MessageReader) -> std::io::Result<String> {
        let mut whole = String::new();
        match text.read_to_string(&mut whole).await {
            Ok(_) => Ok(whole),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
                Err(error)
            }
        }
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        unreachable!("the reader failed because the session ends: {failure}")
    }
}

#[tokio::test(start_paused = true)]
async fn text_that_is_none_in_the_middle() {
    let app = Server::new().only::<Text>().in_memory().unwrap();
    // A byte that begins no character, one that continues none, and an end inside a character.
    for (first, bytes) in [(0x00, &[0xff][..]), (0x00, &[0x80]), (0x80, &[0xe2, 0x82])] {
        let mut peer = app.connect("/ends/text").await.unwrap();
        peer.send_part("good so far", false).await;
        let mut frame = vec![first, 0x80 | bytes.len() as u8, 0, 0, 0, 0];
        frame.extend(bytes);
        peer.send_raw(frame).await;
        assert_eq!(peer.expect_close().await.code(), 1007, "{bytes:?}");
    }
    let mut peer = app.connect("/ends/text").await.unwrap();
    peer.send_part("good so far", false).await;
    peer.send_part(", and to its end", true).await;
    assert_eq!(peer.expect_text().await, "good so far, and to its end");
}
