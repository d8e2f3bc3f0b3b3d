//! What one session sets for itself.

use std::time::Duration;

use wsframe_tests::{Probe, enter, probe, probed};

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

#[tokio::test(start_paused = true)]
async fn the_time_between_pings() {
    let (server, mut watch) = probe();
    let app = server.in_memory().unwrap();
    let mut peer = app.connect("/probe").await.unwrap();
    let session = watch.opened().await;
    assert_eq!(session.ping_interval(), Some(Duration::from_secs(25)));
    // A peer's patience is 5 s: with the interval before, no ping would come in time.
    session.set_ping_interval(Some(Duration::from_secs(3)));
    for _ in 0..3 {
        peer.expect_ping().await;
        watch.message().await;
    }
    session.set_ping_interval(None);
    assert_eq!(session.ping_interval(), None);
    peer.expect_silence(Duration::from_secs(600)).await;
    assert!(watch.is_quiet(), "a ping was answered");
}

#[tokio::test(start_paused = true)]
async fn the_time_without_messages() {
    let (server, mut watch) = probe();
    let server = server.configure::<Probe>(|options| options.idle_timeout(Duration::from_secs(60)));
    let app = server.in_memory().unwrap().deadline(Duration::from_secs(61));
    let mut kept = app.connect("/probe").await.unwrap();
    let session = watch.opened().await;
    session.set_idle_timeout(None);
    assert_eq!(session.idle_timeout(), None);
    let mut idle = app.connect("/probe").await.unwrap();
    watch.opened().await;
    assert_eq!(idle.expect_close().await.reason(), "idle timeout");
    kept.expect_silence(Duration::from_secs(600)).await;
    // The second replaces the first, whose time is long past.
    session.set_idle_timeout(Some(Duration::from_secs(10)));
    session.set_idle_timeout(Some(Duration::from_secs(30)));
    kept.expect_silence(Duration::from_secs(25)).await;
    assert_eq!(kept.expect_close().await.reason(), "idle timeout");
}

#[tokio::test(start_paused = true)]
async fn the_time_that_a_send_waits() {
    let (server, mut watch) = probe();
    let server = server.configure::<Probe>(|options| options.outbox(1).ping_interval(None));
    let app = server.in_memory().unwrap();
    let mut peer = app.connect("/probe").await.unwrap();
    let session = watch.opened().await;
    peer.pause();
    session.send(vec![0; 1 << 20]).await.unwrap();
    session.set_send_timeout(Duration::from_secs(7));
    assert_eq!(session.send_timeout(), Duration::from_secs(7));
    let sent = tokio::time::timeout(Duration::from_secs(8), session.send("no room")).await;
    assert!(sent.expect("the time of the session, not that of its endpoint").is_err());
    assert_eq!(watch.closed().await.code(), 1013);
}
