//! Which path reaches which endpoint, and what keeps a server from starting:
//! `spec/configuration/urimatching` and `addendpoint`, `negdep/malformedpath` and `multiplepaths`,
//! `ee/server/serverapplicationconfig`, `spec/servercontainer/upgradehttptowebsocket`.

use axum::{Router, extract::Request, routing::any};
use wsframe::{Deployment, Message, Route, StartupError, prelude::*};
use wsframe_tests::{Client, request, serve};

/// Endpoints that say which they are, and what their parameters are.
macro_rules! endpoints {
    ($($name:ident $path:literal ($($parameter:ident),*);)*) => {
        $(
            #[server_endpoint($path)]
            struct $name {
                $($parameter: String),*
            }

            impl $name {
                #[on_open]
                fn which(&self) -> String {
                    let parameters: &[&str] = &[$(&self.$parameter),*];
                    format!("{} {}", $path, parameters.join(","))
                }
            }
        )*

        fn fourteen() -> Server {
            Server::new()$(.only::<$name>())*
        }
    };
}

endpoints! {
    E1 "/a" ();
    E2 "/<a>" (a);
    E3 "/c/d" ();
    E4 "/c/<d>" (d);
    E5 "/<c>/d" (c);
    E6 "/<c>/<d>" (c, d);
    E7 "/a/c/d" ();
    E8 "/a/c/<d>" (d);
    E9 "/a/<c>/d" (c);
    E10 "/a/<c>/<d>" (c, d);
    E11 "/<a>/c/d" (a);
    E12 "/<a>/c/<d>" (a, d);
    E13 "/<a>/<c>/d" (a, c);
    E14 "/<a>/<c>/<d>" (a, c, d);
}

#[tokio::test]
async fn assertion_01_each_of_fourteen_paths_reaches_its_own_endpoint() {
    let server = serve(fourteen()).await;
    for (path, answer) in [
        ("/a", "/a "),
        ("/b", "/<a> b"),
        ("/c/d", "/c/d "),
        ("/c/x", "/c/<d> x"),
        ("/x/d", "/<c>/d x"),
        ("/x/y", "/<c>/<d> x,y"),
        ("/a/c/d", "/a/c/d "),
        ("/a/c/x", "/a/c/<d> x"),
        ("/a/x/d", "/a/<c>/d x"),
        ("/a/x/y", "/a/<c>/<d> x,y"),
        ("/x/c/d", "/<a>/c/d x"),
        ("/x/c/y", "/<a>/c/<d> x,y"),
        ("/x/y/d", "/<a>/<c>/d x,y"),
        ("/x/y/z", "/<a>/<c>/<d> x,y,z"),
    ] {
        let mut client = Client::open(server.addr, path).await;
        assert_eq!(client.expect_text().await, answer, "{path}");
    }
    for path in ["/a/c/d/e", "/", "/a/", "/a/c/"] {
        assert_eq!(Client::ask(server.addr, request(path, "")).await.status, 404, "{path}");
    }
}

fn echo(path: &'static str) -> Route {
    Route::new(path).on_message(|_, message: Message| async move { message })
}

