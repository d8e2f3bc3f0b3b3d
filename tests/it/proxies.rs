//! Who the client is, where a proxy stands in front.

use wsframe::{Forwarding, Server};
use wsframe_tests::{Client, Watch, probe, request, serve};

/// The address that the session sees of a client that sends these lines.
async fn seen(server: &wsframe_tests::Running, watch: &mut Watch, lines: &str) -> String {
    let mut client = Client::tcp(server.addr).await;
    client.write(request("/probe", lines)).await;
    assert_eq!(client.response().await.status, 101, "{lines}");
    let peer = watch.opened().await.peer().expect("a peer");
    client.close(1000, "").await;
    client.expect_close().await;
    watch.closed().await;
    peer.ip().to_string()
}

const LINES: &str = "X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\nForwarded: for=192.0.2.2\r\n";

#[tokio::test]
async fn the_word_of_a_trusted_proxy_counts_and_no_other() {
    for (forwarding, trusted, expected) in [
        (Forwarding::XForwardedFor, "127.0.0.0/8", "192.0.2.1"),
        (Forwarding::Forwarded, "127.0.0.1", "192.0.2.2"),
        (Forwarding::XForwardedFor, "10.0.0.0/8", "127.0.0.1"),
        (Forwarding::ProxyProtocol, "10.0.0.0/8", "127.0.0.1"),
    ] {
        let (server, mut watch) = probe();
        let server = serve(server.trusted_proxies(forwarding, [trusted])).await;
        assert_eq!(seen(&server, &mut watch, LINES).await, expected, "{forwarding:?} {trusted}");
        assert_eq!(seen(&server, &mut watch, "").await, "127.0.0.1", "it says nothing");
        server.stop().await;
    }
    let (server, mut watch) = probe();
    let server = serve(server).await;
    assert_eq!(seen(&server, &mut watch, LINES).await, "127.0.0.1", "nobody is trusted");
}

/// The addresses behind the proxy have their limits, the proxy has none.
#[tokio::test]
async fn connections_are_counted_by_the_address_behind() {
    let (server, mut watch) = probe();
    let server = server.trusted_proxies(Forwarding::XForwardedFor, ["127.0.0.1"]);
    let server = serve(server.max_connections_per_address(1)).await;
    let open = async |address: &str| {
        let mut client = Client::tcp(server.addr).await;
        let line = format!("X-Forwarded-For: 6.6.6.6, {address}\r\n");
        client.write(request("/probe", &line)).await;
        (client.response().await.status, client)
    };
    let (status, mut first) = open("192.0.2.1").await;
    assert_eq!(status, 101);
    watch.opened().await;
    assert_eq!(open("192.0.2.1").await.0, 429);
    assert_eq!(open("192.0.2.2").await.0, 101);
    watch.opened().await;
    watch.closed().await;
    first.close(1000, "").await;
    first.expect_close().await;
    watch.closed().await;
    while server.handle.connections() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(open("192.0.2.1").await.0, 101);
}

/// The header of the PROXY protocol, version 2, for a connection from 192.0.2.1.
fn header(command: u8) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    // TCP over IPv4, 12 bytes of addresses, 3 of an extension.
    header.extend([0x20 | command, 0x11, 0, 15]);
    header.extend([192, 0, 2, 1, 127, 0, 0, 1]);
    header.extend([0x12, 0x34, 0, 80, 0x04, 0, 0]);
    header
}

#[tokio::test]
async fn the_proxy_protocol_comes_first() {
    let (server, mut watch) = probe();
    let server = server.trusted_proxies(Forwarding::ProxyProtocol, ["127.0.0.1"]);
    let server = server.max_connections_per_address(1);
    let server = serve(server.head_timeout(std::time::Duration::from_millis(500))).await;
    for (command, expected) in [(1, "192.0.2.1:4660"), (0, "127.0.0.1:")] {
        // In one write, and byte by byte.
        for at_once in [usize::MAX, 1] {
            let mut client = Client::tcp(server.addr).await;
            let bytes = [header(command), request("/probe", LINES).into_bytes()].concat();
            for part in bytes.chunks(at_once.min(bytes.len())) {
                client.write(part).await;
            }
            assert_eq!(client.response().await.status, 101);
            let peer = watch.opened().await.peer().expect("a peer").to_string();
            assert!(peer.starts_with(expected), "{peer}");
            if command == 1 {
                let mut second = Client::tcp(server.addr).await;
                second.write(&bytes).await;
                assert_eq!(second.response().await.status, 429);
            }
            client.close(1000, "").await;
            client.expect_close().await;
            watch.closed().await;
            while server.handle.connections() > 0 {
                tokio::task::yield_now().await;
            }
        }
    }
    // A trusted proxy that does not speak it, or says nonsense, or nothing.
    let nonsense = [header(1)[..12].to_vec(), vec![0x21, 0x11, 0xff, 0xff]].concat();
    let short = [header(1)[..12].to_vec(), vec![0x21, 0x11, 0, 3, 1, 2, 3]].concat();
    for bytes in [request("/probe", "").into_bytes(), nonsense, short, header(7), Vec::new()] {
        let mut client = Client::tcp(server.addr).await;
        client.write(&bytes).await;
        client.expect_end().await;
    }
    while server.handle.connections() > 0 {
        tokio::task::yield_now().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_network_keeps_the_server_from_starting() {
    let server: Server = probe().0;
    let networks = ["10.0.0.0/8", "proxy.example", "10.0.0.0/99"];
    let server = server.trusted_proxies(Forwarding::Forwarded, networks);
    let error = server.bind("127.0.0.1:0").await.unwrap_err().to_string();
    assert!(error.contains("\"proxy.example\", \"10.0.0.0/99\": write addresses"), "{error}");
}
