//! What the attributes accept, what they refuse, and with which words.
//!
//! `TRYBUILD=overwrite cargo test -p wsframe-tests --test ui` rewrites the messages. `UI=payload`
//! runs the cases whose path contains `payload`.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

#[test]
fn accepted() {
    let cases = trybuild::TestCases::new();
    for case in files("ui/pass") {
        cases.pass(case);
    }
}

#[test]
fn refused() {
    let cases = trybuild::TestCases::new();
    for case in files("ui/fail") {
        cases.compile_fail(case);
    }
}

/// The cases below a folder of this package.
fn files(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let filter = env::var("UI").unwrap_or_default();
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of the cases") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            found.extend(files(path));
        } else if path.extension().is_some_and(|ext| ext == "rs")
            && path.to_string_lossy().contains(&filter)
        {
            found.push(path);
        }
    }
    found.sort();
    found
}
