//! What a configurator computes, in which order, and what it cannot do.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex},
};

use http::{HeaderValue, request::Parts};
use wsframe::{
    Configurator, Deflate, Deployment, Server, StateKey,
    prelude::*,
    testing::{InMemory, Peer, Refused},
};
use wsframe_tests::{Event, Probe, probe};

type Log = Arc<Mutex<Vec<&'static str>>>;

#[server_endpoint("/configured/<name>", subprotocols = ["a", "b"], origins = ["https://set.test"])]
struct Desk {
    name: String,
    /// Nobody gives it to the server: it is injected.
    #[state]
    log: Log,
}

impl Desk {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        self.log.lock().unwrap().push("on_handshake");
        handshake.response_headers_mut().insert("x-by", HeaderValue::from_static("endpoint"));
        if self.name == "eve" { Err(Refusal::forbidden("not you")) } else { Ok(()) }
    }

    #[on_open]
    fn opened(&self) -> String {
        format!("the desk of {}", self.name)
    }
}

/// Does what the test says.
#[derive(Default)]
struct Desks {
    log: Log,
    chooses: Option<&'static str>,
    panics: Option<&'static str>,
}

impl Desks {
    fn note(&self, call: &'static str) {
        self.log.lock().unwrap().push(call);
        assert!(self.panics != Some(call), "as ordered");
    }
}

impl Configurator<Desk> for Desks {
    fn choose_deflate(&self, _: &Parts, deflate: Deflate) -> Deflate {
        self.note("choose_deflate");
        deflate
    }

    fn check_origin(&self, head: &Parts, allowed: bool) -> bool {
        self.note("check_origin");
        allowed || head.headers["origin"] == "https://computed.test"
    }

