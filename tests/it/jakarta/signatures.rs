//! Every form a handler may have: receiver, `fn` or `async fn`, order of arguments, payload, return
//! type. Each form compiles, and is driven once.

#![expect(
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    reason = "every form is tried, also the one that the lint would have instead"
)]

use wsframe::{
    Either, Error, IntoReply, Json, MessagePack, MessageReader, Part, Protobuf, Replies, Reply,
    prelude::*,
};
use wsframe_tests::{Client, Frame};

use super::{Told, running, telling};

/// An endpoint all of whose handlers have one form:
/// `name [async?] [mut?] self [session, before the other argument] [after it] [name of it]`.
macro_rules! forms {
    ($(
        $name:ident [$($async:tt)?] [$($mut:tt)?] $self:tt
        [$($before:tt)*] [$($after:tt)*] [$($session:ident)?];
    )*) => {$(
        mod $name {
            use super::*;

            #[server_endpoint("/jakarta/signatures/<form>")]
            pub(super) struct Form {
                form: String,
                #[state]
                told: Told,
            }

            impl Form {
                #[on_handshake]
                $($async)? fn admit(&$($mut)? $self, handshake: &mut Handshake) -> Result<(), Refusal> {
                    $self.told.tell(format!("handshake {:?}", handshake.param("form") == Some(&*$self.form)));
                    Ok(())
                }

                #[on_open]
                $($async)? fn opened(&$($mut)? $self, $($before)* $($after)*) {
                    $(assert_eq!($session.param("form"), Some(&*$self.form));)?
                    $self.told.tell("open");
                }

                #[on_message]
                $($async)? fn text(&$($mut)? $self, $($before)* text: String, $($after)*) -> Result<String, Error> {
                    $(assert_eq!($session.param("form"), Some(&*$self.form));)?
                    if text == "fail" { Err(text.into()) } else { Ok(text) }
                }

                #[on_message]
                $($async)? fn bytes(&$($mut)? $self, $($before)* bytes: &[u8], $($after)*) -> Vec<u8> {
                    $(assert_eq!($session.param("form"), Some(&*$self.form));)?
                    bytes.to_vec()
                }

                #[on_message]
                $($async)? fn pong(&$($mut)? $self, $($before)* pong: &Pong, $($after)*) -> Option<usize> {
                    $(assert_eq!($session.param("form"), Some(&*$self.form));)?
                    Some(pong.payload().len())
                }

                #[on_event]
                $($async)? fn event(&$($mut)? $self, $($before)* event: u8, $($after)*) -> u8 {
                    $(assert_eq!($session.param("form"), Some(&*$self.form));)?
                    event
                }

                #[on_tick(every = "1ms")]
                $($async)? fn tick(&$($mut)? $self, $($before)* $($after)*) {
                    $(assert_eq!($session.param("form"), Some(&*$self.form));)?
                    $self.told.tell("tick");
                }

                #[on_error]
                $($async)? fn failed(&$($mut)? $self, $($before)* failure: &Failure, $($after)*) -> OnError {
                    $(assert_eq!($session.param("form"), Some(&*$self.form));)?
                    $self.told.tell(format!("error {failure}"));
                    OnError::Continue
                }

                #[on_close]
                $($async)? fn left(&$($mut)? $self, $($before)* reason: &CloseReason, $($after)*) {
                    $(assert_eq!($session.param("form"), Some(&*$self.form));)?
                    $self.told.tell(format!("close {reason}"));
                }
            }
        }

        #[tokio::test]
        async fn $name() {
            drive::<$name::Form>(stringify!($name)).await;
        }
    )*};
}

async fn drive<E: wsframe::Endpoint>(form: &str) {
    let (server, mut heard) = telling::<E>().await;
    let mut client = Client::open(server.addr, &format!("/jakarta/signatures/{form}")).await;
    for expected in ["handshake true", "open", "tick"] {
        assert_eq!(heard.next().await, expected);
    }
    for (first, payload, answer) in [(0x81, "x", 0x81), (0x82, "y", 0x82)] {
        client.send(first, payload).await;
        assert_eq!(client.next().await, Some(Frame { first: answer, payload: payload.into() }));
    }
    client.send(0x8a, "four").await;
    assert_eq!(client.expect_text().await, "4");
    let [session] = server.handle.sessions().try_into().expect("one session");
    session.tell(7_u8).expect("told");
    assert_eq!(client.expect_text().await, "7");
    client.text("fail").await;
    client.close(1000, "").await;
    for expected in ["error fail", "close 1000"] {
        let mut told = heard.next().await;
        while told == "tick" {
            told = heard.next().await;
        }
        assert_eq!(told, expected);
    }
    server.stop().await;
}

