//! Modifiers, receivers, patterns, lifetimes and outputs that a handler may have.
#![deny(warnings, clippy::all)]

use wsframe::{
    Close, CloseReason, Handshake, IntoReply, Json, Refusal, Session, Text, on_close, on_handshake,
    on_message, on_open, server_endpoint,
};

#[server_endpoint("/forms")]
struct Forms {
    said: u32,
}

struct Mine;

impl From<Mine> for Refusal {
    fn from(_: Mine) -> Self {
        Self::not_found()
    }
}

impl Forms {
    #[on_handshake]
    fn admit(self: &mut Self, _: &Handshake) -> Result<(), Mine> {
        Ok(())
    }

    #[on_open]
    pub fn opened<'a>(self: &'a Self, _: &'a Session) -> Result<Option<&'a str>, Close> {
        Ok(None)
    }

    #[on_message]
    #[inline]
    #[must_use]
    pub(crate) async fn said(&mut self, Json((x, y)): Json<(u8, u8)>) -> impl IntoReply + use<> {
        self.said += 1;
        Some(format!("{x} {y}"))
    }

    #[on_message]
    async fn bytes<'b>(&self, bytes: &'b [u8]) -> Result<Text, Box<dyn std::error::Error + Send + Sync>>
    where
        Self: 'b,
    {
        Ok(std::str::from_utf8(bytes)?.into())
    }

    #[on_close]
    fn left(&mut self, reason: &CloseReason) -> () {
        let _ = reason;
    }
}

#[server_endpoint("/forms/direct")]
struct Direct;

impl Direct {
    #[on_message]
    fn said(&self, text: String) -> String {
        text
    }
}

fn main() {
    // The methods are as they were written.
    let direct = Direct;
    assert_eq!(direct.said("a".into()), "a");
}
