//! The handshake and who computes it: `ee/server/serverendpointconfig`, `configurator`,
//! `handshakerequest` and `ee/handshakeresponse`.

use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use http::{HeaderValue, request::Parts};
use tokio_tungstenite::tungstenite::{
    Error as ClientError, client::IntoClientRequest, error::ProtocolError,
};
use wsframe::{Configurator, Deflate, Endpoint, Options, prelude::*};
use wsframe_tests::{Client, Response, request, serve, soon};

use super::running;

#[server_endpoint(
    "/jakarta/configurator/first/<name>",
    subprotocols = ["v12.stomp", "v10.stomp", "soap"]
)]
struct First {
    name: String,
    /// The number of the configurator's own objects, where there is one.
    made: u32,
}

impl First {
    #[on_message]
    fn said(&mut self, text: &str, session: &Session) -> String {
        let before = session.insert(text.to_owned());
        format!("{} {} {before:?}", self.name, self.made)
    }
}

#[server_endpoint("/jakarta/configurator/second")]
struct Second;

/// Counts what it is asked, and answers with what the test says.
#[derive(Clone, Default)]
struct Counting {
    calls: Arc<Mutex<Vec<&'static str>>>,
    made: Arc<AtomicU32>,
    open: Arc<AtomicBool>,
}

impl Counting {
    fn note(&self, call: &'static str) {
        self.calls.lock().unwrap().push(call);
    }

    fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

impl Configurator<First> for Counting {
    fn check_origin(&self, _: &Parts, _: bool) -> bool {
        self.note("check_origin");
        self.open.load(Ordering::Relaxed)
    }

    async fn create(&self, handshake: &mut Handshake) -> Result<First, Refusal> {
        self.note("create");
        let made = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(First { name: handshake.param("name").unwrap_or_default().to_uppercase(), made })
    }