fn hand(paths: &[&'static str]) -> Server {
    let server = Server::new().without_link_time();
    paths.iter().fold(server, |server, path| server.deploy(echo(path)))
}

fn faults(server: Server) -> String {
    match server.in_memory() {
        Err(error @ StartupError::Endpoints(_)) => error.to_string(),
        other => panic!("faults, not {other:?}"),
    }
}

#[tokio::test]
async fn assertion_02_an_empty_path_is_not_deployed() {
    let text = faults(hand(&[""]));
    assert!(text.contains("nothing is served: 1 fault"), "{text}");
    assert!(text.contains("``: a path begins with `/`"), "{text}");
}

#[server_endpoint("/jakarta/uris/same")]
struct Same;

#[server_endpoint("/jakarta/uris/same")]
struct SameAgain;

#[server_endpoint("/jakarta/uris/good")]
struct Good;

impl Good {
    #[on_message]
    fn echo(&self, text: String) -> String {
        text
    }
}

#[tokio::test]
async fn assertion_03_two_on_one_path_and_the_good_one_is_not_served_either() {
    let server = Server::new().only::<Same>().only::<SameAgain>().only::<Good>();
    // Somebody else listens there: the endpoints are looked at before anything is bound.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let error = server.bind(taken.local_addr().unwrap()).await.unwrap_err();
    assert!(matches!(error, StartupError::Endpoints(_)), "{error}");
    let text = error.to_string();
    for wanted in ["`uris::Same`", "SameAgain", "jakarta/uris.rs:", "/jakarta/uris/same"] {
        assert!(text.contains(wanted.trim_matches('`')), "{wanted}\n{text}");
    }
    assert!(!text.contains("uris::Good"), "nothing is wrong with it\n{text}");
}

#[tokio::test]
async fn assertion_04_equivalent_templates_fail_and_overlapping_ones_do_not() {
    let text = faults(hand(&["/a/b/<x>", "/a/b/<y>"]));
    assert!(text.contains("/a/b/<x>") && text.contains("/a/b/<y>"), "{text}");
    let server = serve(hand(&["/a/b/c", "/a/b/<x>"])).await;
    for path in ["/a/b/c", "/a/b/d"] {
        Client::open(server.addr, path).await;
    }
}

/// In Jakarta one failure ends all deploying. Here it ends the start; a server that runs goes on,
/// and what is deployed after a failure is looked at for itself.
#[tokio::test]
async fn assertion_04_a_failure_while_it_runs_stands_alone() {
    let server = serve(hand(&["/a/b/<x>"])).await;
    server.handle.deploy(echo("/a/b/<y>")).unwrap_err();
    server.handle.deploy(Deployment::of::<Good>()).unwrap();
    let mut client = Client::open(server.addr, "/jakarta/uris/good").await;
    client.text("hello").await;
    assert_eq!(client.expect_text().await, "hello");
    Client::open(server.addr, "/a/b/1").await;
}

#[tokio::test]
async fn assertion_05_malformed_templates_are_not_deployed() {
    for path in ["/<v>/<v>", "/a/../b", "/./b", "//b", "/a//b", "a", "/<>", "/{v}", "/x<v>"] {
        let text = faults(hand(&[path]));
        assert!(text.contains("nothing is served: 1 fault") && text.contains(path), "{text}");
    }
    // All of them at once, and each is named.
    let text = faults(hand(&["/<v>/<v>", "//b", "/fine"]));
    assert!(text.contains("2 faults") && !text.contains("/fine"), "{text}");
}

#[tokio::test]
async fn assertion_09_nothing_is_served_beside_a_faulty_endpoint() {
    for paths in [["/good", "//bad"], ["//bad", "/good"]] {
        assert!(faults(hand(&paths)).contains("nothing is served: 1 fault"));
    }
}

#[tokio::test]
async fn assertion_41_only_what_is_chosen_is_served() {
    let paths = ["/a", "/c/d", "/a/c/d", "/jakarta/uris/good"];
    for (server, served) in [
        (Server::new().only::<E1>(), vec!["/a"]),
        // Several say so: the union.
        (Server::new().only::<E1>().only::<E3>(), vec!["/a", "/c/d"]),
        (Server::new().only::<E7>().deploy(echo("/a")), vec!["/a", "/a/c/d"]),
        (
            Server::new().filter(|found| found.path() == "/jakarta/uris/good"),
            vec!["/jakarta/uris/good"],
        ),
    ] {
        let server = serve(server).await;
        for path in paths {
            let status = Client::ask(server.addr, request(path, "")).await.status;
            assert_eq!(status == 101, served.contains(&path), "{path} of {served:?}: {status}");
        }
    }
}

/// The endpoint is not deployed: only the handler that holds the request leads to it.
#[tokio::test]
async fn assertion_42_an_http_handler_upgrades() {
    let server = hand(&["/other"]);
    let handle = server.handle();
    let upgrade = move |request: Request| {
        let handle = handle.clone();
        async move { handle.upgrade::<Good>(request, &[]).await }
    };
    let server = serve(server.fallback(Router::new().route("/front", any(upgrade)))).await;
    let mut client = Client::open(server.addr, "/front").await;
    client.text("hello").await;
    assert_eq!(client.expect_text().await, "hello");
    let direct = request("/jakarta/uris/good", "");
    assert_eq!(Client::ask(server.addr, direct).await.status, 404);
    // What is no handshake is refused, not upgraded.
    let plain = wsframe_tests::get("/front");
    assert_eq!(Client::ask(server.addr, plain).await.status, 426);
}
