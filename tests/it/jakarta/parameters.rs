//! Parameters of the path: `ee/server/pathparam`.

use wsframe::{Error, prelude::*};
use wsframe_tests::{Client, request};

use super::{Told, running, telling};

#[server_endpoint("/jakarta/parameters/<yes>/<letter>/<double>/<float>")]
struct Typed {
    yes: bool,
    letter: char,
    double: f64,
    float: f32,
    /// No parameter of the path, so nothing but a field.
    nobody: Option<u8>,
    #[state]
    told: Told,
}

impl Typed {
    fn tell(&self, from: &str, session: &Session) {
        let Self { yes, letter, double, float, nobody, .. } = self;
        let by_name = session.param("nobody");
        self.told.tell(format!("{from} {yes} {letter} {double} {float} {nobody:?} {by_name:?}"));
    }

    #[on_open]
    fn opened(&self, session: &Session) {
        self.tell("open", session);
    }

    #[on_message]
    fn said(&self, text: String, session: &Session) -> Result<(), Error> {
        self.tell("message", session);
        Err(text.into())
    }

    #[on_error]
    async fn failed(&mut self, failure: &Failure, session: &Session) -> OnError {
        assert_eq!(failure.to_string(), "fail");
        self.tell("error", session);
        OnError::Continue
    }

    #[on_close]
    async fn left(&self, session: &Session) {
        self.tell("close", session);
    }
}

#[tokio::test]
async fn assertion_10_what_the_path_does_not_name_is_none_in_every_handler() {
    let (server, mut heard) = telling::<Typed>().await;
    let mut client = Client::open(server.addr, "/jakarta/parameters/true/x/0.5/2").await;
    client.text("fail").await;
    for from in ["open", "message", "error"] {
        assert_eq!(heard.next().await, format!("{from} true x 0.5 2 None None"));
    }
    client.close(1000, "").await;
    assert_eq!(heard.next().await, "close true x 0.5 2 None None");
}

#[tokio::test]
async fn assertion_11_parameters_convert_to_their_fields() {
    let (server, mut heard) = telling::<Typed>().await;
    for (path, bound) in [
        ("false/%C3%A9/-1e3/1.25", "false é -1000 1.25"),
        ("true/%2F/inf/0", "true / inf 0"),
        ("true/a/1/16777217", "true a 1 16777216"),
    ] {
        Client::open(server.addr, &format!("/jakarta/parameters/{path}")).await;
        assert_eq!(heard.next().await, format!("open {bound} None None"));
        assert_eq!(heard.next().await, format!("close {bound} None None"));
    }
}

/// Jakarta tells `onError` on an open connection; here there is none yet.
#[tokio::test]
async fn assertion_11_what_does_not_convert_is_not_found() {
    let (server, heard) = telling::<Typed>().await;
    for path in ["yes/x/1/1", "True/x/1/1", "true/xy/1/1", "true/x/one/1", "true/x/1/%20"] {
        let asked = request(&format!("/jakarta/parameters/{path}"), "");
        assert_eq!(Client::ask(server.addr, asked).await.status, 404, "{path}");
    }
    assert!(heard.is_quiet(), "no object was made");
}

#[server_endpoint("/jakarta/parameters/several/<a>/<b>/<c..>")]
struct Several {
    c: String,
    b: u8,
    a: String,
}

impl Several {
    #[on_message]
    fn all(&self, text: &str, session: &Session) -> String {
        let Self { a, b, c } = self;
        let params: Vec<_> = session.params().iter().map(|(k, v)| format!("{k}={v}")).collect();
        format!("{text} {a} {b} {c}; {}", params.join(" "))
    }
}

#[tokio::test]
async fn assertion_11_several_at_once_in_any_order() {
    let server = running::<Several>().await;
    let mut client = Client::open(server.addr, "/jakarta/parameters/several/x/7/y/z").await;
    client.text("all:").await;
    assert_eq!(client.expect_text().await, "all: x 7 y/z; a=x b=7 c=y/z");
}
