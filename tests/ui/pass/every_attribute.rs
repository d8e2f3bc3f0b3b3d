//! Every attribute in every form, in a crate that allows no warning.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

use std::sync::Arc;

use bytes::Bytes;
use wsframe::{
    CloseReason, Failure, FromHandshake, Handshake, Json, OnError, Pong, Refusal, Session, Text,
    on_close, on_error, on_handshake, on_message, on_open, server_endpoint,
};

/// Who is there.
pub struct User(String);

impl FromHandshake for User {
    async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
        handshake.header("x-user").map(|name| Self(name.into())).ok_or_else(Refusal::not_found)
    }
}

/// What is shared.
#[derive(Default)]
pub struct Log;

const LIMIT: usize = 32 * 1024;

/// A room.
#[server_endpoint(
    "/chat/<room>/<rest..>",
    subprotocols = ["chat.v2", "chat.v1"],
    origins = ["https://example.org"],
    max_message_size = LIMIT,
    max_frame_size = "32KiB",
    max_fragments = 2 * 8,
    assembly_timeout = off,
    outbox = 64 * 1024,
    outbox_messages = 8,
    overflow = drop_oldest,
    inbound = 1024,
    inbound_messages = 4,
    ping_interval = "25s",
    pong_timeout = "100ms",
    idle_timeout = std::time::Duration::from_secs(5),
    write_timeout = "1h",
    send_timeout = "0s",
    close_timeout = "5s",
    finish_within = "2m",
    deflate = wsframe::Deflate::new().server_no_context_takeover(false).level(1),
)]
pub struct Chat {
    room: u32,
    rest: String,
    #[query]
    nick: String,
    #[query("c")]
    colour: Option<u8>,
    #[query]
    tag: Vec<String>,
    #[header("X-Request-Id")]
    request: Option<String>,
    #[header("accept-language")]
    languages: Vec<String>,
    #[cookie("sid")]
    session: Option<String>,
    #[state]
    log: Arc<Log>,
    #[extract]
    user: User,
    #[default(LIMIT + 1)]
    limit: usize,
    said: u32,
}

impl Chat {
    #[on_handshake]
    async fn admit(&mut self, handshake: &mut Handshake) -> Result<(), Refusal> {
        handshake.response_headers_mut().clear();
        if self.user.0.is_empty() { Err(Refusal::not_found()) } else { Ok(()) }
    }

    #[on_open]
    async fn joined(&mut self, session: &Session) -> wsframe::Result<String> {
        let _ = session;
        tokio::task::yield_now().await;
        let list = (&self.nick, self.colour, &self.tag, &self.request, &self.languages, &self.rest);
        let _ = (list, &self.session, &self.log);
        Ok(format!("{}", self.room))
    }

    #[on_message]
    fn said(&mut self, text: &str) -> Option<String> {
        self.said += 1;
        (text.len() < self.limit).then(|| text.to_owned())
    }

    #[on_message]
    async fn bytes(&mut self, session: Session, bytes: &[u8]) {
        let _ = (session, bytes);
    }

    #[on_message]
    fn pong(&self, _: &Session, pong: &Pong) {
        let _ = pong;
    }

    #[on_close]
    async fn left(&mut self, session: &Session, reason: CloseReason) {
        let _ = (session, reason);
    }

    #[on_error]
    async fn failed(&mut self, failure: &Failure, _: Session) -> OnError {
        failure.default_action()
    }
}

macro_rules! payload {
    ($($name:ident, $path:literal, $args:tt, $ty:ty, $output:ty, $value:expr;)*) => {$(
        #[server_endpoint($path)]
        struct $name;

        impl $name {
            #[on_message $args]
            fn take(&self, payload: $ty) -> $output {
                let _ = payload;
                $value
            }
        }
    )*};
}

payload! {
    A, "/a", (), String, (), ();
    B, "/b", (), Text, Text, "".into();
    C, "/c", (), &Text, &'static str, "";
    D, "/d", (), Bytes, Bytes, Bytes::new();
    E, "/e", (), Vec<u8>, Vec<u8>, Vec::new();
    F, "/f", (), &Vec<u8>, Option<Bytes>, None;
    G, "/g", (), Pong, wsframe::Result, Ok(());
    H, "/h", (), Json<u8>, Json<u8>, Json(1);
    I, "/i", (binary), Json<u8>, Result<String, Never>, Err(std::fmt::Error);
    J, "/j", (text), Own, (), ();
    K, "/k", (text), &Own, (), ();
}

/// An error that is no reply.
type Never = std::fmt::Error;

impl wsframe::FromMessage for Own {
    fn from_message(_: wsframe::Message) -> Result<Self, wsframe::DecodeError> {
        Ok(Self)
    }
}

struct Own;

fn main() {}
