//! Signs of life, and their absence.

use std::time::Duration;

use wsframe::Initiator;
use wsframe_tests::{Client, probed};

fn patient(options: wsframe::Options) -> wsframe::Options {
    options.ping_interval(Duration::from_millis(30)).pong_timeout(Duration::from_secs(5))
}

fn quick(options: wsframe::Options) -> wsframe::Options {
    options.ping_interval(Duration::from_millis(30)).pong_timeout(Duration::from_millis(60))
}

#[tokio::test]
async fn a_peer_that_answers_lives() {
    // Each further ping says that the one before was answered in time.
    let (server, mut watch) = probed(patient).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    for _ in 0..5 {
        let ping = client.next().await.expect("a ping");
        assert_eq!(ping.first, 0x89);
        client.send(0x8a, ping.payload).await;
        watch.message().await;
    }
    assert!(session.is_open());
}

/// Any byte is a sign of life, also one that completes nothing.
#[tokio::test]
async fn a_peer_that_sends_anything_lives() {
    let (server, mut watch) = probed(patient).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    let mut frame = Client::frame(0x82, &[0; 100]).into_iter();
    for _ in 0..5 {
        assert_eq!(client.next().await.expect("a ping").first, 0x89);
        client.write([frame.next().unwrap()]).await;
    }
    assert!(session.is_open());
}

#[tokio::test]
async fn a_silent_peer_is_dead() {
    let (server, mut watch) = probed(quick).await;
    let client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    let reason = watch.closed().await;
    assert_eq!((reason.code(), reason.initiator()), (1006.into(), Initiator::Network));
    drop(client);
    server.stop().await;
}

/// While a busy handler keeps us from reading, the peer's pong may well be there.
#[tokio::test]
async fn a_peer_is_not_judged_while_we_do_not_read() {
    let (server, mut watch) = probed(|options| quick(options).inbound_messages(1)).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    client.text("echo queued").await;
    // Three pong deadlines pass, unanswered, before the handler goes on.
    let mut pings = 0;
    let passed = tokio::time::timeout(Duration::from_millis(300), async {
        while client.next().await.is_some() {
            pings += 1;
        }
    });
    assert!(passed.await.is_err(), "the connection ended");
    assert!(pings > 0);
    assert!(session.is_open());
    watch.release();
    assert_eq!(client.expect_text().await, "released");
}

#[tokio::test]
async fn an_idle_session_is_closed() {
    let idle =
        |options: wsframe::Options| patient(options).idle_timeout(Duration::from_millis(150));
    let (server, mut watch) = probed(idle).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    // Pings and pongs are no messages: they do not keep it.
    let (code, reason) = loop {
        let frame = client.next().await.expect("a frame");
        if frame.first == 0x88 {
            let (code, reason) = frame.payload.split_at(2);
            break (u16::from_be_bytes([code[0], code[1]]), reason.to_vec());
        }
        client.send(0x8a, frame.payload).await;
    };
    assert_eq!((code, &reason[..]), (1001, &b"idle timeout"[..]));
}
