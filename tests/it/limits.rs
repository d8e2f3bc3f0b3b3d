//! What a server as a whole holds out: connections of one address or one principal, heads, all
//! outboxes together.

use std::time::{Duration, SystemTime};

use wsframe::{
    Endpoint, Excess, Handshake, Keep, Message, Options, Outcome, Principal, Rate, Refusal, Reply,
    Route, Server, Session, StateKey,
};
use wsframe_tests::{Client, ServerProcess, enter, probe, probed, request, serve, soon};

/// Lets anybody in whose name is given, and says so.
struct Named;

impl Endpoint for Named {
    const PATH: &'static str = "/named";

    fn states() -> Vec<StateKey> {
        Vec::new()
    }

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        let name = handshake.query("name").unwrap_or_default();
        let mut principal = Principal::new(name);
        if handshake.query("expired").is_some() {
            principal = principal.expires(SystemTime::now() - Duration::from_secs(1));
        }
        handshake.set_principal(principal);
        Ok(Self)
    }

    async fn on_open(&mut self, session: &Session) -> Outcome {
        Ok(Reply::message(session.principal().expect("a principal").id()))
    }

    async fn on_message(&mut self, session: &Session, message: Message) -> Outcome {
        if let Message::Text(name) = message {
            session.set_principal(Principal::new(name.as_str()));
        }
        Ok(Reply::none())
    }
}

fn named() -> Server {
    Server::new().without_link_time().endpoint::<Named>()
}

#[tokio::test]
async fn an_address_has_its_connections_and_no_more() {
    let (server, mut watch) = probe();
    let server = serve(server.max_connections_per_address(2)).await;
    let mut first = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    let _second = Client::open(server.addr, "/probe").await;
    watch.opened().await;
    let response = Client::ask(server.addr, request("/probe", "")).await;
    assert_eq!(response.status, 429);
    assert!(response.header("retry-after").is_some());

    // What a stranger says of itself changes nothing, and the next address is another one.
    let forged = request("/probe", "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n");
    assert_eq!(Client::ask(server.addr, forged).await.status, 429);
    let mut other = Client::tcp_from([127, 0, 0, 2].into(), server.addr).await;
    other.write(request("/probe", "")).await;
    assert_eq!(other.response().await.status, 101);
    watch.opened().await;

    first.close(1000, "").await;
    first.expect_close().await;
    watch.closed().await;
    while server.handle.connections() > 2 {
        tokio::task::yield_now().await;
    }
    Client::open(server.addr, "/probe").await;
    watch.opened().await;
}

#[tokio::test]
async fn a_principal_has_its_sessions_and_no_more() {
    let server = serve(named().max_connections_per_principal(1)).await;
    let mut ann = Client::open(server.addr, "/named?name=ann").await;
    assert_eq!(ann.expect_text().await, "ann");
    let response = Client::ask(server.addr, request("/named?name=ann", "")).await;
    assert_eq!(response.status, 429);
    let mut bob = Client::open(server.addr, "/named?name=bob").await;
    assert_eq!(bob.expect_text().await, "bob");
    // Who becomes one too many later is let go.
    bob.text("ann").await;
    assert_eq!(bob.expect_close().await.0, 1008);
    // The one who was first stays, also when it says its name again.
    ann.text("ann").await;
    ann.send(0x89, "still there").await;
    assert_eq!(ann.next().await.expect("a pong").payload, b"still there");
}

#[tokio::test]
async fn an_expired_principal_is_refused_before_the_101() {
    let server = serve(named()).await;
    let response = Client::ask(server.addr, request("/named?name=ann&expired=1", "")).await;
    assert_eq!(response.status, 401);
    assert_eq!(Client::ask(server.addr, request("/named?name=ann", "")).await.status, 101);
}

#[tokio::test]
async fn heads_have_the_size_that_is_set() {
    let (server, _watch) = probe();
    let server = serve(server.max_headers(8).max_head_size(1)).await;
    let many: String = (0..9).map(|i| format!("X-{i}: y\r\n")).collect();
    assert_eq!(Client::ask(server.addr, request("/probe", &many)).await.status, 431);
    // 8 KiB is the least.
    let large = |size| format!("X-Large: {}\r\n", "y".repeat(size));
    let ask = |size| Client::ask(server.addr, request("/probe", &large(size)));
    assert_eq!(ask(16 * 1024).await.status, 431);
    assert_eq!(ask(4 * 1024).await.status, 101);
}

