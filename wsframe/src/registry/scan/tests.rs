use std::{future::Future, time::Duration};

use super::*;
use crate::{
    endpoint::{Endpoint, Handshake, StateKey},
    handshake::{Origins, Refusal},
    registry::Place,
};

/// An endpoint that only has to be found: its path, and if it has them its options and states.
macro_rules! endpoint {
    ($name:ident, $path:literal $(, options = $options:expr)? $(, states = $states:expr)?) => {
        struct $name;

        impl Endpoint for $name {
            const PATH: &'static str = $path;
            $(fn options() -> Options { $options })?
            $(fn states() -> Vec<StateKey> { $states })?
            fn bind(_: &mut Handshake) -> impl Future<Output = Result<Self, Refusal>> + Send {
                std::future::ready(Ok(Self))
            }
        }
    };
}

endpoint!(Chat, "/chat/<room>");
endpoint!(Talk, "/chat/<name>");
endpoint!(Echo, "/echo");
endpoint!(Root, "/");
endpoint!(Braces, "/braces/{id}");
endpoint!(Slow, "/slow", options = Options::new().outbox(64_usize).ping_interval(None));
endpoint!(Needy, "/needy", states = vec![StateKey::of::<String>(), StateKey::of::<u32>()]);
endpoint!(
    Wrong,
    "/wrong",
    options = Options::new().outbox(0_usize).subprotocols(["a b"]).origins(["*"])
);

fn at<E: Endpoint>(package: &'static str, line: u32) -> Descriptor {
    Descriptor::of::<E>(Place { package, file: "src/lib.rs", line })
}

fn scan(linked: &[Descriptor]) -> Result<Table, Faults> {
    Scan::default().run_over(linked.iter().copied(), &States::default())
}

impl Scan {
    fn over(&self, linked: &[Descriptor]) -> Result<Table, Faults> {
        self.run_over(linked.iter().copied(), &States::default())
    }
}

fn paths(table: &Table) -> Vec<&str> {
    table.iter().map(|(template, _)| template.as_str()).collect()
}

/// The report has this many entries, and all of these texts.
#[track_caller]
fn assert_report(result: Result<Table, Faults>, entries: usize, texts: &[&str]) {
    let faults = result.expect_err("faults");
    let report = faults.to_string();
    assert_eq!(faults.len(), entries, "{report}");
    for text in texts {
        assert!(report.contains(text), "{text:?} is not in\n{report}");
    }
}

#[test]
fn the_order_of_linking_means_nothing() {
    let all = [at::<Echo>("app", 3), at::<Chat>("app", 2), at::<Root>("app", 9)];
    let mut backwards = all;
    backwards.reverse();
    assert_eq!(paths(&scan(&all).unwrap()), ["/", "/chat/<room>", "/echo"]);
    assert_eq!(paths(&scan(&backwards).unwrap()), ["/", "/chat/<room>", "/echo"]);
    let faulty = [at::<Talk>("app", 7), at::<Braces>("app", 1), at::<Chat>("app", 2)];
    let mut backwards = faulty;
    backwards.reverse();
    assert_eq!(scan(&faulty).unwrap_err(), scan(&backwards).unwrap_err());
}

#[test]
fn the_table_finds_the_endpoint_and_its_parameters() {
    let table = scan(&[at::<Chat>("app", 2), at::<Echo>("app", 3)]).unwrap();
    let (deployed, params) = table.find("/chat/rust").unwrap().unwrap();
    assert_eq!((deployed.descriptor.type_id)(), TypeKey::of::<Chat>().id);
    assert_eq!(params.get("room"), Some("rust"));
    assert!(table.find("/nowhere").unwrap().is_none());
    assert!(table.find("/%zz").is_err());
}

#[test]
fn equivalent_templates_name_both_places() {
    let linked = [at::<Chat>("app", 2), at::<Talk>("app", 7), at::<Echo>("app", 9)];
    assert_report(
        scan(&linked),
        1,
        &["/chat/<room>", "/chat/<name>", "src/lib.rs:2", "src/lib.rs:7", "::Chat`", "::Talk`"],
    );
    let third = Descriptor { path: "/chat/<x>", ..at::<Echo>("app", 9) };
    assert_report(scan(&[linked[0], linked[1], third]), 1, &["src/lib.rs:9"]);
    let equal = Descriptor { path: "/echo", ..at::<Chat>("app", 1) };
    assert_report(scan(&[at::<Echo>("app", 4), equal]), 1, &["src/lib.rs:1", "src/lib.rs:4"]);
}

