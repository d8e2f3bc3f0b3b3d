//! Who may connect, and who they are: the platform's tests of authentication and of its end.

use std::time::{Duration, SystemTime};

use wsframe::{CloseCode, FromHandshake, prelude::*};
use wsframe_tests::{Client, request};

use super::{Told, telling};

/// What a login would have given out.
struct Login;

#[derive(Clone, Debug, PartialEq)]
struct Role(&'static str);

impl FromHandshake for Login {
    async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
        let (id, role) = match handshake.header("authorization") {
            Some("Basic ann") => ("ann", Role("admin")),
            Some("Basic bob") => ("bob", Role("guest")),
            _ => return Err(Refusal::unauthorized("log in first")),
        };
        handshake.set_principal(Principal::new(id).claims(role));
        Ok(Self)
    }
}

#[server_endpoint("/jakarta/security/desk")]
struct Desk {
    #[extract]
    _login: Login,
    #[principal]
    who: Principal,
    #[state]
    told: Told,
}

impl Desk {
    #[on_open]
    fn opened(&self, session: &Session) -> String {
        let principal = session.principal().expect("somebody");
        assert_eq!(principal.id(), self.who.id());
        format!("{} {:?}", principal.id(), principal.claim::<Role>())
    }

    /// The login has ended.
    #[on_message]
    fn expire(&self, _: &str, session: &Session) {
        let before = SystemTime::now() - Duration::from_secs(1);
        session.set_principal(self.who.clone().expires(before));
    }

    #[on_close]
    fn left(&self, reason: &CloseReason) {
        self.told.tell(format!("{} {reason}", self.who.id()));
    }
}

const DESK: &str = "/jakarta/security/desk";

async fn enter(server: &wsframe_tests::Running, who: &str) -> Client {
    let mut client = Client::tcp(server.addr).await;
    client.write(request(DESK, &format!("Authorization: Basic {who}\r\n"))).await;
    assert_eq!(client.response().await.status, 101);
    client
}

#[tokio::test]
async fn assertion_43_strangers_are_not_let_in() {
    let (server, heard) = telling::<Desk>().await;
    for head in ["", "Authorization: Basic eve\r\n"] {
        assert_eq!(Client::ask(server.addr, request(DESK, head)).await.status, 401);
    }
    // A handshake is a GET, so a rule for another method has nothing to say.
    let post = request(DESK, "Authorization: Basic ann\r\n").replace("GET", "POST");
    assert_eq!(Client::ask(server.addr, post).await.status, 405);
    assert!(heard.is_quiet());
}

/// No other spelling of the path goes around it: one match decides, and the guard is the endpoint's.
#[tokio::test]
async fn assertion_43_no_other_name_of_the_path_goes_around_it() {
    let (server, _heard) = telling::<Desk>().await;
    for (path, status) in [
        ("/jakarta/security/%64esk", 401),
        ("/jakarta/security/desk?x=/public", 401),
        ("/jakarta/security/desk/", 404),
        ("/jakarta//security/desk", 404),
        ("/jakarta/./security/desk", 404),
        ("/jakarta/security/x/../desk", 404),
        ("/jakarta/security/desk;x=1", 404),
        ("/jakarta%2Fsecurity/desk", 404),
        ("/Jakarta/security/desk", 404),
    ] {
        assert_eq!(Client::ask(server.addr, request(path, "")).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn assertion_43_principal_and_role_are_seen() {
    let (server, _heard) = telling::<Desk>().await;
    for (who, seen) in [("ann", "ann Some(Role(\"admin\"))"), ("bob", "bob Some(Role(\"guest\"))")]
    {
        assert_eq!(enter(&server, who).await.expect_text().await, seen);
    }
}

#[tokio::test]
async fn assertion_43_the_end_of_a_login_closes_its_sessions_with_1008() {
    let (server, mut heard) = telling::<Desk>().await;
    let mut clients = [enter(&server, "ann").await, enter(&server, "ann").await];
    let mut bob = enter(&server, "bob").await;
    for client in clients.iter_mut().chain([&mut bob]) {
        client.expect_text().await;
    }
    server.handle.user("ann").close(&Close::new(CloseCode::POLICY, "logged out"));
    for client in &mut clients {
        assert_eq!(client.expect_close().await, (1008, "logged out".into()));
        client.close(1008, "").await;
        assert_eq!(heard.next().await, "ann 1008 logged out");
    }
    // The others stay.
    server.handle.user("bob").send("still here").await;
    assert_eq!(bob.expect_text().await, "still here");
    assert!(heard.is_quiet());
}

#[tokio::test]
async fn assertion_43_a_login_that_expires_closes_with_1008() {
    let (server, mut heard) = telling::<Desk>().await;
    let mut client = enter(&server, "ann").await;
    client.expect_text().await;
    client.text("expire").await;
    assert_eq!(client.expect_close().await, (1008, "expired".into()));
    client.close(1008, "").await;
    assert_eq!(heard.next().await, "ann 1008 expired");
}
