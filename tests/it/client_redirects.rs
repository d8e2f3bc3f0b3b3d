//! Where our client goes when it is sent elsewhere, and what it takes along.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wsframe::{Client, ConnectError};
use wsframe_tests::soon;

/// A server that answers every request by its path: `/to?…` sends to what follows, with a body that
/// never ends, `/empty/to?…` with none; anything else opens.
struct Place {
    addr: SocketAddr,
    /// The heads of the requests, and where they came from.
    heads: Arc<Mutex<Vec<(IpAddr, String)>>>,
}

impl Place {
    async fn open(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        tokio::spawn(async move {
            while let Ok((mut tcp, peer)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    if tcp.read_buf(&mut head).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                let head = String::from_utf8(head).expect("a head");
                let answer = match head.split(' ').nth(1).expect("a target").split_once("/to?") {
                    Some((before, to)) => {
                        let empty = if before == "/empty" { "Content-Length: 0\r\n" } else { "" };
                        format!("HTTP/1.1 {status} \r\nLocation: {to}\r\n{empty}\r\n")
                    }
                    None => {
                        let key = head.lines().find_map(|l| l.strip_prefix("sec-websocket-key: "));
                        let accept = derive_accept_key(key.expect("a key").as_bytes());
                        format!(
                            "HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
                             Sec-WebSocket-Accept: {accept}\r\n\r\n"
                        )
                    }
                };
                seen.lock().unwrap().push((peer.ip(), head));
                let _ = tcp.write_all(answer.as_bytes()).await;
                // Until the client has gone.
                tokio::spawn(async move { tcp.read_to_end(&mut Vec::new()).await });
            }
        });
        Self { addr, heads }
    }

    fn client(&self, path: &str) -> Client {
        Client::new(format!("ws://{}{path}", self.addr))
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().iter().map(|(_, head)| head.clone()).collect()
    }
}

async fn opens(client: Client) {
    soon("a session", client.connect()).await.expect("it opens");
}

async fn fails(client: Client) -> ConnectError {
    match soon("an error", client.connect()).await {
        Ok(_) => panic!("it connected"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (first, second) = (Place::open(status).await, Place::open(status).await);
        opens(first.client(&format!("/to?http://{}/here?a=b", second.addr))).await;
        let heads = second.heads();
        assert!(heads[0].starts_with("GET /here?a=b HTTP/1.1\r\n"), "{status}: {heads:?}");
        assert!(heads[0].contains(&format!("host: {}\r\n", second.addr)), "{heads:?}");
    }
}

#[tokio::test]
async fn secrets_stay_with_the_place_they_were_meant_for() {
    let (first, second) = (Place::open(307).await, Place::open(307).await);
    let with_secrets = |client: Client| {
        client.bearer("secret").cookie("id", "secret").header("proxy-authorization", "secret")
    };
    let back = format!("/to?/to?ws://{}/to?ws://{}/end", second.addr, first.addr);
    opens(with_secrets(first.client(&back)).header("x-kept", "kept").origin("http://o")).await;
    let (first, second) = (first.heads(), second.heads());
    assert_eq!((first.len(), second.len()), (3, 1));
    // The first and a redirect to the same place carry them.
    for head in &first[..2] {
        assert_eq!(head.matches("secret").count(), 3, "{head}");
    }
    // Another place does not get them, nor does the first when another one sends us there.
    for head in [&second[0], &first[2]] {
        assert!(!head.contains("secret"), "{head}");
        assert!(head.contains("x-kept: kept") && head.contains("origin: http://o"), "{head}");
    }
}

#[tokio::test]
async fn the_password_of_a_url_is_not_carried_away() {
    let (first, second) = (Place::open(302).await, Place::open(302).await);
    let url = format!("ws://ann:pass@{}/to?/to?ws://{}/end", first.addr, second.addr);
    opens(Client::new(url)).await;
    assert!(first.heads().iter().all(|head| head.contains("authorization: Basic ")));
    assert!(!second.heads()[0].contains("authorization"));
}

#[tokio::test]
async fn a_circle_comes_to_an_end() {
    let place = Place::open(302).await;
    let error = fails(place.client("/to?").redirects(3)).await;
    assert!(matches!(error, ConnectError::TooManyRedirects { limit: 3 }), "{error}");
    assert_eq!(place.heads().len(), 4);
    let error = fails(place.client("/to?")).await;
    assert_eq!(error.to_string(), "more than 5 redirects");
}

#[tokio::test]
async fn who_does_not_want_redirects_gets_the_answer() {
    let place = Place::open(302).await;
    match fails(place.client("/empty/to?/here").redirects(0)).await {
        ConnectError::Refused { status, headers, .. } => {
            assert_eq!((status.as_u16(), &headers["location"]), (302, &"/here".parse().unwrap()));
        }
        error => panic!("{error}"),
    }
    assert_eq!(place.heads().len(), 1);
}

#[tokio::test]
async fn a_place_that_cannot_be_dialled_is_an_error() {
    let place = Place::open(302).await;
    for location in ["ftp://a/", "ws://a:0/", "ws://"] {
        let error = fails(place.client(&format!("/to?{location}"))).await;
        assert!(matches!(error, ConnectError::Redirect(_)), "{location}: {error}");
    }
}

#[tokio::test]
async fn the_local_address_is_chosen() {
    let place = Place::open(302).await;
    let from = Ipv4Addr::new(127, 0, 0, 9);
    opens(place.client("/").local_address(from)).await;
    assert_eq!(place.heads.lock().unwrap()[0].0, from);
    let error = fails(place.client("/").local_address(Ipv6Addr::LOCALHOST)).await;
    assert!(matches!(error, ConnectError::Connect(_)), "{error}");
}
