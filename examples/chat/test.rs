//! The chat as its page uses it: the program itself, and clients that speak what the page speaks.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use wsframe_tests::{Client, request};

/// The running program; it ends with this.
struct Chat(Child, SocketAddr);

impl Chat {
    fn start() -> Self {
        Self::at("127.0.0.1:0")
    }

    fn at(addr: &str) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_chat"))
            .arg(addr)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let mut said = String::new();
        let stdout = program.stdout.take().expect("stdout");
        BufReader::new(stdout).read_line(&mut said).expect("a line");
        let addr = said.trim().strip_prefix("listening on http://").expect("where it listens");
        let addr = addr.parse().expect("an address");
        Self(program, addr)
    }

    async fn join(&self, nick: &str) -> Client {
        Client::open(self.1, &format!("/chat/lobby?nick={nick}")).await
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The next message, without its time.
async fn news(client: &mut Client) -> Value {
    let text = client.expect_text().await;
    let mut news: Value = serde_json::from_str(&text).expect("JSON");
    let said = if news.get("told").is_some() { &mut news["told"] } else { &mut news };
    if let Some(at) = said.as_object_mut().and_then(|said| said.remove("at")) {
        assert!(at.as_u64().is_some_and(|at| at > 1_700_000_000_000), "{at} is no time");
    }
    news
}

#[tokio::test]
async fn people_talk() {
    let chat = Chat::start();
    let mut ann = chat.join("ann").await;
    assert_eq!(news(&mut ann).await, json!({"here": ["ann"]}));
    let mut bob = chat.join("bob").await;
    for client in [&mut ann, &mut bob] {
        assert_eq!(news(client).await, json!({"here": ["ann", "bob"]}));
    }
    let doubled = request("/chat/lobby?nick=bob", "");
    assert_eq!(Client::ask(chat.1, doubled).await.status, 409);

    ann.text(r#"{"text":"<b>hello</b>"}"#).await;
    let said = json!({"from": "ann", "to": null, "text": "<b>hello</b>"});
    for client in [&mut ann, &mut bob] {
        assert_eq!(news(client).await, said);
    }
    ann.text(r#"{"text":"psst","to":"bob"}"#).await;
    let private = json!({"from": "ann", "to": "bob", "text": "psst"});
    assert_eq!(news(&mut bob).await, private);
    assert_eq!(news(&mut ann).await, json!({"told": private, "heard": 1}));
    ann.text(r#"{"text":"psst","to":"eve"}"#).await;
    assert_eq!(news(&mut ann).await["heard"], json!(0));

    // Who comes late gets what was said to all, and nothing private.
    let mut eve = chat.join("eve").await;
    assert_eq!(news(&mut eve).await, said);
    let here = json!({"here": ["ann", "bob", "eve"]});
    assert_eq!(news(&mut eve).await, here);
    drop(eve);
    for here in [here, json!({"here": ["ann", "bob"]})] {
        assert_eq!(news(&mut bob).await, here);
    }
}

#[tokio::test]
async fn who_comes_late_gets_fifty_messages() {
    let chat = Chat::start();
    let mut ann = chat.join("ann").await;
    for i in 0..60 {
        ann.text(&json!({"text": i.to_string()}).to_string()).await;
    }
    while news(&mut ann).await["text"] != "59" {}
    let mut bob = chat.join("bob").await;
    for i in 10..60 {
        assert_eq!(news(&mut bob).await["text"], i.to_string());
    }
    assert_eq!(news(&mut bob).await["here"], json!(["ann", "bob"]));
}

/// The example `bot` comes, and answers to all or to one, as it was spoken to.
#[tokio::test]
async fn the_bot_answers() {
    let chat = Chat::start();
    let mut ann = chat.join("ann").await;
    assert_eq!(news(&mut ann).await, json!({"here": ["ann"]}));
    ann.text(r#"{"text":"before it came"}"#).await;
    news(&mut ann).await;
    let _bot = bot(&chat);
    assert_eq!(news(&mut ann).await, json!({"here": ["ann", "bot"]}));
    ann.text(r#"{"text":"hello"}"#).await;
    assert_eq!(news(&mut ann).await["text"], "hello");
    let answer = json!({"from": "bot", "to": null, "text": "ann, that had 5 letters"});
    assert_eq!(news(&mut ann).await, answer);
    ann.text(r#"{"text":"psst","to":"bot"}"#).await;
    assert_eq!(news(&mut ann).await["heard"], 1);
    let answer = json!({"from": "bot", "to": "ann", "text": "ann, that had 4 letters"});
    assert_eq!(news(&mut ann).await, answer);
}

/// It waits for a chat that was killed, and knows nobody of before.
#[tokio::test]
async fn the_bot_comes_back() {
    // An address that nobody dials from, so that the port stays free while nobody listens.
    let chat = Chat::at("127.77.0.1:0");
    let addr = chat.1.to_string();
    let mut ann = chat.join("ann").await;
    news(&mut ann).await;
    let _bot = bot(&chat);
    assert_eq!(news(&mut ann).await, json!({"here": ["ann", "bot"]}));
    drop(chat);
    let chat = Chat::at(&addr);
    let mut bob = chat.join("bob").await;
    while news(&mut bob).await != json!({"here": ["bob", "bot"]}) {}
    bob.text(r#"{"text":"again?"}"#).await;
    assert_eq!(news(&mut bob).await["from"], "bob");
    let answer = json!({"from": "bot", "to": null, "text": "bob, that had 6 letters"});
    assert_eq!(news(&mut bob).await, answer);
}

/// The example `bot` in that chat.
fn bot(chat: &Chat) -> Chat {
    let bot = Command::new(env!("CARGO_BIN_EXE_bot"))
        .arg(chat.1.to_string())
        .stdout(Stdio::null())
        .spawn();
    Chat(bot.expect("the program"), chat.1)
}

#[tokio::test]
async fn the_page_stands_at_the_root() {
    let chat = Chat::start();
    let page = Client::ask(chat.1, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    assert_eq!(page.body, include_bytes!("page.html"));
}
