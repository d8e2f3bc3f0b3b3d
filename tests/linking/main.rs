//! A user's workspace with its endpoints in libraries: found where the program names the library,
//! by whatever name that knows our crate, and missed with a clear word where it does not.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use wsframe_tests::Client;

/// Copies `from` and puts the path of our crate into the manifests.
fn copy(from: &Path, to: &Path, wsframe: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target, wsframe);
        } else {
            let text = fs::read_to_string(&path).expect("UTF-8");
            let text = text.replace("WSFRAME", wsframe.to_str().expect("UTF-8"));
            fs::write(target, text).expect("a file");
        }
    }
}

/// Builds the outside workspace; where its programs lie.
fn build() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.join("..").canonicalize().expect("the root");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside");
    copy(&here.join("linking/outside"), &home, &root.join("wsframe"));
    // The same versions as ours, which are there already.
    fs::copy(root.join("Cargo.lock"), home.join("Cargo.lock")).expect("the lock file");
    let target = home.join("target");
    let status = Command::new(env::var("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--offline", "--quiet", "--bins"])
        .current_dir(&home)
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .expect("cargo");
    assert!(status.success(), "the outside workspace does not build");
    target.join("debug")
}

/// Ends the program whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn endpoints_of_libraries_are_found_if_they_are_named() {
    let programs = build();

    let program = Command::new(programs.join("linked")).stdout(Stdio::piped()).spawn();
    let mut program = Running(program.expect("the program"));
    let mut said = String::new();
    let stdout = program.0.stdout.take().expect("stdout");
    BufReader::new(stdout).read_line(&mut said).expect("a line");
    let addr = said.trim().strip_prefix("listening on http://").expect("where it listens");
    let addr = addr.parse().expect("an address");
    let mut client = Client::open(addr, "/greet/ann?times=2").await;
    client.text("hello").await;
    assert_eq!(client.expect_text().await, "hello ann");
    assert_eq!(client.expect_text().await, "hello ann");
    for path in ["/renamed", "/addressed/hall"] {
        let mut client = Client::open(addr, path).await;
        client.text("hello").await;
        assert_eq!(client.expect_text().await, "hello", "{path}");
    }

    let output = Command::new(programs.join("forgotten")).output().expect("the program");
    assert!(!output.status.success());
    let report = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(report.contains("as _;"), "it does not say what to write:\n{report}");
}
