//! Endpoints by hand: closures, types at other paths, before the start and while the server runs.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use wsframe::{
    Body, CloseCode, Deployment, FailureKind, Message, OpenSessions, Outcome, Route, Server,
    ServerHandle, StartupError, prelude::*, testing::Peer,
};
use wsframe_tests::{Event, probe, soon};

#[server_endpoint("/deploying/room/<room>", subprotocols = ["a"])]
struct Room {
    room: String,
    #[query]
    nick: Option<String>,
}

impl Room {
    #[on_open]
    async fn joined(&self, session: &Session) -> wsframe::Result<String> {
        session.join(&self.room).await?;
        Ok(format!("welcome to {}, {:?}", self.room, self.nick))
    }

    #[on_message]
    async fn said(&self, text: String, session: &Session) {
        session.room(&self.room).send(text).await;
    }
}

#[server_endpoint("/deploying/needy")]
struct Needy {
    #[state]
    _names: Arc<Vec<String>>,
}

fn empty() -> Server {
    Server::new().without_link_time()
}

fn echo(path: &'static str) -> Route {
    Route::new(path).on_message(|_: Session, message: Message| async move { message })
}

fn report(result: Result<(), StartupError>) -> String {
    match result {
        Err(error @ StartupError::Endpoints(_)) => error.to_string(),
        other => panic!("a report, not {other:?}"),
    }
}

async fn echoes(peer: &mut Peer, text: &str) {
    peer.send(text).await;
    assert_eq!(peer.expect_text().await, text);
}

// ---- by hand, before the start

#[tokio::test]
async fn closures_are_an_endpoint() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let note = {
        let events = events.clone();
        move |event: String| events.lock().unwrap().push(event)
    };
    let closed = note.clone();
    let route = Route::new("/shout/<name>")
        .options(|options| options.subprotocols(["loud"]))
        .on_open(|session: Session| async move {
            format!("hello {}", session.param("name").unwrap_or_default())
        })
        .on_message(|_, message| async move {
            match message {
                Message::Text(text) if text.is_empty() => Err(Close::new(4000, "say something")),
                Message::Text(text) => Ok(Some(text.to_uppercase())),
                _ => Ok(None),
            }
        })
        .on_close(move |session, reason| {
            closed(format!("{} {reason}", session.subprotocol().unwrap_or_default()));
            async {}
        });
    let app = empty().deploy(route).in_memory().unwrap();
    let mut ann = app.request("/shout/ann").subprotocol("loud").connect().await.unwrap();
    assert_eq!(ann.subprotocol(), Some("loud"));
    assert_eq!(ann.expect_text().await, "hello ann");
    ann.send("ho").await;
    assert_eq!(ann.expect_text().await, "HO");
    ann.send(vec![1]).await;
    ann.send("").await;
    assert_eq!(u16::from(ann.expect_close().await.code()), 4000);
    app.handle().shutdown();
    soon("stopped", app.handle().stopped()).await;
    assert_eq!(*events.lock().unwrap(), ["loud 4000 say something"]);
}

