//! Our client and what we did not write: servers in Python and Node, nginx in between, a tinyproxy
//! on the way. `tests/run dialled` installs them; what is missing is skipped, and that is said.

mod component;

use std::{fs, net::SocketAddr};

use wsframe::{
    Bytes, Client, ClientTls, Close, ConnectError, Deflate, Initiator, Message, Options, Pem,
    ProxyError,
};
use wsframe_tests::{Authority, soon};

use self::component::{Component, free_port};

/// What every server has to do with our client, whatever is in between.
async fn speaks(client: Client) {
    let client = client
        .subprotocol("chat.v2")
        .subprotocol("chat.v1")
        .options(Options::new().max_message_size(2 << 20));
    let (session, mut messages) = soon("a session", client.connect()).await.expect("a session");
    assert_eq!(session.subprotocol(), Some("chat.v1"));
    for size in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        let payload = Message::Binary(Bytes::from(vec![b'x'; size]));
        session.send(payload.clone()).await.expect("it is open");
        assert_eq!(soon("the echo", messages.next()).await, Some(payload));
    }
    session.send("grüß dich").await.expect("it is open");
    assert_eq!(soon("the echo", messages.next()).await, Some("grüß dich".into()));
    session.close(Close::new(4001, "bye"));
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.was_clean()), (4001.into(), true));

    let (session, mut messages) = soon("a session", client.connect()).await.expect("a session");
    session.send("close").await.expect("it is open");
    assert_eq!(soon("the end", messages.next()).await, None);
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.reason()), (4002.into(), "as you wish"));
    assert_eq!((reason.initiator(), reason.was_clean()), (Initiator::Peer, true));
}

/// The same with compression, offered in several ways.
async fn speaks_compressed(addr: SocketAddr) {
    let all = Deflate::new().threshold(0);
    let keep = all.server_no_context_takeover(false).client_no_context_takeover(false);
    let small = keep.server_max_window_bits(9).client_max_window_bits(9);
    for deflate in [Deflate::new(), all, keep, small] {
        let options = Options::new().max_message_size(2 << 20).deflate(deflate);
        let client = ws(addr, "/").subprotocol("chat.v1").options(options);
        let (session, mut messages) = soon("a session", client.connect()).await.expect("a session");
        let agreed = session.extensions().expect("it is compressed").to_owned();
        assert!(agreed.starts_with("permessage-deflate"), "{agreed}");
        assert_eq!(agreed.contains("server_max_window_bits=9"), deflate == small, "{agreed}");
        for size in [0, 1, 125, 1023, 1024, 32_767, 32_768, 65_535, 65_536, 300_000, 5] {
            let text = "zwölf Boxkämpfer ".repeat(size / 17);
            let noise = (0..size).map(|i| ((i * i * 31) >> 7) as u8 ^ (i >> 3) as u8);
            for message in [Message::text(text), Message::Binary(noise.collect())] {
                session.send(message.clone()).await.expect("it is open");
                let echo = soon("the echo", messages.next()).await;
                assert!(echo == Some(message), "{agreed}: an echo of {size} bytes");
            }
        }
        session.close(Close::normal());
        assert!(soon("the reason", session.closed()).await.was_clean());
    }
}

fn ws(addr: SocketAddr, path: &str) -> Client {
    Client::new(format!("ws://{addr}{path}"))
}

#[tokio::test]
async fn python() {
    let Some(python) = Component::python().await else { return };
    speaks(ws(python.addr, "/")).await;
    speaks_compressed(python.addr).await;
}

#[tokio::test]
async fn node() {
    let Some(node) = Component::node().await else { return };
    speaks(ws(node.addr, "/")).await;
    speaks_compressed(node.addr).await;
}

#[tokio::test]
async fn node_over_http2() {
    let Some(node) = Component::node_http2().await else { return };
    speaks(ws(node.addr, "/").http2(true)).await;
}

