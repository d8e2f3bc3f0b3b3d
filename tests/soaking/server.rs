//! The server that is soaked.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::runtime::Handle;
use wsframe::{Overflow, prelude::*};

static OPENED: AtomicUsize = AtomicUsize::new(0);
static CLOSED: AtomicUsize = AtomicUsize::new(0);
static OBJECTS: AtomicUsize = AtomicUsize::new(0);
static MESSAGES: AtomicUsize = AtomicUsize::new(0);

/// Counts the objects.
struct Alive;

impl Default for Alive {
    fn default() -> Self {
        OBJECTS.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        OBJECTS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A room that everybody is in.
#[server_endpoint(
    "/soak",
    deflate = on,
    ping_interval = "2s",
    pong_timeout = "2s",
    write_timeout = "5s",
    finish_within = "1s",
    outbox = "256KiB",
    overflow = Overflow::DropOldest
)]
struct Soaked {
    _alive: Alive,
}

impl Soaked {
    #[on_open]
    async fn open(&mut self, session: &Session) -> wsframe::Result {
        OPENED.fetch_add(1, Ordering::Relaxed);
        session.join("all").await?;
        Ok(())
    }

    #[on_message]
    async fn told(&mut self, text: &str, session: &Session) -> wsframe::Result {
        MESSAGES.fetch_add(1, Ordering::Relaxed);
        match text {
            "panic" => panic!("as ordered"),
            "fail" => return Err("as ordered".into()),
            "hang" => std::future::pending().await,
            text => drop(session.room("all").send(text).await),
        }
        Ok(())
    }

    #[on_close]
    fn closed(&self) {
        CLOSED.fetch_add(1, Ordering::Relaxed);
    }
}

/// The memory that is the process's own, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// Prints its address, and what it holds every second; never returns.
pub(crate) async fn serve() -> ! {
    let server = Server::new().only::<Soaked>().max_connections(10_000);
    let bound = server.bind("127.0.0.1:0").await.expect("the server starts");
    let (addr, handle) = (bound.local_addr(), bound.handle());
    tokio::spawn(bound.run());
    println!("{addr}");
    let load = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    loop {
        let fds = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        println!(
            "kib={} fds={fds} tasks={} sessions={} members={} opened={} closed={} objects={} messages={}",
            resident(),
            Handle::current().metrics().num_alive_tasks(),
            handle.connections(),
            handle.room::<Soaked>("all").members().len(),
            load(&OPENED),
            load(&CLOSED),
            load(&OBJECTS),
            load(&MESSAGES),
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
