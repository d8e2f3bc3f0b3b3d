//! Tests that need a process, because the environment is all of it.

use std::{env, net::SocketAddr, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};

use crate::soon;

/// Runs an ignored test of this binary in a process of its own, which has these variables and knows of
/// no proxy; whether it passed.
///
/// # Panics
///
/// If this program cannot be started, or comes to no end.
pub async fn in_a_process_of_its_own(test: &str, variables: &[(&str, String)]) -> bool {
    let program = env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["--exact", test, "--ignored"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method"] {
        command.env_remove(name).env_remove(name.to_ascii_uppercase());
    }
    command.envs(variables.iter().map(|(name, value)| (*name, &**value)));
    let output = soon("the process", command.kill_on_drop(true).output()).await;
    // With a name that is none it would succeed as well.
    String::from_utf8_lossy(&output.expect("this program").stdout).contains("ok. 1 passed")
}

/// A server that an ignored test of this binary is, in a process of its own.
#[derive(Debug)]
pub struct ServerProcess {
    /// Where it listens.
    pub addr: SocketAddr,
    process: Child,
    complaints: Lines<BufReader<ChildStderr>>,
}

impl ServerProcess {
    /// Starts it, with at most so many descriptors, and waits until it listens. It has the variable
    /// `WSFRAME_SERVES`.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start(test: &str, descriptors: u32) -> Self {
        let program = env::current_exe().expect("this program");
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("ulimit -n {descriptors}; exec \"$@\"")).arg("sh");
        command.arg(program).args(["--exact", test, "--ignored", "--nocapture"]);
        command.env("WSFRAME_SERVES", "1").kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("a shell");
        let mut said = BufReader::new(process.stdout.take().expect("its output")).lines();
        let complaints = BufReader::new(process.stderr.take().expect("its complaints")).lines();
        let addr = loop {
            let line = soon("the server", said.next_line()).await.expect("text");
            let line = line.expect("the server listens");
            if let Some((_, addr)) = line.split_once("listening on http://") {
                break addr.parse().expect("an address");
            }
        };
        // What it says later goes nowhere, and does not stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
        Self { addr, process, complaints }
    }

    /// Its process.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn id(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// The next complaint about something that it reports on its way.
    ///
    /// # Panics
    ///
    /// If none comes.
    pub async fn complaint(&mut self) -> String {
        loop {
            let line = soon("a complaint", self.complaints.next_line()).await.expect("text");
            let line = line.expect("the server runs");
            if line.starts_with("wsframe: ") {
                return line;
            }
        }
    }

    /// Tells it to go, as an operator does, and waits until it has ended well. How many complaints
    /// there were that nobody has looked at.
    ///
    /// # Panics
    ///
    /// If it does not end, or not well.
    pub async fn stop(mut self) -> usize {
        self.signal("TERM").await;
        let mut complaints = 0;
        while let Some(line) = soon("its end", self.complaints.next_line()).await.expect("text") {
            complaints += usize::from(line.starts_with("wsframe: "));
        }
        let status = soon("its end", self.process.wait()).await.expect("it ends");
        assert!(status.success(), "{status}");
        complaints
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// If there is no `kill`.
    pub async fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(sent.expect("kill").success(), "the process runs");
    }
}
