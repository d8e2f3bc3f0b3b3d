//! Starting, serving, shutting down.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use wsframe::{Close, Message, Principal, Route, Server, ServerHandle, Session};
use wsframe_tests::{
    Client, Event, Probe, ServerProcess, Watch, enter, in_a_process_of_its_own, probe, probed,
    request, serve, soon,
};

#[tokio::test]
async fn a_shutdown_tells_every_session() {
    let (server, mut watch) = probed(|options| options).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(Client::open(server.addr, "/probe").await);
        watch.opened().await;
    }
    assert_eq!(server.handle.sessions().len(), 20);
    server.handle.shutdown();
    for client in &mut clients {
        assert_eq!(client.expect_close().await, (1001, "server shuts down".into()));
        client.close(1001, "").await;
        client.expect_end().await;
    }
    for _ in 0..20 {
        assert_eq!(watch.closed().await.code(), 1001);
    }
    let handle = server.handle.clone();
    server.stop().await;
    soon("stopped", handle.stopped()).await;
    assert!(handle.sessions().is_empty());
}

#[tokio::test]
async fn a_shutdown_waits_for_handlers() {
    let (server, mut watch) = probed(|options| options).await;
    let mut client = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    server.handle.shutdown();
    assert_eq!(client.expect_close().await.0, 1001);
    client.close(1001, "").await;
    client.expect_end().await;
    assert!(watch.is_quiet(), "the handler is not dropped");
    watch.release();
    assert_eq!(watch.closed().await.code(), 1001);
    server.stop().await;
}

/// Peers that do not answer and handlers that do not end: the grace time ends it.
#[tokio::test]
async fn a_shutdown_is_bounded() {
    let (wire, mut watch) = Watch::new();
    let server = Server::new().without_link_time().endpoint::<Probe>().state(wire);
    let server = serve(server.shutdown_grace(Duration::from_millis(100))).await;
    let mut client = Client::open(server.addr, "/probe").await;
    let session = watch.opened().await;
    client.text("wait").await;
    watch.message().await;
    server.handle.shutdown();
    soon("stopped", server.handle.stopped()).await;
    assert_eq!(soon("the end", session.closed()).await.code(), 1001);
}

