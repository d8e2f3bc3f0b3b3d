//! Clients that come, say something and leave, each in another way.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinSet,
    time::{sleep, timeout},
};
use wsframe_tests::{Client, request};

const AT_A_TIME: usize = 48;

const ENDS: &[&str] =
    &["close", "reset", "leave", "silent", "panic", "fail", "hang", "slow", "half a frame", "rude"];

pub(crate) struct Churn {
    stop: Arc<AtomicBool>,
    clients: JoinSet<BTreeMap<&'static str, u32>>,
}

impl Churn {
    /// How often a client ended in which way.
    pub(crate) async fn stop(mut self) -> BTreeMap<&'static str, u32> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = BTreeMap::new();
        while let Some(ends) = self.clients.join_next().await {
            for (end, times) in ends.expect("a client does not panic") {
                *all.entry(end).or_default() += times;
            }
        }
        all
    }
}

pub(crate) fn start(addr: SocketAddr) -> Churn {
    let stop = Arc::new(AtomicBool::new(false));
    let turns = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let (stop, turns) = (stop.clone(), turns.clone());
        clients.spawn(async move {
            let mut ends = BTreeMap::new();
            while !stop.load(Ordering::Relaxed) {
                let turn = turns.fetch_add(1, Ordering::Relaxed);
                *ends.entry(visit(addr, turn).await).or_default() += 1;
            }
            ends
        });
    }
    Churn { stop, clients }
}

/// Reads for a while and throws it away.
async fn listen(client: &mut Client, time: Duration) {
    let mut scrap = vec![0; 64 * 1024];
    let reading = async { while client.tcp.read(&mut scrap).await.is_ok_and(|read| read > 0) {} };
    let _ = timeout(time, reading).await;
}

/// One session; what became of it. Whatever is written may fail: the server may have had enough.
async fn visit(addr: SocketAddr, turn: u64) -> &'static str {
    let mut client = Client::tcp(addr).await;
    // Every third with compression.
    let extra = if turn.is_multiple_of(3) {
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    } else {
        ""
    };
    client.write(request("/soak", extra)).await;
    assert_eq!(client.response().await.status, 101);
    for _ in 0..turn % 4 {
        let message = "all that is said is said again. ".repeat(1 + turn as usize % 40);
        let _ = client.tcp.write_all(&Client::frame(0x81, message.as_bytes())).await;
        listen(&mut client, Duration::from_millis(20)).await;
    }
    // What takes long comes seldom, or there would be little else.
    let end = match turn % 97 {
        0 => "silent",
        1 => "slow",
        2..5 => "hang",
        other => ENDS[other as usize % ENDS.len()],
    };
    let end =
        if turn % 97 > 4 && ["silent", "slow", "hang"].contains(&end) { "close" } else { end };
    let (order, patience) = match end {
        "close" => (Client::frame(0x88, &1000_u16.to_be_bytes()), 1000),
        "panic" | "fail" => (Client::frame(0x81, end.as_bytes()), 1000),
        "hang" => (Client::frame(0x81, b"hang"), 10),
        "half a frame" => (Client::frame(0x81, b"half a frame")[..7].to_vec(), 0),
        "rude" => (vec![0xff; 20], 1000),
        _ => (Vec::new(), 0),
    };
    let _ = client.tcp.write_all(&order).await;
    listen(&mut client, Duration::from_millis(patience)).await;
    match end {
        // No answer to a ping, and after it not even to what TCP says.
        "silent" | "slow" => sleep(Duration::from_secs(6)).await,
        "reset" => {
            client.reset();
            return end;
        }
        _ => {}
    }
    end
}
