//! The dialling side against servers that behave: ours, and one that we did not write.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::{self, protocol::CloseFrame};
use wsframe::{
    Bytes, Client, Close, ConnectError, Initiator, Message, Messages, Options, Server, Session,
    TrySendError, server_endpoint,
};
use wsframe_tests::{Event, Running, Watch, probed, serve, soon};

fn client(server: &Running) -> Client {
    Client::new(format!("ws://{}/probe", server.addr))
}

async fn dial(client: Client) -> (Session, Messages) {
    soon("a session", client.connect()).await.expect("it connects")
}

async fn probe_and_client(
    of_server: impl FnOnce(Options) -> Options,
    of_client: Options,
) -> (Running, Watch, Session, Session, Messages) {
    let (server, mut watch) = probed(of_server).await;
    let (session, messages) = dial(client(&server).options(of_client)).await;
    let there = watch.opened().await;
    (server, watch, there, session, messages)
}

async fn next(messages: &mut Messages) -> Message {
    soon("a message", messages.next()).await.expect("a message")
}

#[tokio::test]
async fn messages_go_both_ways() {
    let large = |options: Options| options.max_message_size(4 << 20);
    let (server, mut watch, _, session, mut messages) =
        probe_and_client(large, large(Options::new())).await;
    assert_eq!(session.peer(), Some(server.addr));
    assert_eq!(session.subprotocol(), None);
    for size in [0, 1, 125, 126, 4096, 65_535, 65_536, 3 << 20] {
        let payload = Bytes::from((0..size).map(|i| i as u8).collect::<Vec<_>>());
        session.send(payload.clone()).await.unwrap();
        assert_eq!(watch.message().await, Message::Binary(payload.clone()));
        assert_eq!(next(&mut messages).await, Message::Binary(payload));
    }
    session.send("echo grüß").await.unwrap();
    assert_eq!(next(&mut messages).await, Message::text("grüß"));
    session.close(Close::normal());
    assert_eq!(soon("the end", messages.next()).await, None);
    server.stop().await;
}

#[tokio::test]
async fn either_side_closes_with_its_code() {
    let (server, mut watch, _, session, mut messages) =
        probe_and_client(|options| options, Options::new()).await;
    session.send("close 4001 enough").await.unwrap();
    assert_eq!(soon("the end", messages.next()).await, None);
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.reason()), (4001.into(), "enough"));
    assert_eq!((reason.initiator(), reason.was_clean()), (Initiator::Peer, true));
    watch.message().await;
    assert_eq!(watch.closed().await.initiator(), Initiator::Local);
    assert!(session.send("late").await.is_err());

    let (session, mut messages) = dial(client(&server)).await;
    watch.opened().await;
    session.close(Close::new(4002, "bye"));
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.was_clean()), (4002.into(), true));
    assert_eq!(reason.initiator(), Initiator::Local);
    let there = watch.closed().await;
    assert_eq!((there.code(), there.reason()), (4002.into(), "bye"));
    assert_eq!(soon("the end", messages.next()).await, None);
    server.stop().await;
}

#[server_endpoint("/head", subprotocols = ["chat.v1", "chat.v2"], origins = ["https://page.test"])]
struct Head {
    #[header("authorization")]
    authorization: String,
    #[header("x-extra")]
    extra: Vec<String>,
    #[cookie]
    sid: String,
    #[cookie]
    theme: String,
    #[query]
    nick: String,
}

impl Head {
    #[wsframe::on_open]
    fn tell(&self, session: &Session) -> String {
        let Self { authorization, extra, sid, theme, nick } = self;
        format!("{authorization} {extra:?} {sid} {theme} {nick} {:?}", session.subprotocol())
    }
}

#[tokio::test]
async fn the_server_sees_what_was_asked_for() {
    let server = serve(Server::new().only::<Head>()).await;
    let client = Client::new(format!("ws://ann:secret@{}/head?nick=b%26t", server.addr))
        .header("x-extra", "1")
        .header("x-extra", "2")
        .cookie("sid", "abc")
        .cookie("theme", "dark")
        .origin("https://page.test")
        .subprotocol("chat.v2")
        .subprotocol("chat.v1");
    let (session, mut messages) = dial(client.clone()).await;
    assert_eq!(session.subprotocol(), Some("chat.v2"));
    let told = r#"Basic YW5uOnNlY3JldA== ["1", "2"] abc dark b&t Some("chat.v2")"#;
    assert_eq!(next(&mut messages).await, Message::text(told));

    match client.origin("https://evil.test").connect().await {
        Err(ConnectError::Refused { status, body, .. }) => {
            assert_eq!(status, 403);
            assert!(!body.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn pings_are_answered_and_sent() {
    // Each side lives only because the other answers; a further ping says that it did.
    let quick = |options: Options| {
        options.ping_interval(Duration::from_millis(20)).pong_timeout(Duration::from_secs(10))
    };
    let (_server, mut watch, _, session, _messages) =
        probe_and_client(quick, Options::new().ping_interval(None)).await;
    for _ in 0..3 {
        assert!(matches!(watch.message().await, Message::Pong(_)));
    }
    assert!(session.is_open());
}

/// A server that reads nothing answers no pings.
#[tokio::test]
async fn a_silent_server_is_dead() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let silent = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        tokio_tungstenite::accept_async(tcp).await.unwrap()
    });
    let options = Options::new()
        .ping_interval(Duration::from_millis(20))
        .pong_timeout(Duration::from_millis(40));
    let (session, _messages) = dial(Client::new(format!("ws://{addr}")).options(options)).await;
    let _kept = silent.await.unwrap();
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.initiator()), (1006.into(), Initiator::Network));
}