#[tokio::test]
async fn closures_have_a_state_for_each_connection() {
    struct Count {
        name: String,
        messages: u32,
    }
    async fn named(count: &mut Count, session: &Session, message: Message) -> Outcome {
        count.messages += 1;
        session.send(format!("{} {}", count.name, count.messages)).await?;
        match message {
            Message::Text(_) => Ok(wsframe::Reply::none()),
            _ => Err("no text".into()),
        }
    }
    let total = Arc::new(AtomicU32::new(0));
    let sum = total.clone();
    let route = Route::new("/count")
        .bind(async |handshake: &mut Handshake| match handshake.query("name") {
            Some(name) => Ok(Count { name, messages: 0 }),
            None => Err(Refusal::bad_request("who?")),
        })
        .options(|options| options.max_message_size(100_usize))
        .on_open(async |count: &mut Count, _: &Session| {
            count.messages = 10;
        })
        .on_message(named)
        .on_close(move |count: &mut Count, _: &Session, _: CloseReason| {
            sum.fetch_add(count.messages, Ordering::Relaxed);
            std::future::ready(())
        })
        .on_error(|_, failure| {
            assert_eq!(failure.kind(), FailureKind::Handler);
            OnError::Close(Close::new(4001, failure.to_string()))
        });
    let app = empty().deploy(route).in_memory().unwrap();
    assert_eq!(app.connect("/count").await.unwrap_err().text(), "who?");
    let mut ann = app.connect("/count?name=ann").await.unwrap();
    let mut bob = app.connect("/count?name=bob").await.unwrap();
    for text in ["ann 11", "ann 12"] {
        ann.send("x").await;
        assert_eq!(ann.expect_text().await, text);
    }
    bob.send(vec![0]).await;
    assert_eq!(bob.expect_text().await, "bob 11");
    let end = bob.expect_close().await;
    assert_eq!((end.code().into(), end.reason()), (4001_u16, "no text"));
    ann.send("x".repeat(101)).await;
    assert_eq!(ann.expect_close().await.code(), CloseCode::TOO_BIG);
    app.handle().shutdown();
    soon("stopped", app.handle().stopped()).await;
    assert_eq!(total.load(Ordering::Relaxed), 23);
}

/// What has no closure does what an endpoint does without a handler; a panic stays where it is.
#[tokio::test]
async fn closures_are_held_to_the_contract() {
    let silent = Route::new("/silent");
    let panics = Route::new("/panics").on_message(|_, message: Message| async move {
        assert!(message.is_empty(), "as ordered");
    });
    let app = empty().deploy(silent).deploy(panics).in_memory().unwrap();
    let mut silent = app.connect("/silent").await.unwrap();
    silent.send("x").await;
    assert_eq!(silent.expect_close().await.code(), CloseCode::UNSUPPORTED);
    let mut panics = app.connect("/panics").await.unwrap();
    let mut other = app.connect("/panics").await.unwrap();
    panics.send("x").await;
    assert_eq!(panics.expect_close().await.code(), CloseCode::INTERNAL);
    other.ping("alive").await;
    assert_eq!(other.receive().await.as_bytes(), b"alive");
}

/// Two routes are two endpoints, also where their closures are of one type.
#[tokio::test]
async fn rooms_of_routes_are_apart() {
    let route = |path: &'static str| {
        Route::new(path)
            .on_open(|session: Session| async move {
                session.join("all").await?;
                Ok::<_, wsframe::Error>("in")
            })
            .on_message(|session: Session, message: Message| async move {
                assert_eq!(session.room("all").members().len(), session.peers().len());
                session.room("all").send(message).await;
            })
    };
    let app = empty().deploy(route("/a")).deploy(route("/b")).in_memory().unwrap();
    let mut peers = Vec::new();
    for path in ["/a", "/a", "/b"] {
        let mut peer = app.connect(path).await.unwrap();
        assert_eq!(peer.expect_text().await, "in");
        peers.push(peer);
    }
    peers[2].send("b").await;
    assert_eq!(peers[2].expect_text().await, "b");
    peers[0].send("a").await;
    assert_eq!(peers[1].expect_text().await, "a");
}

#[tokio::test]
async fn a_type_is_served_at_several_paths() {
    let other = Deployment::of::<Room>()
        .at("/other/<room>")
        .options(|options| options.subprotocols(["b"]).max_message_size(10_usize));
    let server = Server::new().only::<Room>().deploy(other).mount("/api", [""; 0]);
    let server = server.configure::<Room>(|options| options.max_message_size(20_usize));
    let app = server.in_memory().unwrap();
    let mut ann = app.request("/api/deploying/room/x").subprotocol("a").connect().await.unwrap();
    let mut bob = app.request("/api/other/x?nick=bob").subprotocol("b").connect().await.unwrap();
    assert_eq!((ann.subprotocol(), bob.subprotocol()), (Some("a"), Some("b")));
    assert_eq!(ann.expect_text().await, "welcome to x, None");
    assert_eq!(bob.expect_text().await, "welcome to x, Some(\"bob\")");
    // The rooms are the type's, and `configure` is the strongest.
    bob.send("x".repeat(20)).await;
    assert_eq!(ann.expect_text().await.len(), 20);
    assert_eq!(app.handle().room::<Room>("x").members().len(), 2);
}

