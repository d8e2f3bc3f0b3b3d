//! Who somebody is, said in a handshake.

use std::time::{Duration, SystemTime};

use wsframe::{Endpoint, Handshake, Principal, Refusal, Server, StateKey, Tickets};
use wsframe_tests::{Client, Running, request, serve};

/// Lets in who says who they are, in the way that `by` names.
struct Door;

impl Endpoint for Door {
    const PATH: &'static str = "/door";

    fn states() -> Vec<StateKey> {
        vec![StateKey::of::<Tickets<&'static str>>()]
    }

    fn options() -> wsframe::Options {
        wsframe::Options::new().subprotocols(["chat.v1"]).keep(wsframe::Keep::HeadersAndUri)
    }

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        let id = match handshake.query("by").as_deref() {
            Some("bearer") => handshake.bearer()?.to_owned(),
            Some("protocol") => handshake.take_protocol_token("bearer.")?,
            Some("ticket") => {
                let tickets = handshake.state().ok_or_else(Refusal::internal)?;
                handshake.redeem::<&'static str>("ticket", &tickets)?.to_owned()
            }
            Some("cookie") => {
                handshake.check_csrf("csrf", "token")?;
                handshake.cookie("id").ok_or_else(|| Refusal::unauthorized("log in"))?.to_owned()
            }
            _ => return Err(Refusal::unauthorized("how?")),
        };
        if id != "good" {
            return Err(Refusal::forbidden("not you"));
        }
        handshake.set_principal(Principal::new(id));
        Ok(Self)
    }
}

async fn door() -> (Running, Tickets<&'static str>) {
    let tickets = Tickets::new(Duration::from_secs(3600));
    let server = Server::new().without_link_time().endpoint::<Door>().state(tickets.clone());
    (serve(server).await, tickets)
}

async fn status(server: &Running, path: &str, lines: &str) -> u16 {
    Client::ask(server.addr, request(path, lines)).await.status
}

#[tokio::test]
async fn a_bearer_token() {
    let (server, _) = door().await;
    for (lines, expected) in [
        ("Authorization: Bearer good\r\n", 101),
        ("Authorization: bearer   good\r\n", 101),
        ("Authorization: Bearer bad\r\n", 403),
        ("", 401),
        ("Authorization: Bearer\r\n", 401),
        ("Authorization: Bearer \r\n", 401),
        ("Authorization: Basic good\r\n", 401),
        ("Authorization: Bearer go od\r\n", 401),
        ("Authorization: Bearer good\r\nAuthorization: Bearer good\r\n", 401),
    ] {
        assert_eq!(status(&server, "/door?by=bearer", lines).await, expected, "{lines}");
    }
    let response = Client::ask(server.addr, request("/door?by=bearer", "")).await;
    assert_eq!(response.header("www-authenticate"), Some("Bearer"));
}

/// The token is never echoed, nor kept; alone it is a mistake.
#[tokio::test]
async fn a_token_among_the_subprotocols() {
    let (server, _) = door().await;
    for (offered, expected) in [
        ("chat.v1, bearer.good", 101),
        ("bearer.good, chat.v1", 101),
        ("bearer.good\r\nSec-WebSocket-Protocol: chat.v1", 101),
        ("chat.v1, bearer.bad", 403),
        ("chat.v1", 401),
        ("chat.v1, bearer.", 401),
        ("bearer.good", 400),
        ("bearer.good, chat.v2", 400),
        ("bearer.good, bearer.good, chat.v1", 400),
    ] {
        let lines = format!("Sec-WebSocket-Protocol: {offered}\r\n");
        let response = Client::ask(server.addr, request("/door?by=protocol", &lines)).await;
        assert_eq!(response.status, expected, "{offered}");
        let answered = (expected == 101).then_some("chat.v1");
        assert_eq!(response.header("sec-websocket-protocol"), answered, "{offered}");
    }
    let mut client = Client::tcp(server.addr).await;
    let lines = "Sec-WebSocket-Protocol: chat.v1, bearer.good\r\n";
    client.write(request("/door?by=protocol", lines)).await;
    assert_eq!(client.response().await.status, 101);
    let session = loop {
        if let Some(session) = server.handle.user("good").sessions().pop() {
            break session;
        }
        tokio::task::yield_now().await;
    };
    let head = session.head().expect("it is kept");
    assert_eq!(head.headers["sec-websocket-protocol"], "chat.v1");
}

#[tokio::test]
async fn a_cookie_and_a_page_that_knows_another() {
    let (server, _) = door().await;
    let cookie = "Cookie: id=good; csrf=abc\r\n";
    for (path, lines, expected) in [
        ("/door?by=cookie&token=abc", cookie, 101),
        ("/door?by=cookie&token=abd", cookie, 403),
        ("/door?by=cookie&token=", cookie, 403),
        ("/door?by=cookie", cookie, 403),
        ("/door?by=cookie&token=", "Cookie: id=good; csrf=\r\n", 403),
        ("/door?by=cookie&token=abc", "Cookie: csrf=abc\r\n", 401),
    ] {
        assert_eq!(status(&server, path, lines).await, expected, "{path} {lines}");
    }
}

#[tokio::test]
async fn a_ticket_is_redeemed_once() {
    let (server, tickets) = door().await;
    let ticket = tickets.issue("good").unwrap();
    let path = format!("/door?by=ticket&ticket={ticket}");
    let asked = (0..100).map(|_| status(&server, &path, ""));
    let statuses = futures_util::future::join_all(asked).await;
    assert_eq!(statuses.iter().filter(|status| **status == 101).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 99);
    for none in
        ["", "&ticket=", "&ticket=0", "&ticket=%2B", "&ticket=+0000000000000000000000000000000"]
    {
        assert_eq!(status(&server, &format!("/door?by=ticket{none}"), "").await, 401, "{none}");
    }
}

#[tokio::test(start_paused = true)]
async fn tickets_grow_old_and_are_not_too_many() {
    let tickets = Tickets::new(Duration::from_secs(30)).most(2);
    let (old, used) = (tickets.issue(1).unwrap(), tickets.issue(2).unwrap());
    assert_eq!(old.len(), 32);
    assert_eq!(tickets.redeem(&used), Some(2));
    assert!(tickets.issue(3).is_err(), "a used one counts until it is old");
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(tickets.redeem(&old), None);
    assert_eq!(tickets.clone().redeem(&tickets.issue(4).unwrap()), Some(4));
    assert!(!format!("{tickets:?}").contains(&old));
}

/// Who has expired may come back with a new token for as long as the grace lasts.
#[tokio::test]
async fn an_expiry_has_a_grace() {
    let (server, mut watch) = wsframe_tests::probe();
    let server = serve(server).await;
    let ago = |seconds| SystemTime::now() - Duration::from_secs(seconds);
    let (mut client, session) = wsframe_tests::enter(&server, &mut watch).await;
    let hour = Duration::from_secs(3600);
    session.set_principal(Principal::new("ann").expires(ago(10)).grace(hour));
    client.text("echo still here").await;
    assert_eq!(client.expect_text().await, "still here");
    session.set_principal(Principal::new("ann").expires(ago(10)).grace(Duration::from_secs(1)));
    assert_eq!(client.expect_close().await, (1008, "expired".into()));
}
