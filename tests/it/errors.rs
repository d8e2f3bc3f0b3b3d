//! Handlers that fail: what the endpoint decides, and what the peer sees of it.

use wsframe::FailureKind;
use wsframe_tests::{Client, Event, probed};

#[tokio::test]
async fn an_error_closes_with_1011_and_never_tells_why() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.text("fail").await;
    let (code, reason) = client.expect_close().await;
    assert_eq!(code, 1011);
    assert!(!reason.contains("secret"), "{reason}");
    client.close(1011, "").await;
    watch.message().await;
    let Event::Failed(kind, text) = watch.next().await else { panic!("on_error comes first") };
    assert_eq!((kind, text.as_str()), (FailureKind::Handler, "secret words"));
    assert_eq!(watch.closed().await.code(), 1011);
}

#[tokio::test]
async fn a_payload_that_does_not_decode_closes_with_1007() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.text("misread this").await;
    assert_eq!(client.expect_close().await.0, 1007);
    watch.message().await;
    let Event::Failed(kind, _) = watch.next().await else { panic!("on_error comes first") };
    assert_eq!(kind, FailureKind::Decode);
}

#[tokio::test]
async fn on_error_may_go_on() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe?error=continue").await;
    watch.opened().await;
    for order in ["fail", "misread x"] {
        client.text(order).await;
        client.text("echo still here").await;
        assert_eq!(client.expect_text().await, "still here");
    }
}

#[tokio::test]
async fn a_close_as_an_error_is_no_failure() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.text("kick").await;
    assert_eq!(client.expect_close().await, (4003, "kicked".into()));
    client.close(4003, "").await;
    watch.message().await;
    assert_eq!(watch.closed().await.code(), 4003);
}

/// A panic ends its own connection and no other.
#[tokio::test]
async fn a_panic_is_contained() {
    let (server, mut watch) = probed(|options| options).await;
    let mut other = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    for path in ["/probe", "/probe?error=panic"] {
        let mut client = Client::open(server.addr, path).await;
        watch.opened().await;
        client.text(if path.contains("error") { "fail" } else { "panic" }).await;
        assert_eq!(client.expect_close().await.0, 1011);
        client.close(1011, "").await;
        watch.message().await;
        if path.contains("error") {
            assert!(matches!(watch.next().await, Event::Failed(..)));
        }
        assert_eq!(watch.closed().await.code(), 1011);
    }
    other.text("echo unharmed").await;
    assert_eq!(other.expect_text().await, "unharmed");
    drop(other);
    server.stop().await;
}
