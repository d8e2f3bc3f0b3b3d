//! Coders: `ee/coder`, `ee/programaticcoder` and `ee/throwingcoder`.

use std::sync::Mutex;

use wsframe::{
    Coder, DecodeError, Either, Error, FailureKind, FromHandshake, FromMessage, IntoMessage,
    MessageKind, prelude::*,
};
use wsframe_tests::{Client, Frame};

use super::{Told, telling};

/// A coder that tells of its life, and fails where it is asked to.
struct Living {
    told: Told,
    kind: MessageKind,
}

impl Living {
    fn set_up(handshake: &Handshake, kind: MessageKind) -> Result<Self, Refusal> {
        let told: Told = handshake.state().ok_or_else(Refusal::internal)?;
        told.tell(format!("init {kind:?}"));
        Ok(Self { told, kind })
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        self.told.tell(format!("destroy {:?}", self.kind));
    }
}

impl Coder for Living {
    type In = String;
    type Out = String;

    fn decode(&mut self, message: Message) -> Result<String, DecodeError> {
        let text = String::from_utf8_lossy(message.as_bytes()).into_owned();
        if text == "undecodable" {
            return Err(DecodeError::new(message, std::io::Error::other("a decoder's error")));
        }
        self.told.tell(format!("decode {:?}", self.kind));
        Ok(text)
    }

    fn encode(&mut self, value: String) -> Result<Message, Error> {
        match (self.kind, &*value) {
            (_, "unencodable") => Err(std::io::Error::other("an encoder's error").into()),
            (MessageKind::Text, _) => Ok(value.into()),
            _ => Ok(value.into_bytes().into()),
        }
    }
}

struct TextCoder(Living);
struct BinaryCoder(Living);

macro_rules! coders {
    ($($name:ident $kind:ident),*) => {$(
        impl FromHandshake for $name {
            async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
                Living::set_up(handshake, MessageKind::$kind).map(Self)
            }
        }

        impl Coder for $name {
            type In = String;
            type Out = String;

            fn decode(&mut self, message: Message) -> Result<String, DecodeError> {
                self.0.decode(message)
            }

            fn encode(&mut self, value: String) -> Result<Message, Error> {
                self.0.encode(value)
            }
        }
    )*};
}

coders!(TextCoder Text, BinaryCoder Binary);

#[server_endpoint("/jakarta/coders/living")]
struct WithCoders {
    #[extract]
    text: TextCoder,
    #[extract]
    binary: BinaryCoder,
    #[state]
    told: Told,
}

impl WithCoders {
    #[on_message(text, coder = text)]
    async fn text(&mut self, text: String) -> String {
        text
    }

    #[on_message(binary, coder = binary)]
    fn binary(&mut self, text: String) -> Option<String> {
        Some(text)
    }

    #[on_error]
    fn failed(&mut self, failure: &Failure) -> OnError {
        let offending = failure.message().map(|message| message.as_bytes().len());
        let error = failure.downcast_ref::<std::io::Error>().is_some();
        self.told.tell(format!("{:?} {failure}; {offending:?} {error}", failure.kind()));
        OnError::Continue
    }

    #[on_close]
    fn left(&self) {
        self.told.tell("close");
    }
}

#[tokio::test]
async fn assertion_34_coders_are_set_up_and_torn_down_with_their_connection() {
    let (server, mut heard) = telling::<WithCoders>().await;
    for _ in 0..2 {
        let mut client = Client::open(server.addr, "/jakarta/coders/living").await;
        for (first, told) in [(0x81, "decode Text"), (0x82, "decode Binary")] {
            client.send(first, "hello").await;
            assert_eq!(client.next().await, Some(Frame { first, payload: b"hello".to_vec() }));
            if first == 0x81 {
                assert_eq!(heard.next().await, "init Text");
                assert_eq!(heard.next().await, "init Binary");
            }
            assert_eq!(heard.next().await, told);
        }
        client.close(1000, "").await;
        for told in ["close", "destroy Text", "destroy Binary"] {
            assert_eq!(heard.next().await, told);
        }
    }
    // One that is refused has coders too, until it is refused.
    let no_key = wsframe_tests::request("/jakarta/coders/living", "Origin: https://evil.test\r\n");
    assert_eq!(Client::ask(server.addr, no_key).await.status, 403);
    assert!(heard.is_quiet(), "refused before there was an object");
}

