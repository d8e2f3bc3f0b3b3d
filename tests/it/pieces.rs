//! One message in pieces, from the server.

use std::io;

use tokio::io::AsyncWriteExt;
use wsframe::{SendError, TrySendError};
use wsframe_tests::{Client, Frame, enter, probed};

async fn expect(client: &mut Client, first: u8, payload: &str) {
    let expected = Frame { first, payload: payload.into() };
    assert_eq!(client.next().await, Some(expected));
}

#[tokio::test]
async fn whole_messages_wait_and_pings_do_not() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    let mut message = session.begin_text().await.unwrap();
    message.send("one, ").await.unwrap();
    session.send("whole").await.unwrap();
    assert_eq!(server.handle.broadcast("to all").await.queued, 1);
    session.ping("still there?").unwrap();
    message.send("two, ").await.unwrap();
    message.send("three").await.unwrap();
    message.finish().await.unwrap();

    expect(&mut client, 0x01, "one, ").await;
    expect(&mut client, 0x89, "still there?").await;
    expect(&mut client, 0x00, "two, ").await;
    expect(&mut client, 0x00, "three").await;
    expect(&mut client, 0x80, "").await;
    expect(&mut client, 0x81, "whole").await;
    expect(&mut client, 0x81, "to all").await;

    // One without a piece is an empty message.
    session.begin_binary().await.unwrap().finish().await.unwrap();
    expect(&mut client, 0x82, "").await;
}

#[tokio::test]
async fn the_second_waits_for_the_first() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    let mut first = session.begin_text().await.unwrap();
    let second = tokio::spawn({
        let session = session.clone();
        async move {
            let mut second = session.begin_text().await.unwrap();
            second.send("second").await.unwrap();
            second.finish().await.unwrap();
        }
    });
    tokio::task::yield_now().await;
    first.send("first").await.unwrap();
    first.finish().await.unwrap();
    second.await.unwrap();
    expect(&mut client, 0x01, "first").await;
    expect(&mut client, 0x80, "").await;
    expect(&mut client, 0x01, "second").await;
    expect(&mut client, 0x80, "").await;
}

#[tokio::test]
async fn one_that_is_not_finished_closes_with_1011() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    let mut message = session.begin_binary().await.unwrap();
    message.send(&b"half"[..]).await.unwrap();
    session.send("never sent").await.unwrap();
    drop(message);
    expect(&mut client, 0x02, "half").await;
    assert_eq!(client.expect_close().await, (1011, "unfinished message".into()));
}

#[tokio::test]
async fn a_session_that_closes_gives_it_up() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    let mut message = session.begin_text().await.unwrap();
    message.send("half").await.unwrap();
    let waiting = tokio::spawn({
        let session = session.clone();
        async move { session.begin_text().await.map(drop) }
    });
    tokio::task::yield_now().await;
    session.close(wsframe::Close::normal());
    assert!(matches!(message.send("more").await, Err(SendError::Closed)));
    assert!(matches!(message.finish().await, Err(SendError::Closed)));
    assert!(matches!(waiting.await.unwrap(), Err(SendError::Closed)));
    expect(&mut client, 0x01, "half").await;
    assert_eq!(client.expect_close().await.0, 1000);
}

/// What waits behind it is bounded as ever, and does not keep the message itself from going on.
#[tokio::test]
async fn what_waits_is_bounded() {
    let (server, mut watch) = probed(|options| options.outbox(1000)).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    let mut message = session.begin_text().await.unwrap();
    session.try_send("x".repeat(2000)).unwrap();
    assert!(matches!(session.try_send("y"), Err(TrySendError::Full(_))));
    for _ in 0..10 {
        message.send("z".repeat(900)).await.unwrap();
    }
    message.finish().await.unwrap();
    for i in 0..10 {
        expect(&mut client, if i == 0 { 0x01 } else { 0x00 }, &"z".repeat(900)).await;
    }
    expect(&mut client, 0x80, "").await;
    expect(&mut client, 0x81, &"x".repeat(2000)).await;
    session.try_send("y").unwrap();
}

/// A peer that does not read stops the writer, not the memory.
#[tokio::test]
async fn a_slow_peer_pushes_back() {
    let (server, mut watch) = probed(|options| options.outbox(64 * 1024)).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    let sent = tokio::spawn(async move {
        let mut message = session.begin_binary().await.unwrap();
        tokio::io::copy(&mut io::Cursor::new(vec![7; 32 << 20]), &mut message).await.unwrap();
        message.shutdown().await.unwrap();
        message.shutdown().await.unwrap();
    });
    let mut received = 0;
    loop {
        let frame = client.next().await.unwrap();
        received += frame.payload.len();
        if frame.first & 0x80 != 0 {
            break;
        }
    }
    assert_eq!(received, 32 << 20);
    sent.await.unwrap();
}

#[tokio::test]
async fn written_text_is_checked_across_pieces() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    let mut message = session.begin_text().await.unwrap();
    let euro = "€".as_bytes();
    message.write_all(&euro[..1]).await.unwrap();
    message.write_all(&euro[1..]).await.unwrap();
    message.shutdown().await.unwrap();
    drop(message);
    let mut text = Vec::new();
    for _ in 0..3 {
        text.extend(client.next().await.unwrap().payload);
    }
    assert_eq!(text, euro);

    let mut message = session.begin_text().await.unwrap();
    message.write_all(&euro[..2]).await.unwrap();
    assert!(matches!(message.send("x").await, Err(SendError::Encode(_))));
    drop(message);
    client.next().await.unwrap();
    assert_eq!(client.expect_close().await.0, 1011);

    let (_client, session) = enter(&server, &mut watch).await;
    let mut message = session.begin_text().await.unwrap();
    message.write_all(&euro[..2]).await.unwrap();
    let error = message.shutdown().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}
