//! What Tomcat's own tests assert: `TestClose`, `TestSlowClient`, `TestShutdown`,
//! `TestWsSessionSuspendResume`, `TestKeyHeader`, `TestWsRemoteEndpoint`, `TestWsSession`.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;
use wsframe::{CloseCode, Initiator, Options, SendError, ServerHandle, prelude::*};
use wsframe_tests::{Client, Frame, Running, request, serve};

use super::{Heard, LEAVES, Told, end, told};

#[server_endpoint("/jakarta/tomcat")]
struct Orders {
    #[state]
    told: Told,
    #[state]
    go_on: Arc<Notify>,
    #[state]
    handle: ServerHandle,
}

impl Orders {
    #[on_message]
    async fn order(&mut self, order: &str, session: &Session) -> wsframe::Result {
        match order {
            "wait" => {
                self.told.tell("waits");
                self.go_on.notified().await;
            }
            "flood" => {
                self.told.tell("floods");
                while session.send(vec![0; 100_000]).await.is_ok() {}
            }
            "stop" => {
                for i in 0..100 {
                    session.try_send(i.to_string())?;
                }
                self.handle.shutdown();
            }
            "long reason" => session.close(Close::new(4000, "é€".repeat(50))),
            "pieces" => {
                session.begin_text().await?.finish().await?;
                let mut message = session.begin_binary().await?;
                message.send(Bytes::new()).await?;
                message.finish().await?;
            }
            "closed pieces" => {
                let mut message = session.begin_text().await?;
                session.close(Close::normal());
                let sent = message.send("too late").await;
                self.told.tell(format!("piece {:?}", matches!(sent, Err(SendError::Closed))));
                let whole = session.send("too late").await;
                self.told.tell(format!("whole {:?}", matches!(whole, Err(SendError::Closed))));
            }
            other => self.told.tell(other),
        }
        Ok(())
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        self.told.tell(format!("error {failure}"));
        OnError::Continue
    }

    #[on_close]
    fn left(&self, reason: &CloseReason) {
        self.told.tell(end(reason));
    }
}

const PATH: &str = "/jakarta/tomcat";

async fn started(options: fn(Options) -> Options) -> (Running, Heard, Arc<Notify>) {
    let ((told, heard), go_on) = (told(), Arc::new(Notify::new()));
    let server = Server::new().only::<Orders>().configure::<Orders>(options);
    let handle = server.handle();
    (serve(server.state(told).state(go_on.clone()).state(handle)).await, heard, go_on)
}

async fn leave(mut client: Client, how: &str) {
    match how {
        "fin" => drop(client),
        "reset" => client.reset(),
        "close and fin" => client.close(1001, "bye").await,
        _ => {
            client.close(3500, "bye").await;
            assert_eq!(client.expect_close().await, (3500, "bye".into()));
            client.expect_end().await;
        }
    }
}

/// A lost transport is no failure of a handler: it reaches `on_close`, not `on_error`.
#[tokio::test]
async fn assertion_44_every_end_is_told_with_its_code() {
    for (how, seen) in LEAVES {
        let (server, mut heard, _) = started(|options| options).await;
        let client = Client::open(server.addr, PATH).await;
        leave(client, how).await;
        assert_eq!(heard.next().await, seen, "{how}");
        server.stop().await;
        assert!(heard.is_quiet(), "{how}");
    }
}

#[tokio::test]
async fn assertion_44_also_while_a_handler_waits() {
    for (how, seen) in LEAVES {
        let short = |options: Options| options.close_timeout(Duration::from_millis(20));
        let (server, mut heard, go_on) = started(short).await;
        let mut client = Client::open(server.addr, PATH).await;
        client.text("wait").await;
        assert_eq!(heard.next().await, "waits");
        leave(client, how).await;
        // `on_close` comes after the handler, whatever has happened meanwhile.
        assert!(heard.is_quiet(), "{how}");
        go_on.notify_one();
        assert_eq!(heard.next().await, seen, "{how}");
        server.stop().await;
    }
}

/// The client reads nothing, so the handler's send waits; no end of the client's leaves it waiting.
#[tokio::test]
async fn assertion_45_a_client_that_leaves_ends_a_send_that_waits() {
    for how in ["fin", "reset", "close and fin"] {
        let (server, mut heard, _) = started(|options| options.outbox(1000_usize)).await;
        let mut client = Client::open(server.addr, PATH).await;
        client.text("flood").await;
        assert_eq!(heard.next().await, "floods");
        leave(client, how).await;
        let end = heard.next().await;
        assert!(!end.starts_with("error"), "{how}: {end}");
        server.stop().await;
    }
}

#[tokio::test]
async fn assertion_45_a_slow_reader_is_let_go_with_1013() {
    let short = |options: Options| options.send_timeout(Duration::from_millis(20));
    let (server, mut heard, _) = started(short).await;
    let mut client = Client::open(server.addr, PATH).await;
    client.text("flood").await;
    assert_eq!(heard.next().await, "floods");
    let end = heard.next().await;
    assert!(end.starts_with("1013") && end.ends_with("Local, cut"), "{end}");
    // Nothing of it is left.
    server.stop().await;
}

