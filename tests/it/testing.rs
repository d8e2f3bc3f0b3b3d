//! Endpoints driven in memory, and sessions without a server.

use std::{sync::Arc, time::Duration};

use http::HeaderValue;
use tokio::time::Instant;
use tower::util::{MapRequestLayer, MapResponseLayer, ServiceExt};
use wsframe::{
    Body, CloseCode, Initiator, Json, Message, Pong, Server,
    prelude::*,
    testing::{self, Sessions},
};
use wsframe_tests::{Event, Probe, probe, soon};

#[server_endpoint(
    "/testing/chat/<room>",
    subprotocols = ["v2", "v1"],
    idle_timeout = "10m",
    max_message_size = "1KiB"
)]
struct Chat {
    room: String,
    #[query]
    nick: String,
    #[cookie]
    theme: Option<String>,
    #[header("x-tag")]
    tags: Vec<String>,
    #[state]
    greeting: Arc<str>,
}

impl Chat {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        if self.nick == "eve" {
            let why = HeaderValue::from_static("eve");
            return Err(Refusal::forbidden("not you").header("x-why".parse().unwrap(), why));
        }
        handshake.response_headers_mut().insert("x-room", self.room.parse().unwrap());
        Ok(())
    }

    #[on_open]
    async fn joined(&self, session: &Session) -> wsframe::Result<String> {
        session.join(&self.room).await?;
        let (theme, peer) = (self.theme.as_deref().unwrap_or("none"), session.peer());
        Ok(format!("{} {theme} {} {peer:?}", self.greeting, self.tags.join("+")))
    }

    #[on_message]
    async fn said(&self, text: String, session: &Session) {
        session.room(&self.room).send_except(format!("{}: {text}", self.nick), session).await;
    }
}

fn chat() -> Server {
    Server::new().only::<Chat>().state::<Arc<str>>("welcome".into())
}

#[tokio::test(start_paused = true)]
async fn a_session_goes_the_whole_way() {
    let app = chat().in_memory().unwrap();
    let mut ann = app
        .request("/testing/chat/rust%20lang?nick=ann")
        .origin("http://localhost")
        .subprotocol("v1")
        .subprotocol("v2")
        .cookie("theme", "dark")
        .cookie("other", "x")
        .header("x-tag", "lost")
        .header("x-tag", "a")
        .add_header("x-tag", "b")
        .peer("192.0.2.1:4000".parse().unwrap())
        .connect()
        .await
        .unwrap();
    assert_eq!(
        (ann.subprotocol(), &ann.headers()["x-room"]),
        (Some("v1"), &"rust lang".parse().unwrap())
    );
    assert_eq!(ann.expect_text().await, "welcome dark a+b Some(192.0.2.1:4000)");
    let mut bob = app.connect("/testing/chat/rust%20lang?nick=bob").await.unwrap();
    assert_eq!(bob.expect_text().await, "welcome none  None");
    bob.send("hello").await;
    assert_eq!(ann.expect_text().await, "bob: hello");
    ann.send_part("to ", false).await;
    ann.ping("between").await;
    ann.send_part("bob", true).await;
    assert_eq!(bob.expect_text().await, "ann: to bob");
    assert_eq!(ann.expect::<Pong>().await.payload(), b"between");
    assert_eq!(app.handle().sessions().len(), 2);

    ann.close(4000, "bye").await;
    let end = ann.expect_close().await;
    assert_eq!(
        (end.code().into(), end.initiator(), end.was_clean()),
        (4000_u16, Initiator::Local, true)
    );
    bob.expect_silence(Duration::from_secs(1)).await;
    app.handle().shutdown();
    let end = bob.expect_close().await;
    assert_eq!((end.code(), end.initiator()), (CloseCode::GOING_AWAY, Initiator::Peer));
    soon("stopped", app.handle().stopped()).await;
    assert_eq!(app.connect("/testing/chat/a?nick=ann").await.unwrap_err().status(), 503);
}

#[tokio::test]
async fn refusals_are_typed() {
    let app = chat().in_memory().unwrap();
    let evil = app.request("/testing/chat/a?nick=ann").origin("https://evil.example");
    assert_eq!(evil.connect().await.unwrap_err().status(), 403);
    let old = app.request("/testing/chat/a?nick=ann").header("sec-websocket-version", "8");
    let old = old.connect().await.unwrap_err();
    assert_eq!((old.status().as_u16(), old.header("sec-websocket-version")), (426, Some("13")));
    for (target, status) in [
        ("/testing/chat/a", 400),
        ("/nowhere", 404),
        ("/testing/chat/%FF?nick=ann", 400),
        ("no target", 400),
    ] {
        assert_eq!(app.connect(target).await.unwrap_err().status(), status, "{target}");
    }
    let eve = app.connect("/testing/chat/a?nick=eve").await.unwrap_err();
    assert_eq!((eve.header("x-why"), eve.text()), (Some("eve"), "not you"));
    assert_eq!(format!("{eve:?}"), "the handshake was answered 403 Forbidden: not you");
    assert_eq!(app.handle().connections(), 0);
}

