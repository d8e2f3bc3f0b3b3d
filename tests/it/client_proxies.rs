//! The way through a proxy: one that does its work, and those that do not.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wsframe::{Client, ClientTls, ConnectError, HandshakeFault, Message, Pem, ProxyError, Step};
use wsframe_tests::{Authority, Front, Liar, RIGHT, in_a_process_of_its_own, probed, soon};

async fn fails(client: Client) -> ConnectError {
    match soon("an error", client.connect()).await {
        Ok(_) => panic!("it connected"),
        Err(error) => error,
    }
}

/// A client that goes through the liar to a place where nobody is.
fn through(liar: &Liar) -> Client {
    Client::new("ws://server.invalid/").proxy(format!("http://ann:s%20t@{}", liar.addr))
}

async fn proxy_error(client: Client) -> ProxyError {
    match fails(client).await {
        ConnectError::Proxy(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_proxy_opens_a_tunnel() {
    let (server, mut watch) = probed(|options| options).await;
    let proxy = Liar::proxy().await;
    let url = format!("ws://{}/probe", server.addr);
    let client = Client::new(url).proxy(format!("http://ann:s%20t@{}/", proxy.addr)).bearer("t");
    let (session, mut messages) = soon("a session", client.connect()).await.unwrap();
    watch.opened().await;
    session.send("echo hello").await.unwrap();
    assert_eq!(soon("the echo", messages.next()).await, Some(Message::text("hello")));
    assert_eq!(session.peer(), Some(proxy.addr));
    let asked = proxy.asked().remove(0);
    let wanted = format!("CONNECT {} HTTP/1.1", server.addr);
    assert_eq!(asked.head.lines().next(), Some(&*wanted));
    assert_eq!(asked.header("host"), Some(&*server.addr.to_string()));
    assert_eq!(asked.header("proxy-authorization"), Some("Basic YW5uOnMgdA=="));
    assert_eq!(asked.header("authorization"), None);

    soon("a session", client.no_proxy().connect()).await.unwrap();
    assert_eq!(proxy.asked().len(), 1);
}

/// What the proxy is told stays with the proxy, and TLS is with the server.
#[tokio::test]
async fn tls_goes_through_it() {
    let authority = Authority::new("ours");
    let server = Liar::saying(format!("{RIGHT}\r\n")).await;
    let issued = authority.local();
    let secured = Front::new(&issued).start(server.addr).await;
    let proxy = Liar::proxy().await;
    let tls = ClientTls::new().roots(Pem::bytes(authority.pem.clone()));
    let client = Client::new(format!("wss://localhost:{}/x", secured.addr.port()))
        .proxy(format!("ann:x@{}", proxy.addr))
        .tls(tls);
    soon("a session", client.connect()).await.unwrap();
    assert_eq!(proxy.asked()[0].target(), format!("localhost:{}", secured.addr.port()));
    assert_eq!(server.asked()[0].target(), "/x");
    assert_eq!(server.asked()[0].header("proxy-authorization"), None);
    assert_eq!(secured.shown()[0].name.as_deref(), Some("localhost"));
}

#[tokio::test]
async fn redirects_go_through_it_too() {
    let there = Liar::saying(format!("{RIGHT}\r\n")).await;
    let url = format!("http://{}/", there.addr);
    let here = Liar::saying(format!("HTTP/1.1 302 Found\r\nLocation: {url}\r\n\r\n")).await;
    let proxy = Liar::proxy().await;
    let client =
        Client::new(format!("ws://{}/", here.addr)).proxy(format!("http://ann:x@{}", proxy.addr));
    soon("a session", client.connect()).await.unwrap();
    assert_eq!(proxy.asked().len(), 2);
    assert!(proxy.asked().iter().all(|asked| asked.header("proxy-authorization").is_some()));
    assert_eq!(there.asked()[0].header("proxy-authorization"), None);
}

#[tokio::test]
async fn a_refusal_comes_with_headers_and_body() {
    // Nor does a proxy send us elsewhere, or switch protocols.
    for wanted in [407, 403, 502, 302, 101] {
        let liar = Liar::saying(format!(
            "HTTP/1.1 {wanted} No\r\nLocation: ws://127.0.0.1/\r\nX-Why: x\r\n\
             Content-Length: 3\r\n\r\nno!"
        ))
        .await;
        match proxy_error(through(&liar).connect_timeout(Duration::from_millis(500))).await {
            ProxyError::Refused { status, headers, body } => {
                assert_eq!(status.as_u16(), wanted);
                assert_eq!(headers["x-why"], "x");
                assert!(status == 101 || &body[..] == b"no!", "{body:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_lie_is_a_fault_with_a_name() {
    let many = (0..100).map(|i| format!("x-{i}: y\r\n")).collect::<String>();
    for (text, wanted) in [
        ("SSH-2.0-OpenSSH_9.9\r\n", HandshakeFault::NotHttp),
        (&*format!("HTTP/1.1 200 OK\r\n{many}\r\n"), HandshakeFault::HeadTooLarge),
        // Nobody at the other end can have said anything yet.
        (&*format!("HTTP/1.1 200 OK\r\n\r\n{RIGHT}\r\n"), HandshakeFault::Trailing),
    ] {
        match proxy_error(through(&Liar::saying(text).await)).await {
            ProxyError::Answer(fault) => assert_eq!(fault, wanted, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in ["", "HTTP/1.1 200"] {
        let liar = Liar::new(move |mut tcp, _| async move {
            let _ = tcp.write_all(text.as_bytes()).await;
        })
        .await;
        let error = proxy_error(through(&liar)).await;
        assert!(matches!(error, ProxyError::Answer(HandshakeFault::Closed)), "{error:?}");
    }
    let endless = Liar::new(|mut tcp, _| async move {
        let _ = tcp.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while tcp.write_all(b"x-more: and more\r\n").await.is_ok() {}
    })
    .await;
    let error = proxy_error(through(&endless)).await;
    assert!(matches!(error, ProxyError::Answer(HandshakeFault::HeadTooLarge)), "{error:?}");
}

#[tokio::test]
async fn a_silent_proxy_is_late() {
    let silent = Liar::new(|mut tcp, _| async move {
        let _ = tcp.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let slow = Liar::new(|mut tcp, _| async move {
        let head = b"HTTP/1.1 200 OK\r\nx: ".iter();
        for byte in head.chain(std::iter::repeat(&b'y')) {
            let pause = tokio::time::timeout(Duration::from_millis(1), tcp.read_u8());
            if pause.await.is_ok() || tcp.write_all(&[*byte]).await.is_err() {
                return; // the client has gone
            }
        }
    })
    .await;
    for liar in [silent, slow] {
        let error = fails(through(&liar).connect_timeout(Duration::from_millis(100))).await;
        assert!(matches!(error, ConnectError::Timeout { what: Step::Proxy }), "{error:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_not_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new("ws://server.invalid/");
    let error = proxy_error(client.clone().proxy(format!("http://{addr}"))).await;
    assert!(matches!(error, ProxyError::Connect(_)), "{error:?}");
    let error = proxy_error(client.clone().proxy("http://no-such-proxy.invalid")).await;
    assert!(matches!(error, ProxyError::Dns(_)), "{error:?}");
    for url in ["socks5://p", "http://p/x", "http://"] {
        let error = proxy_error(client.clone().proxy(url)).await;
        assert!(matches!(error, ProxyError::InvalidUrl(_)), "{url}: {error:?}");
    }
    // It may hold a password.
    let shown = format!("{:?}", client.proxy("http://ann:secret@p"));
    assert!(!shown.contains("secret"), "{shown}");
}

#[tokio::test]
#[ignore = "run by the test below"]
async fn dials_as_the_environment_says() {
    let Ok(url) = std::env::var("DIAL") else { return };
    let client = Client::new(url);
    let told = std::env::var_os("FROM_ENV").is_some();
    let client = if told { client.proxy_from_env() } else { client };
    soon("a session", client.connect()).await.unwrap();
}

#[tokio::test]
async fn the_environment_counts_where_it_is_asked() {
    let server = Liar::saying(format!("{RIGHT}\r\n")).await;
    let proxy = Liar::proxy().await;
    let set = |name, value: &str| (name, value.to_owned());
    let (http, asked) =
        (set("HTTP_PROXY", &format!("http://{}", proxy.addr)), set("FROM_ENV", "1"));
    let dial = set("DIAL", &format!("ws://{}/", server.addr));
    for (more, wanted) in [
        (vec![], 0),
        (vec![asked.clone()], 1),
        (vec![asked.clone(), set("NO_PROXY", "127.0.0.0/8")], 0),
        (vec![asked.clone(), set("REQUEST_METHOD", "GET")], 0),
    ] {
        let before = proxy.asked().len();
        let variables = [&[dial.clone(), http.clone()], &more[..]].concat();
        let test = "client_proxies::dials_as_the_environment_says";
        assert!(in_a_process_of_its_own(test, &variables).await, "{more:?}");
        assert_eq!(proxy.asked().len() - before, wanted, "{more:?}");
    }
    assert_eq!(server.asked().len(), 4);
}
