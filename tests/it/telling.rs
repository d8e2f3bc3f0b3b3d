//! What is reported: enough to see what happens, nothing of what is secret, and nothing that a
//! stranger could break a line with.

use wsframe_tests::{Client, Records, enter, probe, request, serve};

const SECRET: &str = "S3CRET";

/// Secrets in the query, in headers and in messages, and then everything goes wrong.
#[tokio::test]
async fn secrets_are_not_told() {
    let records = Records::begin();
    let (server, mut watch) = probe();
    let server = serve(server).await;
    let lines = format!("Authorization: Bearer {SECRET}\r\nCookie: id={SECRET}\r\n");
    for (path, extra, status) in [
        ("/probe?bind=panic", "", 500),
        ("/probe?bind=refuse", "", 401),
        ("/probe?x", "Origin: https://evil.example\r\n", 403),
        ("/nothing?x", "", 404),
        ("/probe?x", "Content-Length: 3\r\n", 400),
    ] {
        let head = request(&format!("{path}&token={SECRET}"), &format!("{lines}{extra}"));
        assert_eq!(Client::ask(server.addr, head).await.status, status, "{path}");
    }
    for order in ["fail", "panic", "misread", "nothing"] {
        let mut client = Client::tcp(server.addr).await;
        client.write(request(&format!("/probe?token={SECRET}"), &lines)).await;
        assert_eq!(client.response().await.status, 101);
        watch.opened().await;
        client.text(&format!("{order} {SECRET}")).await;
        watch.message().await;
        if order == "nothing" {
            client.send(0x83, SECRET).await;
        }
        client.expect_close().await;
        client.close(1000, SECRET).await;
        client.expect_end().await;
        while !matches!(watch.next().await, wsframe_tests::Event::Dropped) {}
    }
    server.stop().await;
    let all = records.all();
    assert!(all.iter().any(|record| record.contains("panicked")), "{all:#?}");
    for record in all {
        assert!(!record.contains(SECRET), "{record}");
    }
}

/// Line breaks and escapes in everything that a stranger chooses.
#[tokio::test]
async fn nothing_of_a_stranger_breaks_a_line() {
    const EVIL: &str = "\u{1b}[2J\r\nERROR fake\u{2028}\u{7f}";
    let records = Records::begin();
    let (server, mut watch) = probe();
    let server = serve(server).await;
    let foreign = "Origin: http://a\u{2028}b\tc.example\r\nUser-Agent: a\tb\u{2028}\r\n";
    for path in ["/probe?x", "/probe/%0d%0a%1b", "/\u{2028}", "/probe?bind=panic"] {
        let head = request(path, foreign);
        assert!(Client::ask(server.addr, head).await.status >= 400, "{path:?}");
    }
    let (mut client, session) = enter(&server, &mut watch).await;
    session.join(EVIL).await.unwrap();
    session.room(EVIL).send(Unencodable).await;
    client.text(&format!("fail {EVIL}")).await;
    watch.message().await;
    client.expect_close().await;
    client.close(4000, EVIL).await;
    client.expect_end().await;
    let (mut client, session) = enter_again(&server, &mut watch).await;
    session.set_principal(wsframe::Principal::new(EVIL));
    client.close(4000, EVIL).await;
    client.expect_close().await;
    while !matches!(watch.next().await, wsframe_tests::Event::Dropped) {}
    server.stop().await;
    let all = records.all();
    assert!(all.iter().any(|record| record.contains("cannot be encoded")), "{all:#?}");
    for record in all {
        let breaks = record.contains(|c: char| c.is_control() || c == '\u{2028}');
        assert!(!breaks, "{record:?}");
    }
}

async fn enter_again(
    server: &wsframe_tests::Running,
    watch: &mut wsframe_tests::Watch,
) -> (Client, wsframe::Session) {
    while !matches!(watch.next().await, wsframe_tests::Event::Dropped) {}
    enter(server, watch).await
}

/// A value that is no message.
struct Unencodable;

impl wsframe::IntoMessage for Unencodable {
    fn into_message(self) -> Result<wsframe::Message, wsframe::Error> {
        Err("not today".into())
    }
}
