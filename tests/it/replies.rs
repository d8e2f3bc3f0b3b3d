//! Replies of many messages.

use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::Notify;
use wsframe::{
    Close, Failure, OnError, Replies, Server, Session, Streaming, on_error, on_message, on_open,
    server_endpoint,
};
use wsframe_tests::{Client, serve, soon};

/// Dropped with its stream.
struct Guard(Arc<Notify>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[server_endpoint("/streams", outbox_messages = 4)]
struct Streams {
    #[state]
    dropped: Arc<Notify>,
    running: Option<Streaming>,
}

type Items = Box<dyn Stream<Item = wsframe::Result<Option<String>>> + Send + Unpin>;

impl Streams {
    #[on_open]
    fn greet(&self) -> Replies<impl Stream<Item = &'static str> + use<>> {
        Replies(stream::iter(["welcome", "here"]))
    }

    #[on_message]
    fn order(&mut self, order: &str, session: &Session) -> Option<Replies<Items>> {
        let endless = {
            let guard = Guard(self.dropped.clone());
            stream::repeat_with(move || {
                let _ = &guard;
                Ok(Some("x".repeat(1024)))
            })
        };
        Some(Replies(match order {
            "three" => Box::new(stream::iter(["1", "2", "3"]).map(|text| Ok(Some(text.into())))),
            "some" => Box::new(stream::iter([Ok(None), Ok(Some("some".into()))])),
            "fail" => Box::new(stream::iter([Ok(Some("a".into())), Err("oh".into())])),
            "kick" => Box::new(stream::iter([Err(Close::new(4000, "kicked").into())])),
            "panic" => Box::new(stream::repeat_with(|| panic!("in a stream"))),
            "endless" => Box::new(endless),
            "nothing" => Box::new(endless.map(|_: wsframe::Result<_>| Ok(None))),
            "start" => {
                self.running = Some(session.stream(endless));
                return None;
            }
            "stop" => {
                self.running = None;
                return None;
            }
            "ended" => {
                session.close(Close::normal());
                return None;
            }
            other => Box::new(stream::iter([Ok(Some(format!("said {other}")))])),
        }))
    }

    #[on_error]
    fn failed(&self, failure: &Failure, session: &Session) -> OnError {
        let _ = session.try_send(format!("failed: {failure}"));
        OnError::Continue
    }
}

#[server_endpoint("/nested")]
struct Nested;

impl Nested {
    #[on_open]
    fn count(
        &self,
    ) -> Replies<impl Stream<Item = Replies<impl Stream<Item = String> + use<>>> + use<>> {
        Replies(
            stream::iter(0..3)
                .map(|i| Replies(stream::iter(0..2).map(move |j| format!("{i} {j}")))),
        )
    }
}

#[tokio::test]
async fn streams_within_a_stream_are_one() {
    let server = serve(Server::new().without_link_time().endpoint::<Nested>()).await;
    let mut client = Client::open(server.addr, "/nested").await;
    for expected in ["0 0", "0 1", "1 0", "1 1", "2 0", "2 1"] {
        assert_eq!(client.expect_text().await, expected);
    }
}

async fn streams() -> (wsframe_tests::Running, Client, Arc<Notify>) {
    let dropped = Arc::new(Notify::new());
    let server = Server::new().without_link_time().endpoint::<Streams>().state(dropped.clone());
    let server = serve(server).await;
    let mut client = Client::open(server.addr, "/streams").await;
    assert_eq!(client.expect_text().await, "welcome");
    assert_eq!(client.expect_text().await, "here");
    (server, client, dropped)
}

#[tokio::test]
async fn every_item_is_a_reply() {
    let (_server, mut client, _) = streams().await;
    client.text("three").await;
    for expected in ["1", "2", "3"] {
        assert_eq!(client.expect_text().await, expected);
    }
    client.text("some").await;
    assert_eq!(client.expect_text().await, "some");
}

#[tokio::test]
async fn an_error_ends_the_stream_and_reaches_on_error() {
    let (_server, mut client, _) = streams().await;
    client.text("fail").await;
    assert_eq!(client.expect_text().await, "a");
    let failed = client.expect_text().await;
    assert!(failed.starts_with("failed: ") && failed.ends_with("oh"), "{failed}");
    client.text("kick").await;
    assert_eq!(client.expect_close().await, (4000, "kicked".into()));
}

#[tokio::test]
async fn a_panic_in_a_stream_closes_with_1011() {
    let (_server, mut client, _) = streams().await;
    client.text("panic").await;
    assert_eq!(client.expect_close().await.0, 1011);
}

/// One that never ends waits for the peer, leaves the handlers alone, and ends with the session.
#[tokio::test]
async fn an_endless_stream_runs_beside_the_handlers() {
    let (_server, mut client, dropped) = streams().await;
    client.text("endless").await;
    client.text("hello").await;
    let mut items = 0;
    while client.expect_text().await != "said hello" {
        items += 1;
    }
    assert!(items > 0);
    drop(client);
    soon("the stream's end", dropped.notified()).await;
}

/// Also one that is always ready and has nothing to say.
#[tokio::test]
async fn a_silent_stream_leaves_the_thread_to_others() {
    let (_server, mut client, dropped) = streams().await;
    client.text("nothing").await;
    client.text("hello").await;
    assert_eq!(client.expect_text().await, "said hello");
    drop(client);
    soon("the stream's end", dropped.notified()).await;
}

#[tokio::test]
async fn a_guard_ends_its_stream() {
    let (_server, mut client, dropped) = streams().await;
    client.text("start").await;
    assert_eq!(client.expect_text().await.len(), 1024);
    client.text("stop").await;
    let stopped = soon("the stream's end", dropped.notified());
    // The peer reads on, so that the handler gets its turn whatever is queued.
    let read = async { while client.expect_text().await.len() == 1024 {} };
    tokio::select! {
        () = stopped => {}
        () = read => panic!("something else came"),
    }
    client.text("ended").await;
    loop {
        let frame = client.next().await.unwrap();
        if frame.first == 0x88 {
            break;
        }
    }
}
