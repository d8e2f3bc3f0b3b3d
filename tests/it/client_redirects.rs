//! Where our client goes when it is sent elsewhere, and what it takes along.

use std::net::{Ipv4Addr, Ipv6Addr};

use wsframe::{Client, ConnectError};
use wsframe_tests::{Liar, RIGHT, soon};

/// A server that answers every request by its path: `/to?…` sends to what follows, with a body that
/// never ends, `/empty/to?…` with none; anything else opens.
struct Place(Liar);

impl Place {
    async fn open(status: u16) -> Self {
        let answer = Liar::answering(move |asked| match asked.target().split_once("/to?") {
            Some((before, to)) => {
                let empty = if before == "/empty" { "Content-Length: 0\r\n" } else { "" };
                format!("HTTP/1.1 {status} \r\nLocation: {to}\r\n{empty}\r\n")
            }
            None => format!("{RIGHT}\r\n"),
        });
        Self(answer.await)
    }

    fn client(&self, path: &str) -> Client {
        Client::new(format!("ws://{}{path}", self.0.addr))
    }

    fn heads(&self) -> Vec<String> {
        self.0.asked().into_iter().map(|asked| asked.head).collect()
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
        opens(first.client(&format!("/to?http://{}/here?a=b", second.0.addr))).await;
        let heads = second.heads();
        assert!(heads[0].starts_with("GET /here?a=b HTTP/1.1\r\n"), "{status}: {heads:?}");
        assert!(heads[0].contains(&format!("host: {}\r\n", second.0.addr)), "{heads:?}");
    }
}

#[tokio::test]
async fn secrets_stay_with_the_place_they_were_meant_for() {
    let (first, second) = (Place::open(307).await, Place::open(307).await);
    let with_secrets = |client: Client| {
        client.bearer("secret").cookie("id", "secret").header("proxy-authorization", "secret")
    };
    let back = format!("/to?/to?ws://{}/to?ws://{}/end", second.0.addr, first.0.addr);
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
    let url = format!("ws://ann:pass@{}/to?/to?ws://{}/end", first.0.addr, second.0.addr);
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
    assert_eq!(place.0.asked()[0].from.ip(), from);
    let error = fails(place.client("/").local_address(Ipv6Addr::LOCALHOST)).await;
    assert!(matches!(error, ConnectError::Connect(_)), "{error}");
}