/// nginx in front of a server, at one port plain and at the other with TLS.
struct Nginx {
    _component: Component,
    plain: SocketAddr,
    secure: SocketAddr,
    tls: ClientTls,
}

async fn nginx(server: SocketAddr, folder: &str) -> Option<Nginx> {
    let authority = Authority::new("nginx");
    let issued = authority.local();
    let folder = component::folder(folder);
    let path = |name: &str| folder.join(name).display().to_string();
    fs::write(path("chain.pem"), &issued.pem).expect("a file");
    fs::write(path("key.pem"), &issued.key).expect("a file");
    let (plain, secure) = (free_port(), free_port());
    let config = include_str!("../interop/nginx.conf")
        .replace("{folder}", &path(""))
        .replace("{plain}", &plain.to_string())
        .replace("{secure}", &secure.to_string())
        .replace("{server}", &server.to_string());
    fs::write(path("nginx.conf"), config).expect("a file");
    let arguments = ["-p".to_owned(), path(""), "-c".to_owned(), path("nginx.conf")];
    let component = Component::listening("nginx", &arguments, secure).await?;
    let tls = ClientTls::new().roots(Pem::bytes(authority.pem));
    Some(Nginx { _component: component, plain, secure, tls })
}

#[tokio::test]
async fn nginx_in_between() {
    let Some(python) = Component::python().await else { return };
    let Some(nginx) = nginx(python.addr, "between").await else { return };
    speaks(ws(nginx.plain, "/")).await;
    let wss = |path| Client::new(format!("wss://{}{path}", nginx.secure)).tls(nginx.tls.clone());
    speaks(wss("/")).await;
    // It redirects, from one path to the other and from plain to secure.
    speaks(ws(nginx.plain, "/moved")).await;
    speaks(ws(nginx.plain, "/secure").tls(nginx.tls.clone())).await;
    match soon("an error", wss("/plain").connect()).await {
        Err(ConnectError::Redirect(why)) => assert_eq!(why, "it leads out of TLS"),
        other => panic!("{other:?}"),
    }
    match soon("an error", wss("/absent").connect()).await {
        Err(ConnectError::Refused { status, body, .. }) => {
            assert_eq!(status, 404);
            assert!(String::from_utf8_lossy(&body).contains("nginx"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tinyproxy_on_the_way() {
    let Some(node) = Component::node().await else { return };
    let Some(nginx) = nginx(node.addr, "behind").await else { return };
    let folder = component::folder("tinyproxy");
    let addr = free_port();
    let config =
        include_str!("../interop/tinyproxy.conf").replace("{port}", &addr.port().to_string());
    let path = folder.join("tinyproxy.conf").display().to_string();
    fs::write(&path, config).expect("a file");
    let arguments = ["-d".to_owned(), "-c".to_owned(), path];
    let Some(_tinyproxy) = Component::listening("tinyproxy", &arguments, addr).await else {
        return;
    };

    let known = format!("http://ann:secret@{addr}");
    speaks(ws(node.addr, "/").proxy(&*known)).await;
    let wss = Client::new(format!("wss://{}/", nginx.secure)).tls(nginx.tls.clone());
    speaks(wss.clone().proxy(&*known)).await;
    for stranger in [format!("http://{addr}"), format!("http://ann:wrong@{addr}")] {
        match soon("an error", wss.clone().proxy(stranger).connect()).await {
            Err(ConnectError::Proxy(ProxyError::Refused { status, .. })) => {
                assert!(status == 407 || status == 401, "{status}");
            }
            other => panic!("{other:?}"),
        }
    }
    // Nobody is there: the proxy says so.
    let nowhere = ws(free_port(), "/").proxy(known);
    match soon("an error", nowhere.connect()).await {
        Err(ConnectError::Proxy(ProxyError::Refused { status, .. })) => {
            assert!(status.is_server_error(), "{status}");
        }
        other => panic!("{other:?}"),
    }
}
