//! What handlers take and give back: `ee/websocketmessage` and its return types.

use wsframe::{Coder, DecodeError, Error, FromMessage, IntoMessage, Json, Part, prelude::*};
use wsframe_tests::{Client, Frame, serve};

use super::running;

/// Endpoints that send a payload back as it came.
macro_rules! echoes {
    ($($name:ident $path:literal $type:ty: $($text:literal)*;)*) => {
        $(
            #[server_endpoint($path)]
            struct $name;

            impl $name {
                #[on_message]
                fn echo(&self, value: $type) -> $type {
                    value
                }
            }
        )*

        #[tokio::test]
        async fn assertion_12_every_primitive_goes_there_and_back() {
            $(
                let server = running::<$name>().await;
                let mut client = Client::open(server.addr, $path).await;
                $(
                    client.text($text).await;
                    assert_eq!(client.expect_text().await, $text, stringify!($type));
                )*
                client.text("none of them").await;
                assert_eq!(client.expect_close().await.0, 1007, stringify!($type));
            )*
        }
    };
}

echoes! {
    I8 "/jakarta/messages/i8" i8: "-128" "0" "127";
    I16 "/jakarta/messages/i16" i16: "-32768" "32767";
    I32 "/jakarta/messages/i32" i32: "-2147483648" "2147483647";
    I64 "/jakarta/messages/i64" i64: "-9223372036854775808" "9223372036854775807";
    I128 "/jakarta/messages/i128" i128: "-170141183460469231731687303715884105728";
    Isize "/jakarta/messages/isize" isize: "-1" "1";
    U8 "/jakarta/messages/u8" u8: "0" "255";
    U16 "/jakarta/messages/u16" u16: "65535";
    U32 "/jakarta/messages/u32" u32: "4294967295";
    U64 "/jakarta/messages/u64" u64: "18446744073709551615";
    U128 "/jakarta/messages/u128" u128: "340282366920938463463374607431768211455";
    Usize "/jakarta/messages/usize" usize: "1";
    F32 "/jakarta/messages/f32" f32: "0.1" "-3.25" "inf";
    F64 "/jakarta/messages/f64" f64: "0.1" "1.7976931348623157" "-0";
    Bool "/jakarta/messages/bool" bool: "true" "false";
    Char "/jakarta/messages/char" char: "x" "é" "🦀";
}

#[server_endpoint("/jakarta/messages/parts/<tag>")]
struct Parts {
    tag: String,
    text: String,
    bytes: Vec<u8>,
}

impl Parts {
    #[on_message]
    async fn text(&mut self, session: &Session, part: Part<String>) -> wsframe::Result {
        self.text += &part.payload;
        if part.last {
            let whole = std::mem::take(&mut self.text);
            session.send(format!("{} {whole}", self.tag)).await?;
        }
        Ok(())
    }

    #[on_message]
    fn bytes(&mut self, part: Part<Vec<u8>>) -> Option<Vec<u8>> {
        self.bytes.extend(part.payload);
        part.last.then(|| std::mem::take(&mut self.bytes))
    }
}

#[tokio::test]
async fn assertion_13_the_parts_join_to_the_message() {
    let server = running::<Parts>().await;
    let mut client = Client::open(server.addr, "/jakarta/messages/parts/tag").await;
    let text = "a é € 🦀 ".repeat(3);
    // Every length of fragments, those that cut characters too; none, and an empty last one.
    for length in 1..=text.len() {
        let mut first = 0x01;
        for fragment in text.as_bytes().chunks(length) {
            client.send(first, fragment).await;
            first = 0x00;
        }
        client.send(0x80, "").await;
        assert_eq!(client.expect_text().await, format!("tag {text}"), "{length}");
    }
    client.text("").await;
    assert_eq!(client.expect_text().await, "tag ");
    let bytes: Vec<u8> = (0..100_000).map(|i| (i % 251) as u8).collect();
    client.send(0x02, &bytes[..1]).await;
    client.send(0x89, "between").await;
    client.send(0x00, &bytes[1..]).await;
    client.send(0x80, "").await;
    assert_eq!(client.next().await.unwrap().first, 0x8a);
    assert_eq!(client.next().await, Some(Frame { first: 0x82, payload: bytes }));
}

#[server_endpoint("/jakarta/messages/five", max_message_size = 5)]
struct Five;

impl Five {
    #[on_message]
    fn text(&self, text: String) -> String {
        text
    }

    #[on_message]
    fn bytes(&self, bytes: Bytes) -> Bytes {
        bytes
    }
}

#[tokio::test]
async fn assertion_14_five_bytes_pass_and_six_close_with_1009() {
    let server = running::<Five>().await;
    // Bytes are counted, not characters.
    for (passes, closes) in [("12345", "123456"), ("éé1", "ééé")] {
        for kind in [0x81, 0x82] {
            let mut client = Client::open(server.addr, "/jakarta/messages/five").await;
            client.send(kind, passes).await;
            let echo = Frame { first: kind, payload: passes.into() };
            assert_eq!(client.next().await, Some(echo));
            client.send(kind, closes).await;
            assert_eq!(client.expect_close().await.0, 1009);
        }
    }
    // Fragments are counted together.
    let mut client = Client::open(server.addr, "/jakarta/messages/five").await;
    client.send(0x01, "123").await;
    client.send(0x80, "456").await;
    assert_eq!(client.expect_close().await.0, 1009);
}

