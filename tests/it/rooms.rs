//! Rooms and users: who gets what, in which order, and what happens at the edges.

use std::time::{Duration, SystemTime};

use wsframe::{
    Close, JoinError, Overflow, Principal, Server, Session, TellError, on_close, on_open,
    server_endpoint,
};
use wsframe_tests::{Client, Event, Probe, Running, enter, probed, serve, soon};

#[tokio::test]
async fn a_room_reaches_its_members_and_no_others() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut a, in_both) = enter(&server, &mut watch).await;
    let (mut b, in_one) = enter(&server, &mut watch).await;
    let (mut c, outside) = enter(&server, &mut watch).await;
    in_both.join("red").await.unwrap();
    in_both.join("blue").await.unwrap();
    in_both.join("red").await.unwrap();
    in_one.join("red").await.unwrap();
    assert_eq!(in_both.rooms(), ["red", "blue"]);

    assert_eq!(outside.room("red").send("to red").await.queued, 2);
    assert_eq!(in_one.room("red").send_except("not to me", &in_one).await.queued, 1);
    assert_eq!(server.handle.room::<Probe>("blue").send("to blue").await.queued, 1);
    assert_eq!(server.handle.room::<Running>("blue").send("another type's").await.queued, 0);
    in_both.leave("red").await;
    assert_eq!(in_one.room("red").send("one is left").await.queued, 1);
    assert_eq!(in_one.room("red").members(), std::slice::from_ref(&in_one));
    assert_eq!(server.handle.broadcast("all").await.queued, 3);

    for expected in ["to red", "not to me", "to blue", "all"] {
        assert_eq!(a.expect_text().await, expected);
    }
    for expected in ["to red", "one is left", "all"] {
        assert_eq!(b.expect_text().await, expected);
    }
    assert_eq!(c.expect_text().await, "all");
}

#[tokio::test]
async fn shared_rooms_are_another_set() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut a, session) = enter(&server, &mut watch).await;
    session.shared_room("lobby").join(&session).await.unwrap();
    assert_eq!(session.room("lobby").send("the endpoint's").await.queued, 0);
    assert_eq!(server.handle.shared_room("lobby").send("everybody's").await.queued, 1);
    assert_eq!(a.expect_text().await, "everybody's");
    session.shared_room("lobby").leave(&session).await;
    assert!(session.rooms().is_empty());
}

#[tokio::test]
async fn a_session_has_left_before_on_close() {
    let (server, mut watch) = probed(|options| options).await;
    let (client, session) = enter(&server, &mut watch).await;
    let (mut other, stays) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    stays.join("room").await.unwrap();
    drop(client);
    assert!(matches!(watch.next().await, Event::Closed(_)));
    assert_eq!(session.rooms(), ["room"], "its name is still known");
    let room = session.room("room");
    assert_eq!(room.members(), [stays]);
    // As an `on_close` does that tells the others.
    assert_eq!(room.send("one left").await.queued, 1);
    assert_eq!(other.expect_text().await, "one left");
    assert_eq!(session.join("room").await, Err(JoinError::Closed));
}

#[tokio::test]
async fn the_edges_of_joining() {
    let (server, mut watch) = probed(|options| options).await;
    let (_client, session) = enter(&server, &mut watch).await;
    assert_eq!(session.join("x".repeat(257)).await, Err(JoinError::NameTooLong));
    session.join("\u{1b}[31m\r\n\0".repeat(20)).await.unwrap();
    for i in 0..1023 {
        session.join(i.to_string()).await.unwrap();
    }
    assert_eq!(session.join("one more").await, Err(JoinError::TooManyRooms));
    session.leave("7").await;
    session.leave("never joined").await;
    session.join("one more").await.unwrap();
    session.close(Close::normal());
    assert_eq!(session.join("late").await, Err(JoinError::Closed));
}

