//! Programs that we did not write, as long as a test needs them.

use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{Duration, sleep},
};
use wsframe_tests::soon;

/// A program that runs; it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Component {
    /// Where it listens.
    pub(crate) addr: SocketAddr,
    _child: Child,
}

fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where `tests/interop/install.sh` has put things.
fn home() -> PathBuf {
    let home = env::var_os("INTEROP_HOME").map(PathBuf::from);
    home.unwrap_or_else(|| tests().join("../target/interop"))
}

/// A new folder for what a program writes.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A port of the loopback that was free a moment ago, for programs that cannot choose one.
pub(crate) fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

fn start(command: &mut Command, name: &str) -> Option<Child> {
    match command.stdin(Stdio::null()).kill_on_drop(true).spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            println!("skipped: {name} cannot be started: {error}");
            None
        }
    }
}

impl Component {
    /// The echo server of `websockets`.
    pub(crate) async fn python() -> Option<Self> {
        let program = home().join("python/bin/python");
        let mut command = Command::new(program);
        command.arg(tests().join("interop/python/echo_server.py"));
        Self::saying_where(command, "python with websockets").await
    }

    /// The echo server of `ws`.
    pub(crate) async fn node() -> Option<Self> {
        Self::of_node("echo_server.mjs").await
    }

    /// The same over HTTP/2.
    pub(crate) async fn node_http2() -> Option<Self> {
        Self::of_node("echo_server_http2.mjs").await
    }

    async fn of_node(script: &str) -> Option<Self> {
        let modules = home().join("node/node_modules");
        if !modules.join("ws").exists() {
            println!("skipped: ws for node is not installed");
            return None;
        }
        let mut command = Command::new("node");
        command.arg(tests().join("interop/node").join(script)).env("NODE_PATH", modules);
        Self::saying_where(command, "node with ws").await
    }

    /// A program that prints the port that it listens on.
    async fn saying_where(mut command: Command, name: &str) -> Option<Self> {
        let mut child = start(command.stdout(Stdio::piped()), name)?;
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let line = soon("the port", lines.next_line()).await.expect("UTF-8").expect("a line");
        let port = line.strip_prefix("listening on ").expect("a port").parse().expect("a number");
        Some(Self { addr: SocketAddr::from(([127, 0, 0, 1], port)), _child: child })
    }

    /// A program that was told to listen there.
    pub(crate) async fn listening(
        name: &str,
        arguments: &[String],
        addr: SocketAddr,
    ) -> Option<Self> {
        let path = format!("{}:/usr/sbin", env::var("PATH").unwrap_or_default());
        let mut command = Command::new(name);
        command.args(arguments).env("PATH", path).stdout(Stdio::null());
        let mut child = start(&mut command, name)?;
        // Nothing tells when it is ready.
        let ready = async {
            while TcpStream::connect(addr).await.is_err() {
                if let Some(status) = child.try_wait().expect("a child") {
                    panic!("{name} has ended with {status}");
                }
                sleep(Duration::from_millis(10)).await;
            }
        };
        soon("it to listen", ready).await;
        Some(Self { addr, _child: child })
    }
}
