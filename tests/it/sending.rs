//! Sends: room, waiting for it, and peers that do not read.

use std::time::Duration;

use wsframe::{Close, Initiator, Overflow, SendError, TrySendError};
use wsframe_tests::{Client, probed, soon};

/// More than the sockets' buffers take.
fn large() -> Vec<u8> {
    vec![1; 8 << 20]
}

#[tokio::test]
async fn try_send_tells_when_there_is_no_room() {
    let (server, mut watch) = probed(|options| options.outbox(64 << 20).outbox_messages(2)).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    session.try_send(large()).unwrap();
    session.try_send("second").unwrap();
    let Err(TrySendError::Full(message)) = session.try_send("third") else { panic!("full") };
    assert_eq!(message, "third".into());
    assert!(session.is_open());
    // Once the peer reads there is room again, and nothing was lost or doubled.
    assert_eq!(client.next().await.unwrap().payload.len(), 8 << 20);
    assert_eq!(client.expect_text().await, "second");
    session.send("fourth").await.unwrap();
    assert_eq!(client.expect_text().await, "fourth");
}

#[tokio::test]
async fn send_waits_for_room_and_flush_for_the_kernel() {
    let (server, mut watch) = probed(|options| options.outbox(1000)).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    session.send(large()).await.unwrap();
    let waiting = tokio::spawn({
        let session = session.clone();
        async move {
            session.send("waited").await.unwrap();
            session.flush().await
        }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    assert_eq!(client.next().await.unwrap().payload.len(), 8 << 20);
    assert_eq!(client.expect_text().await, "waited");
    soon("the flush", waiting).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_send_that_finds_no_room_in_time_ends_the_session_with_1013() {
    let short =
        |options: wsframe::Options| options.outbox(1000).send_timeout(Duration::from_millis(50));
    let (server, mut watch) = probed(short).await;
    let client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    session.send(large()).await.unwrap();
    let sent = soon("the send", session.send("no room")).await;
    assert!(matches!(sent, Err(SendError::Closed)));
    let reason = watch.closed().await;
    assert_eq!((reason.code(), reason.initiator()), (1013.into(), Initiator::Local));
    drop(client);
    server.stop().await;
}

/// A peer that does not read at all is let go at the write deadline, with a handler waiting in its
/// own send as well.
#[tokio::test]
async fn a_write_that_makes_no_progress_ends_the_session() {
    let short = |options: wsframe::Options| {
        options.write_timeout(Duration::from_millis(100)).max_message_size(16 << 20)
    };
    let (server, mut watch) = probed(short).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.send(0x82, large()).await;
    watch.message().await;
    assert_eq!(watch.closed().await.code(), 1013);
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn a_close_waits_for_what_was_accepted_but_not_for_ever() {
    let short = |options: wsframe::Options| options.close_timeout(Duration::from_millis(100));
    let (server, mut watch) = probed(short).await;
    let client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    session.send(large()).await.unwrap();
    session.close(Close::normal());
    let reason = watch.closed().await;
    assert_eq!(reason.code(), 1000);
    assert!(!reason.was_clean());
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn a_broadcast_never_waits() {
    for (overflow, code) in
        [(Overflow::Close, Some(1013)), (Overflow::DropOldest, None), (Overflow::DropNewest, None)]
    {
        let bound = move |options: wsframe::Options| {
            options.outbox(64 << 20).outbox_messages(3).overflow(overflow)
        };
        let (server, mut watch) = probed(bound).await;
        let mut quick = Client::open(server.addr, "/probe").await;
        let quick_session = watch.opened().await;
        let slow = Client::open(server.addr, "/probe").await;
        let slow_session = watch.opened().await;
        slow_session.send(large()).await.unwrap();
        let mut dropped = 0;
        for i in 0..10 {
            dropped += server.handle.broadcast(i.to_string()).await.dropped;
            assert_eq!(quick.expect_text().await, i.to_string());
        }
        assert!(quick_session.is_open());
        match code {
            Some(code) => {
                assert_eq!(watch.closed().await.code(), code);
                assert_eq!(dropped, 1);
            }
            None => {
                assert!(slow_session.is_open());
                assert_eq!(dropped, 8);
            }
        }
        drop((quick, slow));
    }
}

#[tokio::test]
async fn a_ping_of_ours_reaches_the_pong_handler() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    session.ping("beat").unwrap();
    let ping = client.next().await.unwrap();
    assert_eq!((ping.first, &ping.payload[..]), (0x89, &b"beat"[..]));
    client.send(0x8a, ping.payload).await;
    assert_eq!(watch.message().await, wsframe::Message::Pong(wsframe::Pong::new("beat")));
}

#[tokio::test]
async fn data_is_kept_by_type() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe?a=b").await;
    let session = watch.opened().await;
    assert_eq!(session.insert(7u32), None);
    assert_eq!(session.insert(8u32), Some(7));
    session.insert(String::from("text"));
    assert_eq!(session.clone().get::<u32>(), Some(8));
    assert_eq!(session.remove::<String>().as_deref(), Some("text"));
    assert_eq!(session.get::<String>(), None);
    assert_eq!(session.peer(), Some(client.tcp.local_addr().unwrap()));
    assert_eq!(session.id().to_string().len(), 32);
    // The request's head is let go once `on_open` has finished.
    client.text("echo x").await;
    client.expect_text().await;
    assert!(session.head().is_none());
}
