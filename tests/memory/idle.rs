//! What an idle connection takes on the dialling side, beside what it takes on the server. Not run with
//! the other tests:
//!
//! ```text
//! cargo test --release -p wsframe-tests --test idle -- --ignored --nocapture
//! ```
//!
//! Each side has a process of its own: the program starts itself again as the server.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::future::try_join_all;
use wsframe::{Backoff, Messages, prelude::*};
use wsframe_tests::{serve, soon};

const CONNECTIONS: usize = 4000;
/// So many dial at a time: what a dial takes for a moment is used again by the next.
const AT_A_TIME: usize = 20;
/// What one of ours may take of one of the server's.
const MOST: f64 = 1.2;

#[server_endpoint("/idle")]
struct There;

impl There {
    #[on_message]
    fn echo(&self, text: String) -> String {
        text
    }
}

/// Echoes that came back.
static ECHOES: AtomicUsize = AtomicUsize::new(0);

#[client_endpoint]
struct Here;

impl Here {
    #[on_open]
    fn hello(&self) -> &'static str {
        "hello"
    }

    #[on_message]
    fn echo(&self, _: Text) {
        ECHOES.fetch_add(1, Ordering::Relaxed);
    }
}

/// So many clients, each of which has had its echo.
async fn open(client: &Client, number: usize) {
    for _ in 0..number / AT_A_TIME {
        let all = ECHOES.load(Ordering::Relaxed) + AT_A_TIME;
        for _ in 0..AT_A_TIME {
            drop(client.start(Here)); // it goes on
        }
        soon("the echoes", async {
            while ECHOES.load(Ordering::Relaxed) < all {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// The same without an object.
async fn open_plain(client: &Client, number: usize) -> Vec<(Session, Messages)> {
    let mut all = Vec::with_capacity(number);
    for _ in 0..number / AT_A_TIME {
        let dials = (0..AT_A_TIME).map(|_| client.connect());
        for (session, mut messages) in try_join_all(dials).await.expect("the server") {
            session.send("hello").await.expect("an open session");
            assert_eq!(soon("the echo", messages.next()).await, Some("hello".into()));
            all.push((session, messages));
        }
    }
    all
}

/// The bytes of a process that are in memory and its own.
fn resident(process: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a Linux");
    let line = status.lines().find(|line| line.starts_with("RssAnon")).expect("the line");
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<usize>().ok());
    kib.expect("a number") * 1024
}

/// The server's process; it ends with this.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Another process of this program, in which `the_server` alone runs.
fn start() -> (Process, SocketAddr) {
    let mut child = Command::new(env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "the_server", "--nocapture"])
        .env("IDLE_SERVER", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let addr = lines.find_map(|line| line.ok()?.strip_prefix("at ")?.parse().ok());
    (Process(child), addr.expect("where it listens"))
}

#[tokio::test]
#[ignore = "the other half of the measurement"]
async fn the_server() {
    if env::var_os("IDLE_SERVER").is_some() {
        let server = serve(Server::new().max_connections(20_000).only::<There>()).await;
        println!("\nat {}", server.addr);
        std::io::stdout().flush().expect("a reader");
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
#[ignore = "thousands of sockets; the command stands above"]
async fn an_idle_connection_costs_little() {
    let (server, addr) = start();
    let client = Client::new(format!("ws://{addr}/idle"));
    let process = server.0.id().to_string();
    let resident = || [resident("self"), resident(&process)];
    // What is taken once is taken then.
    open(&client, 1000).await;
    let mut worst = 0.0_f64;
    let mut measure = |what, [here, there]: [usize; 2], [here_now, there_now]: [usize; 2]| {
        let here = here_now.saturating_sub(here) / CONNECTIONS;
        let there = there_now.saturating_sub(there) / CONNECTIONS;
        let ratio = here as f64 / there as f64;
        println!("a connection {what}: {here} bytes here, {there} on the server: {ratio:.2}");
        worst = worst.max(ratio);
    };
    for (what, client) in [
        ("that is the last", client.clone()),
        ("that reconnects", client.clone().reconnect(Backoff::new())),
    ] {
        let before = resident();
        open(&client, CONNECTIONS).await;
        measure(what, before, resident());
    }
    let before = resident();
    let plain = open_plain(&client, CONNECTIONS).await;
    measure("without an object", before, resident());
    drop(plain);
    assert!(worst <= MOST, "{worst}");
}