    fn choose_subprotocol(
        &self,
        requested: &[&str],
        spoken: &[Cow<'static, str>],
    ) -> Option<String> {
        self.note("choose_subprotocol");
        assert_eq!(spoken, ["a", "b"]);
        self.chooses.map(Into::into).or_else(|| requested.last().map(|name| (*name).into()))
    }

    fn states(&self) -> Vec<StateKey> {
        Vec::new()
    }

    async fn create(&self, handshake: &mut Handshake) -> Result<Desk, Refusal> {
        self.note("create");
        let name = handshake.param("name").ok_or_else(Refusal::not_found)?.to_uppercase();
        if name == "NOBODY" {
            return Err(Refusal::unauthorized("who?"));
        }
        Ok(Desk { name: name.replace("EVE", "eve"), log: self.log.clone() })
    }

    fn respond(&self, handshake: &mut Handshake) {
        self.note("respond");
        let headers = handshake.response_headers_mut();
        assert_eq!(headers["x-by"], "endpoint");
        headers.insert("x-by", HeaderValue::from_static("configurator"));
        // It is not theirs to say.
        headers.insert("sec-websocket-accept", HeaderValue::from_static("nonsense"));
        headers.insert("sec-websocket-protocol", HeaderValue::from_static("nonsense"));
    }
}

fn app(desks: Desks) -> InMemory {
    Server::new().only::<Desk>().configurator(desks).in_memory().unwrap()
}

async fn connect(app: &InMemory, name: &str, origin: &str) -> Result<Peer, Refused> {
    let request = app.request(&format!("/configured/{name}")).origin(origin);
    request.subprotocol("x").subprotocol("y").connect().await
}

#[tokio::test]
async fn it_is_asked_in_order() {
    let desks = Desks::default();
    let log = desks.log.clone();
    let app = app(desks);
    let mut ann = connect(&app, "ann", "https://computed.test").await.unwrap();
    assert_eq!(ann.expect_text().await, "the desk of ANN");
    // One that no option lists.
    assert_eq!(ann.subprotocol(), Some("y"));
    assert_eq!(ann.headers()["x-by"], "configurator");
    assert_eq!(ann.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    let calls = [
        "check_origin",
        "choose_subprotocol",
        "choose_deflate",
        "create",
        "on_handshake",
        "respond",
    ];
    assert_eq!(*log.lock().unwrap(), calls);
    // Nobody is asked about what is wrong in form, or about another path.
    log.lock().unwrap().clear();
    let old = app.request("/configured/ann").header("sec-websocket-version", "8");
    assert_eq!(old.connect().await.unwrap_err().status(), 426);
    assert_eq!(app.connect("/elsewhere").await.unwrap_err().status(), 404);
    assert_eq!(*log.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn each_step_may_be_the_last() {
    let desks = Desks::default();
    let log = desks.log.clone();
    let app = app(desks);
    for (name, origin, status, calls) in [
        ("ann", "https://evil.test", 403, 1),
        ("nobody", "https://set.test", 401, 4),
        ("eve", "https://set.test", 403, 5),
    ] {
        assert_eq!(connect(&app, name, origin).await.unwrap_err().status(), status, "{name}");
        assert_eq!(std::mem::take(&mut *log.lock().unwrap()).len(), calls, "{name}");
    }
}

#[tokio::test]
async fn what_it_cannot_mean_is_a_500() {
    let app = app(Desks { chooses: Some("not requested"), ..Desks::default() });
    let refused = connect(&app, "ann", "https://set.test").await.unwrap_err();
    assert_eq!((refused.status().as_u16(), refused.text()), (500, "internal error"));
    assert_eq!(app.request("/configured/ann").connect().await.unwrap_err().status(), 500);
}

#[tokio::test]
async fn a_panic_in_it_is_a_500() {
    for call in ["check_origin", "choose_subprotocol", "choose_deflate", "create", "respond"] {
        let app = app(Desks { panics: Some(call), ..Desks::default() });
        let refused = connect(&app, "ann", "https://set.test").await.unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.text()), (500, "internal error"), "{call}");
        assert_eq!(app.handle().connections(), 0, "{call}");
    }
}

/// Nor does it reach the handler that upgrades by hand.
#[tokio::test]
async fn a_panic_in_it_stays_out_of_who_upgrades() {
    let app = app(Desks { panics: Some("check_origin"), ..Desks::default() });
    let handshake = http::Request::get("/elsewhere")
        .header("host", "localhost")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(())
        .unwrap();
    let response = app.handle().upgrade::<Desk>(handshake, &[("name", "ann")]).await;
    assert_eq!(response.status(), 500);
}

/// Without a method of its own it changes nothing.
#[tokio::test]
async fn its_defaults_are_what_happens_without_it() {
    struct Nothing;
    impl Configurator<Probe> for Nothing {}
    let (server, mut watch) = probe();
    let server = server.configure::<Probe>(|options| options.subprotocols(["a", "b"]));
    let app = server.configurator(Nothing).in_memory().unwrap();
    let request = app.request("/probe").subprotocol("x").subprotocol("b").subprotocol("a");
    let peer = request.connect().await.unwrap();
    assert_eq!(peer.subprotocol(), Some("b"));
    assert_eq!(watch.opened().await.subprotocol(), Some("b"));
    let evil = app.request("/probe").origin("https://evil.test").connect().await;
    assert_eq!(evil.unwrap_err().status(), 403);
    let refused = app.connect("/probe?bind=refuse").await.unwrap_err();
    assert_eq!(refused.status(), 401);
    drop(peer);
    assert!(matches!(watch.next().await, Event::Closed(_)));
    // The state is still asked for.
    let server = Server::new().without_link_time().endpoint::<Probe>().configurator(Nothing);
    assert!(server.in_memory().unwrap_err().to_string().contains("add `.state(value)`"));
}

/// It belongs to the type, wherever that is served.
#[tokio::test]
async fn it_holds_at_every_path() {
    let desks = Desks::default();
    let log = desks.log.clone();
    let other = Deployment::of::<Desk>().at("/other/<name>");
    let server = Server::new().only::<Desk>().configurator(desks).deploy(other);
    let app = server.in_memory().unwrap();
    let mut ann = app.request("/other/ann").origin("https://set.test").connect().await.unwrap();
    assert_eq!(ann.expect_text().await, "the desk of ANN");
    app.handle().deploy(Deployment::of::<Desk>().at("/late/<name>")).unwrap();
    let late = app.request("/late/ann").origin("https://evil.test").connect().await;
    assert_eq!(late.unwrap_err().status(), 403);
    assert_eq!(log.lock().unwrap().len(), 7);
}

#[tokio::test]
async fn one_for_each_endpoint() {
    struct Nothing;
    impl Configurator<Probe> for Nothing {}
    let server = Server::new()
        .only::<Desk>()
        .configurator(Desks::default())
        .configurator(Desks::default())
        .configurator(Nothing);
    let text = server.in_memory().unwrap_err().to_string();
    for wanted in [
        "2 faults",
        "Desk` has two configurators, from tests/it/configurator.rs:",
        "`configurator::<wsframe_tests::probe::Probe>` names a type that is no endpoint here",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}
