//! Messages in parts, and messages that are read while they arrive.

use tokio::io::AsyncReadExt;
use wsframe::{
    Bytes, Failure, Message, MessageReader, OnError, Part, Server, Session, Text, on_error,
    on_message, server_endpoint,
};
use wsframe_tests::{Client, Running, serve};

#[server_endpoint("/parts", max_message_size = 16, max_fragments = 2)]
struct Parts {
    text: String,
    bytes: usize,
    parts: usize,
}

impl Parts {
    #[on_message]
    fn text(&mut self, part: &Part<Text>) -> Option<String> {
        self.text += &part.payload;
        self.parts += 1;
        part.last.then(|| std::mem::take(&mut self.text))
    }

    #[on_message]
    async fn bytes(&mut self, part: &Part<Bytes>, session: &Session) -> wsframe::Result {
        tokio::task::yield_now().await;
        self.bytes += part.payload.len();
        if part.last {
            session.send(format!("{} bytes", self.bytes)).await?;
            self.bytes = 0;
        }
        Ok(())
    }
}

#[server_endpoint("/read", max_message_size = 16, inbound = "16KiB")]
struct Read;

impl Read {
    #[on_message(text)]
    async fn text(&mut self, mut text: MessageReader) -> wsframe::Result<String> {
        let mut whole = String::new();
        while let Some(piece) = text.next().await? {
            whole += std::str::from_utf8(&piece)?;
        }
        Ok(whole)
    }

    #[on_message(binary)]
    async fn bytes(&mut self, mut bytes: MessageReader, session: &Session) -> wsframe::Result {
        let first = bytes.read_u8().await?;
        if first == b'!' {
            session.send("enough").await?;
            return Ok(());
        }
        let mut sum = 1;
        let mut buffer = [0; 1000];
        loop {
            match bytes.read(&mut buffer).await? {
                0 => break,
                n => sum += n,
            }
        }
        session.send(format!("{sum} bytes")).await?;
        Ok(())
    }

    #[on_error]
    fn failed(&self, _: &Failure) -> OnError {
        OnError::Continue
    }
}

async fn serving() -> Running {
    let server = Server::new().without_link_time();
    serve(server.endpoint::<Parts>().endpoint::<Read>().endpoint::<Threads>()).await
}

/// Sends a message in so many frames of so many bytes.
async fn send(client: &mut Client, opcode: u8, frames: usize, payload: &[u8]) {
    for i in 0..frames {
        let first = if i == 0 { opcode } else { 0 };
        let last = if i + 1 == frames { 0x80 } else { 0 };
        client.send(first | last, payload).await;
    }
}

#[tokio::test]
async fn both_ways_take_messages_of_any_length() {
    let server = serving().await;
    for path in ["/parts", "/read"] {
        let mut client = Client::open(server.addr, path).await;
        client.text("grüß").await;
        assert_eq!(client.expect_text().await, "grüß");
        client.text("").await;
        assert_eq!(client.expect_text().await, "");
        // The character is cut by the frames, and pings stand between them.
        client.send(0x01, [b'g', b'r', 0xc3]).await;
        client.send(0x89, "now").await;
        assert_eq!(client.next().await.unwrap().first, 0x8a);
        client.send(0x00, [0xbc]).await;
        client.send(0x80, "ßig, and long").await;
        assert_eq!(client.expect_text().await, "grüßig, and long");
        // Limits of whole messages do not count.
        send(&mut client, 0x02, 100, &[7; 1000]).await;
        assert_eq!(client.expect_text().await, "100000 bytes");
        client.send(0x82, vec![7; 3_000_000]).await;
        assert_eq!(client.expect_text().await, "3000000 bytes");
        send(&mut client, 0x02, 3, &[7; 10]).await;
        assert_eq!(client.expect_text().await, "30 bytes");
    }
}

#[tokio::test]
async fn text_that_is_none_is_refused_where_it_shows() {
    let server = serving().await;
    for path in ["/parts", "/read"] {
        let mut client = Client::open(server.addr, path).await;
        client.send(0x01, b"good").await;
        client.send(0x00, [0xff]).await;
        assert_eq!(client.expect_close().await.0, 1007, "{path}");
        let mut client = Client::open(server.addr, path).await;
        client.send(0x01, b"good").await;
        client.send(0x80, [0xc3]).await;
        assert_eq!(client.expect_close().await.0, 1007, "{path}");
    }
}

/// What a handler leaves unread is dropped, and the next message is handled.
#[tokio::test]
async fn a_reader_may_be_left() {
    let server = serving().await;
    let mut client = Client::open(server.addr, "/read").await;
    client.send(0x02, b"!and").await;
    assert_eq!(client.expect_text().await, "enough");
    send(&mut client, 0x00, 50, &[1; 4000]).await;
    client.send(0x82, b"next").await;
    assert_eq!(client.expect_text().await, "4 bytes");
}

#[server_endpoint("/threads")]
struct Threads {
    length: usize,
}

impl Threads {
    /// Runs on a thread where it may block.
    #[on_message(binary, blocking)]
    fn part(&mut self, part: &Part<Message>) -> Option<String> {
        self.length += part.payload.len();
        part.last.then(|| self.length.to_string())
    }
}

#[tokio::test]
async fn parts_may_be_taken_on_a_thread() {
    let server = serving().await;
    let mut client = Client::open(server.addr, "/threads").await;
    send(&mut client, 0x02, 10, &[1; 50_000]).await;
    assert_eq!(client.expect_text().await, "500000");
}

#[test]
fn a_handler_of_parts_can_be_called_directly() {
    let mut parts = Parts { text: String::new(), bytes: 0, parts: 0 };
    assert_eq!(parts.text(&Part::new("a".into(), false)), None);
    assert_eq!(parts.text(&Part::new("b".into(), true)).as_deref(), Some("ab"));
    assert_eq!(parts.parts, 2);
}
