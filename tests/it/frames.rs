//! Frames that break the protocol or a limit, and the code that each is closed with.

use wsframe_tests::{Client, probed};

/// Sends `bytes` and expects the close code, the end of the stream and a matching `on_close`.
async fn closes_with(options: fn(wsframe::Options) -> wsframe::Options, bytes: &[u8], code: u16) {
    let (server, mut watch) = probed(options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.write(bytes).await;
    let (got, reason) = client.expect_close().await;
    assert_eq!(got, code, "{reason}");
    client.expect_end().await;
    drop(client);
    let told = watch.closed().await;
    assert_eq!(told.code(), code);
    assert_eq!(told.initiator(), wsframe::Initiator::Local);
    server.stop().await;
}

#[tokio::test]
async fn protocol_faults_close_with_1002() {
    let mut unmasked = vec![0x81, 2];
    unmasked.extend(b"hi");
    let mut not_shortest = vec![0x82, 0x80 | 126, 0, 5];
    not_shortest.extend([0; 9]);
    let cases = [
        unmasked,
        not_shortest,
        Client::frame(0xc1, b"rsv1"),
        Client::frame(0xa1, b"rsv2"),
        Client::frame(0x91, b"rsv3"),
        Client::frame(0x83, b"opcode"),
        Client::frame(0x8f, b"opcode"),
        Client::frame(0x09, b"fragmented ping"),
        Client::frame(0x89, &[0; 126]),
        Client::frame(0x80, b"continuation of nothing"),
        [Client::frame(0x01, b"a"), Client::frame(0x81, b"b")].concat(),
        Client::frame(0x88, b"\x03"),
        Client::frame(0x88, &1006u16.to_be_bytes()),
        Client::frame(0x88, &2999u16.to_be_bytes()),
    ];
    for bytes in cases {
        closes_with(|options| options, &bytes, 1002).await;
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_with_1007() {
    for bytes in [
        Client::frame(0x81, b"\xc0\xaf"),
        Client::frame(0x81, b"\xed\xa0\x80"),
        Client::frame(0x88, b"\x03\xe8\xff"),
        [Client::frame(0x01, b"\xe2\x82"), Client::frame(0x80, b"x")].concat(),
    ] {
        closes_with(|options| options, &bytes, 1007).await;
    }
}

#[tokio::test]
async fn sizes_close_with_1009_and_fragments_with_1008() {
    let limited = |options: wsframe::Options| options.max_message_size(5).max_fragments(3);
    closes_with(limited, &Client::frame(0x82, b"123456"), 1009).await;
    let parts = [Client::frame(0x02, b"123"), Client::frame(0x80, b"456")];
    closes_with(limited, &parts.concat(), 1009).await;
    // The header alone is enough; 2^62 bytes are not waited for.
    let mut header = vec![0x82, 0x80 | 127];
    header.extend((1u64 << 62).to_be_bytes());
    header.extend([0; 4]);
    closes_with(limited, &header, 1009).await;
    let empty = Client::frame(0x00, b"");
    let endless = [Client::frame(0x02, b""), empty.clone(), empty.clone(), empty].concat();
    closes_with(limited, &endless, 1008).await;
    closes_with(|options| options.max_frame_size(4), &Client::frame(0x82, b"12345"), 1009).await;
}

#[tokio::test]
async fn the_limit_itself_passes() {
    let (server, _watch) = probed(|options| options.max_message_size(5)).await;
    let mut client = Client::open(server.addr, "/probe").await;
    client.send(0x82, b"12345").await;
    assert_eq!(client.next().await.expect("echo").payload, b"12345");
    client.write([Client::frame(0x02, b"12"), Client::frame(0x80, b"345")].concat()).await;
    assert_eq!(client.next().await.expect("echo").payload, b"12345");
}

/// A message that does not get on is closed with 1008 at its deadline, however it dawdles.
#[tokio::test]
async fn half_a_message_has_its_time() {
    let beginnings = [
        Client::frame(0x01, b"fragment"),
        vec![0x81],
        Client::frame(0x82, &[0; 500])[..200].to_vec(),
    ];
    for bytes in beginnings {
        let short = |options: wsframe::Options| {
            options.assembly_timeout(std::time::Duration::from_millis(50))
        };
        closes_with(short, &bytes, 1008).await;
    }
}

#[tokio::test]
async fn a_ping_is_answered_with_its_payload() {
    let (server, _watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    for payload in [&b""[..], b"x", &[7; 125]] {
        client.send(0x89, payload).await;
        let frame = client.next().await.expect("a pong");
        assert_eq!((frame.first, &frame.payload[..]), (0x8a, payload));
    }
    // Between two fragments as well, and before the message is complete.
    client.send(0x01, "echo spl").await;
    client.send(0x89, "in between").await;
    assert_eq!(client.next().await.expect("a pong").payload, b"in between");
    client.send(0x80, "it").await;
    assert_eq!(client.expect_text().await, "split");
}

#[tokio::test]
async fn large_messages_come_back_whole() {
    let (server, _watch) = probed(|options| options.max_message_size(8 << 20)).await;
    let mut client = Client::open(server.addr, "/probe").await;
    for size in [0, 125, 126, 4095, 4096, 32_768, 65_535, 65_536, 1 << 20, 5_000_000] {
        let payload: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
        client.send(0x82, &payload).await;
        let frame = client.next().await.expect("the echo");
        assert_eq!(frame.first, 0x82);
        assert!(frame.payload == payload, "{size} bytes");
    }
}
