//! Ten thousand sessions, and SIGTERM. Not run with the other tests:
//!
//! ```text
//! cargo test --release -p wsframe-tests --test drain -- --exact drains --ignored --nocapture
//! ```
//!
//! The server is this program once more, in a process of its own. Each side needs a descriptor for each
//! session.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use wsframe::{CloseReason, Server, Session, on_close, on_message, server_endpoint};
use wsframe_tests::{Client, ServerProcess};

const SESSIONS: usize = 10_000;
/// From the signal to the end of the server.
const WITHIN: Duration = Duration::from_secs(10);
const AT_A_TIME: usize = 200;

#[server_endpoint("/drain")]
struct Drain;

impl Drain {
    #[on_message]
    fn echo(&self, text: String) -> String {
        text
    }

    #[on_close]
    async fn closed(&self, _: &Session, reason: CloseReason) {
        println!("closed {}", reason.code());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test below, in a process of its own"]
async fn serves() {
    if std::env::var_os("WSFRAME_SERVES").is_some() {
        let server = Server::new().max_connections(2 * SESSIONS).only::<Drain>();
        server.serve("127.0.0.1:0").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long"]
async fn drains() {
    let server = ServerProcess::start("serves", 2 * SESSIONS as u32).await;
    let addr = server.addr;
    let mut clients = Vec::new();
    while clients.len() < SESSIONS {
        let opens = (0..AT_A_TIME).map(|_| Client::open(addr, "/drain"));
        clients.extend(futures_util::future::join_all(opens).await);
    }
    let mut ends = tokio::task::JoinSet::new();
    for mut client in clients {
        ends.spawn(async move {
            // 1006 is what a client sees that gets no close frame.
            let Some(frame) = client.next().await else { return 1006 };
            let code = frame.payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
            client.close(code, "").await;
            client.expect_end().await;
            code
        });
    }
    let began = Instant::now();
    server.stop().await;
    let took = began.elapsed();
    let mut codes = BTreeMap::new();
    while let Some(code) = ends.join_next().await {
        *codes.entry(code.unwrap()).or_insert(0) += 1;
    }
    println!("{SESSIONS} sessions drained in {took:.2?}; clients saw {codes:?}");
    assert_eq!(codes, BTreeMap::from([(1001, SESSIONS)]));
    assert!(took < WITHIN, "{took:?}");
}