#[tokio::test]
async fn assertion_46_what_was_accepted_is_delivered_when_the_server_stops() {
    let (server, mut heard, _) = started(|options| options).await;
    let mut client = Client::open(server.addr, PATH).await;
    client.text("stop").await;
    for i in 0..100 {
        assert_eq!(client.expect_text().await, i.to_string());
    }
    assert_eq!(client.expect_close().await, (1001, "server shuts down".into()));
    client.close(1001, "").await;
    assert_eq!(heard.next().await, "1001 server shuts down, Local, clean");
    server.stop().await;
}

/// A busy handler suspends the reading; a close ends the session nevertheless.
#[tokio::test]
async fn assertion_46_a_close_while_reading_is_suspended_ends_the_session() {
    fn busy(options: Options) -> Options {
        let short = Duration::from_millis(20);
        options.inbound_messages(1_usize).close_timeout(short).finish_within(short)
    }
    let (server, mut heard, _) = started(busy).await;
    let mut client = Client::open(server.addr, PATH).await;
    client.text("wait").await;
    assert_eq!(heard.next().await, "waits");
    for _ in 0..100 {
        client.text("ignored").await;
    }
    for session in server.handle.sessions() {
        session.close(Close::new(4000, "enough"));
    }
    assert_eq!(client.expect_close().await, (4000, "enough".into()));
    assert_eq!(heard.next().await, "4000 enough, Local, cut");
    server.stop().await;
}

#[tokio::test]
async fn assertion_47_a_key_is_sixteen_bytes() {
    let (server, ..) = started(|options| options).await;
    let good = request(PATH, "");
    for (key, status) in [
        ("dGhlIHNhbXBsZSBub25jZQ==", 101),
        ("", 400),
        ("dGhlIHNhbXBsZSBub25j", 400),
        ("dGhlIHNhbXBsZSBub25jZTE=", 400),
        ("dGhlIHNhbXBsZSBub25jZTEyMzQ=", 400),
        ("dGhlIHNhbXBsZSBub25jZQ", 400),
        ("dGhlIHNhbXBsZSBub25jZ*==", 400),
        ("dGhlIHNhbXBsZSBub25jZQ==, x", 400),
    ] {
        let asked = good.replace("dGhlIHNhbXBsZSBub25jZQ==", key);
        assert_eq!(Client::ask(server.addr, asked).await.status, status, "{key:?}");
    }
    let none = good.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "");
    assert_eq!(Client::ask(server.addr, none).await.status, 400);
    let twice = request(PATH, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    assert_eq!(Client::ask(server.addr, twice).await.status, 400);
}

/// Not spoken so far: whatever is offered, valid or not, is declined and the connection opens.
#[tokio::test]
async fn assertion_47_an_invalid_offer_is_declined_not_failed() {
    let (server, ..) = started(|options| options).await;
    for offer in [
        "permessage-deflate",
        "permessage-deflate; server_max_window_bits=99",
        "permessage-deflate; nonsense, permessage-deflate",
    ] {
        let asked = request(PATH, &format!("Sec-WebSocket-Extensions: {offer}\r\n"));
        let response = Client::ask(server.addr, asked).await;
        assert_eq!((response.status, response.header("sec-websocket-extensions")), (101, None));
    }
}

/// In Jakarta a stream without any write is no message. Here `finish` says that there is one.
#[tokio::test]
async fn assertion_47_a_message_of_no_bytes_is_one() {
    let (server, ..) = started(|options| options).await;
    let mut client = Client::open(server.addr, PATH).await;
    client.text("pieces").await;
    assert_eq!(client.next().await, Some(Frame { first: 0x81, payload: vec![] }));
    let mut joined = vec![];
    loop {
        let frame = client.next().await.unwrap();
        joined.extend(frame.payload);
        if frame.first & 0x80 != 0 {
            break;
        }
    }
    assert!(joined.is_empty());
}

#[tokio::test]
async fn assertion_47_a_write_after_the_close_is_an_error() {
    let (server, mut heard, _) = started(|options| options).await;
    let mut client = Client::open(server.addr, PATH).await;
    client.text("closed pieces").await;
    assert_eq!(heard.next().await, "piece true");
    assert_eq!(heard.next().await, "whole true");
    assert_eq!(client.expect_close().await.0, u16::from(CloseCode::NORMAL));
    client.close(1000, "").await;
    let end = heard.next().await;
    assert!(end.ends_with(&format!("{:?}, clean", Initiator::Local)), "{end}");
}

#[tokio::test]
async fn assertion_48_a_reason_is_not_cut_inside_a_character() {
    let (server, ..) = started(|options| options).await;
    let mut client = Client::open(server.addr, PATH).await;
    client.text("long reason").await;
    let (code, reason) = client.expect_close().await;
    assert_eq!(code, 4000);
    // 123 bytes have room for 24 pairs of 2 and 3 bytes, and one more of 2.
    assert_eq!(reason, format!("{}é", "é€".repeat(24)));
}
