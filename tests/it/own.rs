//! What one session sets for itself.

use std::time::Duration;

use wsframe_tests::{enter, probed};

#[tokio::test]
async fn the_size_of_messages() {
    let (server, mut watch) = probed(|options| options.max_message_size(100)).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    assert_eq!(session.max_message_size(), 100);
    session.set_max_message_size(10_000);
    assert_eq!(session.max_message_size(), 10_000);
    client.send(0x82, [7; 10_000]).await;
    assert_eq!(watch.message().await.len(), 10_000);
    assert_eq!(client.next().await.unwrap().payload.len(), 10_000);
    let (mut other, _session) = enter(&server, &mut watch).await;
    other.send(0x82, [7; 101]).await;
    assert_eq!(other.expect_close().await.0, 1009);
    session.set_max_message_size(0);
    client.send(0x82, [7; 2]).await;
    assert_eq!(client.expect_close().await.0, 1009);
}

/// The handler that runs sets it for the message behind its own.
#[tokio::test]
async fn a_limit_holds_from_the_next_message_on() {
    let (server, mut watch) = probed(|options| options.max_message_size(10)).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    client.text("wait").await;
    watch.message().await;
    session.set_max_message_size(20);
    client.text("echo 012345678").await;
    watch.release();
    assert_eq!(client.expect_text().await, "released");
    assert_eq!(client.expect_text().await, "012345678");
}

#[tokio::test]
async fn the_time_between_pings() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    assert_eq!(session.ping_interval(), Some(Duration::from_secs(25)));
    session.set_ping_interval(Some(Duration::from_millis(20)));
    for _ in 0..3 {
        let ping = client.next().await.unwrap();
        assert_eq!(ping.first, 0x89);
        client.send(0x8a, ping.payload).await;
        watch.message().await;
    }
    session.set_ping_interval(None);
    assert_eq!(session.ping_interval(), None);
    // One may have been on its way; behind the echo there is none.
    client.text("echo 1").await;
    while client.next().await.unwrap().first != 0x81 {}
    assert!(tokio::time::timeout(Duration::from_millis(100), client.next()).await.is_err());
}

#[tokio::test]
async fn the_time_without_messages() {
    let (server, mut watch) =
        probed(|options| options.idle_timeout(Duration::from_millis(50))).await;
    let (mut kept, session) = enter(&server, &mut watch).await;
    session.set_idle_timeout(None);
    assert_eq!(session.idle_timeout(), None);
    let (mut idle, _session) = enter(&server, &mut watch).await;
    assert_eq!(idle.expect_close().await, (1001, "idle timeout".into()));
    kept.text("echo still here").await;
    assert_eq!(kept.expect_text().await, "still here");
    session.set_idle_timeout(Some(Duration::from_secs(3600)));
    session.set_idle_timeout(Some(Duration::from_millis(20)));
    assert_eq!(kept.expect_close().await, (1001, "idle timeout".into()));
}

#[tokio::test]
async fn the_time_that_a_send_waits() {
    let (server, mut watch) = probed(|options| options.outbox(1)).await;
    let (client, session) = enter(&server, &mut watch).await;
    session.send(vec![0; 16 << 20]).await.unwrap();
    session.set_send_timeout(Duration::from_millis(20));
    assert_eq!(session.send_timeout(), Duration::from_millis(20));
    assert!(session.send("no room").await.is_err());
    assert_eq!(watch.closed().await.code(), 1013);
    drop(client);
}
