//! Sending: `ee/remoteendpoint`, `basic`, `async` and `usercoder`.

use std::sync::Arc;

use wsframe::{
    CloseCode, Error, IntoMessage, Message, SendError, Sending, TrySendError, prelude::*,
};
use wsframe_tests::{Client, Frame};

use super::{Told, running, telling};

#[server_endpoint("/jakarta/remote/pings", ping_interval = off)]
struct Pings;

impl Pings {
    /// As many bytes as the text says.
    #[on_message]
    async fn ping(&self, length: usize, session: &Session) -> wsframe::Result {
        session.ping(vec![b'p'; length])?;
        session.send(Pong::new(vec![b'q'; length])).await?;
        Ok(())
    }

    #[on_message]
    fn pong(&self, pong: &Pong) -> String {
        String::from_utf8_lossy(pong.payload()).into_owned()
    }
}

#[tokio::test]
async fn assertion_16_a_ping_is_answered_with_its_payload() {
    let server = running::<Pings>().await;
    let mut client = Client::open(server.addr, "/jakarta/remote/pings").await;
    for length in [0, 1, 124, 125] {
        let payload = vec![b'x'; length];
        client.send(0x89, &payload).await;
        assert_eq!(client.next().await, Some(Frame { first: 0x8a, payload }));
    }
    // 126 bytes are no control frame.
    for first in [0x89, 0x8a] {
        let mut client = Client::open(server.addr, "/jakarta/remote/pings").await;
        client.send(first, [b'x'; 126]).await;
        assert_eq!(client.expect_close().await.0, 1002);
    }
}

/// In Jakarta more than 125 bytes are an exception; here the rest is cut off.
#[tokio::test]
async fn assertion_16_our_pings_and_pongs_have_125_bytes_at_most() {
    let server = running::<Pings>().await;
    let mut client = Client::open(server.addr, "/jakarta/remote/pings").await;
    for (asked, sent) in [("0", 0), ("125", 125), ("126", 125), ("1000", 125)] {
        client.text(asked).await;
        let ping = client.next().await.unwrap();
        assert_eq!(ping, Frame { first: 0x89, payload: vec![b'p'; sent] });
        let pong = client.next().await.unwrap();
        assert_eq!(pong, Frame { first: 0x8a, payload: vec![b'q'; sent] });
        client.send(0x8a, &ping.payload).await;
        assert_eq!(client.expect_text().await.into_bytes(), ping.payload);
    }
}

/// `bool` and numbers as this program writes them.
struct YesNo(bool);

impl IntoMessage for YesNo {
    fn into_message(self) -> Result<Message, Error> {
        Ok(if self.0 { "yes" } else { "no" }.into())
    }
}

struct Roman(u8);

impl IntoMessage for Roman {
    fn into_message(self) -> Result<Message, Error> {
        match self.0 {
            n @ 1..=3 => Ok("I".repeat(n.into()).into()),
            n => Err(format!("{n} is too much").into()),
        }
    }
}

#[server_endpoint("/jakarta/remote/overrides")]
struct Overrides;

impl Overrides {
    #[on_open]
    fn opened(&self) -> YesNo {
        YesNo(false)
    }

    #[on_message]
    async fn said(&self, number: u8, session: &Session) -> wsframe::Result<Roman> {
        session.send(YesNo(true)).await?;
        session.try_send(Roman(number))?;
        session.send(number).await?;
        Ok(Roman(number))
    }
}

#[tokio::test]
async fn assertion_37_an_encoder_of_ones_own_goes_before_the_built_in_one() {
    let server = running::<Overrides>().await;
    let mut client = Client::open(server.addr, "/jakarta/remote/overrides").await;
    client.text("3").await;
    for expected in ["no", "yes", "III", "3", "III"] {
        assert_eq!(client.expect_text().await, expected);
    }
}

#[server_endpoint("/jakarta/remote/fails")]
struct Fails {
    #[state]
    told: Told,
}

impl Fails {
    #[on_message]
    async fn said(&self, _: &str, session: &Session) -> Roman {
        let waits = session.send(Roman(4)).await;
        let Err(SendError::Encode(error)) = waits else { panic!("{waits:?}") };
        self.told.tell(format!("send: {error}"));
        let tries = session.try_send(Roman(5));
        let Err(TrySendError::Encode(error)) = tries else { panic!("{tries:?}") };
        self.told.tell(format!("try_send: {error}"));
        // A future of its own, as with `Future` and `SendHandler`.
        let session = session.clone();
        let sent = tokio::spawn(async move { session.send(Roman(6)).await }).await;
        self.told.tell(format!("spawned: {}", sent.unwrap().unwrap_err()));
        Roman(7)
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        self.told.tell(format!("on_error: {failure}"));
        OnError::Continue
    }
}

/// A value without an encoder does not compile; one that does not encode is an error to whoever
/// sends it, and nothing is sent.
#[tokio::test]
async fn assertion_38_the_sender_is_told_what_does_not_encode() {
    let (server, mut heard) = telling::<Fails>().await;
    let mut client = Client::open(server.addr, "/jakarta/remote/fails").await;
    client.text("").await;
    for line in [
        "send: 4 is too much",
        "try_send: 5 is too much",
        "spawned: the message cannot be encoded: 6 is too much",
        "on_error: 7 is too much",
    ] {
        assert_eq!(heard.next().await, line);
    }
    client.close(1000, "").await;
    assert_eq!(client.expect_close().await.0, 1000);
}

#[server_endpoint("/jakarta/remote/late")]
struct Late {
    #[state]
    told: Told,
}

impl Late {
    #[on_message]
    fn said(&self, text: String, session: &Session) -> String {
        session.close(Close::normal());
        text
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        self.told.tell(format!("error {failure}"));
        OnError::Continue
    }

    #[on_close]
    fn left(&self) {
        self.told.tell("close");
    }
}

/// In Jakarta the failed send goes to `onError`. Here a session that is closing is no failure.
#[tokio::test]
async fn assertion_36_a_reply_behind_the_close_is_dropped() {
    let (server, mut heard) = telling::<Late>().await;
    let mut client = Client::open(server.addr, "/jakarta/remote/late").await;
    client.text("too late").await;
    assert_eq!(client.expect_close().await.0, 1000);
    client.close(1000, "").await;
    client.expect_end().await;
    assert_eq!(heard.next().await, "close");
}

/// What Jakarta leaves to the vendor: two sends at the same time.
#[tokio::test]
async fn concurrent_sends_do_not_conflict() {
    #[server_endpoint("/jakarta/remote/crowd")]
    struct Crowd;

    impl Crowd {
        #[on_message]
        async fn said(&self, tasks: usize, session: &Session) {
            let word: Arc<str> = "x".repeat(10_000).into();
            for _ in 0..tasks {
                let (session, word) = (session.clone(), word.clone());
                tokio::spawn(async move {
                    let mut sends: Vec<Sending<'_>> =
                        (0..5).map(|_| session.send(&*word)).collect();
                    for send in &mut sends {
                        send.await.unwrap();
                    }
                });
            }
        }
    }

    let server = running::<Crowd>().await;
    let mut client = Client::open(server.addr, "/jakarta/remote/crowd").await;
    client.text("50").await;
    for _ in 0..250 {
        assert_eq!(client.expect_text().await.len(), 10_000);
    }
    client.close(1000, "").await;
    assert_eq!(client.expect_close().await.0, u16::from(CloseCode::NORMAL));
}