#[tokio::test]
async fn assertion_14_one_below_the_limit_the_limit_and_one_above() {
    for limit in [1, 125, 126, 8191, 8192, 8193, 65_535, 65_536, 200_000] {
        let server = Server::new().only::<Five>();
        let server = serve(server.configure::<Five>(|five| five.max_message_size(limit))).await;
        for length in [limit - 1, limit, limit + 1] {
            let mut client = Client::open(server.addr, "/jakarta/messages/five").await;
            client.send(0x82, vec![7; length]).await;
            let answer = client.next().await.expect("a frame");
            let expected = if length > limit { 0x88 } else { 0x82 };
            assert_eq!(answer.first, expected, "{length} of {limit}");
        }
    }
}

/// Text of one's own, and binary.
struct Shout(String);

impl IntoMessage for Shout {
    fn into_message(self) -> Result<Message, Error> {
        Ok(self.0.to_uppercase().into())
    }
}

struct Length(u32);

impl IntoMessage for Length {
    fn into_message(self) -> Result<Message, Error> {
        Ok(self.0.to_be_bytes().to_vec().into())
    }
}

/// A coder with a memory; what it encodes is text or binary, as it likes.
#[derive(Default)]
struct Turns(bool);

impl Coder for Turns {
    type In = String;
    type Out = String;

    fn decode(&mut self, message: Message) -> Result<String, DecodeError> {
        String::from_message(message)
    }

    fn encode(&mut self, value: String) -> Result<Message, Error> {
        self.0 = !self.0;
        Ok(if self.0 { value.into() } else { value.into_bytes().into() })
    }
}

/// Endpoints that return the text they got as something else.
macro_rules! returns {
    ($($name:ident $path:literal $text:ident -> $type:ty: $value:expr, $first:literal $payload:expr;)*) => {
        $(
            #[server_endpoint($path)]
            struct $name;

            impl $name {
                #[on_message]
                fn answer(&self, $text: String) -> $type {
                    $value
                }
            }
        )*

        #[tokio::test]
        async fn assertion_15_each_type_that_is_returned_arrives() {
            $(
                let server = running::<$name>().await;
                let mut client = Client::open(server.addr, $path).await;
                client.text("seven").await;
                let expected = Frame { first: $first, payload: $payload.into() };
                assert_eq!(client.next().await, Some(expected), stringify!($type));
            )*
        }
    };
}

returns! {
    ReturnsString "/jakarta/messages/string" text -> String: text, 0x81 "seven";
    ReturnsStatic "/jakarta/messages/static" _text -> &'static str: "fixed", 0x81 "fixed";
    ReturnsText "/jakarta/messages/text" text -> Text: text.into(), 0x81 "seven";
    ReturnsVec "/jakarta/messages/vec" text -> Vec<u8>: text.into_bytes(), 0x82 "seven";
    ReturnsSlice "/jakarta/messages/slice" _text -> &'static [u8]: &[0, 1], 0x82 [0, 1];
    ReturnsBytes "/jakarta/messages/bytes" text -> Bytes: text.into(), 0x82 "seven";
    // Memory that is not the heap's.
    ReturnsDirect "/jakarta/messages/direct" _text -> Bytes: Bytes::from_static(b"direct"),
        0x82 "direct";
    ReturnsPart "/jakarta/messages/part" text -> Bytes: Bytes::from(text).slice(2..4), 0x82 "ve";
    ReturnsPong "/jakarta/messages/pong" text -> Pong: Pong::new(text), 0x8a "seven";
    ReturnsMessage "/jakarta/messages/message" text -> Message: text.into(), 0x81 "seven";
    ReturnsJson "/jakarta/messages/json" text -> Json<(String, u8)>: Json((text, 7)),
        0x81 r#"["seven",7]"#;
    ReturnsShout "/jakarta/messages/shout" text -> Shout: Shout(text), 0x81 "SEVEN";
    ReturnsLength "/jakarta/messages/length" text -> Length: Length(text.len() as u32),
        0x82 [0, 0, 0, 5];
    ReturnsOption "/jakarta/messages/option" text -> Option<String>: Some(text), 0x81 "seven";
    ReturnsResult "/jakarta/messages/result" text -> Result<Option<usize>, Error>:
        Ok(Some(text.len())), 0x81 "5";
}

#[server_endpoint("/jakarta/messages/turns")]
struct WithCoder {
    turns: Turns,
}

impl WithCoder {
    #[on_message(text, coder = turns)]
    fn echo(&mut self, text: String) -> String {
        text
    }
}

#[tokio::test]
async fn assertion_15_what_a_coder_encodes_arrives() {
    let server = running::<WithCoder>().await;
    let mut client = Client::open(server.addr, "/jakarta/messages/turns").await;
    for first in [0x81, 0x82, 0x81] {
        client.text("x").await;
        assert_eq!(client.next().await, Some(Frame { first, payload: b"x".to_vec() }));
    }
}