    fn respond(&self, handshake: &mut Handshake) {
        self.note("respond");
        let headers = handshake.response_headers_mut();
        assert!(!headers.contains_key("x-seen"), "nothing is left of another handshake");
        headers.insert("x-seen", HeaderValue::from_static("once"));
    }
}

/// For the other endpoint, the type alone.
impl Configurator<Second> for Counting {
    fn respond(&self, _: &mut Handshake) {
        self.note("second");
    }
}

const FIRST: &str = "/jakarta/configurator/first/ann";

async fn configured() -> (wsframe_tests::Running, Counting) {
    let counting = Counting { open: Arc::new(true.into()), ..Counting::default() };
    let server = Server::new().only::<First>().configurator::<First>(counting.clone());
    (serve(server).await, counting)
}

#[tokio::test]
async fn assertion_25_each_endpoint_has_a_configurator_of_its_own() {
    let (first, second) = (Counting::default(), Counting::default());
    first.open.store(true, Ordering::Relaxed);
    let server = Server::new()
        .only::<First>()
        .only::<Second>()
        .configurator::<First>(first.clone())
        .configurator::<Second>(second.clone());
    let server = serve(server).await;
    Client::open(server.addr, "/jakarta/configurator/second").await;
    assert_eq!((first.calls(), second.calls()), (vec![], vec!["second"]));
    // And all connections of an endpoint share it.
    for made in 1..=2 {
        Client::open(server.addr, FIRST).await;
        assert_eq!((first.calls().len(), second.calls().len()), (3, 0));
        assert_eq!(first.made.load(Ordering::Relaxed), made);
    }
}

#[tokio::test]
async fn assertion_26_it_makes_the_object_of_each_connection() {
    let (server, _) = configured().await;
    for made in 1..=3 {
        let mut client = Client::open(server.addr, FIRST).await;
        client.text("x").await;
        assert_eq!(client.expect_text().await, format!("ANN {made} None"));
    }
}

#[tokio::test]
async fn assertion_27_the_origin_comes_first_and_nothing_is_shared_by_connections() {
    let (server, counting) = configured().await;
    let mut client = Client::open(server.addr, FIRST).await;
    assert_eq!(counting.calls(), ["check_origin", "create", "respond"]);
    // What one session keeps, another does not see.
    for (said, before) in [("a", "None"), ("b", "Some(\"a\")")] {
        client.text(said).await;
        assert!(client.expect_text().await.ends_with(before));
    }
    let mut client = Client::open(server.addr, FIRST).await;
    client.text("c").await;
    assert_eq!(client.expect_text().await, "ANN 2 None");
}

#[tokio::test]
async fn assertion_28_who_may_not_connect_may_later() {
    let (server, counting) = configured().await;
    for (open, status) in [(true, 101), (false, 403), (true, 101)] {
        counting.open.store(open, Ordering::Relaxed);
        let asked = request(FIRST, "Origin: https://elsewhere.test\r\n");
        assert_eq!(Client::ask(server.addr, asked).await.status, status);
    }
}

async fn asked<E: Endpoint>(path: &str, head: &str) -> Response {
    Client::ask(running::<E>().await.addr, request(path, head)).await
}

/// The client's order counts, as the suite tests it; the prose of the specification says otherwise.
#[tokio::test]
async fn assertion_29_the_first_of_the_clients_that_is_spoken() {
    for (wanted, answer) in [
        ("soap, v10.stomp", Some("soap")),
        ("v10.stomp, soap", Some("v10.stomp")),
        ("unknown, v12.stomp", Some("v12.stomp")),
        ("unknown, SOAP", None),
    ] {
        let head = format!("Sec-WebSocket-Protocol: {wanted}\r\n");
        let response = asked::<First>(FIRST, &head).await;
        assert_eq!((response.status, response.header("sec-websocket-protocol")), (101, answer));
    }
    let response = asked::<First>(FIRST, "").await;
    assert_eq!((response.status, response.header("sec-websocket-protocol")), (101, None));
}

/// Another client checks the same for itself.
#[tokio::test]
async fn assertion_29_a_client_of_another_make_takes_the_answer() {
    let server = running::<First>().await;
    let connect = |wanted: &'static str| async move {
        let url = format!("ws://{}{FIRST}", server.addr);
        let mut request = url.into_client_request().unwrap();
        let wanted = HeaderValue::from_static(wanted);
        request.headers_mut().insert("sec-websocket-protocol", wanted);
        tokio_tungstenite::connect_async(request).await
    };
    let connect = &connect;
    let (_socket, response) = connect("soap, v12.stomp").await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "soap");
    let error = connect("unknown").await.unwrap_err();
    assert!(
        matches!(error, ClientError::Protocol(ProtocolError::SecWebSocketSubProtocolError(_))),
        "it asked for one and got none: {error}"
    );
}

#[server_endpoint("/jakarta/configurator/facts/<a>", subprotocols = ["p"])]
struct Facts {
    a: String,
    offered: String,
    found: String,
}

impl Facts {
    #[on_handshake]
    fn look(&mut self, handshake: &mut Handshake) {
        let offered = handshake.headers().get_all("sec-websocket-extensions").iter();
        let offered: Vec<_> = offered.map(|line| line.to_str().unwrap()).collect();
        self.offered = offered.join(" & ");
        let any_case = [handshake.header("x-tag"), handshake.header("X-TAG")];
        let query: Vec<_> = handshake.query_all("q").collect();
        // Path parameters are not among those of the query.
        let apart = (handshake.query("a"), handshake.param("a"), handshake.param("q"));
        self.found = format!("{} {any_case:?} {query:?} {apart:?}", handshake.uri());
        let headers = handshake.response_headers_mut();
        headers.append("x-answer", HeaderValue::from_static("1"));
        headers.append("X-Answer", HeaderValue::from_static("2"));
    }

    #[on_message]
    fn tell(&self, what: &str, session: &Session) -> String {
        match what {
            "offered" => self.offered.clone(),
            "agreed" => session.extensions().unwrap_or_default().to_owned(),
            _ => format!("{} {}", self.a, self.found),
        }
    }
}

const FACTS: &str = "/jakarta/configurator/facts/x%20y";

