//! How much a peer may send, where that has a limit.

use tokio::time::Instant;

use crate::{
    limits::{Bucket, Excess, Settings},
    wire::Event,
};

/// The rates of one connection; only there where one is set.
#[derive(Debug)]
pub(super) struct Meter {
    began: Instant,
    messages: Bucket,
    bytes: Bucket,
}

/// What is to become of what has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    Passes,
    Dropped,
    Closes,
}

impl Meter {
    pub(super) fn of(settings: &Settings) -> Option<Box<Self>> {
        let limited = settings.message_rate.is_some() || settings.byte_rate.is_some();
        let (messages, bytes) = (Bucket::default(), Bucket::default());
        limited.then(|| Box::new(Self { began: Instant::now(), messages, bytes }))
    }

    /// Pings and pongs count as messages do: an answer is work too.
    pub(super) fn pass(&mut self, event: &Event, settings: &Settings) -> Passage {
        let (len, droppable) = match event {
            Event::Message(message) => (message.len(), true),
            Event::Ping(payload) => (payload.len(), true),
            Event::Pong(pong) => (pong.payload().len(), true),
            Event::Piece(piece) => (piece.message.len(), false),
            Event::Close(_) => return Passage::Passes,
        };
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let starts = !matches!(event, Event::Piece(piece) if !piece.first);
        let passes =
            settings.message_rate.is_none_or(|rate| !starts || self.messages.take(rate, 1, now))
                && settings.byte_rate.is_none_or(|rate| self.bytes.take(rate, len as u64, now));
        match settings.excess {
            _ if passes => Passage::Passes,
            Excess::Drop if droppable => Passage::Dropped,
            Excess::Drop | Excess::Close => Passage::Closes,
        }
    }
}