/// A handshake that is under way when the shutdown begins is refused or told, never forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_races_the_shutdown_is_told() {
    for _ in 0..30 {
        let short = |options: wsframe::Options| options.close_timeout(Duration::from_millis(20));
        let (server, _watch) = probed(short).await;
        let addr = server.addr;
        let handle = server.handle.clone();
        let mut clients = Vec::new();
        for _ in 0..8 {
            let mut client = Client::tcp(addr).await;
            client.write(request("/probe", "")).await;
            clients.push(client);
        }
        handle.shutdown();
        for mut client in clients {
            // Whether a 101 and 1001, a 503, or nothing at all: the stream ends.
            tokio::spawn(async move {
                let mut end = vec![0; 4096];
                use tokio::io::AsyncReadExt;
                while matches!(client.tcp.read(&mut end).await, Ok(n) if n > 0) {}
            });
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn a_handle_that_shut_down_before_the_start_ends_the_start() {
    let (wire, _watch) = Watch::new();
    let server = Server::new().without_link_time().endpoint::<Probe>().state(wire);
    server.handle().shutdown();
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    soon("run", bound.run()).await;
}

#[tokio::test]
async fn dropping_run_cuts_everything() {
    let (wire, mut watch) = Watch::new();
    let server = Server::new().without_link_time().endpoint::<Probe>().state(wire);
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let (addr, handle) = (bound.local_addr(), bound.handle());
    let task = tokio::spawn(bound.run());
    let mut client = Client::open(addr, "/probe").await;
    watch.opened().await;
    task.abort();
    soon("stopped", handle.stopped()).await;
    assert_eq!(client.expect_close().await.0, 1001);
    client.expect_end().await;
    watch.closed().await;
}

/// One object per connection, each dropped at its end.
#[tokio::test]
async fn objects_are_not_shared() {
    let (server, mut watch) = probed(|options| options).await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..100 {
        let mut client = Client::open(server.addr, "/probe").await;
        let session = watch.opened().await;
        assert!(ids.insert(session.id()));
        session.close(Close::normal());
        client.expect_close().await;
        client.close(1000, "").await;
        watch.closed().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn what_sessions_are_told_can_be_set() {
    let (server, mut watch) = probe();
    let server = serve(server.shutdown_close(Close::new(1012, "a new version"))).await;
    let (mut client, _) = enter(&server, &mut watch).await;
    server.handle.shutdown();
    assert_eq!(client.expect_close().await, (1012, "a new version".into()));
    client.close(1012, "").await;
    assert_eq!(watch.closed().await.code(), 1012);
    server.stop().await;
}

/// First it is not ready, and serves; then it takes nobody in, and tells the sessions one by one.
#[tokio::test(start_paused = true)]
async fn a_shutdown_takes_the_time_that_it_is_given() {
    const SESSIONS: usize = 200;
    let app = Server::new()
        .without_link_time()
        .deploy(Route::new("/quiet").on_message(|_, message: Message| async move { message }))
        .options(|all| all.ping_interval(None))
        .shutdown_notice(Duration::from_secs(5))
        .shutdown_window(Duration::from_secs(20));
    let app = app.in_memory().unwrap();
    let handle = app.handle();
    assert!(handle.is_ready());
    let mut peers = Vec::new();
    for _ in 0..SESSIONS {
        peers.push(app.connect("/quiet").await.unwrap());
    }
    let began = Instant::now();
    handle.shutdown();
    handle.shutdown(); // once more does nothing
    assert!(!handle.is_ready());
    sleep(Duration::from_secs(4)).await;
    let mut late = app.connect("/quiet").await.expect("it still serves");
    late.send("hello").await;
    assert_eq!(late.expect_text().await, "hello");
    assert_eq!(handle.sessions().len(), SESSIONS + 1);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(app.connect("/quiet").await.unwrap_err().status(), 503);

    let mut told = tokio::task::JoinSet::new();
    for peer in peers {
        told.spawn(async move {
            let code = peer.deadline(Duration::from_secs(60)).expect_close().await.code();
            assert_eq!(code, 1001);
            began.elapsed().as_secs()
        });
    }
    let mut seconds = [0; 26];
    while let Some(second) = told.join_next().await {
        seconds[second.unwrap() as usize] += 1;
    }
    let spread = seconds.iter().filter(|number| **number > 0).count();
    assert!(spread >= 15 && *seconds.iter().max().unwrap() < SESSIONS / 4, "{seconds:?}");
    drop(late);
    handle.stopped().await;
}

/// A session that opens while the others are told one by one is told at once.
#[tokio::test]
async fn a_session_that_opens_during_the_window_is_told() {
    let (server, mut watch) = probe();
    let server = serve(server.shutdown_window(Duration::from_secs(3600))).await;
    let mut late = Client::tcp(server.addr).await;
    late.write(request("/probe?bind=wait", "")).await;
    assert!(matches!(watch.next().await, Event::Binding));
    server.handle.shutdown();
    watch.release();
    // Its handshake has been seen, so it is answered, and not with a session.
    assert_eq!(late.response().await.status, 503);
    server.stop().await;
}

#[tokio::test]
async fn hooks_run_at_the_start_and_at_the_end() {
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let (server, mut watch) = probe();
    let tells = |what: &'static str| {
        let told = told.clone();
        move |_| async move { told.send(what).map_err(Into::into) }
    };
    let stopped = told.clone();
    let server = server
        .on_start(tells("one"))
        .on_start(tells("two"))
        .on_stop(|_| async { panic!("as ordered") })
        .on_stop(move |server: ServerHandle| async move {
            assert_eq!(server.connections(), 0, "everybody has gone");
            let _ = stopped.send("over");
        });
    let server = serve(server).await;
    assert_eq!((hears.recv().await, hears.recv().await), (Some("one"), Some("two")));
    let (mut client, _) = enter(&server, &mut watch).await;
    server.handle.shutdown();
    client.expect_close().await;
    client.close(1001, "").await;
    watch.closed().await;
    server.stop().await;
    assert_eq!(hears.recv().await, Some("over"));

    let (server, _watch) = probe();
    let server = server.on_start(|_| async { Err("no database".into()) });
    let error = server.bind("127.0.0.1:0").await.unwrap_err();
    assert_eq!(error.to_string(), "on_start: no database");
}

/// Nothing is left: no task, no socket, no member of a room, no count of an address.
#[tokio::test]
async fn a_shutdown_leaves_nothing_behind() {
    assert!(in_a_process_of_its_own("serving::nothing_is_left", &[]).await);
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own, because it counts what the process has"]
async fn nothing_is_left() {
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = (descriptors(), tasks());
    for _ in 0..3 {
        let (server, mut watch) = probe();
        let server = serve(server.max_connections_per_address(100)).await;
        let mut clients = Vec::new();
        for n in 0..50 {
            let (mut client, session) = enter(&server, &mut watch).await;
            session.join("red").await.unwrap();
            session.set_principal(Principal::new("ann"));
            if n % 5 == 0 {
                client.text("wait").await;
                watch.message().await;
            }
            clients.push((client, session));
        }
        let handle = server.handle.clone();
        handle.shutdown();
        for _ in 0..10 {
            watch.release();
            tokio::task::yield_now().await;
        }
        for (n, (client, _)) in clients.iter_mut().enumerate() {
            // Some answer, some vanish.
            if n % 3 == 0 {
                client.close(1001, "").await;
            }
        }
        let sessions: Vec<_> = clients.into_iter().map(|(_, session)| session).collect();
        server.stop().await;
        assert!(handle.user("ann").sessions().is_empty() && handle.sessions().is_empty());
        for session in &sessions {
            assert!(session.room("red").members().is_empty());
        }
    }
    while (descriptors(), tasks()) != before {
        tokio::task::yield_now().await;
    }
}

/// A handler that never ends, a first signal that waits for it, and a second one that does not.
#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let server = ServerProcess::start("serving::serves_and_waits", 1024).await;
    let mut client = Client::open(server.addr, "/waits").await;
    client.text("wait").await;
    assert_eq!(client.expect_text().await, "waiting");
    server.signal("TERM").await;
    assert_eq!(client.expect_close().await.0, 1001);
    server.stop().await;
}

#[tokio::test]
#[ignore = "run by the test above, in a process that gets signals"]
async fn serves_and_waits() {
    if std::env::var_os("WSFRAME_SERVES").is_some() {
        let waits = Route::new("/waits").on_message(|session: Session, _: Message| async move {
            let _ = session.send("waiting").await;
            std::future::pending::<()>().await;
        });
        let server = Server::new().without_link_time().deploy(waits);
        let server = server.shutdown_grace(Duration::from_secs(3600));
        let server = server.options(|all| all.finish_within(Duration::from_secs(3600)));
        server.serve("127.0.0.1:0").await.unwrap();
    }
}
