//! Work that is not a message: ticks, events, tasks of a session; and who a session belongs to.

use std::time::Duration;

use tokio::sync::mpsc;
use wsframe::{FromHandshake, TellError, prelude::*};
use wsframe_tests::{Client, Running, request, serve, soon};

type Seen = mpsc::UnboundedSender<Session>;

#[derive(Debug, PartialEq)]
enum Order {
    Say(String),
    Fail,
    Panic,
}

#[server_endpoint("/loop")]
struct Loop {
    #[state]
    seen: Seen,
    ticks: u32,
    busy: bool,
}

impl Loop {
    #[on_open]
    fn open(&mut self, session: Session) {
        let _ = self.seen.send(session);
    }

    #[on_tick(every = "5ms")]
    async fn tick(&mut self, session: &Session) -> wsframe::Result {
        assert!(!self.busy, "beside another handler");
        self.ticks += 1;
        if self.ticks == 3 {
            session.send("three ticks").await?;
        }
        Ok(())
    }

    #[on_event]
    async fn order(&mut self, order: Order) -> wsframe::Result<String> {
        assert!(!self.busy, "beside another handler");
        match order {
            Order::Say(text) => Ok(text),
            Order::Fail => Err("as ordered".into()),
            Order::Panic => panic!("as ordered"),
        }
    }

    #[on_message]
    async fn slow(&mut self, text: String) -> String {
        self.busy = true;
        // Several ticks are due meanwhile; they are skipped, not made up for.
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.busy = false;
        format!("{text} after {} ticks", self.ticks)
    }
}

async fn open(path: &str) -> (Running, Client, Session) {
    let (seen, mut sessions) = mpsc::unbounded_channel::<Session>();
    let server = serve(Server::new().only::<Loop>().state(seen)).await;
    let client = Client::open(server.addr, path).await;
    let session = soon("the session", sessions.recv()).await.expect("a session");
    (server, client, session)
}

#[tokio::test]
async fn ticks_come_by_themselves_and_never_beside_a_message() {
    let (server, mut client, session) = open("/loop").await;
    assert_eq!(client.expect_text().await, "three ticks");
    client.write(Client::frame(0x81, b"done").repeat(2)).await;
    let first = client.expect_text().await;
    let second = client.expect_text().await;
    let ticks = |text: &str| -> u32 {
        text.split(' ').nth(2).and_then(|n| n.parse().ok()).expect("a number")
    };
    // Ten were due meanwhile. Between the two messages there is room for the one that is late.
    assert!(ticks(&second) - ticks(&first) <= 1, "{first}, {second}");
    session.close(Close::normal());
    assert_eq!(client.expect_close().await.0, 1000);
    client.close(1000, "").await;
    server.stop().await;
}