forms! {
    plain [] [] self [] [] [];
    plain_with_session [] [] self [] [session: &Session] [session];
    plain_with_session_first [] [] self [session: &Session,] [] [session];
    plain_with_own_session [] [] self [] [session: Session] [session];
    plain_with_own_session_first [] [] self [session: Session,] [] [session];
    plain_mut [] [mut] self [] [] [];
    plain_mut_with_session [] [mut] self [] [session: &Session] [session];
    plain_mut_with_session_first [] [mut] self [session: &Session,] [] [session];
    plain_mut_with_own_session [] [mut] self [] [session: Session] [session];
    plain_mut_with_own_session_first [] [mut] self [session: Session,] [] [session];
    asynchronous [async] [] self [] [] [];
    asynchronous_with_session [async] [] self [] [session: &Session] [session];
    asynchronous_with_session_first [async] [] self [session: &Session,] [] [session];
    asynchronous_with_own_session [async] [] self [] [session: Session] [session];
    asynchronous_with_own_session_first [async] [] self [session: Session,] [] [session];
    asynchronous_mut [async] [mut] self [] [] [];
    asynchronous_mut_with_session [async] [mut] self [] [session: &Session] [session];
    asynchronous_mut_with_session_first [async] [mut] self [session: &Session,] [] [session];
    asynchronous_mut_with_own_session [async] [mut] self [] [session: Session] [session];
    asynchronous_mut_with_own_session_first [async] [mut] self [session: Session,] [] [session];
}

/// A handler for each payload, in every way it can be taken; what is sent, and the text it answers.
macro_rules! payloads {
    ($($name:ident $first:literal $sent:expr => $answer:literal: { $($handler:tt)* })*) => {
        $(
            #[server_endpoint("/jakarta/signatures/payload")]
            struct $name;

            impl $name {
                $($handler)*
            }
        )*

        #[tokio::test]
        async fn every_payload_arrives() {
            $(
                let server = running::<$name>().await;
                let mut client = Client::open(server.addr, "/jakarta/signatures/payload").await;
                client.send($first, $sent).await;
                assert_eq!(client.expect_text().await, $answer, stringify!($name));
            )*
        }
    };
}