/// Many senders, many members: every member sees the same order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_members_see_one_order() {
    let (server, mut watch) = probed(|options| options).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        let (client, session) = enter(&server, &mut watch).await;
        session.join("room").await.unwrap();
        clients.push(client);
    }
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let room = server.handle.room::<Probe>("room");
            tokio::spawn(async move {
                for i in 0..50 {
                    assert_eq!(room.send(format!("{sender} {i}")).await.queued, 20);
                }
            })
        })
        .collect();
    let mut orders = Vec::new();
    for client in &mut clients {
        let mut order = Vec::new();
        for _ in 0..200 {
            order.push(client.expect_text().await);
        }
        orders.push(order);
    }
    for sender in senders {
        sender.await.unwrap();
    }
    assert!(orders.iter().all(|order| *order == orders[0]));
}

/// A member that never reads costs the others nothing, and is let go or skips, as the policy says.
#[tokio::test]
async fn a_member_that_does_not_read_stops_nobody() {
    let bound = |options: wsframe::Options| {
        options.outbox(64 << 20).outbox_messages(3).overflow(Overflow::Close)
    };
    let (server, mut watch) = probed(bound).await;
    let (mut quick, a) = enter(&server, &mut watch).await;
    let (slow, b) = enter(&server, &mut watch).await;
    a.join("room").await.unwrap();
    b.join("room").await.unwrap();
    b.send(vec![0; 8 << 20]).await.unwrap();
    let mut delivered = 0;
    for i in 0..10 {
        delivered += a.room("room").send(i.to_string()).await.queued;
        assert_eq!(quick.expect_text().await, i.to_string());
    }
    assert_eq!(delivered, 12, "ten to the quick one, two to the slow one");
    assert_eq!(watch.closed().await.code(), 1013);
    assert_eq!(a.room("room").members(), std::slice::from_ref(&a));
    drop(slow);
}

/// What a slow member gets of a state that changes quickly is its latest value.
#[tokio::test]
async fn the_latest_state_replaces_the_one_before() {
    let (server, mut watch) = probed(|options| options.outbox(64 << 20)).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    session.send(vec![0; 8 << 20]).await.unwrap();
    let room = session.room("room");
    for i in 0..1000 {
        assert_eq!(room.send_latest("x", format!("x {i}")).await.queued, 1);
        assert_eq!(room.send_latest("y", format!("y {i}")).await.queued, 1);
    }
    session.join("another").await.unwrap();
    assert_eq!(session.room("another").send_latest("x", "another x").await.queued, 1);
    assert_eq!(client.next().await.unwrap().payload.len(), 8 << 20);
    assert_eq!(client.expect_text().await, "x 999");
    assert_eq!(client.expect_text().await, "y 999");
    assert_eq!(client.expect_text().await, "another x");
}

#[tokio::test]
async fn closing_a_room_closes_its_members() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut a, session) = enter(&server, &mut watch).await;
    let (_b, other) = enter(&server, &mut watch).await;
    session.join("room").await.unwrap();
    session.room("room").close(&Close::new(4000, "over"));
    assert_eq!(a.expect_close().await, (4000, "over".into()));
    assert!(other.is_open());
}

#[tokio::test]
async fn a_user_is_all_sessions_of_one_principal() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut desk, first) = enter(&server, &mut watch).await;
    let (mut phone, second) = enter(&server, &mut watch).await;
    let (_third, third) = enter(&server, &mut watch).await;
    first.set_principal(Principal::new("bob").claims(7u8));
    second.set_principal(Principal::new("ann"));
    second.set_principal(Principal::new("bob"));
    third.set_principal(Principal::new("eve"));
    assert_eq!(first.principal().unwrap().claim::<u8>(), Some(&7));
    let bob = server.handle.user("bob");
    assert_eq!(bob.send("hello bob").await.queued, 2);
    assert!(server.handle.user("ann").sessions().is_empty());
    assert_eq!(desk.expect_text().await, "hello bob");
    assert_eq!(phone.expect_text().await, "hello bob");
    bob.close(&Close::new(4001, "logged out"));
    assert_eq!(desk.expect_close().await.0, 4001);
    assert_eq!(phone.expect_close().await.0, 4001);
    assert!(third.is_open());
    assert_eq!(server.handle.session(third.id()), Some(third.clone()));
    assert!(third.peers().contains(&third));
}

