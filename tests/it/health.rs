//! `/livez`, `/readyz`, and what is counted.

use std::{net::SocketAddr, time::Duration};

use wsframe::{Close, Server};
use wsframe_tests::{Client, Records, enter, get, probe, request, serve, soon};

async fn ask(addr: SocketAddr, path: &str) -> (u16, String) {
    let response = Client::ask(addr, get(path)).await;
    (response.status, String::from_utf8(response.body).unwrap())
}

#[tokio::test]
async fn it_is_told_beside_everything_else() {
    let (server, watch) = probe();
    let closed = tower::service_fn(async |_| {
        let refusal = http::Response::builder().status(418).body(wsframe::Body::empty());
        Ok::<_, std::convert::Infallible>(refusal.unwrap())
    });
    let gate = tower::layer::layer_fn(move |_| closed);
    let server = serve(server.health().layer(gate).shed_above_connections(2)).await;
    assert_eq!(ask(server.addr, "/livez").await, (200, "ok\n".into()));
    assert_eq!(ask(server.addr, "/readyz?x").await, (200, "ok\n".into()));
    // Not asked for in this way, it is a path like any other.
    let post = get("/livez").replace("GET", "POST");
    assert_eq!(Client::ask(server.addr, post).await.status, 418);
    assert_eq!(ask(server.addr, "/livez/").await.0, 418);
    let _others = (Client::tcp(server.addr).await, Client::tcp(server.addr).await);
    while server.handle.connections() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(ask(server.addr, "/readyz").await, (503, "overloaded\n".into()));
    assert_eq!(ask(server.addr, "/livez").await.0, 200);
    assert!(watch.is_quiet());
    server.stop().await;

    let (server, _watch) = probe();
    let server = serve(server).await;
    assert_eq!(ask(server.addr, "/livez").await.0, 404, "off by default");
}

/// It answers when the server takes nobody in, and until it has stopped.
#[tokio::test]
async fn it_is_told_on_a_port_of_its_own() {
    let (server, mut watch) = probe();
    let server = server.health_on("127.0.0.1:0").max_connections(1);
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let (addr, health, handle) =
        (bound.local_addr(), bound.health_addr().expect("an address"), bound.handle());
    let runs = tokio::spawn(bound.run());
    let mut client = Client::open(addr, "/probe").await;
    watch.opened().await;
    assert_eq!(Client::ask(addr, request("/probe", "")).await.status, 503);
    assert_eq!(ask(health, "/readyz").await.0, 200);
    assert_eq!(ask(health, "/probe").await.0, 404);
    client.text("wait").await;
    watch.message().await;
    handle.shutdown();
    assert_eq!(ask(health, "/readyz").await, (503, "shutting down\n".into()));
    assert_eq!(ask(health, "/livez").await.0, 200);
    watch.release();
    client.expect_close().await;
    client.close(1001, "").await;
    soon("the end", runs).await.unwrap();
    while tokio::net::TcpStream::connect(health).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_notice_is_seen_before_the_port_closes() {
    let (server, _watch) = probe();
    let server = serve(server.health().shutdown_notice(Duration::from_millis(200))).await;
    server.handle.shutdown();
    assert_eq!(ask(server.addr, "/readyz").await, (503, "shutting down\n".into()));
    assert_eq!(Client::ask(server.addr, request("/probe", "")).await.status, 101);
    soon("the end", server.handle.stopped()).await;
}

#[tokio::test]
async fn an_address_that_is_taken_keeps_the_server_from_starting() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (server, _watch) = probe();
    let error = server.health_on(taken.local_addr().unwrap()).bind("127.0.0.1:0").await;
    assert!(error.unwrap_err().to_string().starts_with("cannot listen on"));
}

#[tokio::test]
async fn sessions_and_refusals_are_reported_with_their_reasons() {
    let records = Records::begin();
    let (server, mut watch) = probe();
    let server = serve(server).await;
    Client::ask(server.addr, request("/probe?bind=refuse", "")).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    session.close(Close::new(4001, "good\nnight"));
    client.expect_close().await;
    client.close(4001, "").await;
    watch.closed().await;
    let all = records.all();
    let id = session.id();
    for parts in [
        &["refused", "path=/probe ", "status=401", "text=who are you?"][..],
        &["open", "endpoint=/probe", &format!("session={id}"), "peer=127.0.0.1:"],
        &["closed", "code=4001", "reason=good\\nnight", "by=server", "clean=true"],
    ] {
        let found = all.iter().any(|record| parts.iter().all(|part| record.contains(part)));
        assert!(found, "{parts:?} in {all:#?}");
    }
    server.stop().await;
}

/// The counters, in a process of its own, because a recorder is one for all of it.
#[tokio::test]
async fn what_happens_is_counted() {
    assert!(wsframe_tests::in_a_process_of_its_own("health::counts", &[]).await);
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn counts() {
    let recorder = metrics_util::debugging::DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().unwrap();
    let (server, mut watch) = probe();
    let server: Server = server.configure::<wsframe_tests::Probe>(|probe| {
        probe.message_rate(wsframe::Rate::per_minute(1).burst(3))
    });
    let server = serve(server).await;
    Client::ask(server.addr, request("/probe?bind=refuse", "")).await;
    Client::ask(server.addr, request("/probe", "Origin: https://evil.example\r\n")).await;
    let (mut first, _) = enter(&server, &mut watch).await;
    let (mut second, _) = enter(&server, &mut watch).await;
    for _ in 0..4 {
        first.send(0x89, "x").await;
    }
    while first.next().await.is_some_and(|frame| frame.first != 0x88) {}
    second.text("panic").await;
    second.expect_close().await;
    drop((first, second));
    server.stop().await;
    let found: std::collections::BTreeSet<String> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let key = key.key().clone();
            let labels: Vec<_> =
                key.labels().map(|l| format!("{}={}", l.key(), l.value())).collect();
            let value = match value {
                metrics_util::debugging::DebugValue::Counter(value) => value as f64,
                metrics_util::debugging::DebugValue::Gauge(value) => value.into_inner(),
                metrics_util::debugging::DebugValue::Histogram(_) => f64::NAN,
            };
            format!("{}{{{}}} {value}", key.name(), labels.join(","))
        })
        .collect();
    for line in [
        "ws_connections{endpoint=/probe} 0",
        "ws_connections_opened_total{endpoint=/probe} 2",
        "ws_connections_closed_total{endpoint=/probe,code=1008,by=server} 1",
        "ws_connections_closed_total{endpoint=/probe,code=1011,by=server} 1",
        "ws_connection_limit{} 10000",
        "ws_handshakes_total{endpoint=/probe,status=101} 2",
        "ws_handshakes_total{endpoint=/probe,status=401} 1",
        "ws_handshake_rejects_total{reason=auth} 1",
        "ws_handshake_rejects_total{reason=forbidden} 1",
        "ws_rate_limited_total{} 1",
        "ws_protocol_errors_total{code=1008} 1",
        "ws_handler_panics_total{} 1",
        "ws_shutdown_phase{} 3",
    ] {
        assert!(found.contains(line), "{line} is not in {found:#?}");
    }
}
