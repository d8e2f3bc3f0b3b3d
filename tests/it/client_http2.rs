//! Dialling over HTTP/2, against hyper's server.

use std::time::Duration;

use tokio::net::TcpListener;
use wsframe::{
    Bytes, Client, ClientTls, Close, ConnectError, HandshakeFault, Message, Options, Pem, Step,
    http::Method,
};
use wsframe_tests::{Authority, Front, Http2, Liar, RIGHT, probed, soon};

fn client(server: &Http2, path: &str) -> Client {
    Client::new(format!("ws://{}{path}", server.addr)).http2(true)
}

async fn fails(client: Client) -> ConnectError {
    match soon("an error", client.connect()).await {
        Ok(_) => panic!("it connected"),
        Err(error) => error,
    }
}

/// Nothing of a connection is left.
async fn ended(server: &Http2) {
    soon("the connections to end", async {
        while server.open() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Echoes of every size, in a session that we close.
async fn echoes(client: Client) {
    let client = client.options(Options::new().max_message_size(4 << 20));
    let (session, mut messages) = soon("a session", client.connect()).await.unwrap();
    // More than all windows of HTTP/2 hold.
    for size in [0, 1, 125, 65_536, 3 << 20] {
        let payload = Message::from(Bytes::from(vec![7; size]));
        session.send(payload.clone()).await.unwrap();
        assert_eq!(soon("the echo", messages.next()).await, Some(payload));
    }
    // From another task, while the driver waits.
    let sender = session.clone();
    tokio::spawn(async move { sender.send("grüß").await }).await.unwrap().unwrap();
    assert_eq!(soon("the echo", messages.next()).await, Some("grüß".into()));
    session.close(Close::new(4001, "bye"));
    let reason = soon("the end", session.closed()).await;
    assert_eq!((reason.code(), reason.was_clean()), (4001.into(), true));
}

#[tokio::test]
async fn messages_go_both_ways() {
    let server = Http2::start(true).await;
    echoes(client(&server, "/echo?x=y").subprotocol("chat.v1").header("x-bot", "7")).await;
    ended(&server).await;
    let asked = server.asked().remove(0);
    assert_eq!((asked.method, asked.uri.path()), (Method::CONNECT, "/echo"));
    assert_eq!(asked.uri.query(), Some("x=y"));
    assert_eq!(asked.headers["sec-websocket-version"], "13");
    assert_eq!(asked.headers["sec-websocket-protocol"], "chat.v1");
    assert_eq!(asked.headers["x-bot"], "7");
    for absent in ["connection", "upgrade", "sec-websocket-key", "host"] {
        assert!(!asked.headers.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn the_answer_is_seen_and_checked() {
    let server = Http2::start(true).await;
    let asking = client(&server, "/echo").subprotocol("chat.v1");
    let (session, messages, response) =
        soon("a session", asking.connect_with_response()).await.unwrap();
    assert_eq!(session.subprotocol(), Some("chat.v1"));
    assert_eq!(session.peer(), Some(server.addr));
    assert_eq!(response.status(), 200);
    drop((session, messages));
    // It names a subprotocol that nobody asked for.
    match fails(client(&server, "/echo")).await {
        ConnectError::Handshake(HandshakeFault::Subprotocol) => {}
        other => panic!("{other:?}"),
    }
    match fails(client(&server, "/refuse")).await {
        ConnectError::Refused { status, body, .. } => {
            assert_eq!((status.as_u16(), &*body), (403, &b"not you"[..]))
        }
        other => panic!("{other:?}"),
    }
    let moved = client(&server, "/moved").subprotocol("chat.v1");
    let (session, _messages) = soon("a session", moved.connect()).await.unwrap();
    session.close(Close::normal());
    soon("the end", session.closed()).await;
}

#[tokio::test]
async fn every_step_has_its_timeout() {
    let server = Http2::start(true).await;
    let short = Duration::from_millis(50);
    let what = |error| match error {
        ConnectError::Timeout { what } => what,
        other => panic!("{other:?}"),
    };
    let silent = client(&server, "/silent").handshake_timeout(short);
    assert_eq!(what(fails(silent).await), Step::Handshake);
    // One that never says a word.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let mute = Client::new(url).http2(true).handshake_timeout(short);
    assert_eq!(what(fails(mute).await), Step::Handshake);
    ended(&server).await;
}

#[tokio::test]
async fn a_server_that_cannot_says_so() {
    let server = Http2::start(false).await;
    match fails(client(&server, "/echo")).await {
        ConnectError::Handshake(HandshakeFault::NoExtendedConnect) => {}
        other => panic!("{other:?}"),
    }
    ended(&server).await;
    let http1 = Liar::saying(format!("{RIGHT}\r\n")).await;
    match fails(Client::new(format!("ws://{}/", http1.addr)).http2(true)).await {
        ConnectError::Handshake(HandshakeFault::NotHttp | HandshakeFault::Closed) => {}
        other => panic!("{other:?}"),
    }
}

/// Behind TLS the server chooses; what it then cannot do is asked for over HTTP/1.1.
#[tokio::test]
async fn over_tls_the_server_chooses() {
    let authority = Authority::new("ours");
    let issued = authority.local();
    let tls = ClientTls::new().roots(Pem::bytes(authority.pem.clone()));
    let client =
        |addr, path: &str| Client::new(format!("wss://{addr}{path}")).tls(tls.clone()).http2(true);
    let protocols = |shown: Vec<wsframe_tests::Shown>| {
        shown.into_iter().map(|shown| shown.protocol.unwrap()).collect::<Vec<_>>()
    };

    let server = Http2::start(true).await;
    let both = Front { protocol: "h2,http/1.1", ..Front::new(&issued) }.start(server.addr).await;
    echoes(client(both.addr, "/echo").subprotocol("chat.v1")).await;
    assert_eq!(protocols(both.shown()), ["h2"]);

    let (server, mut watch) = probed(|options| options).await;
    let old = Front::new(&issued).start(server.addr).await;
    let (_session, _messages) =
        soon("a session", client(old.addr, "/probe").connect()).await.unwrap();
    watch.opened().await;
    assert_eq!(protocols(old.shown()), ["http/1.1"]);

    // It takes HTTP/2, but no WebSockets over it; dialled again it is asked as of old, and in this
    // house nobody understands that.
    let server = Http2::start(false).await;
    let front = Front { protocol: "h2,http/1.1", ..Front::new(&issued) }.start(server.addr).await;
    fails(client(front.addr, "/echo")).await;
    assert_eq!(protocols(front.shown()), ["h2", "http/1.1"]);
}

#[tokio::test]
async fn a_connection_that_is_lost_is_told() {
    let server = Http2::start(true).await;
    let client = client(&server, "/echo").subprotocol("chat.v1");
    let (session, mut messages) = soon("a session", client.connect()).await.unwrap();
    session.send("hello").await.unwrap();
    assert_eq!(soon("the echo", messages.next()).await, Some("hello".into()));
    drop(server);
    assert_eq!(soon("the end", messages.next()).await, None);
    assert_eq!(soon("the reason", session.closed()).await.code(), 1006);
}

/// However it ends, no task is left.
#[tokio::test]
async fn nothing_stays_behind() {
    let server = Http2::start(true).await;
    let tasks = tokio::runtime::Handle::current().metrics();
    let before = tasks.num_alive_tasks();
    for path in ["/refuse", "/echo", "/nowhere", "/silent"] {
        let client = client(&server, path).handshake_timeout(Duration::from_millis(50));
        fails(client).await;
    }
    let (session, messages) =
        soon("a session", client(&server, "/echo").subprotocol("chat.v1").connect()).await.unwrap();
    drop((session.clone(), messages));
    session.close(Close::normal());
    soon("the end", session.closed()).await;
    drop(session);
    ended(&server).await;
    soon("every task to end", async {
        while tasks.num_alive_tasks() > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