#[tokio::test]
async fn assertion_36_errors_of_coders_reach_on_error() {
    let (server, mut heard) = telling::<WithCoders>().await;
    let mut client = Client::open(server.addr, "/jakarta/coders/living").await;
    heard.next().await;
    heard.next().await;
    for (first, decode) in [(0x81, "decode Text"), (0x82, "decode Binary")] {
        client.send(first, "undecodable").await;
        assert_eq!(heard.next().await, "Decode a decoder's error; Some(11) true");
        client.send(first, "unencodable").await;
        assert_eq!(heard.next().await, decode);
        assert_eq!(heard.next().await, "Handler an encoder's error; None true");
    }
    // It goes on.
    client.text("still here").await;
    assert_eq!(client.expect_text().await, "still here");
}

/// Which decoders were asked. One test alone sends text to these.
static ASKED: Mutex<Vec<&str>> = Mutex::new(Vec::new());

struct Even(i32);
struct Word(String);

impl FromMessage for Even {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        ASKED.lock().unwrap().push("even");
        let number = i32::from_message(message)?;
        match number % 2 {
            0 => Ok(Self(number)),
            _ => Err(DecodeError::new(number.to_string().into(), "odd")),
        }
    }
}

impl FromMessage for Word {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        ASKED.lock().unwrap().push("word");
        String::from_message(message).map(Self)
    }
}

/// As `ThrowingCoder`, but a value.
struct Unspeakable;

impl IntoMessage for Unspeakable {
    fn into_message(self) -> Result<Message, Error> {
        Err("unspeakable".into())
    }
}

#[server_endpoint("/jakarta/coders/candidates")]
struct Candidates {
    #[state]
    told: Told,
}

impl Candidates {
    #[on_message(text)]
    async fn said(&mut self, said: Either<Even, Word>) -> Result<String, Error> {
        match said {
            Either::Left(Even(number)) => Ok(number.to_string()),
            Either::Right(Word(word)) => Ok(word),
        }
    }

    #[on_message(binary)]
    fn bytes(&self, _: &[u8]) -> Unspeakable {
        Unspeakable
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        assert_eq!(failure.kind() == FailureKind::Decode, failure.message().is_some());
        self.told.tell(failure.to_string());
        OnError::Continue
    }
}

/// `willDecode` says whether a decoder is asked; here it is asked and says "not mine".
#[tokio::test]
async fn assertion_35_a_decoder_is_asked_only_if_those_before_it_pass() {
    let (server, mut heard) = telling::<Candidates>().await;
    let mut client = Client::open(server.addr, "/jakarta/coders/candidates").await;
    let asked = || std::mem::take(&mut *ASKED.lock().unwrap());
    client.text("4").await;
    assert_eq!(client.expect_text().await, "4");
    assert_eq!(asked(), ["even"]);
    client.text("four").await;
    assert_eq!(client.expect_text().await, "four");
    assert_eq!(asked(), ["even", "word"]);
    // It is the first one's, and wrong: nobody else is asked.
    client.text("3").await;
    assert_eq!(heard.next().await, "odd");
    assert_eq!(asked(), ["even"]);
}

#[tokio::test]
async fn assertion_36_a_value_that_does_not_encode_reaches_on_error() {
    let (server, mut heard) = telling::<Candidates>().await;
    let mut client = Client::open(server.addr, "/jakarta/coders/candidates").await;
    client.send(0x82, "x").await;
    assert_eq!(heard.next().await, "unspeakable");
    client.close(1000, "").await;
    assert_eq!(client.expect_close().await.0, 1000);
}