/// All faults of a start are found here too.
#[tokio::test]
async fn the_endpoints_are_checked() {
    let error = Server::new().only::<Chat>().in_memory().unwrap_err();
    assert!(error.to_string().contains("add `.state(value)`"), "{error}");
}

#[tokio::test]
async fn layers_and_the_fallback_are_there() {
    #[derive(Clone)]
    struct Tenant(&'static str);
    let (server, mut watch) = probe();
    let app = server
        .fallback(axum::Router::new().route("/", axum::routing::get("page")))
        .layer(MapRequestLayer::new(|request: http::Request<Body>| {
            assert_eq!(request.extensions().get::<Tenant>().map(|Tenant(name)| *name), Some("t"));
            request
        }))
        .layer(MapResponseLayer::new(|mut response: http::Response<Body>| {
            response.headers_mut().insert("x-layer", HeaderValue::from_static("seen"));
            response
        }))
        .in_memory()
        .unwrap();
    let peer = app.request("/probe").extension(Tenant("t")).connect().await.unwrap();
    assert_eq!(peer.headers()["x-layer"], "seen");
    watch.opened().await;
    let mut request = http::Request::new(Body::empty());
    request.extensions_mut().insert(Tenant("t"));
    assert_eq!(app.service().oneshot(request).await.unwrap().status(), 200);
}

/// A layer that turns the 101 down leaves neither a session nor a peer.
#[tokio::test]
async fn a_layer_turns_the_101_down() {
    let (server, mut watch) = probe();
    let refuse = |_| {
        let mut response = http::Response::new(Body::from("closed"));
        *response.status_mut() = http::StatusCode::GONE;
        response
    };
    let app = server.layer(MapResponseLayer::new(refuse)).in_memory().unwrap();
    let refused = app.connect("/probe").await.unwrap_err();
    assert_eq!((refused.status().as_u16(), refused.text()), (410, "closed"));
    assert!(matches!(watch.next().await, Event::Dropped));
}

#[tokio::test]
async fn a_dropped_peer_has_vanished() {
    let (server, mut watch) = probe();
    let app = server.in_memory().unwrap();
    let peer = app.connect("/probe").await.unwrap();
    watch.opened().await;
    drop(peer);
    let reason = watch.closed().await;
    assert_eq!((reason.code(), reason.was_clean()), (CloseCode::ABNORMAL, false));
}

#[tokio::test]
async fn a_rude_peer_is_told_off() {
    let (server, mut watch) = probe();
    let app = server.in_memory().unwrap();
    let mut peer = app.connect("/probe").await.unwrap();
    watch.opened().await;
    peer.send_raw(vec![0xc1, 0x80, 0, 0, 0, 0]).await;
    assert_eq!(peer.expect_close().await.code(), CloseCode::PROTOCOL_ERROR);
    assert_eq!(watch.closed().await.code(), CloseCode::PROTOCOL_ERROR);
}

/// The heartbeat with its real values; a peer in the background answers it.
#[tokio::test(start_paused = true)]
async fn pings_go_by_the_paused_clock() {
    let (server, mut watch) = probe();
    let app = server.in_memory().unwrap().deadline(Duration::from_secs(26));
    let began = Instant::now();
    let mut peer = app.connect("/probe").await.unwrap();
    let session = watch.opened().await;
    for _ in 0..100 {
        peer.expect_ping().await;
        assert!(matches!(watch.message().await, Message::Pong(_)));
    }
    let passed = began.elapsed().as_secs();
    assert!((2500..2510).contains(&passed), "{passed}");
    // From now on it is deaf and dumb: one more ping, and no answer within 10 s.
    peer.pause();
    let began = Instant::now();
    assert_eq!(session.closed().await.code(), CloseCode::ABNORMAL);
    let passed = began.elapsed().as_secs();
    assert!((30..=36).contains(&passed), "{passed}");
    watch.closed().await;
}

#[tokio::test(start_paused = true)]
async fn the_idle_timeout_goes_by_the_paused_clock() {
    let app = chat().in_memory().unwrap().deadline(Duration::from_secs(601));
    let mut ann = app.connect("/testing/chat/a?nick=ann").await.unwrap();
    ann.receive().await;
    tokio::time::sleep(Duration::from_secs(500)).await;
    ann.send("still here").await;
    let began = Instant::now();
    assert_eq!(ann.expect_close().await.code(), CloseCode::GOING_AWAY);
    let passed = began.elapsed().as_secs();
    assert!((598..=601).contains(&passed), "{passed}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_let_go() {
    let (server, mut watch) = probe();
    // Without pings it is the write that fails.
    let app = server.configure::<Probe>(|options| options.ping_interval(None)).in_memory().unwrap();
    let mut peer = app.connect("/probe").await.unwrap();
    let session = watch.opened().await;
    peer.pause();
    session.send(vec![0; 100_000]).await.unwrap();
    let began = Instant::now();
    assert_eq!(session.closed().await.code(), CloseCode::TRY_AGAIN);
    assert!((29..=31).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    peer.resume();
    assert_eq!(peer.expect_close().await.code(), CloseCode::ABNORMAL);
}

/// What a failed expectation says.
async fn failure(future: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(future).await.unwrap_err().into_panic();
    panic.downcast_ref::<String>().expect("a text").clone()
}

#[tokio::test(start_paused = true)]
async fn a_failure_says_what_was_awaited_and_what_came() {
    let text = failure(async {
        let (_session, mut peer) = testing::session();
        peer.expect_text().await;
    });
    let text = text.await;
    assert!(text.contains("testing.rs:"), "{text}");
    assert!(text.ends_with("waited 5s for a text message in vain: nothing came"), "{text}");
    let text = failure(async {
        let (session, mut peer) = testing::session();
        session.send(vec![1, 2]).await.unwrap();
        peer.expect_text().await;
    });
    let text = text.await;
    assert!(
        text.ends_with("waited for a text message, but a Binary message of 2 bytes came: [1, 2]"),
        "{text}"
    );
    let text = failure(async {
        let (session, mut peer) = testing::session();
        session.close(Close::new(4001, "enough"));
        peer.receive().await;
    });
    let text = text.await;
    assert!(text.contains("waited for a message, but the session ended: 4001"), "{text}");
    let text = failure(async {
        let (session, mut peer) = testing::session();
        session.send("not yet").await.unwrap();
        peer.expect_close().await;
    });
    let text = text.await;
    assert!(text.ends_with("a Text message of 7 bytes came: \"not yet\""), "{text}");
    let text = failure(async {
        let (_session, mut peer) = testing::session();
        peer.pause();
        peer.expect_ping().await;
    });
    assert!(text.await.ends_with("for a ping in vain: nothing came (it is paused)"));
}

#[tokio::test]
async fn methods_are_called_directly() {
    let chat = Chat {
        room: "rust".into(),
        nick: "ann".into(),
        theme: None,
        tags: Vec::new(),
        greeting: "hi".into(),
    };
    let sessions = Sessions::<Chat>::of();
    let (ann, mut at_ann) = sessions.open_at("/testing/chat/rust");
    let (bob, mut at_bob) = sessions.open();
    assert_eq!((ann.param("room"), bob.param("room")), (Some("rust"), None));
    bob.join("rust").await.unwrap();
    assert_eq!(chat.joined(&ann).await.unwrap(), "hi none  None");
    chat.said("hello".into(), &ann).await;
    assert_eq!(at_bob.expect_text().await, "ann: hello");
    sessions.room("rust").send(Json([1, 2])).await;
    assert_eq!(at_ann.expect::<Json<[u8; 2]>>().await, Json([1, 2]));

    // What a peer sends nobody handles, but its end is noticed.
    at_ann.send("into the void").await;
    at_ann.close(1000, "").await;
    assert_eq!(at_ann.expect_close().await.code(), CloseCode::NORMAL);
    assert!(soon("the end", ann.closed()).await.was_clean());
    drop(at_bob);
    assert_eq!(soon("the end", bob.closed()).await.code(), CloseCode::ABNORMAL);
}

#[tokio::test]
async fn a_session_has_the_options_of_its_endpoint() {
    let (session, mut peer) = testing::session_of::<Chat>();
    peer.send("x".repeat(2000)).await;
    assert_eq!(peer.expect_close().await.code(), CloseCode::TOO_BIG);
    assert_eq!(soon("the end", session.closed()).await.code(), CloseCode::TOO_BIG);
    let larger = Sessions::<Chat>::with(|options| options.max_message_size(4096_usize));
    let (session, mut peer) = larger.open();
    peer.send("x".repeat(2000)).await;
    session.send("still open").await.unwrap();
    assert_eq!(peer.expect_text().await, "still open");
}

#[tokio::test]
#[should_panic(expected = "`/testing/chat` is not a path of")]
async fn a_path_of_another_endpoint_is_a_mistake() {
    Sessions::<Chat>::of().open_at("/testing/chat");
}

/// Any stream carries a connection, HTTP included; here with a client of another make.
#[tokio::test]
async fn any_stream_will_do() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message as Frame;

    let (server, mut watch) = probe();
    let app = server.in_memory().unwrap();
    let (ours, theirs) = tokio::io::duplex(64);
    let serving = tokio::spawn({
        let app = app.clone();
        async move { app.speak(ours).await }
    });
    let (mut client, _) =
        tokio_tungstenite::client_async("ws://localhost/probe", theirs).await.unwrap();
    watch.opened().await;
    soon("the end of HTTP", serving).await.unwrap();
    client.send(Frame::text("echo hello")).await.unwrap();
    watch.message().await;
    assert_eq!(client.next().await.unwrap().unwrap(), Frame::text("hello"));
    drop(client);
    watch.closed().await;
}