#[tokio::test]
async fn an_admission_has_the_time_that_is_set() {
    let (server, _watch) = probe();
    let server = serve(server.admission_timeout(Duration::from_millis(10))).await;
    let response = Client::ask(server.addr, request("/probe?bind=wait", "")).await;
    assert_eq!(response.status, 503);
}

#[tokio::test]
async fn what_is_in_force_is_told() {
    let (server, _watch) = probe();
    let bound = server.max_headers(8).outbox_total(1 << 20).bind("127.0.0.1:0").await.unwrap();
    let limits = bound.limits().to_string();
    for line in [
        "max_connections = 10000 (default)",
        "max_connections_per_address = off (default)",
        "max_connections_per_principal = off (default)",
        "outbox_total = 1048576 (server)",
        "head_timeout = 10s (default)",
        "max_head_size = 16384 (default)",
        "max_headers = 8 (server)",
        "admission_timeout = 10s (default)",
        "shutdown_grace = 30s (default)",
    ] {
        assert!(limits.lines().any(|l| l == line), "{line} is not in\n{limits}");
    }
}

#[tokio::test]
async fn what_is_kept_of_the_head_stays() {
    for keep in [Keep::Nothing, Keep::Headers, Keep::Uri, Keep::HeadersAndUri] {
        let (server, mut watch) = probe();
        let server = serve(server.options(|all| all.keep(keep))).await;
        let lines = "X-One: 1\r\nX-One: 2\r\n";
        let mut client = Client::tcp(server.addr).await;
        client.write(request("/probe?a=b", lines)).await;
        assert_eq!(client.response().await.status, 101);
        let session = watch.opened().await;
        client.text("wait").await;
        watch.message().await;
        let head = session.head();
        let headers = head.as_ref().map_or(0, |head| head.headers.get_all("x-one").iter().count());
        let uri = head.map(|head| head.uri.to_string());
        let expected = match keep {
            Keep::Headers => (2, Some("/")),
            Keep::Uri => (0, Some("/probe?a=b")),
            Keep::HeadersAndUri => (2, Some("/probe?a=b")),
            _ => (0, None),
        };
        assert_eq!((headers, uri.as_deref()), expected, "{keep:?}");
    }
}

/// The one for whom most waits has to go, the others stay; handshakes are let in again then.
#[tokio::test]
async fn all_outboxes_together_have_a_limit() {
    let (server, mut watch) = probe();
    let server = server.outbox_total(40 << 20);
    let server = serve(server).await;
    let mut sessions = Vec::new();
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Client::open(server.addr, "/probe").await);
        sessions.push(watch.opened().await);
    }
    // Nobody reads: what the kernel does not take waits here.
    let megabytes = |n: usize| vec![0_u8; n << 20];
    sessions[1].try_send(megabytes(24)).unwrap();
    sessions[2].try_send(megabytes(32)).unwrap();
    let reason = soon("the end of the largest", sessions[2].closed()).await;
    assert_eq!((reason.code().into(), reason.was_clean()), (1013_u16, false));
    assert!(sessions[0].is_open() && sessions[1].is_open());
    watch.closed().await;
    Client::open(server.addr, "/probe").await;
    watch.opened().await;
    // What is read counts no longer.
    assert_eq!(clients[1].next().await.expect("the message").payload.len(), 24 << 20);
    sessions[1].try_send(megabytes(24)).unwrap();
    assert!(sessions[1].is_open());
}

/// What came before the rate is used up is answered, what comes after it is not.
#[tokio::test]
async fn a_rate_of_messages_closes_or_drops() {
    let rate = Rate::per_minute(1).burst(3);
    let (server, mut watch) = probed(|probe| probe.message_rate(rate)).await;
    let (mut client, _) = enter(&server, &mut watch).await;
    for _ in 0..4 {
        client.send(0x82, "echo").await;
    }
    for _ in 0..3 {
        assert_eq!(client.next().await.expect("an echo").payload, b"echo");
    }
    assert_eq!(client.expect_close().await, (1008, "too many messages".into()));

    let dropping = |probe: Options| probe.message_rate(rate).excess(Excess::Drop);
    let (server, mut watch) = probed(dropping).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    for n in 0..100 {
        // Pings count too.
        client.send(if n % 2 == 0 { 0x82 } else { 0x89 }, "echo").await;
    }
    client.close(1000, "").await;
    for first in [0x82, 0x8a, 0x82] {
        assert_eq!(client.next().await.expect("an answer").first, first);
    }
    assert_eq!(client.expect_close().await.0, 1000);
    soon("the end", session.closed()).await;
}