payloads! {
    OfString 0x81 "abc" => "abc": { #[on_message] fn on(&self, p: String) -> String { p } }
    OfStringRef 0x81 "abc" => "abc": {
        #[on_message]
        async fn on(&self, p: &String) -> String { p.clone() }
    }
    OfStr 0x81 "abc" => "abc": { #[on_message] fn on(&self, p: &str) -> String { p.into() } }
    OfStrAsync 0x81 "abc" => "abc": {
        #[on_message]
        async fn on(&mut self, p: &str) -> String { p.into() }
    }
    OfText 0x81 "abc" => "abc": { #[on_message] fn on(&self, p: Text) -> Text { p } }
    OfTextRef 0x81 "abc" => "abc": {
        #[on_message]
        async fn on(&mut self, p: &Text) -> Text { p.clone() }
    }
    OfJson 0x81 "[1,2]" => "3": {
        #[on_message]
        fn on(&self, p: Json<Vec<u8>>) -> u8 { p.0.iter().sum() }
    }
    OfJsonParts 0x81 "[1,2]" => "3": {
        #[on_message]
        async fn on(&self, Json((a, b)): Json<(u8, u8)>) -> u8 { a + b }
    }
    OfJsonRef 0x81 "[1,2]" => "3": {
        #[on_message]
        async fn on(&self, p: &Json<[u8; 2]>) -> u8 { p.0[0] + p.0[1] }
    }
    OfNumber 0x81 "-7" => "7": { #[on_message] fn on(&self, p: i64) -> i64 { -p } }
    OfNumberRef 0x81 "-7" => "7": { #[on_message] async fn on(&self, p: &i8) -> i8 { -*p } }
    OfFloat 0x81 "1.5" => "3": { #[on_message] async fn on(&mut self, p: f64) -> f64 { p * 2.0 } }
    OfBool 0x81 "true" => "false": { #[on_message] fn on(&self, p: bool) -> bool { !p } }
    OfChar 0x81 "é" => "É": {
        #[on_message]
        fn on(&self, p: char) -> String { p.to_uppercase().collect() }
    }
    OfEither 0x81 "x" => "Right(\"x\")": {
        #[on_message]
        fn on(&self, p: Either<u8, String>) -> String { format!("{p:?}") }
    }
    OfEitherRef 0x81 "1" => "Left(1)": {
        #[on_message]
        async fn on(&self, p: &Either<u8, String>) -> String { format!("{p:?}") }
    }
    OfTextMessage 0x81 "abc" => "3": {
        #[on_message(text)]
        fn on(&self, p: Message) -> usize { p.len() }
    }
    OfBytesMessage 0x82 "abc" => "3": {
        #[on_message(binary)]
        async fn on(&self, p: &Message) -> usize { p.len() }
    }
    OfAnyMessage 0x82 "abc" => "3": {
        #[on_message(text)]
        #[on_message(binary)]
        #[on_message(pong)]
        async fn on(&mut self, p: Message) -> usize { p.into_bytes().len() }
    }
    OfBytes 0x82 "abc" => "3": { #[on_message] fn on(&self, p: Bytes) -> usize { drop(p); 3 } }
    OfBytesRef 0x82 "abc" => "3": {
        #[on_message]
        async fn on(&mut self, p: &Bytes) -> usize { p.len() }
    }
    OfVec 0x82 "abc" => "abc": {
        #[on_message]
        async fn on(&self, p: Vec<u8>) -> Result<String, Error> { Ok(String::from_utf8(p)?) }
    }
    OfVecRef 0x82 "abc" => "3": { #[on_message] fn on(&self, p: &Vec<u8>) -> usize { p.len() } }
    OfSlice 0x82 "abc" => "3": { #[on_message] fn on(&mut self, p: &[u8]) -> usize { p.len() } }
    OfSliceAsync 0x82 "abc" => "3": {
        #[on_message]
        async fn on(&self, p: &[u8]) -> usize { p.len() }
    }
    OfMessagePack 0x82 [7] => "7": {
        #[on_message]
        fn on(&self, MessagePack(p): MessagePack<u8>) -> u8 { p }
    }
    OfMessagePackRef 0x82 [7] => "7": {
        #[on_message]
        async fn on(&self, p: &MessagePack<u8>) -> u8 { p.0 }
    }
    OfProtobuf 0x82 [8, 7] => "7": {
        #[on_message]
        fn on(&self, Protobuf(p): Protobuf<u32>) -> u32 { p }
    }
    OfProtobufRef 0x82 [8, 7] => "7": {
        #[on_message]
        async fn on(&self, p: &Protobuf<u32>) -> u32 { p.0 }
    }
    OfPong 0x8a "abc" => "3": {
        #[on_message]
        fn on(&self, p: Pong) -> usize { p.into_payload().len() }
    }
    OfPongRef 0x8a "abc" => "3": {
        #[on_message]
        async fn on(&mut self, p: &Pong) -> usize { p.payload().len() }
    }
    OfTextPart 0x81 "abc" => "abc true": {
        #[on_message]
        fn on(&self, p: Part<Text>) -> String { format!("{} {}", p.payload, p.last) }
    }
    OfStringPart 0x81 "abc" => "abc": {
        #[on_message]
        async fn on(&self, p: Part<String>) -> String { p.payload }
    }
    OfTextPartRef 0x81 "abc" => "abc": {
        #[on_message]
        async fn on(&mut self, p: &Part<Text>) -> Text { p.payload.clone() }
    }
    OfBytesPart 0x82 "abc" => "3": {
        #[on_message]
        fn on(&mut self, p: Part<Bytes>) -> usize { p.payload.slice(..).len() }
    }
    OfVecPart 0x82 "abc" => "3": {
        #[on_message]
        async fn on(&mut self, p: Part<Vec<u8>>) -> usize { p.payload.len() }
    }
    OfTextReader 0x81 "abc" => "abc": {
        #[on_message(text)]
        async fn on(&self, mut p: MessageReader) -> Result<String, Error> {
            Ok(String::from_utf8(p.next().await?.unwrap_or_default().to_vec())?)
        }
    }
    OfReader 0x82 "abc" => "3": {
        #[on_message(binary)]
        async fn on(&mut self, session: &Session, mut p: MessageReader) -> Result<u64, Error> {
            assert!(session.is_open());
            Ok(tokio::io::copy(&mut p, &mut tokio::io::sink()).await?)
        }
    }
    OfBlocking 0x81 "abc" => "abc": {
        #[on_message(blocking)]
        fn on(&mut self, p: &str) -> String { p.into() }
    }
    OfBlockingWithSession 0x82 "abc" => "3": {
        #[on_message(binary, blocking)]
        fn on(&self, session: Session, p: Vec<u8>) -> Result<(), Error> {
            Ok(session.blocking_send(p.len())?)
        }
    }
}

/// A return type, a value of it, the texts that it sends, and the code if it closes; from a plain
/// `#[on_open]` and from an `async` `#[on_message]`.
macro_rules! returns {
    ($($name:ident $type:ty: $value:expr => [$($text:literal),*] $($code:literal)?;)*) => {
        $(
            mod $name {
                use super::*;

                #[server_endpoint("/jakarta/signatures/opens")]
                pub(super) struct Opens;

                impl Opens {
                    #[on_open]
                    fn opened(&self) -> $type {
                        $value
                    }

                    /// Says that nothing else was sent before.
                    #[on_message]
                    fn said(&self, _: &str) -> &'static str {
                        "end"
                    }
                }

                #[server_endpoint("/jakarta/signatures/says")]
                pub(super) struct Says;

                impl Says {
                    #[on_message]
                    async fn said(&mut self, _: &[u8]) -> $type {
                        $value
                    }

                    #[on_message]
                    fn end(&self, _: &str) -> &'static str {
                        "end"
                    }
                }
            }
        )*

        #[tokio::test]
        async fn every_return_type_replies() {
            $(
                let (opens, says) = (running::<$name::Opens>().await, running::<$name::Says>().await);
                let mut at_open = Client::open(opens.addr, "/jakarta/signatures/opens").await;
                let mut at_message = Client::open(says.addr, "/jakarta/signatures/says").await;
                at_message.send(0x82, "go").await;
                for client in [&mut at_open, &mut at_message] {
                    let (texts, code): (&[&str], &[u16]) = (&[$($text),*], &[$($code)?]);
                    for text in texts {
                        assert_eq!(client.expect_text().await, *text, stringify!($name));
                    }
                    match code {
                        [] => {
                            client.text("end").await;
                            assert_eq!(client.expect_text().await, "end", stringify!($name));
                        }
                        [code, ..] => {
                            assert_eq!(client.expect_close().await.0, *code, stringify!($name));
                        }
                    }
                }
            )*
        }
    };
}

returns! {
    unit (): () => [];
    string String: "a".into() => ["a"];
    borrowed &'static str: "a" => ["a"];
    number i32: -1 => ["-1"];
    some Option<bool>: Some(true) => ["true"];
    none Option<String>: None => [];
    json Json<[u8; 2]>: Json([1, 2]) => ["[1,2]"];
    ok Result<char, Error>: Ok('x') => ["x"];
    ok_unit wsframe::Result: Ok(()) => [];
    ok_some Result<Option<u8>, Close>: Ok(Some(1)) => ["1"];
    ok_none Result<Option<u8>, Close>: Ok(None) => [];
    some_err Option<Result<u8, Error>>: Some(Err("failed".into())) => [] 1011;
    err Result<u8, Error>: Err("failed".into()) => [] 1011;
    err_of_io Result<(), std::io::Error>: Err(std::io::Error::other("failed")) => [] 1011;
    err_of_text Result<(), String>: Err("failed".into()) => [] 1011;
    err_of_static Result<(), &'static str>: Err("failed") => [] 1011;
    err_boxed Result<(), Box<dyn std::error::Error + Send + Sync>>: Err("failed".into()) => [] 1011;
    close Result<String, Close>: Err(Close::new(4000, "enough")) => [] 4000;
    close_as_error wsframe::Result<u8>: Err(Close::new(4001, "enough").into()) => [] 4001;
    either Either<u8, String>: Either::Right("b".into()) => ["b"];
    reply Reply: Reply::message("a") => ["a"];
    opaque impl IntoReply + use<>: Some("a") => ["a"];
    replies Replies<futures_util::stream::Once<std::future::Ready<u8>>>:
        Replies(futures_util::stream::once(std::future::ready(1))) => ["1"];
    nothing_of_many Option<Replies<futures_util::stream::Empty<u8>>>: None => [];
}
