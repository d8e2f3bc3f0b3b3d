//! Every way in which a connection ends: one `on_close`, with what happened.

use std::time::Duration;

use wsframe::{Close, Initiator};
use wsframe_tests::{Client, Event, probed, soon};

#[tokio::test]
async fn the_peer_closes_and_gets_its_code_back() {
    for code in [1000, 1001, 1003, 1007, 1012, 1013, 3000, 4999] {
        let (server, mut watch) = probed(|options| options).await;
        let mut client = Client::open(server.addr, "/probe").await;
        watch.opened().await;
        client.close(code, "good-bye").await;
        assert_eq!(client.expect_close().await, (code, "good-bye".into()));
        client.expect_end().await;
        let reason = watch.closed().await;
        assert_eq!((reason.code(), reason.reason()), (code.into(), "good-bye"));
        assert_eq!(reason.initiator(), Initiator::Peer);
        assert!(reason.was_clean());
        server.stop().await;
    }
}

#[tokio::test]
async fn a_close_frame_without_a_code_is_1005_and_answered_alike() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.send(0x88, "").await;
    assert_eq!(client.expect_close().await.0, 1005);
    client.expect_end().await;
    assert_eq!(watch.closed().await.code(), 1005);
}

#[tokio::test]
async fn we_close_and_wait_for_the_answer() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    session.send("last words").await.unwrap();
    session.close(Close::new(4001, "bye"));
    session.close(Close::new(4002, "a second close changes nothing"));
    assert!(!session.is_open());
    assert!(session.send("too late").await.is_err());
    assert_eq!(client.expect_text().await, "last words");
    assert_eq!(client.expect_close().await, (4001, "bye".into()));
    // A message that was on its way is not handled any more.
    client.text("echo ignored").await;
    client.close(4001, "bye").await;
    client.expect_end().await;
    let reason = watch.closed().await;
    assert_eq!((reason.code(), reason.initiator()), (4001.into(), Initiator::Local));
    assert!(reason.was_clean());
    assert_eq!(session.closed().await, reason);
    server.stop().await;
}

#[tokio::test]
async fn a_close_that_is_not_answered_has_its_deadline() {
    let short = |options: wsframe::Options| options.close_timeout(Duration::from_millis(50));
    let (server, mut watch) = probed(short).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    session.close(Close::normal());
    assert_eq!(client.expect_close().await.0, 1000);
    let reason = watch.closed().await;
    assert_eq!(reason.code(), 1000);
    assert!(!reason.was_clean());
    client.expect_end().await;
    server.stop().await;
}

#[tokio::test]
async fn a_transport_that_ends_is_1006() {
    for reset in [false, true] {
        let (server, mut watch) = probed(|options| options).await;
        let mut client = Client::open(server.addr, "/probe").await;
        let session = watch.opened().await;
        // Five bytes of a frame: no message comes of them.
        client.write(&Client::frame(0x81, b"echo x")[..5]).await;
        if reset {
            client.reset()
        } else {
            drop(client)
        }
        let reason = watch.closed().await;
        assert_eq!((reason.code(), reason.initiator()), (1006.into(), Initiator::Network));
        assert!(!reason.was_clean());
        assert!(session.send("x").await.is_err());
        assert!(session.flush().await.is_ok() || !session.is_open());
        server.stop().await;
    }
}

#[tokio::test]
async fn half_closed_is_closed() {
    use tokio::io::AsyncWriteExt;
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.tcp.shutdown().await.unwrap();
    assert_eq!(watch.closed().await.code(), 1006);
    client.expect_end().await;
}

/// Messages before the peer's close frame are handled and answered before ours.
#[tokio::test]
async fn what_came_before_the_close_frame_is_handled_first() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    let mut bytes = Client::frame(0x81, b"wait");
    for i in 0..10 {
        bytes.extend(Client::frame(0x81, format!("echo {i}").as_bytes()));
    }
    bytes.extend(Client::frame(0x88, &1000u16.to_be_bytes()));
    client.write(bytes).await;
    watch.message().await;
    watch.release();
    assert_eq!(client.expect_text().await, "released");
    for i in 0..10 {
        assert_eq!(client.expect_text().await, i.to_string());
        watch.message().await;
    }
    assert_eq!(client.expect_close().await.0, 1000);
    assert_eq!(watch.closed().await.code(), 1000);
}

/// A handler that takes too long does not keep the peer from its close frame, and not for ever
/// the connection from its end.
#[tokio::test]
async fn a_handler_outlives_its_connection_only_for_a_while() {
    let short = |options: wsframe::Options| {
        options.close_timeout(Duration::from_millis(50)).finish_within(Duration::from_millis(50))
    };
    let (server, mut watch) = probed(short).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    client.close(1000, "").await;
    assert_eq!(client.expect_close().await.0, 1000);
    assert_eq!(soon("the end", session.closed()).await.code(), 1000);
    assert!(matches!(watch.next().await, Event::Abandoned));
    assert_eq!(watch.closed().await.code(), 1000);
    server.stop().await;
}

/// A handler that still runs when its connection is lost may finish.
#[tokio::test]
async fn a_started_handler_may_finish() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    drop(client);
    soon("the end", session.closed()).await;
    assert!(watch.is_quiet(), "neither dropped nor closed yet");
    watch.release();
    assert_eq!(watch.closed().await.code(), 1006);
    server.stop().await;
}

#[tokio::test]
async fn a_handler_closes_its_own_session() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.text("close 4005 from inside").await;
    watch.message().await;
    assert_eq!(client.expect_close().await, (4005, "from inside".into()));
    client.close(4005, "").await;
    assert!(watch.closed().await.was_clean());
}

/// `on_open` may end it all, in every way; `on_close` still runs, once.
#[tokio::test]
async fn an_on_open_that_fails_is_closed_as_well() {
    for (order, code) in
        [("fail", 1011), ("kick", 4003), ("panic", 1011), ("close%204001%20x", 4001)]
    {
        let (server, mut watch) = probed(|options| options).await;
        let mut client = Client::open(server.addr, &format!("/probe?open={order}")).await;
        watch.opened().await;
        assert_eq!(client.expect_close().await.0, code, "{order}");
        client.close(code, "").await;
        if order == "fail" {
            assert!(matches!(watch.next().await, Event::Failed(..)));
        }
        assert_eq!(watch.closed().await.code(), code, "{order}");
        server.stop().await;
    }
}

/// Frames that race the close from the other side: nothing is answered after a close frame.
#[tokio::test]
async fn nothing_comes_after_the_close_frame() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    let closer = tokio::spawn(async move {
        tokio::task::yield_now().await;
        session.close(Close::normal());
    });
    for i in 0..200 {
        client.text(&format!("echo {i}")).await;
        client.send(0x89, "ping").await;
    }
    closer.await.unwrap();
    while let Some(frame) = client.next().await {
        if frame.first == 0x88 {
            break;
        }
    }
    client.close(1000, "").await;
    client.expect_end().await;
    server.stop().await;
}