#[tokio::test]
async fn limits_hold_on_both_sides() {
    let (server, mut watch, _, session, mut messages) =
        probe_and_client(|options| options, Options::new().max_message_size(10_usize)).await;
    session.send("echo more than ten bytes").await.unwrap();
    assert_eq!(soon("the end", messages.next()).await, None);
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.initiator()), (1009.into(), Initiator::Local));
    watch.message().await;
    assert_eq!(watch.closed().await.code(), 1009);

    let (session, _messages) = dial(client(&server)).await;
    watch.opened().await;
    session.send(vec![0; 100_000]).await.unwrap();
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.initiator()), (1009.into(), Initiator::Peer));
    server.stop().await;
}

/// Who takes no messages stops the server, within bounds; who takes them gets all.
#[tokio::test]
async fn a_stream_that_is_full_pushes_back() {
    let few = Options::new().inbound_messages(2).inbound(64 * 1024);
    let outbox = |options: Options| options.outbox(64 * 1024);
    let (_server, _watch, there, session, mut messages) = probe_and_client(outbox, few).await;
    let payload = Bytes::from(vec![7; 32 * 1024]);
    let mut sent = 0;
    // The kernel's buffers fill, then the server's outbox; it is full for good when a ping of ours
    // has gone there and back without making room.
    let mut full = 0;
    while full < 3 {
        match there.try_send(payload.clone()) {
            Ok(()) => (sent, full) = (sent + 1, 0),
            Err(TrySendError::Full(_)) => {
                full += 1;
                let room = tokio::time::timeout(Duration::from_millis(50), there.flush());
                let _ = room.await;
            }
            Err(other) => panic!("{other:?}"),
        }
        assert!(sent < 10_000, "nothing pushes back");
    }
    for _ in 0..sent {
        assert_eq!(next(&mut messages).await, Message::Binary(payload.clone()));
    }
    there.close(Close::normal());
    assert_eq!(soon("the end", messages.next()).await, None);
    assert_eq!(soon("the reason", session.closed()).await.code(), 1000);
}

#[tokio::test]
async fn who_drops_the_messages_keeps_the_session() {
    let few = Options::new().inbound_messages(1);
    let (server, mut watch, there, session, messages) =
        probe_and_client(|options| options, few).await;
    for i in 0..100 {
        there.send(i.to_string()).await.unwrap();
    }
    drop(messages);
    for i in 0..100 {
        soon("room", there.send(i.to_string())).await.unwrap();
    }
    session.send("here").await.unwrap();
    assert_eq!(watch.message().await, Message::text("here"));
    session.close(Close::normal());
    assert_eq!(watch.closed().await.code(), 1000);
    server.stop().await;
}