#[test]
fn all_faults_are_reported_at_once() {
    let scan = Scan {
        options: Options::new().pong_timeout(Duration::ZERO),
        configured: HashMap::from([(TypeKey::of::<String>(), Options::new())]),
        ..Scan::default()
    };
    let linked = [
        at::<Chat>("app", 1),
        at::<Talk>("app", 2),
        at::<Braces>("app", 3),
        at::<Needy>("app", 4),
        at::<Wrong>("app", 5),
        at::<Slow>("app", 6),
    ];
    assert_report(
        scan.over(&linked),
        // One for the server, not one for each of its endpoints.
        9,
        &[
            "`configure::<alloc::string::String>`",
            "an option of the server\n     `pong_timeout` is zero",
            "`{id}` is written `<id>`",
            "answer the same paths",
            "`alloc::string::String`",
            "`u32`",
            "`outbox` is zero",
            "subprotocol `a b`",
            "origin `*`",
            "src/lib.rs:5",
            "(set by: attribute)",
        ],
    );
}

#[test]
fn state_that_is_there_is_no_fault() {
    let mut states = States::default();
    states.insert(String::from("shared"));
    let over = |states: &States| Scan::default().run_over([at::<Needy>("app", 1)], states);
    assert_report(over(&states), 1, &["`u32`", "src/lib.rs:1"]);
    states.insert(7_u32);
    assert_eq!(paths(&over(&states).unwrap()), ["/needy"]);
}

#[test]
fn no_endpoints_is_a_fault_that_names_the_cause() {
    assert_report(scan(&[]), 1, &["`use that_crate as _;`", "--whole-archive", "feature"]);

    let without = Scan { link_time: false, ..Scan::default() };
    assert_report(without.over(&[at::<Echo>("app", 1)]), 1, &["`without_link_time()`"]);

    let none = Filter { predicate: Some(Arc::new(|_| false)), ..Filter::default() };
    let filtered = Scan { filter: none, ..Scan::default() };
    assert_report(filtered.over(&[at::<Echo>("app", 1)]), 1, &["filter", "Echo` at src/lib.rs:1"]);
}

#[test]
fn filters_choose_by_type_package_and_predicate() {
    let linked = [at::<Chat>("my-app", 1), at::<Echo>("other", 2), at::<Root>("other", 3)];
    let served = |filter: Filter| {
        let table = Scan { filter, ..Scan::default() }.over(&linked).unwrap();
        paths(&table).join(" ")
    };
    let types = vec![TypeKey::of::<Chat>(), TypeKey::of::<Echo>()];
    assert_eq!(served(Filter { types: types.clone(), ..Filter::default() }), "/chat/<room> /echo");
    let packages = vec!["my_app".into()];
    assert_eq!(served(Filter { packages: packages.clone(), ..Filter::default() }), "/chat/<room>");
    let short = Filter { predicate: Some(Arc::new(|d| d.path.len() < 6)), ..Filter::default() };
    assert_eq!(served(short), "/ /echo");
    // All that is set has to agree.
    assert_eq!(served(Filter { types, packages, predicate: None }), "/chat/<room>");
}

#[test]
fn names_that_lead_nowhere_are_faults() {
    let linked = [at::<Chat>("app", 1), at::<Echo>("app", 2)];
    let filter = Filter {
        types: vec![TypeKey::of::<Chat>(), TypeKey::of::<Root>()],
        packages: vec!["app".into(), "lost-crate".into()],
        predicate: None,
    };
    assert_report(
        Scan { filter, ..Scan::default() }.over(&linked),
        2,
        &["`only::<", "::Root>`", "`lost-crate`", "`use lost_crate as _;`"],
    );
    let left_out = Scan {
        filter: Filter { types: vec![TypeKey::of::<Chat>()], ..Filter::default() },
        configured: HashMap::from([(TypeKey::of::<Echo>(), Options::new())]),
        ..Scan::default()
    };
    assert_report(left_out.over(&linked), 1, &["Echo` at src/lib.rs:2", "leaves out"]);
}