#[tokio::test]
async fn an_expired_principal_closes_with_1008() {
    let (server, mut watch) = probed(|options| options).await;
    let (mut client, session) = enter(&server, &mut watch).await;
    let soon = SystemTime::now() + Duration::from_millis(50);
    session.set_principal(Principal::new("ann").expires(soon));
    // A refresh in time wins.
    let later = SystemTime::now() + Duration::from_secs(3600);
    session.set_principal(Principal::new("ann").expires(later));
    let passed = tokio::time::timeout(Duration::from_millis(200), session.closed()).await;
    assert!(passed.is_err(), "closed although it was refreshed");
    session.set_principal(Principal::new("ann").expires(soon));
    assert_eq!(client.expect_close().await, (1008, "expired".into()));
    client.close(1008, "").await;
    watch.closed().await;
    assert!(server.handle.user("ann").sessions().is_empty());
}

/// An `on_close` finds its own session closed, and can still reach the others.
#[server_endpoint("/leaver")]
struct Leaver;

impl Leaver {
    #[on_open]
    async fn enter(&self, session: &Session) -> wsframe::Result {
        session.set_principal(Principal::new("leaver"));
        Ok(session.join("room").await?)
    }

    #[on_close]
    async fn left(&self, session: &Session) {
        assert_eq!(session.join("other").await, Err(JoinError::Closed));
        assert!(matches!(session.tell(()), Err(TellError::NotHandled(()))));
        assert_eq!(
            session.send("too late").await.unwrap_err().to_string(),
            "the session is closed"
        );
        let to_user = session.user("leaver").send("one left").await.queued;
        let delivered = session.room("room").send(format!("{to_user}")).await;
        session.shared_room("log").send(format!("{}", delivered.queued)).await;
    }
}

#[tokio::test]
async fn on_close_reaches_those_who_stay() {
    let server = serve(Server::new().without_link_time().endpoint::<Leaver>()).await;
    let mut stays = Client::open(server.addr, "/leaver").await;
    let leaves = Client::open(server.addr, "/leaver").await;
    soon("two members", async {
        while server.handle.room::<Leaver>("room").members().len() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(leaves);
    assert_eq!(stays.expect_text().await, "one left");
    assert_eq!(stays.expect_text().await, "1");
}

#[tokio::test]
async fn a_name_that_nobody_can_join_reaches_nobody() {
    let (server, mut watch) = probed(|options| options).await;
    let (_client, session) = enter(&server, &mut watch).await;
    let long = "x".repeat(1 << 20);
    assert_eq!(session.room(&long).send("hello").await.queued, 0);
    assert_eq!(session.room(&long).send_kept(5, "hello").await.queued, 0);
    assert!(server.handle.room::<Probe>(&long).members().is_empty());
}

/// The other policies: the member stays, and misses messages.
#[tokio::test]
async fn a_member_that_does_not_read_may_miss_messages() {
    for (overflow, expected) in
        [(Overflow::DropOldest, ["7", "8", "9"]), (Overflow::DropNewest, ["0", "1", "2"])]
    {
        let bound = |options: wsframe::Options| {
            options.outbox(64 << 20).outbox_messages(4).overflow(overflow)
        };
        let (server, mut watch) = probed(bound).await;
        let (mut slow, session) = enter(&server, &mut watch).await;
        session.join("room").await.unwrap();
        session.send(vec![0; 8 << 20]).await.unwrap();
        let mut dropped = 0;
        for i in 0..10 {
            dropped += session.room("room").send(i.to_string()).await.dropped;
        }
        assert_eq!(dropped, 7, "{overflow:?}");
        assert_eq!(slow.next().await.unwrap().payload.len(), 8 << 20);
        for text in expected {
            assert_eq!(slow.expect_text().await, text, "{overflow:?}");
        }
        assert!(session.is_open());
    }
}
