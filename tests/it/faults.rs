//! Peers that break the rules or leave at a bad moment: each gets the code of the RFC, costs one
//! `on_close` and leaves nothing behind.

use tokio::io::AsyncWriteExt;
use wsframe::{Json, prelude::*};
use wsframe_tests::{Client as Raw, Event, enter, probed, request, serve, soon};

/// Every code that there is: those that may be sent come back, the others are a fault.
#[tokio::test]
async fn each_close_code_is_judged() {
    let (server, mut watch) = probed(|options| options).await;
    let may_be_sent = |code| matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    let edges =
        [0, 1, 999, 1016, 1099, 1100, 1999, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65535];
    for code in (1000..=1015_u16).chain(edges) {
        let (mut client, _) = enter(&server, &mut watch).await;
        client.close(code, "").await;
        let expected = if may_be_sent(code) { code } else { 1002 };
        assert_eq!(client.expect_close().await.0, expected, "{code}");
        client.expect_end().await;
        drop(client);
        assert_eq!(watch.closed().await.code(), expected, "{code}");
    }
    server.stop().await;
}

/// What is wrong with a header shows on the header, whatever length it announces.
#[tokio::test]
async fn no_payload_is_awaited_behind_a_wrong_header() {
    let (server, mut watch) = probed(|options| options.max_message_size(usize::MAX)).await;
    let reserved = [0xc2, 0xa2, 0x92, 0xf2];
    let unknown = [0x83, 0x84, 0x85, 0x86, 0x87, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f];
    let control = [0x88, 0x89, 0x8a, 0x08, 0x09, 0x0a];
    for first in reserved.into_iter().chain(unknown).chain(control) {
        for length in [126, 1 << 16, 1 << 31, 1 << 62, u64::MAX >> 1] {
            let (mut client, _) = enter(&server, &mut watch).await;
            let mut header = vec![first, 0x80 | 127];
            header.extend(u64::to_be_bytes(length));
            header.extend([0; 4]);
            client.write(header).await;
            assert_eq!(client.expect_close().await.0, 1002, "{first:#x} {length}");
            drop(client);
            assert_eq!(watch.closed().await.code(), 1002);
        }
    }
    server.stop().await;
}

/// Whatever comes behind the peer's close frame, the session has one end.
#[tokio::test]
async fn what_follows_a_close_frame_changes_nothing() {
    let (server, mut watch) = probed(|options| options).await;
    let close = Raw::frame(0x88, &1000_u16.to_be_bytes());
    let other = Raw::frame(0x88, &4000_u16.to_be_bytes());
    for (behind, resets) in [
        (Raw::frame(0x81, b"echo late"), false),
        (other, false),
        (Raw::frame(0x89, b"ping"), false),
        (vec![0xff; 100], false),
        (Vec::new(), true),
    ] {
        let (mut client, session) = enter(&server, &mut watch).await;
        client.write([&close[..], &behind].concat()).await;
        if resets {
            client.reset();
        } else {
            assert_eq!(client.expect_close().await.0, 1000);
            client.expect_end().await;
        }
        assert_eq!(watch.closed().await.code(), session.closed().await.code(), "{behind:?}");
        assert!(watch.is_quiet(), "{behind:?}");
    }
    server.stop().await;
}

/// A client that is gone again before it knows that it is in.
#[tokio::test]
async fn a_reset_during_the_handshake_leaves_nothing() {
    let (server, mut watch) = probed(|options| options).await;
    let request = request("/probe", "");
    for turn in 0..200 {
        let mut client = Raw::tcp(server.addr).await;
        // Anywhere in the request, and behind it.
        let length = request.len().min(1 + turn * 2);
        client.write(&request[..length]).await;
        if turn % 3 == 0 {
            tokio::task::yield_now().await;
        }
        client.reset();
    }
    soon("the end of all", async {
        while server.handle.connections() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.stop().await;
    let (mut opened, mut closed) = (0, 0);
    while !watch.is_quiet() {
        match watch.next().await {
            Event::Opened(_) => opened += 1,
            Event::Closed(_) => closed += 1,
            _ => {}
        }
    }
    assert_eq!(opened, closed);
}

#[tokio::test]
async fn half_a_request_and_the_end_is_the_end() {
    let (server, _watch) = probed(|options| options).await;
    for length in [0, 1, 40] {
        let mut client = Raw::tcp(server.addr).await;
        client.write(&request("/probe", "")[..length]).await;
        client.tcp.shutdown().await.unwrap();
        soon("the end", async { while client.next().await.is_some() {} }).await;
    }
    server.stop().await;
}

#[server_endpoint("/faults/json", max_message_size = "1MiB")]
struct Parsing;

impl Parsing {
    #[on_message]
    async fn value(&self, value: Json<Vec<Vec<Deep>>>) -> String {
        value.0.len().to_string()
    }
}

/// As deep as it comes.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Deep {
    #[expect(dead_code, reason = "only decoded")]
    More(Vec<Self>),
    #[expect(dead_code, reason = "only decoded")]
    Number(f64),
}

/// The stack is not the stranger's.
#[tokio::test]
async fn json_has_a_depth() {
    let server = serve(Server::new().only::<Parsing>()).await;
    for (text, code) in [
        ("[".repeat(500_000), 1007),
        (format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), 1007),
        (format!("[[{}]]", "9".repeat(400_000)), 1007),
        ("{".repeat(100), 1007),
    ] {
        let mut client = Raw::open(server.addr, "/faults/json").await;
        client.text(&text).await;
        assert_eq!(client.expect_close().await.0, code, "{}", &text[..20]);
    }
    let mut client = Raw::open(server.addr, "/faults/json").await;
    client.text("[[1, [2]]]").await;
    assert_eq!(client.expect_text().await, "1");
}