/// Who closes while messages wait need not take them for the connection to go.
#[tokio::test]
async fn closing_does_not_wait_for_who_takes_no_messages() {
    let few = Options::new().inbound_messages(1).finish_within(Duration::from_secs(3600));
    let (server, mut watch, there, session, messages) =
        probe_and_client(|options| options, few).await;
    let tasks = tokio::runtime::Handle::current().metrics();
    there.send("in the stream").await.unwrap();
    there.send("before it").await.unwrap();
    there.ping("have you read it?").unwrap();
    assert!(matches!(watch.message().await, Message::Pong(_)));
    session.close(Close::normal());
    soon("the reason", session.closed()).await;
    server.stop().await;
    soon("every task to end", async {
        while tasks.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(messages);
}

/// What came before the close frame is delivered, also to who takes it later.
#[tokio::test]
async fn the_last_messages_are_not_lost() {
    let (_server, _watch, there, session, mut messages) =
        probe_and_client(|options| options, Options::new()).await;
    for i in 0..50 {
        there.send(i.to_string()).await.unwrap();
    }
    there.close(Close::new(4000, ""));
    assert_eq!(soon("the reason", session.closed()).await.code(), 4000);
    for i in 0..50 {
        assert_eq!(next(&mut messages).await, Message::text(i.to_string()));
    }
    assert_eq!(soon("the end", messages.next()).await, None);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_said_before_anybody_is_dialled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    match soon("an error", Client::new(url).header("no name", "x").connect()).await {
        Err(ConnectError::InvalidRequest(text)) => assert!(text.contains("no name"), "{text}"),
        other => panic!("{other:?}"),
    }
    let nobody = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(nobody.is_err(), "it was dialled");
}

/// Of sessions without an object those of one client share their rooms.
#[tokio::test]
async fn sessions_of_one_client_share_rooms() {
    let (server, mut watch) = probed(|options| options).await;
    let client = client(&server);
    let dialled = [client.clone(), client.clone(), client.redirects(1)].map(dial);
    let [(one, _a), (two, _b), (other, _c)] =
        futures_util::future::join_all(dialled).await.try_into().expect("three");
    for session in [&one, &two, &other] {
        session.join("all").await.unwrap();
        watch.opened().await;
    }
    let members = [&one, &two, &other].map(|session| session.room("all").members().len());
    assert_eq!(members, [2, 2, 1]);
    one.room("all").send("hello").await;
    for _ in 0..2 {
        assert_eq!(watch.message().await, "hello".into());
    }
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_says_why() {
    let (server, mut watch) = probed(|options| options).await;
    let url = format!("ws://{}/probe?bind=refuse", server.addr);
    match Client::new(url).connect().await {
        Err(ConnectError::Refused { status, body, .. }) => {
            assert_eq!((status.as_u16(), &body[..]), (401, &b"who are you?"[..]));
        }
        other => panic!("{other:?}"),
    }
    let url = format!("ws://{}/probe?bind=wait", server.addr);
    let late = Client::new(url).handshake_timeout(Duration::from_millis(30)).connect().await;
    assert!(matches!(late, Err(ConnectError::Timeout { .. })), "{late:?}");
    assert!(matches!(watch.next().await, Event::Binding));
    assert!(matches!(watch.next().await, Event::Abandoned));
    server.stop().await;
}

/// The heartbeat of a runtime's sessions does not end with another runtime.
#[test]
fn every_runtime_has_a_heartbeat() {
    let serving = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = serving.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    serving.spawn(async move {
        let mut kept = Vec::new();
        while let Ok((tcp, _)) = listener.accept().await {
            kept.push(tokio_tungstenite::accept_async(tcp).await);
        }
    });
    let options = Options::new()
        .ping_interval(Duration::from_millis(20))
        .pong_timeout(Duration::from_millis(40));
    let silent = || dial(Client::new(url.as_str()).options(options.clone()));
    let runtime =
        || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (first, second) = (runtime(), runtime());
    let (one, _messages) = first.block_on(async {
        let dialled = silent().await;
        tokio::task::yield_now().await; // its task has begun
        dialled
    });
    let (two, _messages) = second.block_on(silent());
    drop(first);
    assert!(!one.is_open());
    let reason = second.block_on(soon("the reason", two.closed()));
    assert_eq!(reason.reason(), "no sign of life after a ping");
}

#[tokio::test]
async fn we_talk_to_tungstenite() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let echo = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut server = tokio_tungstenite::accept_async(tcp).await.unwrap();
        let mut closed: Option<CloseFrame> = None;
        while let Some(Ok(message)) = server.next().await {
            match message {
                tungstenite::Message::Close(frame) => closed = frame,
                tungstenite::Message::Text(_) | tungstenite::Message::Binary(_) => {
                    server.send(tungstenite::Message::Ping("there?".into())).await.unwrap();
                    server.send(message).await.unwrap();
                }
                _ => {}
            }
        }
        closed
    });
    let options = Options::new().max_message_size(2 << 20);
    let url = format!("ws://{addr}/any?x=y");
    let (session, mut messages) = dial(Client::new(url).options(options)).await;
    for size in [0, 1, 200, 70_000, 1 << 20] {
        let payload = Message::Binary(vec![b'x'; size].into());
        session.send(payload.clone()).await.unwrap();
        assert_eq!(next(&mut messages).await, payload);
    }
    session.send("grüß").await.unwrap();
    assert_eq!(soon("a message", StreamExt::next(&mut messages)).await, Some("grüß".into()));
    session.close(Close::new(4000, "bye"));
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.was_clean()), (4000.into(), true));
    let frame = soon("the server", echo).await.unwrap().expect("a close frame");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4000, "bye"));
}

#[tokio::test]
async fn a_runtime_that_ends_before_the_session_was_driven_ends_it() {
    let (server, mut watch) = probed(|options| options).await;
    let client = client(&server);
    let dialled = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // It returns as soon as the task is spawned, and nothing polls that task any more.
        runtime.block_on(client.connect()).map(|(session, _)| session)
    });
    let session = dialled.await.unwrap().expect("it opens");
    watch.opened().await;
    soon("the end", session.closed()).await;
}