#[test]
fn an_endpoint_given_by_hand_counts_once_and_passes_the_filter() {
    let scan = Scan {
        by_hand: vec![at::<Chat>("tests", 99), at::<Chat>("tests", 98), at::<Echo>("tests", 97)],
        filter: Filter { types: vec![TypeKey::of::<Root>()], ..Filter::default() },
        ..Scan::default()
    };
    let table =
        scan.over(&[at::<Chat>("app", 1), at::<Root>("app", 2), at::<Slow>("app", 3)]).unwrap();
    assert_eq!(paths(&table), ["/", "/chat/<room>", "/echo"]);
    // The struct's own place is the better one to show.
    let (chat, _) = table.find("/chat/x").unwrap().unwrap();
    assert_eq!(chat.descriptor.place.line, 1);

    let alone = Scan { link_time: false, ..scan };
    let table = Scan { filter: Filter::default(), ..alone }.over(&[at::<Root>("app", 2)]).unwrap();
    assert_eq!(paths(&table), ["/chat/<room>", "/echo"]);
}

fn mount(prefix: &'static str, types: Vec<TypeKey>) -> Mount {
    Mount { prefix: prefix.into(), filter: Filter { types, ..Filter::default() } }
}

#[test]
fn mounts_shift_what_they_choose() {
    let linked = [at::<Chat>("app", 1), at::<Root>("app", 2), at::<Echo>("app", 3)];
    let mounts = vec![
        mount("/api", vec![TypeKey::of::<Chat>(), TypeKey::of::<Root>()]),
        mount("/<tenant>", vec![TypeKey::of::<Echo>()]),
    ];
    let table = Scan { mounts, ..Scan::default() }.over(&linked).unwrap();
    assert_eq!(paths(&table), ["/<tenant>/echo", "/api/", "/api/chat/<room>"]);
    // A mount that moves one of two equivalent templates ends the conflict, or makes one.
    let talk = [at::<Chat>("app", 1), at::<Talk>("app", 2)];
    let mounts = vec![mount("/v2", vec![TypeKey::of::<Talk>()])];
    assert!(Scan { mounts, ..Scan::default() }.over(&talk).is_ok());
}

#[test]
fn faulty_mounts_are_reported_once() {
    let linked = [at::<Chat>("app", 1), at::<Echo>("app", 2)];
    let mounted = |mounts| Scan { mounts, ..Scan::default() }.over(&linked);
    assert_report(mounted(vec![mount("/api/", vec![])]), 1, &["prefix of a mount", "`/api/`"]);
    assert_report(
        mounted(vec![mount("/<room>", vec![])]),
        1,
        &["`/<room>/chat/<room>`", "occurs twice", "src/lib.rs:1"],
    );
    let chat = TypeKey::of::<Chat>();
    assert_report(
        mounted(vec![mount("/a", vec![chat]), mount("/b", vec![chat])]),
        1,
        &["more than once: at `/a`, `/b`"],
    );
    let nobody = Filter { predicate: Some(Arc::new(|_| false)), ..Filter::default() };
    let empty = Mount { prefix: "/none".into(), filter: nobody };
    assert_report(mounted(vec![empty]), 1, &["`/none` chooses no endpoint"]);
}

#[test]
fn options_come_from_the_strongest_level_and_the_table_says_which() {
    let scan = Scan {
        options: Options::new().outbox(32_usize).max_fragments(5_usize).origins(Origins::Any),
        configured: HashMap::from([(
            TypeKey::of::<Slow>(),
            Options::new().max_fragments(9_usize).subprotocols(["v1"]),
        )]),
        ..Scan::default()
    };
    let table = scan.over(&[at::<Slow>("my-app", 12), at::<Echo>("app", 3)]).unwrap();
    let (slow, _) = table.find("/slow").unwrap().unwrap();
    assert_eq!(slow.settings().outbox, 64);
    assert_eq!(slow.settings().max_fragments, 9);
    assert_eq!(*slow.subprotocols, ["v1"]);
    assert!(matches!(slow.origins, crate::handshake::AllowedOrigins::Any));
    let prefix = std::any::type_name::<Slow>().strip_suffix("Slow").unwrap();
    let pad = " ".repeat(prefix.len());
    let wanted = [
        format!("path   struct{}  crate   source         options", &pad[2..]),
        format!(
            "/echo  {prefix}Echo  app     src/lib.rs:3   max_fragments = 5 (server), outbox = 32 (server), origins = Any (server)"
        ),
        format!(
            "/slow  {prefix}Slow  my-app  src/lib.rs:12  max_fragments = 9 (configure), outbox = 64 (attribute), ping_interval = off (attribute), subprotocols = [\"v1\"] (configure), origins = Any (server)"
        ),
    ];
    assert_eq!(table.to_string(), wanted.join("\n"));
    let plain = Scan::default().over(&[at::<Echo>("app", 3)]).unwrap().to_string();
    assert!(plain.ends_with("src/lib.rs:3  defaults"), "{plain}");
}

