//! Which addresses our client takes, and what the server's answer is good for.

use tokio::net::TcpListener;
use wsframe::Client;
use wsframe_tests::{Liar, RIGHT, soon};

/// A name has many addresses, and one of them is enough.
#[tokio::test]
async fn an_address_where_nobody_is_stops_nobody() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(address).await else {
            println!("skipped: there is no {address}");
            continue;
        };
        let addr = listener.local_addr().unwrap();
        let mut names = tokio::net::lookup_host(("localhost", addr.port())).await.unwrap();
        if !names.any(|found| found == addr) {
            println!("skipped: `localhost` is not {address}");
            continue;
        }
        let server = tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.unwrap();
            tokio_tungstenite::accept_async(tcp).await.unwrap()
        });
        let client = Client::new(format!("ws://localhost:{}/", addr.port()));
        soon("a session", client.connect()).await.unwrap();
        drop(server.await.unwrap());
    }
}

#[tokio::test]
async fn the_answer_can_be_read() {
    let text = format!("{RIGHT}X-Node: 7\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n");
    let liar = Liar::saying(text).await;
    let client = Client::new(format!("ws://{}/", liar.addr));
    let dialled = soon("a session", client.connect_with_response()).await;
    let (session, _messages, response) = dialled.unwrap();
    assert!(session.is_open());
    assert_eq!(response.status(), 101);
    assert_eq!(response.headers()["x-node"], "7");
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
}

/// A time that cannot be added to the clock is no time limit, and no panic.
#[tokio::test]
async fn a_time_without_an_end_is_none() {
    let liar = Liar::saying(format!("{RIGHT}\r\n")).await;
    let client = Client::new(format!("ws://{}/", liar.addr));
    let for_ever = std::time::Duration::MAX;
    let client = client.connect_timeout(for_ever).handshake_timeout(for_ever);
    soon("a session", client.connect()).await.unwrap();
}
