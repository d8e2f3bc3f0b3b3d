//! One thing after the other, and what goes on beside a handler that waits.

use wsframe_tests::{Client, probed, soon};

#[tokio::test]
async fn on_open_finishes_before_the_first_message() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe?open=wait").await;
    let session = watch.opened().await;
    client.text("echo first").await;
    // The ping behind it is answered, so the message was received, and yet it is not handled.
    client.send(0x89, "").await;
    assert_eq!(client.next().await.expect("a pong").first, 0x8a);
    assert!(watch.is_quiet());
    assert!(session.is_open());
    watch.release();
    assert_eq!(client.expect_text().await, "released");
    assert_eq!(client.expect_text().await, "first");
}

/// While a handler waits, pings are answered and messages of other tasks go out; messages to the
/// handler wait in order.
#[tokio::test]
async fn a_waiting_handler_stops_nothing_else() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    for i in 0..5 {
        client.text(&format!("echo {i}")).await;
        client.send(0x89, i.to_string()).await;
        assert_eq!(client.next().await.expect("a pong").payload, i.to_string().into_bytes());
        session.send(format!("pushed {i}")).await.unwrap();
        assert_eq!(client.expect_text().await, format!("pushed {i}"));
    }
    assert!(watch.is_quiet());
    watch.release();
    assert_eq!(client.expect_text().await, "released");
    for i in 0..5 {
        assert_eq!(client.expect_text().await, i.to_string());
    }
}

/// Beyond the inbound bound the server stops reading, and goes on where it stopped.
#[tokio::test]
async fn a_busy_handler_pushes_back() {
    let bound = |options: wsframe::Options| options.inbound_messages(4);
    let (server, mut watch) = probed(bound).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    let count = 4000;
    let payload = [7; 10_000];
    let (mut reader, mut writer) = client.tcp.split();
    let frame = Client::frame(0x82, &payload);
    let flood = async {
        use tokio::io::AsyncWriteExt;
        for _ in 0..count {
            writer.write_all(&frame).await.unwrap();
        }
    };
    let drain = async {
        use tokio::io::AsyncReadExt;
        // The first frame is the reply of the handler that waited: 2 + 8 bytes.
        let mut rest = 10 + count * (payload.len() + 4);
        let mut buffer = vec![0; 1 << 16];
        while rest > 0 {
            rest -= reader.read(&mut buffer).await.unwrap();
        }
    };
    let mut both = std::pin::pin!(async { tokio::join!(flood, drain) });
    // 40 MB do not fit into the sockets' buffers: the flood stands still while the handler waits.
    let stuck = tokio::time::timeout(std::time::Duration::from_millis(300), both.as_mut()).await;
    assert!(stuck.is_err(), "nothing pushed back");
    watch.release();
    soon("the echoes", both).await;
}

/// Eight tasks send beside a handler that echoes; each one's messages arrive in its order, whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_senders_keep_their_order() {
    const SENDERS: usize = 8;
    const EACH: usize = 1000;
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    for sender in 0..SENDERS {
        let session = session.clone();
        tokio::spawn(async move {
            for i in 0..EACH {
                // Some small, some large enough to take the other way through the outbox.
                let filler = "x".repeat(if i % 97 == 0 { 9000 } else { i % 50 });
                session.send(format!("{sender} {i} {filler}")).await.unwrap();
            }
        });
    }
    let mut next = [0; SENDERS];
    let mut echoes = 0;
    for round in 0.. {
        if round < 100 {
            client.text(&format!("echo e {round} ")).await;
        }
        let text = client.expect_text().await;
        let mut words = text.split(' ');
        let (sender, i) = (words.next().unwrap(), words.next().unwrap());
        let i: usize = i.parse().unwrap();
        if sender == "e" {
            assert_eq!(i, echoes);
            echoes += 1;
        } else {
            let sender: usize = sender.parse().unwrap();
            assert_eq!(i, next[sender], "sender {sender}");
            next[sender] += 1;
        }
        if next == [EACH; SENDERS] && echoes == 100 {
            break;
        }
    }
}
