//! What the specification leaves open, and our answers: `wsframe/docs/jakarta.md` lists all ten.
//! The other six are held by the assertions 14, 22, 29, 31, 35 with 37, and by `remote`.

use wsframe::{Error, prelude::*};
use wsframe_tests::{Client, request};

use super::running;

#[server_endpoint("/jakarta/open/slash/<v>")]
struct Slash {
    v: String,
}

#[server_endpoint("/jakarta/open/slash/<v>/")]
struct SlashBehind {
    v: String,
}

impl Slash {
    #[on_open]
    fn opened(&self) -> String {
        self.v.clone()
    }
}

impl SlashBehind {
    #[on_open]
    fn opened(&self) -> String {
        format!("{}/", self.v)
    }
}

#[tokio::test]
async fn point_02_a_trailing_slash_is_another_path() {
    let server = running::<Slash>().await;
    for (path, status) in [("x", 101), ("x/", 404), ("", 404), ("%20", 101)] {
        let asked = request(&format!("/jakarta/open/slash/{path}"), "");
        assert_eq!(Client::ask(server.addr, asked).await.status, status, "{path:?}");
    }
    // And may be served by another endpoint.
    let server = Server::new().only::<Slash>().only::<SlashBehind>();
    let server = wsframe_tests::serve(server).await;
    for path in ["x", "x/"] {
        let mut client = Client::open(server.addr, &format!("/jakarta/open/slash/{path}")).await;
        assert_eq!(client.expect_text().await, path);
    }
}

#[server_endpoint("/jakarta/open/fails")]
struct Fails;

#[server_endpoint("/jakarta/open/decides")]
struct Decides;

impl Fails {
    #[on_message]
    fn said(&self, number: u8) -> Result<u8, Error> {
        number.checked_add(1).ok_or_else(|| "secret words".into())
    }
}

impl Decides {
    #[on_message]
    fn said(&self, number: u8) -> Result<u8, Error> {
        number.checked_add(1).ok_or_else(|| "secret words".into())
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        match failure.message().map(|message| message.len()) {
            // Shorter than three characters: passed over.
            Some(..3) => OnError::Continue,
            Some(_) => OnError::Close(Close::new(4000, "no number")),
            None => OnError::Default,
        }
    }
}

#[tokio::test]
async fn point_03_on_error_decides_and_without_it_the_session_ends() {
    let server = running::<Fails>().await;
    for (text, code) in [("x", 1007), ("255", 1011)] {
        let mut client = Client::open(server.addr, "/jakarta/open/fails").await;
        client.text(text).await;
        let (seen, reason) = client.expect_close().await;
        assert_eq!(seen, code);
        assert!(!reason.contains("secret"), "{reason}");
    }
    let server = running::<Decides>().await;
    for (text, code) in [("four", 4000), ("255", 1011)] {
        let mut client = Client::open(server.addr, "/jakarta/open/decides").await;
        client.text("x").await;
        client.text("1").await;
        assert_eq!(client.expect_text().await, "2");
        client.text(text).await;
        assert_eq!(client.expect_close().await.0, code);
    }
}

#[server_endpoint("/jakarta/open/last")]
struct Last;

impl Last {
    #[on_open]
    async fn opened(&self, session: &Session) -> wsframe::Result<&'static str> {
        session.join("all").await?;
        Ok("in")
    }

    #[on_close]
    async fn left(&self, session: &Session) {
        assert!(session.send("to itself").await.is_err());
        let sent = session.room("all").send("to the others").await;
        assert_eq!(sent.queued, 1);
    }
}

#[tokio::test]
async fn point_04_on_close_reaches_others_and_not_its_own_peer() {
    let server = running::<Last>().await;
    let mut stays = Client::open(server.addr, "/jakarta/open/last").await;
    let mut leaves = Client::open(server.addr, "/jakarta/open/last").await;
    for client in [&mut stays, &mut leaves] {
        assert_eq!(client.expect_text().await, "in");
    }
    leaves.close(1000, "").await;
    assert_eq!(leaves.expect_close().await.0, 1000);
    leaves.expect_end().await;
    assert_eq!(stays.expect_text().await, "to the others");
}

#[tokio::test]
async fn point_07_pages_of_the_same_host_may_connect_and_others_not() {
    let server = running::<Last>().await;
    for (origin, status) in [
        ("", 101),
        ("Origin: http://localhost\r\n", 101),
        ("Origin: http://evil.example\r\n", 403),
        ("Origin: http://localhost.evil.example\r\n", 403),
        ("Origin: null\r\n", 403),
    ] {
        let asked = request("/jakarta/open/last", origin);
        assert_eq!(Client::ask(server.addr, asked).await.status, status, "{origin}");
    }
}
