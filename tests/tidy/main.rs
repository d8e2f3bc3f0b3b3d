//! The house rules that a compiler does not hold: which module may use which, what is named where,
//! how long a file may be.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The floors, lowest first. A module uses itself and modules on lower floors, nothing else.
const FLOORS: &[&[&str]] = &[
    &["message", "route", "handshake", "limits", "telemetry", "socket"],
    &["wire", "codec", "tls"],
    &["outbox"],
    &["room"],
    &["session"],
    &["endpoint"],
    &["connection"],
    &["registry", "client"],
    &["server", "private", "prelude", "attributes", "guide"],
    &["testing"],
];

/// What may be named only in some places: a word, and the modules that may say it.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("hyper::", &["server", "client"]),
    ("hyper_util::", &["server", "client"]),
    ("inventory", &["registry", "private"]),
    ("tokio::net", &["server", "client", "outbox", "connection", "socket"]),
    ("rustix", &["socket"]),
    ("h2::", &["client"]),
    ("rustls", &["tls"]),
    ("serde_json", &["codec"]),
    ("rmp_serde", &["codec"]),
    ("prost", &["codec"]),
];

/// Modules that do no IO and read no clock.
const PURE: &[&str] = &["message", "route", "handshake", "wire", "codec", "limits"];
const IMPURE: &[&str] =
    &["tokio::", "TcpStream", "UdpSocket", "std::fs", "Instant", "SystemTime", "thread::spawn"];

const LONGEST: usize = 550;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source file below `folder`, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                files.push((path, text));
            }
        }
    }
    files.sort();
    files
}

/// The modules of the runtime with their code, comments and unit tests left out.
fn modules() -> Vec<(String, PathBuf, String)> {
    let src = root().join("wsframe/src");
    sources("wsframe/src")
        .into_iter()
        .filter(|(path, _)| path.file_name().is_some_and(|name| name != "tests.rs"))
        .filter_map(|(path, text)| {
            let inside = path.strip_prefix(&src).expect("below src");
            let module = inside.iter().next()?.to_str()?.trim_end_matches(".rs").to_owned();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .map(|line| format!("{line}\n"))
                .collect();
            (module != "lib").then_some((module, path, code))
        })
        .collect()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The names that follow `crate::` in `code`: one, or those of a list in braces.
fn used(code: &str) -> Vec<String> {
    let name = |text: &str| {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if at > 0 && code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.push(name(rest));
            continue;
        };
        let (mut depth, mut item) = (1, String::new());
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 || (depth == 1 && c == ',') {
                found.push(name(item.trim()));
                item.clear();
                if depth == 0 {
                    break;
                }
            } else {
                item.push(c);
            }
        }
    }
    found.retain(|name| !name.is_empty() && name != "self");
    found
}

#[test]
fn modules_use_only_lower_floors() {
    let mut faults = Vec::new();
    for (module, path, code) in modules() {
        let Some(own) = floor(&module) else {
            faults.push(format!("{}: `{module}` has no floor", path.display()));
            continue;
        };
        for name in used(&code) {
            // The top floors speak of the names in the crate's root, as users do.
            let public = Some(own) >= floor("server") && floor(&name).is_none();
            let below = floor(&name).is_some_and(|floor| floor < own);
            if name != module && !below && !public {
                faults.push(format!("{}: `{module}` uses `{name}`", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn libraries_are_named_only_where_they_belong() {
    let mut faults = Vec::new();
    for (module, path, code) in modules() {
        for (word, allowed) in ONLY_IN {
            if code.contains(word) && !allowed.contains(&module.as_str()) {
                faults.push(format!("{}: names `{word}`", path.display()));
            }
        }
        for word in IMPURE {
            if PURE.contains(&module.as_str()) && code.contains(word) {
                faults.push(format!("{}: `{module}` is pure, but names `{word}`", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Every part of the contract has a default, so the compiler does not miss what is left out there.
#[test]
fn endpoints_around_another_pass_everything_on() {
    let read = |path| fs::read_to_string(root().join("wsframe/src").join(path)).expect("a file");
    let contract = read("endpoint/mod.rs");
    let parts: Vec<_> = contract
        .lines()
        .filter_map(|line| {
            let line = line.strip_prefix("    ")?.trim_start_matches("async ");
            let end = line.find(['(', ':', '<'])?;
            (line.starts_with("fn ") || line.starts_with("const ")).then_some(&line[..end])
        })
        .collect();
    assert!(parts.len() >= 19, "{parts:?}");
    let shared = read("endpoint/wrapper.rs");
    for around in ["connection/blocking.rs", "client/lent.rs"] {
        let own = read(around);
        let missing: Vec<_> = parts
            .iter()
            .filter(|part| !shared.contains(**part) && !own.contains(**part))
            // Around what blocks nothing blocks any more.
            .filter(|part| (around, **part) != ("connection/blocking.rs", "const BLOCKING"))
            .collect();
        assert!(missing.is_empty(), "{around} lacks {missing:?}");
    }
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<_> = ["wsframe", "wsframe-macros", "examples", "tests"]
        .into_iter()
        .flat_map(sources)
        .filter(|(path, text)| {
            text.lines().count() > LONGEST && !path.components().any(|c| c.as_os_str() == "target")
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(long.is_empty(), "over {LONGEST} lines: {long:?}");
}

/// The check above would be worth nothing if it found nothing.
#[test]
fn uses_are_found() {
    assert_eq!(used("use crate::wire::Fault;"), ["wire"]);
    assert_eq!(used("use crate::{\n    a::{b, c},\n    d,\n};\ncrate::e::f()"), ["a", "d", "e"]);
    assert!(modules().len() > 50);
}

/// What an attribute reads while compiling, an operator's setting is when the server starts: in the same
/// words, so by the same file. A crate of macros has nothing else to give to another.
#[test]
fn values_are_read_in_one_way() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("the file");
    let (attribute, config) = (
        read("wsframe-macros/src/parse/literal/quantity.rs"),
        read("wsframe/src/server/config/quantity.rs"),
    );
    assert!(attribute == config, "the two files named quantity.rs differ");
}

/// The example that the README shows off with stays as short as it says.
#[test]
fn echo_has_at_most_fifteen_lines() {
    let text = fs::read_to_string(root().join("examples/echo/main.rs")).expect("the example");
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//"));
    assert!(lines.count() <= 15);
}

/// The tests that a page names, each in the file that its name says; how many they are.
fn named_tests(page: &str) -> usize {
    let text = fs::read_to_string(root().join("wsframe/docs").join(page)).expect("a page");
    let mut named = 0;
    for name in text.split('`').filter(|word| word.contains("::") && !word.contains(' ')) {
        let (file, test) = name.rsplit_once("::").expect("a test");
        let (inside, outside) = (root().join("wsframe/src").join(file), root().join("tests"));
        let places = [
            outside.join("it").join(file).with_extension("rs"),
            outside.join(file).with_extension("rs"),
            outside.join(file).join("main.rs"),
            inside.with_extension("rs"),
            inside.join("tests.rs"),
        ];
        let wanted = format!("fn {test}(");
        let found = places.iter().filter_map(|path| fs::read_to_string(path).ok());
        assert!(found.into_iter().any(|text| text.contains(&wanted)), "there is no test {name}");
        named += 1;
    }
    named
}

/// These pages say which test holds what; a test that is renamed or gone makes them a lie.
#[test]
fn the_tests_that_the_pages_name_are_there() {
    for (page, least) in [("guide/security.md", 50), ("reliability.md", 50)] {
        let named = named_tests(page);
        assert!(named > least, "{page}: {named}");
    }
}