#[tokio::test(start_paused = true)]
async fn a_rate_recovers_with_time() {
    let app = Server::new()
        .without_link_time()
        .deploy(Route::new("/slow").on_message(|_, message: Message| async move { message }))
        .options(|all| all.message_rate(Rate::per_second(2)).excess(Excess::Drop))
        .in_memory()
        .unwrap();
    let mut peer = app.connect("/slow").await.unwrap();
    for round in 0..3 {
        for n in 0..4 {
            peer.send(format!("{round}.{n}")).await;
        }
        assert_eq!(peer.expect_text().await, format!("{round}.0"));
        assert_eq!(peer.expect_text().await, format!("{round}.1"));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test]
async fn a_rate_of_bytes_lets_a_large_message_through_once() {
    let (server, mut watch) = probed(|probe| probe.byte_rate(Rate::per_minute(1000))).await;
    let (mut client, _) = enter(&server, &mut watch).await;
    client.send(0x82, vec![0; 5000]).await;
    assert_eq!(client.next().await.expect("an echo").payload.len(), 5000);
    client.send(0x82, "x").await;
    assert_eq!(client.expect_close().await.0, 1008);
}

#[tokio::test]
async fn new_connections_have_a_rate() {
    let (server, _watch) = probe();
    let server = serve(server.connection_rate(Rate::per_minute(1).burst(2))).await;
    let ask = || Client::ask(server.addr, request("/probe", ""));
    assert_eq!(ask().await.status, 101);
    assert_eq!(ask().await.status, 101);
    let mut waits = std::collections::HashSet::new();
    for _ in 0..20 {
        let response = ask().await;
        assert_eq!(response.status, 503);
        let wait: u64 = response.header("retry-after").expect("retry-after").parse().unwrap();
        assert!((5..=15).contains(&wait), "{wait}");
        waits.insert(wait);
    }
    assert!(waits.len() > 1, "not everybody at the same moment");
}

/// Handshakes are refused, the rest is served.
#[tokio::test]
async fn load_is_shed_beyond_the_marks() {
    let few = |server: Server| server.shed_above_connections(1);
    let little = |server: Server| server.shed_above_memory(1);
    let marks: [&dyn Fn(Server) -> Server; 2] = [&few, &little];
    for mark in marks {
        let (server, _watch) = probe();
        let page = tower::service_fn(async |_| Ok::<_, std::convert::Infallible>(page()));
        let server = serve(mark(server).fallback(page)).await;
        let _one = Client::tcp(server.addr).await;
        let mut second = Client::tcp(server.addr).await;
        second.write(wsframe_tests::get("/")).await;
        assert_eq!(second.response().await.status, 200);
        second.write(request("/probe", "")).await;
        let response = second.response().await;
        assert_eq!(response.status, 503);
        assert!(response.header("retry-after").is_some());
    }
    let (server, _watch) = probe();
    let server = serve(server.shed_above_memory(1 << 40).shed_above_connections(5)).await;
    Client::open(server.addr, "/probe").await;
}

fn page() -> http::Response<wsframe::Body> {
    http::Response::new(wsframe::Body::from("hello"))
}

/// A process that is out of descriptors serves those it has, tries again now and then, and takes the
/// others when there is room.
#[tokio::test]
async fn accept_survives_without_descriptors() {
    const CLIENTS: usize = 60;
    let mut server = ServerProcess::start("limits::serves_with_few_descriptors", 40).await;
    let (done, over) = tokio::sync::watch::channel(false);
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let (addr, mut over) = (server.addr, over.clone());
        clients.spawn(async move {
            let mut client = Client::tcp(addr).await;
            client.write(request("/named?name=ann", "")).await;
            assert_eq!(client.response().await.status, 101);
            over.wait_for(|over| *over).await.expect("the test goes on");
        });
    }
    assert!(server.complaint().await.starts_with("wsframe: accept: "));
    done.send(true).unwrap();
    while let Some(ended) = clients.join_next().await {
        ended.expect("every client is let in at last");
    }
    // A loop that spins would have complained thousands of times.
    let complaints = server.stop().await;
    assert!(complaints < 100, "{complaints} complaints");
}

#[tokio::test]
#[ignore = "run by the test above, in a process with few descriptors"]
async fn serves_with_few_descriptors() {
    if std::env::var_os("WSFRAME_SERVES").is_some() {
        named().serve("127.0.0.1:0").await.unwrap();
    }
}
