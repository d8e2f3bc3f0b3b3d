//! Starting, serving, shutting down.

use std::time::Duration;

use wsframe::{Close, Server};
use wsframe_tests::{Client, Probe, Watch, probed, request, serve, soon};

#[tokio::test]
async fn a_shutdown_tells_every_session() {
    let (server, mut watch) = probed(|options| options).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(Client::open(server.addr, "/probe").await);
        watch.opened().await;
    }
    assert_eq!(server.handle.sessions().len(), 20);
    server.handle.shutdown();
    for client in &mut clients {
        assert_eq!(client.expect_close().await, (1001, "server shuts down".into()));
        client.close(1001, "").await;
        client.expect_end().await;
    }
    for _ in 0..20 {
        assert_eq!(watch.closed().await.code(), 1001);
    }
    let handle = server.handle.clone();
    server.stop().await;
    soon("stopped", handle.stopped()).await;
    assert!(handle.sessions().is_empty());
}

#[tokio::test]
async fn a_shutdown_waits_for_handlers() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    server.handle.shutdown();
    assert_eq!(client.expect_close().await.0, 1001);
    client.close(1001, "").await;
    client.expect_end().await;
    assert!(watch.is_quiet(), "the handler is not dropped");
    watch.release();
    assert_eq!(watch.closed().await.code(), 1001);
    server.stop().await;
}

/// Peers that do not answer and handlers that do not end: the grace time ends it.
#[tokio::test]
async fn a_shutdown_is_bounded() {
    let (wire, mut watch) = Watch::new();
    let server = Server::new().without_link_time().endpoint::<Probe>().state(wire);
    let server = serve(server.shutdown_grace(Duration::from_millis(100))).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    server.handle.shutdown();
    soon("stopped", server.handle.stopped()).await;
    assert_eq!(soon("the end", session.closed()).await.code(), 1001);
}

/// A handshake that is under way when the shutdown begins is refused or told, never forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_races_the_shutdown_is_told() {
    for _ in 0..30 {
        let short = |options: wsframe::Options| options.close_timeout(Duration::from_millis(20));
        let (server, _watch) = probed(short).await;
        let addr = server.addr;
        let handle = server.handle.clone();
        let mut clients = Vec::new();
        for _ in 0..8 {
            let mut client = Client::tcp(addr).await;
            client.write(request("/probe", "")).await;
            clients.push(client);
        }
        handle.shutdown();
        for mut client in clients {
            // Whether a 101 and 1001, a 503, or nothing at all: the stream ends.
            tokio::spawn(async move {
                let mut end = vec![0; 4096];
                use tokio::io::AsyncReadExt;
                while matches!(client.tcp.read(&mut end).await, Ok(n) if n > 0) {}
            });
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn a_handle_that_shut_down_before_the_start_ends_the_start() {
    let (wire, _watch) = Watch::new();
    let server = Server::new().without_link_time().endpoint::<Probe>().state(wire);
    server.handle().shutdown();
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    soon("run", bound.run()).await;
}

#[tokio::test]
async fn dropping_run_cuts_everything() {
    let (wire, mut watch) = Watch::new();
    let server = Server::new().without_link_time().endpoint::<Probe>().state(wire);
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let (addr, handle) = (bound.local_addr(), bound.handle());
    let task = tokio::spawn(bound.run());
    let mut client = Client::open(addr, "/probe").await;
    watch.opened().await;
    task.abort();
    soon("stopped", handle.stopped()).await;
    assert_eq!(client.expect_close().await.0, 1001);
    client.expect_end().await;
    watch.closed().await;
}

/// One object per connection, each dropped at its end.
#[tokio::test]
async fn objects_are_not_shared() {
    let (server, mut watch) = probed(|options| options).await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..100 {
        let mut client = Client::open(server.addr, "/probe").await;
        let session = watch.opened().await;
        assert!(ids.insert(session.id()));
        session.close(Close::normal());
        client.expect_close().await;
        client.close(1000, "").await;
        watch.closed().await;
    }
    server.stop().await;
}
