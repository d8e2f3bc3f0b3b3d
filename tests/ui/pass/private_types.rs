//! A public endpoint whose fields, payloads and replies are private.
#![deny(warnings)]

use std::{str::FromStr, sync::Arc};

use wsframe::{
    DecodeError, FromHandshake, FromMessage, Handshake, IntoMessage, Message, Refusal, on_message,
    server_endpoint,
};

#[derive(Default)]
struct Board(u8);

struct Seat(u8);

impl FromStr for Seat {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

struct User;

impl FromHandshake for User {
    async fn from_handshake(_: &mut Handshake) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

struct Move(String);

impl FromMessage for Move {
    fn from_message(message: Message) -> Result<Self, DecodeError> {
        String::from_message(message).map(Self)
    }
}

impl IntoMessage for Move {
    fn into_message(self) -> Result<Message, wsframe::Error> {
        self.0.into_message()
    }
}

struct Log;

#[server_endpoint("/chess/<seat>")]
pub struct Chess {
    seat: Seat,
    board: Board,
    #[extract]
    user: User,
    #[state]
    log: Arc<Log>,
}

impl Chess {
    #[on_message(text)]
    fn moved(&mut self, played: Move) -> Option<Move> {
        self.board.0 += self.seat.0;
        let _ = (&self.user, &self.log);
        Some(played)
    }
}

fn main() {}
