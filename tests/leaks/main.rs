//! Dials that fail, on every way there is to fail: none leaves a descriptor or a task behind. A
//! process of its own, because the descriptors are counted that it has.

use std::{fs, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    runtime::Handle,
};
use wsframe::{Client, ClientTls, Close, ConnectError, Options, Pem};
use wsframe_tests::{Authority, Front, Issued, Liar, RIGHT, soon};

/// The descriptors of this process, but for the one that lists them.
fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Descriptors and tasks.
fn held() -> (usize, usize) {
    (descriptors(), Handle::current().metrics().num_alive_tasks())
}

/// Waits until nothing more is there than before.
async fn settles(what: &str, before: (usize, usize)) {
    let settling = async {
        while held().0 > before.0 || held().1 > before.1 {
            tokio::task::yield_now().await;
        }
    };
    let settled = tokio::time::timeout(Duration::from_secs(10), settling).await;
    assert!(settled.is_ok(), "{what}: {:?} descriptors and tasks, before it {before:?}", held());
}

async fn fails(client: &Client, wanted: &str) {
    let Err(error) = soon("an error", client.connect()).await else {
        panic!("{wanted}: it connected");
    };
    assert!(error.to_string().contains(wanted), "{wanted}: {error}");
    if matches!(error, ConnectError::Timeout { .. }) {
        return;
    }
    // And given up on the way, wherever that is.
    for turns in 0..8 {
        let mut dialling = Box::pin(client.connect());
        for _ in 0..turns {
            if futures_util::poll!(dialling.as_mut()).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_dial_that_failed() {
    if descriptors() == 0 {
        println!("skipped: there is no /proc/self/fd");
        return;
    }
    let soon_late = Duration::from_millis(30);
    let authority = Authority::new("ours");
    let (good, bad) = (authority.local(), Issued::by_itself(false));
    let tls = || ClientTls::new().roots(Pem::bytes(authority.pem.clone()));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();

    let right = Liar::saying(format!("{RIGHT}\r\n")).await;
    let wrong = Liar::saying(format!("{RIGHT}Content-Length: 5\r\n\r\nhello")).await;
    let refusing = Liar::saying("HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\nhalf").await;
    let closing = Liar::new(|mut tcp, _| async move {
        let _ = tcp.write_all(b"HTTP/1.1 101").await;
    })
    .await;
    let silent = Liar::new(|mut tcp, _| async move {
        let _ = tcp.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let endless = Liar::new(|mut tcp, _| async move {
        let _ = tcp.write_all(b"HTTP/1.1 101 Yes\r\n").await;
        while tcp.write_all(b"x-more: and more\r\n").await.is_ok() {}
    })
    .await;
    let sent_on = Liar::saying("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n").await;
    let sent_away = Liar::saying("HTTP/1.1 302 Found\r\nLocation: ftp://a/\r\n\r\n").await;
    let trailing = Liar::saying(format!("HTTP/1.1 200 OK\r\n\r\n{RIGHT}\r\n")).await;
    let no_tls = Liar::new(|mut tcp, _| async move {
        let _ = tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let _ = tcp.read_u8().await;
        let _ = tcp.write_all(b"HTTP/1.1 400 What?\r\n\r\n").await;
        let _ = tcp.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let proxy = Liar::proxy().await;
    let secured = Front::new(&good).start(right.addr).await;
    let secured_wrong = Front::new(&good).start(wrong.addr).await;
    let secured_silent = Front::new(&good).start(silent.addr).await;
    let false_one = Front::new(&bad).start(right.addr).await;

    // Those who let us in do not say goodbye.
    let client = |url| Client::new(url).tls(tls()).options(Options::new().close_timeout(soon_late));
    let ws = |addr| client(format!("ws://{addr}/"));
    let wss = |addr| client(format!("wss://{addr}/"));
    let through = |client: Client, addr| client.proxy(format!("http://{addr}"));
    let no_file = ClientTls::new().roots(Pem::file("/no/such"));
    let table = [
        (ws(closed), "cannot connect"),
        (ws(wrong.addr), "announces a body"),
        (ws(refusing.addr).handshake_timeout(soon_late), "403"),
        (ws(closing.addr), "ended before"),
        (ws(silent.addr).handshake_timeout(soon_late), "handshake took too long"),
        (ws(endless.addr), "too large"),
        (ws(sent_on.addr), "more than 5 redirects"),
        (ws(sent_away.addr), "nobody can go"),
        (wss(silent.addr).connect_timeout(soon_late), "TLS handshake took too long"),
        (wss(false_one.addr), "nobody who is trusted"),
        (wss(secured_wrong.addr), "announces a body"),
        (wss(secured_silent.addr).handshake_timeout(soon_late), "handshake took too long"),
        (wss(secured.addr).tls(no_file), "/no/such"),
        (through(ws(right.addr), closed), "proxy"),
        (through(ws(right.addr), refusing.addr).connect_timeout(soon_late), "403"),
        (through(ws(right.addr), trailing.addr), "answer nothing"),
        (through(ws(right.addr), silent.addr).connect_timeout(soon_late), "proxy took too long"),
        (through(wss(right.addr), no_tls.addr), "does not speak TLS"),
        (through(ws(wrong.addr), proxy.addr), "announces a body"),
        (through(wss(false_one.addr), proxy.addr), "nobody who is trusted"),
        (through(ws(closed), proxy.addr), "502"),
    ];
    let before = held();
    for (client, wanted) in &table {
        for _ in 0..3 {
            fails(client, wanted).await;
        }
        settles(wanted, before).await;
    }

    // And of one that worked, nothing is left once it has ended.
    for client in [ws(right.addr), wss(secured.addr), through(wss(secured.addr), proxy.addr)] {
        let (session, messages) = soon("a session", client.connect()).await.unwrap();
        let now = held();
        assert!(now.0 > before.0 && now.1 > before.1, "nothing is counted");
        session.close(Close::normal());
        drop((session, messages));
        settles("a session", before).await;
    }
}
