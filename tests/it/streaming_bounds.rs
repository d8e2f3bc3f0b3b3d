//! What a peer can make us hold of a message that is taken as it arrives.

use std::{ops::RangeInclusive, time::Duration};

use tokio::time::timeout;
use wsframe::{Close, Pong, Session, prelude::Bytes, testing::Peer};

use crate::taker::{Did, Watch, happens};

/// A frame without its payload, masked with zeros; the payload stands on the wire as it is.
fn header(first: u8, len: usize) -> Vec<u8> {
    let mut header = vec![first];
    match len {
        0..=125 => header.push(0x80 | len as u8),
        _ => {
            header.push(0x80 | 126);
            header.extend((len as u16).to_be_bytes());
        }
    }
    header.extend([0; 4]);
    header
}

/// So many frames of a message that has begun.
fn frames(len: usize, count: usize) -> Bytes {
    let mut frame = header(0x00, len);
    frame.resize(frame.len() + len, b'x');
    frame.repeat(count).into()
}

/// Sends as long as the server reads, at most `most` times, and says how often that was. With the
/// clock paused the second passes when nobody has anything left to do.
async fn flood(peer: &mut Peer, bytes: &Bytes, most: usize) -> usize {
    for sent in 0..most {
        if timeout(Duration::from_secs(1), peer.send_raw(bytes.clone())).await.is_err() {
            return sent;
        }
    }
    most
}

/// What lies between the two sides, and what one read takes.
const UNDERWAY: usize = (64 + 32) * 1024;

/// What the server takes of a message that nobody reads: `inbound` and one read, and what is underway.
const HELD: RangeInclusive<usize> = 64 * 1024..=96 * 1024 + UNDERWAY;

#[tokio::test(start_paused = true)]
async fn a_part_handler_that_never_returns_pushes_back() {
    let mut watch = Watch::start();
    let (mut peer, session) = watch.enter("read").await;
    peer.send_part("wait", false).await;
    happens!(watch, Did::Part(..));
    pushes_back(watch, &mut peer, &session).await;
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_not_read_pushes_back() {
    let mut watch = Watch::start();
    let (mut peer, session) = watch.enter("hold").await;
    peer.send_part(Bytes::from("x"), false).await;
    pushes_back(watch, &mut peer, &session).await;
}

/// A handler that waits for ever, inside a message that goes on.
async fn pushes_back(mut watch: Watch, peer: &mut Peer, session: &Session) {
    happens!(watch, Did::Waits);
    // Nothing is full yet: the connection goes on beside the handler.
    peer.ping("still there?").await;
    assert_eq!(peer.expect::<Pong>().await.payload(), b"still there?");

    let part = frames(4096, 1);
    let sent = flood(peer, &part, 1000).await * part.len();
    assert!(HELD.contains(&sent), "{sent}");
    // Closing goes on: our close frame is no message.
    session.close(Close::new(4000, "enough"));
    assert_eq!(peer.expect_close().await.code(), 4000);
    happens!(watch, Did::Abandoned);
    assert_eq!(watch.closed().await, 4000);
}

/// One that another task keeps: no turn of the connection takes more, whatever it was for.
#[tokio::test(start_paused = true)]
async fn a_reader_that_is_kept_pushes_back() {
    let mut watch = Watch::start();
    let (mut peer, session) = watch.enter("keep").await;
    peer.send_part(Bytes::from("x"), false).await;
    let Did::Reader(reader) = watch.next().await else { panic!("a reader") };
    // One endless frame of zeros: it does not matter where a send was given up. A pong would stand
    // inside of it.
    session.set_ping_interval(None);
    peer.send_raw([&[0x00, 0xff][..], &(1_u64 << 40).to_be_bytes(), &[0; 4]].concat()).await;
    let part = Bytes::from_static(&[0; 4096]);
    let mut sent = flood(&mut peer, &part, 1000).await * part.len();
    for _ in 0..100 {
        wake(&session, &mut peer).await;
        sent += flood(&mut peer, &part, 100).await * part.len();
    }
    assert!(HELD.contains(&sent), "{sent}");
    // Nobody wants it any more: the rest is received and dropped.
    drop(reader);
    assert_eq!(flood(&mut peer, &part, 1000).await, 1000);
    assert!(watch.is_quiet());
}

/// Has the connection take a turn.
async fn wake(session: &Session, peer: &mut Peer) {
    session.try_send("wake up").unwrap();
    assert_eq!(peer.expect_text().await, "wake up");
}

/// Many tiny fragments cost more than their bytes, and are counted so.
#[tokio::test(start_paused = true)]
async fn tiny_fragments_are_counted_as_what_they_cost() {
    let mut watch = Watch::start();
    let (mut peer, _session) = watch.enter("hold").await;
    peer.send_part(Bytes::from("x"), false).await;
    happens!(watch, Did::Waits);
    let hundred = frames(1, 100);
    let sent = flood(&mut peer, &hundred, 1000).await;
    let held = (sent * hundred.len()).saturating_sub(UNDERWAY) / (hundred.len() / 100);
    assert!(held <= 64 * 1024 / 32, "{held} fragments of one byte");
}

/// Pongs that nobody asked for keep no place that the message needs, and take none without end.
#[tokio::test(start_paused = true)]
async fn pongs_inside_a_message_are_bounded() {
    let mut watch = Watch::start();
    let (mut peer, _session) = watch.enter("hold").await;
    peer.send_part(Bytes::from("x"), false).await;
    happens!(watch, Did::Waits);
    let pongs = Bytes::from(header(0x8a, 0).repeat(1000));
    assert_eq!(flood(&mut peer, &pongs, 50).await, 50);
    // While the message is read, too.
    watch.release();
    for _ in 0..100 {
        peer.send_part(Bytes::from_static(&[7; 10_000]), false).await;
        peer.send_raw(pongs.clone()).await;
    }
    peer.send_part(Bytes::new(), true).await;
    happens!(watch, Did::Read(Ok(1_000_001)));
    peer.send_part("next", true).await;
    let mut pongs = 0;
    loop {
        match watch.next().await {
            Did::Pong => pongs += 1,
            Did::Part(..) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pongs, 64);
}