#[tokio::test]
async fn events_are_handled_in_order_and_bounded() {
    let (_server, mut client, session) = open("/loop").await;
    client.text("busy").await;
    let mut told = 0;
    // While the handler is busy the values wait; 256 of them and not one more.
    for i in 0..100_000 {
        match session.tell(Order::Say(i.to_string())) {
            Ok(()) => told += 1,
            Err(TellError::Full(order)) => {
                assert_eq!(order, Order::Say(i.to_string()));
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(told >= 256);
    let mut next = 0;
    while next < told {
        let text = client.expect_text().await;
        if !text.contains("tick") {
            assert_eq!(text, next.to_string());
            next += 1;
        }
    }
    assert!(matches!(session.tell("of another type"), Err(TellError::NotHandled(_))));
    session.close(Close::normal());
    assert!(matches!(session.tell(Order::Fail), Err(TellError::Closed(Order::Fail))));
}

/// Told from another thread at any moment of the driver's turn, nothing stays behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_forgotten() {
    let (_server, mut client, session) = open("/loop").await;
    for i in 0..2000 {
        session.tell(Order::Say(i.to_string())).unwrap();
        loop {
            let text = client.expect_text().await;
            if text == i.to_string() {
                break;
            }
            assert_eq!(text, "three ticks");
        }
    }
}

#[tokio::test]
async fn what_fails_in_an_event_closes() {
    for order in [Order::Fail, Order::Panic] {
        let (_server, mut client, session) = open("/loop").await;
        session.tell(order).unwrap();
        loop {
            let frame = client.next().await.expect("a frame");
            if frame.first == 0x88 {
                assert_eq!(frame.payload[..2], 1011u16.to_be_bytes());
                break;
            }
        }
    }
}

/// Dropped when the task is.
struct Guard(mpsc::UnboundedSender<&'static str>);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

#[tokio::test]
async fn tasks_of_a_session_end_with_it() {
    let (server, mut client, session) = open("/loop").await;
    let (sender, mut told) = mpsc::unbounded_channel();
    let guard = Guard(sender.clone());
    session.spawn(async move {
        let _guard = guard;
        std::future::pending::<()>().await;
    });
    session.spawn(async { panic!("as ordered") });
    session.spawn({
        let session = session.clone();
        async move {
            let _ = session.send("from a task").await;
        }
    });
    while client.expect_text().await != "from a task" {}
    drop(client);
    assert_eq!(soon("the end of the task", told.recv()).await, Some("dropped"));
    soon("the end", session.closed()).await;
    let late = Guard(sender);
    session.spawn(async move {
        let _late = late;
        std::future::pending::<()>().await;
    });
    assert_eq!(told.try_recv(), Ok("dropped"), "nothing runs after the end");
    server.stop().await;
}

// ---- principals

struct Login;

impl FromHandshake for Login {
    async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
        if let Some(name) = handshake.query("name") {
            handshake.set_principal(Principal::new(name));
        }
        Ok(Self)
    }
}

#[server_endpoint("/me")]
struct Me {
    #[principal]
    me: Principal,
    #[principal]
    perhaps: Option<Principal>,
    #[extract]
    _login: Login,
}

impl Me {
    #[on_message]
    fn who(&self, _: &str) -> String {
        format!("{} {}", self.me.id(), self.perhaps.is_some())
    }
}

#[server_endpoint("/alone")]
struct Alone;

impl Alone {
    #[on_handshake]
    fn admit(&mut self, handshake: &mut Handshake) -> Result<(), Refusal> {
        let name = handshake.query("name").unwrap_or_default();
        handshake.claim(Principal::new(name))?;
        match handshake.query("then") {
            Some(_) => Err(Refusal::forbidden("after all, no")),
            None => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_claimed_principal_has_one_session() {
    let server = serve(Server::new().only::<Alone>()).await;
    let status = async |path| Client::ask(server.addr, request(path, "")).await.status;
    // A claim ends with a handshake that comes to nothing.
    assert_eq!(status("/alone?name=ann&then=refuse").await, 403);
    let mut ann = Client::open(server.addr, "/alone?name=ann").await;
    assert_eq!(status("/alone?name=ann").await, 409);
    let bob = Client::open(server.addr, "/alone?name=bob").await;
    ann.close(1000, "").await;
    ann.expect_close().await;
    ann.expect_end().await;
    while server.handle.connections() > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(status("/alone?name=ann").await, 101);
    drop(bob);
}

/// Of many that come at the same moment one gets in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_is_decided_once() {
    let server = serve(Server::new().only::<Alone>()).await;
    let addr = server.addr;
    let tries: Vec<_> = (0..20)
        .map(|_| {
            tokio::spawn(async move {
                let mut client = Client::tcp(addr).await;
                client.write(request("/alone?name=ann", "")).await;
                (client.response().await.status, client)
            })
        })
        .collect();
    let mut statuses = Vec::new();
    let mut clients = Vec::new();
    for task in tries {
        let (status, client) = task.await.unwrap();
        statuses.push(status);
        clients.push(client);
    }
    statuses.sort_unstable();
    assert_eq!(statuses[0], 101);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
}

#[tokio::test]
async fn a_principal_is_set_before_the_fields_are_bound() {
    let server = serve(Server::new().only::<Me>()).await;
    assert_eq!(Client::ask(server.addr, request("/me", "")).await.status, 401);
    let mut client = Client::open(server.addr, "/me?name=ann").await;
    client.text("").await;
    assert_eq!(client.expect_text().await, "ann true");
    assert_eq!(server.handle.user("ann").send("to ann").await.queued, 1);
    assert_eq!(client.expect_text().await, "to ann");
}
