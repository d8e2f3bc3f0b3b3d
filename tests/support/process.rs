//! Tests that need a process, because the environment is all of it.

use std::env;

use crate::soon;

/// Runs an ignored test of this binary in a process of its own, which has these variables and knows of
/// no proxy; whether it passed.
///
/// # Panics
///
/// If this program cannot be started, or comes to no end.
pub async fn in_a_process_of_its_own(test: &str, variables: &[(&str, String)]) -> bool {
    let program = env::current_exe().expect("this program");
    let mut command = tokio::process::Command::new(program);
    command.args(["--exact", test, "--ignored"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method"] {
        command.env_remove(name).env_remove(name.to_ascii_uppercase());
    }
    command.envs(variables.iter().map(|(name, value)| (*name, &**value)));
    let output = soon("the process", command.kill_on_drop(true).output()).await;
    // With a name that is none it would succeed as well.
    String::from_utf8_lossy(&output.expect("this program").stdout).contains("ok. 1 passed")
}
