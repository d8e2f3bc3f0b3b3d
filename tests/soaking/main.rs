//! Sessions that come and go in every way for a long time, and what is left of them. Started by
//! `tests/soak SECONDS`.
//!
//! The server is this program once more, in a process of its own, so that what it takes can be told
//! from what its clients take. It prints what it holds every second.

mod churn;
mod server;

use std::{collections::BTreeMap, env, process::ExitCode, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::{Instant, timeout},
};

type Figures = BTreeMap<String, f64>;

struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start() -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.arg("serve").stdout(std::process::Stdio::piped()).kill_on_drop(true);
        // Every panic of a handler would print a line.
        command.stderr(std::process::Stdio::null());
        let mut child = command.spawn().expect("the server");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, lines }
    }

    async fn line(&mut self) -> String {
        let line = timeout(Duration::from_secs(20), self.lines.next_line()).await;
        line.expect("the server still speaks").expect("text").expect("the server runs")
    }

    /// What it holds now.
    async fn figures(&mut self) -> Figures {
        let line = self.line().await;
        line.split_whitespace()
            .filter_map(|word| word.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
            .collect()
    }
}

/// How fast it grows, by least squares, per second.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (x, y) = (x / n, y / n);
    let covariance: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let variance: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    if variance > 0.0 { covariance / variance } else { 0.0 }
}

async fn soak(seconds: u64) -> bool {
    let mut server = Process::start();
    let addr = server.line().await.parse().expect("an address");
    let before = server.figures().await;
    let churn = churn::start(addr);
    let began = Instant::now();
    let mut memory = Vec::new();
    let mut told = Instant::now();
    while began.elapsed().as_secs() < seconds {
        let now = server.figures().await;
        memory.push((began.elapsed().as_secs_f64(), now["kib"]));
        if told.elapsed() >= Duration::from_secs(30) {
            told = Instant::now();
            println!("{:>6} s {now:?}", began.elapsed().as_secs());
        }
    }
    let ends = churn.stop().await;
    // Whoever vanished is missed after a ping and its answer's time.
    let mut after = server.figures().await;
    for _ in 0..60 {
        if after["sessions"] == 0.0 && after["fds"] <= before["fds"] {
            break;
        }
        after = server.figures().await;
    }
    let warm = memory.len() / 3;
    let growth = slope(&memory[warm..]) * 3600.0 / 1024.0;
    println!("\nhow the clients ended: {ends:?}");
    println!("before: {before:?}\nafter:  {after:?}");
    println!("memory: {growth:+.2} MiB an hour after the first third");
    let mut faults = Vec::new();
    for (what, is_right) in [
        ("a session is left", after["sessions"] == 0.0),
        ("a member is left", after["members"] == 0.0),
        ("a descriptor is left", after["fds"] <= before["fds"]),
        ("a task is left", after["tasks"] <= before["tasks"]),
        ("on_close was not called once for each", after["opened"] == after["closed"]),
        ("an object is left", after["objects"] == 0.0),
        ("nothing happened", after["opened"] > seconds as f64),
    ] {
        if !is_right {
            faults.push(what);
        }
    }
    drop(server.child);
    for fault in &faults {
        println!("fault: {fault}");
    }
    faults.is_empty()
}

#[tokio::main]
async fn main() -> ExitCode {
    let argument = env::args().nth(1).unwrap_or_default();
    if argument == "serve" {
        server::serve().await;
    }
    let Ok(seconds) = argument.parse() else {
        eprintln!("how many seconds?");
        return ExitCode::from(2);
    };
    if soak(seconds).await { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
