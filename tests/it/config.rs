//! What operators set from outside.

use std::{env, fs, path::PathBuf, process::Command};

use wsframe::{Config, StartupError, prelude::*};
use wsframe_tests::{Client, get, serve, soon};

#[server_endpoint("/config")]
struct Plain;

/// Its author knows how large its messages are.
#[server_endpoint("/config/large", max_message_size = "8MiB")]
struct Large;

fn server() -> Server {
    Server::new().without_link_time().endpoint::<Plain>().endpoint::<Large>()
}

async fn faults(config: Config) -> String {
    match server().config(config).bind("127.0.0.1:0").await {
        Err(error @ StartupError::Config(_)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A file that is gone when this is dropped.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = env::temp_dir().join(format!("wsframe-config-{}-{name}", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn the_operator_wins_over_the_program_but_not_over_an_attribute() {
    let vars = [
        ("WSFRAME_MAX_CONNECTIONS", "7"),
        ("WSFRAME_CONNECTION_RATE", "600/min"),
        ("WSFRAME_MAX_MESSAGE_SIZE", "1KiB"),
        ("WSFRAME_PING_INTERVAL", "off"),
        ("HOME", "/"),
    ];
    let bound = server()
        .config(Config::new().vars(vars))
        .max_connections(1)
        .max_headers(9)
        .options(|options| options.max_message_size(5_usize).outbox(6_usize))
        .configure::<Large>(|options| options.outbox(8_usize))
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let limits = bound.limits().to_string();
    for line in [
        "max_connections = 7 (WSFRAME_MAX_CONNECTIONS)",
        "connection_rate = 600/min (WSFRAME_CONNECTION_RATE)",
        "max_headers = 9 (server)",
        "head_timeout = 10s (default)",
    ] {
        assert!(limits.lines().any(|given| given == line), "{line}:\n{limits}");
    }
    let table = bound.table().to_string();
    let (plain, large) = table.split_once("/config/large").unwrap();
    for (of, text) in [
        (plain, "max_message_size = 1024 (config)"),
        (plain, "outbox = 6 (server)"),
        (large, "max_message_size = 8388608 (attribute)"),
        (large, "outbox = 8 (configure)"),
        (large, "ping_interval = off (config)"),
    ] {
        assert!(of.contains(text), "{text}:\n{table}");
    }
}

#[tokio::test]
async fn it_counts_and_is_listened_on() {
    let config = Config::new().vars([
        ("WSFRAME_ADDRESS", "127.0.0.1:0"),
        ("WSFRAME_HEALTH_ON", "127.0.0.1:0"),
        ("WSFRAME_MAX_HEADERS", "1"),
        ("WSFRAME_ORIGINS", "https://a.test,https://b.test"),
    ]);
    // The program's own address cannot be listened on.
    let bound = server().config(config).bind("192.0.2.1:1").await.unwrap();
    let (addr, health) = (bound.local_addr(), bound.health_addr().unwrap());
    let handle = bound.handle();
    let running = tokio::spawn(bound.run());
    assert_eq!(Client::ask(health, get("/readyz")).await.status, 200);
    let two = "GET /config HTTP/1.1\r\nHost: localhost\r\nX-More: 1\r\n\r\n";
    assert_eq!(Client::ask(addr, two).await.status, 431);
    handle.shutdown();
    soon("the end", running).await.unwrap();

    // So do the options of connections.
    let config = Config::new().vars([("WSFRAME_ORIGINS", "https://a.test")]);
    let running = serve(server().config(config)).await;
    for (origin, status) in [("https://a.test", 101), ("https://b.test", 403)] {
        let asked = wsframe_tests::request("/config", &format!("Origin: {origin}\r\n"));
        assert_eq!(Client::ask(running.addr, asked).await.status, status, "{origin}");
    }
}

#[tokio::test]
async fn all_faults_come_together_with_their_places() {
    let file = File::new("faults.toml", "max_connections = 0\n\n[chat]\nroom = 1\n");
    let shown = file.0.display().to_string();
    let found = faults(Config::new().file(&file.0).file("/no/such/file.toml").vars([
        ("WSFRAME_MAX_CONECTIONS", "5"),
        ("WSFRAME_PASSWORD", "secret"),
        ("WSFRAME_HEAD_TIMEOUT", "5"),
        ("WSFRAME_TLS_KEY", "key.pem"),
        ("WSFRAME_ORIGINS", "https://a.test, a.test/path"),
    ]))
    .await;
    for part in [
        &*format!("{shown}:1: `max_connections` = \"0\": zero lets nothing through"),
        &format!("{shown}:3: `chat`: there is no such setting"),
        "/no/such/file.toml: No such file",
        "WSFRAME_MAX_CONECTIONS: there is no such setting, did you mean `WSFRAME_MAX_CONNECTIONS`?",
        "WSFRAME_PASSWORD: there is no such setting",
        "WSFRAME_HEAD_TIMEOUT: `head_timeout` = \"5\": a duration needs a unit: `\"5s\"`",
        "WSFRAME_ORIGINS: `origins` = \"https://a.test, a.test/path\": ",
        "WSFRAME_TLS_KEY: `tls_certificate` and `tls_key` are set together or not at all",
    ] {
        assert!(found.contains(part), "{part}:\n{found}");
    }
    assert_eq!(found.lines().count(), 9, "{found}");
    assert!(!found.contains("secret"), "the value of what is not ours is nobody's business");
    let found = faults(Config::new().file(File::new("syntax.toml", "a = 1\nb = = 2\n").0.clone()));
    let found = found.await;
    assert!(found.contains("syntax.toml"), "{found}");
}

/// A Service named `wsframe` gives its pods variables that look like ours.
#[tokio::test]
async fn what_kubernetes_adds_is_passed_over() {
    let added = [
        ("WSFRAME_SERVICE_HOST", "10.0.0.11"),
        ("WSFRAME_SERVICE_PORT", "80"),
        ("WSFRAME_SERVICE_PORT_HTTP", "80"),
        ("WSFRAME_PORT", "tcp://10.0.0.11:80"),
        ("WSFRAME_PORT_80_TCP_ADDR", "10.0.0.11"),
    ];
    let bound = server().config(Config::new().vars(added)).bind("127.0.0.1:0").await.unwrap();
    assert!(!bound.limits().to_string().contains("WSFRAME_"));
    let found = faults(Config::new().vars([("WSFRAME_PORTS", "1"), ("WSFRAME_SERVICE", "1")]));
    assert_eq!(found.await.lines().count(), 3);
}

#[tokio::test]
async fn a_file_is_weaker_than_the_environment_that_names_it() {
    let text = "max_connections = 50_000\nmax_headers = 12\norigins = [\"https://a.test\", \
                \"https://b.test\"]\ndeflate = true\nidle_timeout = \"5m\"\n";
    let file = File::new("file.toml", text);
    let path = file.0.display().to_string();
    let vars = [("WSFRAME_MAX_CONNECTIONS", "5"), ("WSFRAME_CONFIG", &*path)];
    let bound = server().config(Config::new().vars(vars)).bind("127.0.0.1:0").await.unwrap();
    let limits = bound.limits().to_string();
    assert!(limits.contains("max_connections = 5 (WSFRAME_MAX_CONNECTIONS)"), "{limits}");
    assert!(limits.contains(&format!("max_headers = 12 ({path}:2)")), "{limits}");
    let table = bound.table().to_string();
    for text in ["deflate = on (config)", "idle_timeout = 300s (config)", "https://b.test"] {
        assert!(table.contains(text), "{text}:\n{table}");
    }
}

#[tokio::test]
async fn certificates_are_named_by_the_operator() {
    let issued = wsframe_tests::Authority::new("ours").local();
    let (chain, key) = (File::new("chain.pem", &issued.pem), File::new("key.pem", &issued.key));
    let vars = [
        ("WSFRAME_TLS_CERTIFICATE", chain.0.display().to_string()),
        ("WSFRAME_TLS_KEY", key.0.display().to_string()),
        ("WSFRAME_HTTP2", "on".to_owned()),
    ];
    let running = serve(server().config(Config::new().vars(vars))).await;
    // It says nothing to who does not speak TLS.
    let mut client = Client::tcp(running.addr).await;
    client.write(get("/config")).await;
    let mut answer = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut client.tcp, &mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    drop((chain, key));
    let vars = [("WSFRAME_TLS_CERTIFICATE", "/none.pem"), ("WSFRAME_TLS_KEY", "/none.pem")];
    let missing = server().config(Config::new().vars(vars)).bind("127.0.0.1:0").await;
    assert!(matches!(missing, Err(StartupError::Tls(_))), "{missing:?}");
}

const INSIDE: &str = "WSFRAME_TESTS_INSIDE";

/// What a test of this file writes where it runs once more, in a process with this variable.
fn inside(test: &str, name: &str, value: &str) -> String {
    let ran = Command::new(env::current_exe().unwrap())
        .args([&*format!("config::{test}"), "--exact", "--nocapture"])
        .env(name, value)
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let written = [ran.stdout, ran.stderr].concat();
    let written = String::from_utf8_lossy(&written).into_owned();
    assert!(ran.status.success() && written.contains("1 passed"), "{written}");
    written
}

/// The variables of the process; they are set for one of its own.
#[tokio::test]
async fn the_environment_of_the_process_is_read() {
    if env::var_os(INSIDE).is_some() {
        let found = faults(Config::new().env()).await;
        // The variable that brought us here is none of ours, and is told like any other.
        assert!(found.contains("WSFRAME_MAX_HEADERS: `max_headers` = \"many\""), "{found}");
        assert!(found.contains(INSIDE), "{found}");
        return;
    }
    inside("the_environment_of_the_process_is_read", "WSFRAME_MAX_HEADERS", "many");
}

#[tokio::test]
async fn the_terminal_is_left_alone_where_that_is_wanted() {
    if env::var_os(INSIDE).is_some() {
        let log = ("WSFRAME_LOG", env::var("TERMINAL").unwrap());
        let server = server().config(Config::new().vars([log])).on_start(|handle| async move {
            handle.shutdown();
            Ok(())
        });
        return server.serve("127.0.0.1:0").await.unwrap();
    }
    for (log, heard) in [("terminal", true), ("off", false)] {
        let test = "the_terminal_is_left_alone_where_that_is_wanted";
        let written = inside(test, "TERMINAL", log);
        assert_eq!(written.contains("listening on http://"), heard, "{log}:\n{written}");
        assert_eq!(written.contains("max_connections = "), heard, "{log}:\n{written}");
    }
}
