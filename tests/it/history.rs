//! What a room keeps for whoever joins later, and fields that are rooms.

use wsframe::{
    Handshake, Principal, Refusal, Room, Server, Session, on_close, on_handshake, on_message,
    on_open, server_endpoint,
};
use wsframe_tests::{Client, Probe, enter, probed, request, serve};

#[tokio::test]
async fn whoever_joins_gets_the_last_messages_first() {
    let (server, mut watch) = probed(|options| options).await;
    let (_first, session) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    let room = session.room("room");
    for i in 0..5 {
        assert_eq!(room.send_kept(3, i.to_string()).await.queued, 1);
        room.send("not kept").await;
    }
    let (mut late, session) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    session.join("room").await.unwrap();
    room.send("live").await;
    for expected in ["2", "3", "4", "live"] {
        assert_eq!(late.expect_text().await, expected);
    }
}

#[tokio::test]
async fn nothing_is_kept_where_nobody_is() {
    let (server, mut watch) = probed(|options| options).await;
    let room = server.handle.room::<Probe>("room");
    assert_eq!(room.send_kept(9, "to nobody").await.queued, 0);
    let (_first, session) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    room.send_kept(9, "to one").await;
    session.leave("room").await;
    let (mut late, session) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    room.send("live").await;
    assert_eq!(late.expect_text().await, "live");
}

/// However long the history: it does not fill the outbox of whoever joins.
#[tokio::test]
async fn a_long_history_does_not_cost_the_connection() {
    let (server, mut watch) = probed(|options| options.outbox(64 * 1024)).await;
    let (mut first, session) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    let room = session.room("room");
    for i in 0..100 {
        room.send_kept(100, format!("{i:04096}")).await;
        first.expect_text().await;
    }
    let (mut late, session) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    room.send("live").await;
    // Seven frames of 4 KiB and a header each fit into half of the outbox.
    for i in 93..100 {
        assert_eq!(late.expect_text().await, format!("{i:04096}"));
    }
    assert_eq!(late.expect_text().await, "live");
    assert!(session.is_open());
}

/// While a sender sends, people come: each gets a run without a gap and without a double.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_no_gap_between_history_and_present() {
    let (server, mut watch) = probed(|options| options).await;
    let (_first, session) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    let room = session.room("room");
    let sender = tokio::spawn(async move {
        for i in 0..2000 {
            room.send_kept(20, i.to_string()).await;
            tokio::task::yield_now().await;
        }
    });
    let mut late = Vec::new();
    for _ in 0..40 {
        let (client, session) = enter(&server, &mut watch).await;
        session.join("room").await.unwrap();
        late.push(client);
    }
    sender.await.unwrap();
    session.room("room").send("over").await;
    for mut client in late {
        let mut last: Option<usize> = None;
        loop {
            let text = client.expect_text().await;
            if text == "over" {
                break;
            }
            let number: usize = text.parse().unwrap();
            assert!(last.is_none_or(|last| number == last + 1), "{number} follows {last:?}");
            last = Some(number);
        }
    }
}

#[tokio::test]
async fn who_is_here_is_told_by_principal() {
    let (server, mut watch) = probed(|options| options).await;
    let mut clients = Vec::new();
    for id in ["bob", "ann", "bob", ""] {
        let (client, session) = enter(&server, &mut watch).await;
        if !id.is_empty() {
            session.set_principal(Principal::new(id));
        }
        session.join("room").await.unwrap();
        clients.push(client);
    }
    assert_eq!(server.handle.room::<Probe>("room").user_ids(), ["ann", "bob"]);
}

#[server_endpoint("/rooms/<room>/<name>")]
struct Member {
    room: Room,
    name: String,
}

impl Member {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        if self.name == "both" {
            let second = handshake.room("second");
            handshake.join(&second).map_err(|error| Refusal::bad_request(error.to_string()))?;
        }
        Ok(())
    }

    #[on_open]
    #[on_close]
    async fn count(&self, session: &Session) {
        let members = self.room.members().len();
        self.room.send(format!("{}: {members} {:?}", self.name, session.rooms())).await;
    }

    #[on_message]
    async fn said(&self, text: String) {
        self.room.send_kept(9, text).await;
    }
}

#[tokio::test]
async fn a_field_can_be_the_room_of_a_parameter() {
    let server = serve(Server::new().without_link_time().endpoint::<Member>()).await;
    let mut ann = Client::open(server.addr, "/rooms/a%20b/ann").await;
    assert_eq!(ann.expect_text().await, r#"ann: 1 ["a b"]"#);
    ann.text("hello").await;
    assert_eq!(ann.expect_text().await, "hello");
    let mut bob = Client::open(server.addr, "/rooms/a%20b/both").await;
    assert_eq!(bob.expect_text().await, "hello", "history comes before on_open");
    let both = r#"both: 2 ["a b", "second"]"#;
    assert_eq!(bob.expect_text().await, both);
    assert_eq!(ann.expect_text().await, both);
    assert_eq!(server.handle.room::<Member>("second").members().len(), 1);
    drop(bob);
    assert_eq!(ann.expect_text().await, r#"both: 1 ["a b", "second"]"#);

    let long = request(&format!("/rooms/{}/eve", "x".repeat(257)), "");
    assert_eq!(Client::ask(server.addr, long).await.status, 404);
}