#[test]
fn a_stronger_level_mends_an_impossible_option() {
    let configured = Options::new().outbox(10_usize).subprotocols(["a"]).origins(Origins::SameHost);
    let scan = Scan {
        configured: HashMap::from([(TypeKey::of::<Wrong>(), configured)]),
        ..Scan::default()
    };
    assert_eq!(paths(&scan.over(&[at::<Wrong>("app", 1)]).unwrap()), ["/wrong"]);
}

/// The link-time registry is reached at all: what is submitted here is found by `run`.
#[test]
fn what_is_submitted_is_found() {
    endpoint!(Submitted, "/registry/scan/tests/submitted");
    inventory::submit! {
        Descriptor::of::<Submitted>(Place { package: "wsframe", file: file!(), line: line!() })
    }
    let filter = Filter { types: vec![TypeKey::of::<Submitted>()], ..Filter::default() };
    let table = Scan { filter, ..Scan::default() }.run(&States::default()).unwrap();
    assert_eq!(paths(&table), ["/registry/scan/tests/submitted"]);
}

#[test]
fn one_more_is_checked_beside_the_others() {
    let table = scan(&[at::<Chat>("app", 1), at::<Echo>("app", 2)]).unwrap();
    let (scan, states) = (Scan::default(), States::default());
    let add = |deployment: Deployment| scan.add(&table, &deployment, &states);
    let more = add(Deployment::of::<Echo>().at("/again")).unwrap();
    assert_eq!(paths(&more), ["/again", "/chat/<room>", "/echo"]);
    // What was there stays the same object, which its sessions know.
    for ((_, before), (_, after)) in table.iter().zip(more.iter().skip(1)) {
        assert!(Arc::ptr_eq(before, after));
    }
    assert_report(add(Deployment::of::<Talk>()), 1, &["/chat/<room>", "/chat/<name>"]);
    assert_report(add(Deployment::of::<Needy>()), 2, &["String", "u32"]);
    assert_report(add(Deployment::of::<Braces>().at("")), 1, &["the path of"]);
    assert_eq!(paths(&table), ["/chat/<room>", "/echo"]);
}

#[test]
fn one_less_leaves_the_others() {
    let table = scan(&[at::<Chat>("app", 1), at::<Echo>("app", 2)]).unwrap();
    let (less, gone) = table.without("/chat/<any>").unwrap();
    assert_eq!((paths(&less), gone.descriptor.path), (vec!["/echo"], "/chat/<room>"));
    assert!(matches!(less.find("/chat/rust"), Ok(None)));
    assert!(less.without("/chat/<room>").is_none() && less.without("<").is_none());
    let (none, _) = less.without("/echo").unwrap();
    assert_eq!(paths(&none), [""; 0]);
}

#[test]
fn the_options_of_a_deployment_stand_between_attribute_and_configure() {
    let mut scan = Scan { link_time: false, ..Scan::default() };
    let options = |options: Options| options.outbox(7_usize).ping_interval(None);
    scan.deployments.push(Deployment::of::<Slow>().options(options));
    let outbox = |scan: &Scan| {
        let table = scan.over(&[]).unwrap();
        let (_, slow) = table.iter().next().unwrap();
        slow.settings().outbox
    };
    assert_eq!(outbox(&scan), 7);
    scan.configured.insert(TypeKey::of::<Slow>(), Options::new().outbox(9_usize));
    assert_eq!(outbox(&scan), 9);
    assert!(scan.over(&[]).unwrap().to_string().contains("ping_interval = off (deployment)"));
}