/// None of these is spoken, so none is answered; what was offered can be read, in its order.
#[tokio::test]
async fn assertion_30_extensions_are_seen_in_order_and_declined() {
    let server = running::<Facts>().await;
    let mut client = Client::tcp(server.addr).await;
    let offers = "Sec-WebSocket-Extensions: b; x=1; y, a\r\n\
                  Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    client.write(request(FACTS, offers)).await;
    let response = client.response().await;
    assert_eq!((response.status, response.header("sec-websocket-extensions")), (101, None));
    client.text("offered").await;
    let seen = "b; x=1; y, a & permessage-deflate; client_max_window_bits";
    assert_eq!(client.expect_text().await, seen);
}

/// What a client asks for stands in the request, and what was agreed on is told on both sides.
#[tokio::test]
async fn assertion_30_the_parameters_that_a_client_asks_for() {
    let set = |options: Options| options.deflate(Deflate::new().server_max_window_bits(12));
    let server = serve(Server::new().only::<Facts>().configure::<Facts>(set)).await;
    let asked = Deflate::new().client_no_context_takeover(false).client_max_window_bits(10);
    let client = wsframe::Client::new(format!("ws://{}{FACTS}", server.addr))
        .options(Options::new().deflate(asked));
    let (session, mut messages) = client.connect().await.unwrap();
    session.send("offered").await.unwrap();
    let offered = soon("the offer", messages.next()).await.unwrap();
    let name = "permessage-deflate; server_no_context_takeover";
    assert_eq!(offered, Message::text(format!("{name}; client_max_window_bits=10")));
    let agreed =
        "; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=10";
    assert_eq!(session.extensions(), Some(&*format!("{name}{agreed}")));
    session.send("agreed").await.unwrap();
    let told = soon("the agreement", messages.next()).await.unwrap();
    assert_eq!(told, Message::text(session.extensions().unwrap()));
}

#[tokio::test]
async fn assertion_31_what_the_request_says() {
    let server = running::<Facts>().await;
    let mut client = Client::tcp(server.addr).await;
    client.write(request(&format!("{FACTS}?q=1&q=a+%26"), "X-tAg: t\r\n")).await;
    assert_eq!(client.response().await.status, 101);
    client.text("found").await;
    let found = "x y /jakarta/configurator/facts/x%20y?q=1&q=a+%26 \
                 [Some(\"t\"), Some(\"t\")] [\"1\", \"a &\"] (None, Some(\"x y\"), None)";
    assert_eq!(client.expect_text().await, found);
}

#[tokio::test]
async fn assertion_32_the_client_sees_the_headers_of_the_response() {
    let response = asked::<Facts>(FACTS, "").await;
    assert_eq!((response.status, response.all("x-answer")), (101, vec!["1", "2"]));
    let server = running::<Facts>().await;
    let url = format!("ws://{}{FACTS}", server.addr);
    let (_socket, response) = tokio_tungstenite::connect_async(url).await.unwrap();
    let answers: Vec<_> = response.headers().get_all("x-answer").iter().collect();
    assert_eq!(answers, ["1", "2"]);
}

/// The builder's part of the configuration: what is set last, and strongest, is seen by the
/// configurator.
#[tokio::test]
async fn options_of_the_deployment_reach_the_configurator() {
    struct Sees;

    impl Configurator<Second> for Sees {
        fn choose_subprotocol(
            &self,
            requested: &[&str],
            spoken: &[Cow<'static, str>],
        ) -> Option<String> {
            assert_eq!((requested, spoken), (&["x", "y"][..], &["y".into(), "z".into()][..]));
            Some("x".into())
        }
    }

    let set = |options: Options| options.subprotocols(["y", "z"]);
    let server = Server::new().only::<Second>().configure::<Second>(set).configurator(Sees);
    let server = serve(server).await;
    let asked = request("/jakarta/configurator/second", "Sec-WebSocket-Protocol: x, y\r\n");
    let response = Client::ask(server.addr, asked).await;
    assert_eq!((response.status, response.header("sec-websocket-protocol")), (101, Some("x")));
}