#[tokio::test]
async fn the_start_checks_what_is_deployed() {
    let server = Server::new()
        .only::<Room>()
        .deploy(Deployment::of::<Room>())
        .deploy(echo("/a/<x>"))
        .deploy(echo("/a/<y>"))
        .deploy(echo("no/slash"))
        .deploy(Route::new("/zero").options(|options| options.outbox(0_usize)))
        .deploy(Deployment::of::<Needy>().at("/needy"));
    let text = report(server.in_memory().map(drop));
    for wanted in [
        "nothing is served: 5 faults",
        "`Route` at tests/it/deploying.rs:",
        "/a/<x>",
        "/a/<y>",
        "`no/slash`: a path begins with `/`",
        "`outbox` is zero",
        "(set by: deployment)",
        "add `.state(value)`",
        "/deploying/room/<room>",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

// ---- while it runs

#[tokio::test]
async fn endpoints_come_and_go() {
    let app = Server::new().only::<Room>().in_memory().unwrap();
    let handle = app.handle();
    assert_eq!(app.connect("/echo").await.unwrap_err().status(), 404);
    handle.deploy(echo("/echo")).unwrap();
    let mut ann = app.connect("/echo").await.unwrap();
    echoes(&mut ann, "hello").await;

    // The session lives on, handshakes find nothing any more.
    assert!(handle.undeploy("/echo", OpenSessions::Keep));
    assert_eq!(app.connect("/echo").await.unwrap_err().status(), 404);
    echoes(&mut ann, "still here").await;
    assert!(!handle.undeploy("/echo", OpenSessions::Close));

    // The path is free again; what was there before is another endpoint.
    handle.deploy(echo("/echo")).unwrap();
    let mut bob = app.connect("/echo").await.unwrap();
    echoes(&mut bob, "me too").await;
    assert!(handle.undeploy("/echo", OpenSessions::Close));
    assert_eq!(bob.expect_close().await.code(), CloseCode::GOING_AWAY);
    echoes(&mut ann, "not me").await;

    // Also one that was linked, by whatever name its parameter is called.
    let mut room = app.connect("/deploying/room/x").await.unwrap();
    room.expect_text().await;
    assert!(handle.undeploy("/deploying/room/<whatever>", OpenSessions::Close));
    assert_eq!(room.expect_close().await.code(), CloseCode::GOING_AWAY);
    for nonsense in ["", "nonsense", "/<", "/nowhere"] {
        assert!(!handle.undeploy(nonsense, OpenSessions::Keep), "{nonsense}");
    }
}

#[tokio::test]
async fn every_check_is_made_again() {
    let app = Server::new().only::<Room>().mount("/api", [""; 0]).in_memory().unwrap();
    let handle = app.handle();
    handle.deploy(echo("/echo/<x>")).unwrap();
    let text = report(handle.deploy(echo("/echo/<y>")));
    assert!(text.starts_with("nothing is deployed: 1 fault"), "{text}");
    assert!(text.contains("/api/echo/<x>") && text.contains("/api/echo/<y>"), "{text}");
    let linked = report(handle.deploy(Deployment::of::<Room>()));
    assert!(linked.contains("these answer the same paths"), "{linked}");
    let text = report(handle.deploy(Deployment::of::<Needy>()));
    assert!(text.contains("add `.state(value)`"), "{text}");
    let wrong = Route::new("/{x}").options(|options| options.origins(["*"]).inbound(0_usize));
    let text = report(handle.deploy(wrong));
    assert!(text.starts_with("nothing is deployed: 3 faults"), "{text}");
    // Nothing of it has changed anything.
    let mut peer = app.connect("/api/echo/1").await.unwrap();
    echoes(&mut peer, "hello").await;
    assert_eq!(app.connect("/api/needy").await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn not_before_the_start_and_not_after_the_end() {
    let (server, _watch) = probe();
    let handle = server.handle();
    assert!(matches!(handle.deploy(echo("/echo")), Err(StartupError::NotServing)));
    assert!(!handle.undeploy("/probe", OpenSessions::Keep));
    let app = server.in_memory().unwrap();
    handle.deploy(echo("/echo")).unwrap();
    handle.shutdown();
    let error = handle.deploy(echo("/late")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing is deployed: the server has not started, or it shuts down"
    );
    assert_eq!(app.connect("/echo").await.unwrap_err().status(), 503);
    soon("stopped", handle.stopped()).await;
    drop(app);
    assert!(matches!(handle.deploy(echo("/late")), Err(StartupError::NotServing)));
}

/// Whoever found the endpoint before it went gets no session, however long it binds.
#[tokio::test]
async fn a_handshake_under_way_is_refused() {
    let (server, mut watch) = probe();
    let app = server.in_memory().unwrap();
    let binding = tokio::spawn({
        let app = app.clone();
        async move { app.connect("/probe?bind=wait").await.map(drop) }
    });
    assert!(matches!(watch.next().await, Event::Binding));
    assert!(app.handle().undeploy("/probe", OpenSessions::Keep));
    watch.release();
    assert_eq!(soon("the answer", binding).await.unwrap().unwrap_err().status(), 404);
    assert!(matches!(watch.next().await, Event::Dropped));
}

/// A session that opens at the very moment is closed: here its 101 is on its way through a layer.
#[tokio::test]
async fn a_session_about_to_open_is_closed() {
    let handle = Arc::new(Mutex::new(None::<ServerHandle>));
    let undeploy = {
        let handle = handle.clone();
        move |response: http::Response<Body>| {
            if let Some(handle) = &*handle.lock().unwrap() {
                assert!(handle.undeploy("/probe", OpenSessions::Close));
            }
            response
        }
    };
    let (server, _watch) = probe();
    let app = server.layer(tower::util::MapResponseLayer::new(undeploy)).in_memory().unwrap();
    *handle.lock().unwrap() = Some(app.handle().clone());
    let mut peer = app.connect("/probe").await.unwrap();
    assert_eq!(peer.expect_close().await.code(), CloseCode::GOING_AWAY);
}

/// Handshakes and changes at the same time: each handshake finds the endpoint or does not, and no
/// session outlives the endpoint that was closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handshakes_meet_changes() {
    let app = empty().deploy(echo("/stays")).in_memory().unwrap();
    let (stop, enough) = tokio::sync::watch::channel(false);
    let changing = tokio::spawn({
        let handle = app.handle().clone();
        async move {
            while !*enough.borrow() {
                handle.deploy(echo("/flickers")).unwrap();
                tokio::task::yield_now().await;
                assert!(handle.undeploy("/flickers", OpenSessions::Close));
            }
        }
    });
    let (mut opened, mut missed) = (0, 0);
    while opened < 50 || missed < 50 {
        match app.connect("/flickers").await {
            Ok(mut peer) => {
                opened += 1;
                assert_eq!(peer.expect_close().await.code(), CloseCode::GOING_AWAY);
            }
            Err(refused) => {
                missed += 1;
                assert_eq!(refused.status(), 404);
            }
        }
        let mut peer = app.connect("/stays").await.unwrap();
        echoes(&mut peer, "hello").await;
    }
    stop.send(true).unwrap();
    soon("the last change", changing).await.unwrap();
}
