//! The check at the start: all faults at once, and nothing served.

use std::sync::Arc;

use wsframe::{Endpoint, Handshake, Options, Refusal, Server, StateKey};

/// Implements [`Endpoint`] for a unit struct at a path.
macro_rules! endpoint {
    ($name:ident at $path:literal $(, options $options:expr)? $(, state $state:ty)?) => {
        struct $name;
        impl Endpoint for $name {
            const PATH: &'static str = $path;
            $(fn options() -> Options { $options })?
            $(fn states() -> Vec<StateKey> { vec![StateKey::of::<$state>()] })?
            async fn bind(_: &mut Handshake) -> Result<Self, Refusal> { Ok($name) }
        }
    };
}

endpoint!(Good at "/good/<x>");
endpoint!(Same at "/good/<y>");
endpoint!(Malformed at "/bad//path");
endpoint!(Needy at "/needy", state Arc<String>);
endpoint!(Impossible at "/impossible", options Options::new().outbox(0));

async fn report(server: Server) -> String {
    server.bind("127.0.0.1:0").await.expect_err("faults").to_string()
}

#[tokio::test]
async fn all_faults_are_told_with_both_places() {
    let server = Server::new()
        .without_link_time()
        .endpoint::<Good>()
        .endpoint::<Same>()
        .endpoint::<Malformed>()
        .endpoint::<Needy>()
        .endpoint::<Impossible>();
    let error = server.bind("127.0.0.1:0").await.unwrap_err();
    let text = error.to_string();
    assert_eq!(text, format!("{error:?}"), "main prints Debug");
    for expected in
        ["/good/<x>", "/good/<y>", "/bad//path", "String", "outbox", "startup.rs:", "4 faults"]
    {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
    assert!(text.matches("startup.rs:").count() >= 5, "{text}");
}

#[tokio::test]
async fn no_endpoint_at_all_names_the_causes() {
    let text = report(Server::new().only_crates(["no-such-crate"])).await;
    assert!(text.contains("no-such-crate"), "{text}");
    let text = report(Server::new().without_link_time()).await;
    assert!(text.contains("endpoint"), "{text}");
}

#[tokio::test]
async fn given_by_hand_twice_counts_once() {
    let server = Server::new().without_link_time().endpoint::<Good>().endpoint::<Good>();
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    assert_eq!(bound.table().to_string().matches("/good").count(), 1);
}

#[tokio::test]
async fn the_table_shows_where_each_value_comes_from() {
    let server = Server::new()
        .without_link_time()
        .endpoint::<Needy>()
        .state(Arc::new(String::new()))
        .options(|all| all.max_message_size(100).outbox(2000))
        .configure::<Needy>(|one| one.max_message_size(300));
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let table = bound.table().to_string();
    for expected in ["/needy", "max_message_size = 300 (configure)", "outbox = 2000 (server)"] {
        assert!(table.contains(expected), "{expected} is missing in\n{table}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let server = Server::new().without_link_time().endpoint::<Good>();
    let text = server.bind(address).await.unwrap_err().to_string();
    assert!(text.contains(&address.to_string()), "{text}");
}
