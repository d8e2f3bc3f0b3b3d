//! What waits while a handler runs.

use std::collections::VecDeque;

use super::state::Next;
use crate::{limits::Settings, session::Feed, wire::Piece};

/// Received messages, in order, and the way of one that is read while it arrives.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    queue: VecDeque<Next>,
    bytes: usize,
    feed: Option<Feed>,
}

impl Inbound {
    /// Checked before adding, so that one message of any size finds room.
    pub(super) fn is_full(&self, limits: &Settings) -> bool {
        match &self.feed {
            // The handler that runs waits for just this; whatever else waits must not stop it.
            Some(feed) => feed.waiting() >= limits.inbound,
            None => self.queue.len() >= limits.inbound_messages || self.bytes >= limits.inbound,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.feed.is_none()
    }

    /// Adds what comes next. Inside a message that is read while it arrives that can only be pongs;
    /// those that are too many are dropped.
    pub(super) fn push(&mut self, next: Next, limits: &Settings) {
        if self.feed.is_some() && self.queue.len() >= limits.inbound_messages {
            return;
        }
        self.bytes += next.len();
        self.queue.push_back(next);
    }

    pub(super) fn pop(&mut self) -> Option<Next> {
        let next = self.queue.pop_front()?;
        self.bytes -= next.len();
        Some(next)
    }

    /// The pieces of this message go to its reader, those that wait already at once.
    pub(super) fn open(&mut self, feed: Feed) {
        self.feed = Some(feed);
        let mut waiting = std::mem::take(&mut self.queue).into_iter();
        while self.feed.is_some()
            && let Some(next) = waiting.next()
        {
            match next {
                Next::Piece(piece) => {
                    self.bytes -= piece.message.len();
                    self.feed(piece);
                }
                other => self.queue.push_back(other),
            }
        }
        self.queue.extend(waiting);
    }

    /// Gives a piece to the reader of its message; it comes back if there is none.
    pub(super) fn feed(&mut self, piece: Box<Piece>) -> Option<Box<Piece>> {
        let Some(feed) = &self.feed else { return Some(piece) };
        let Piece { message, last, .. } = *piece;
        feed.push(message, last);
        if last {
            self.feed = None;
        }
        None
    }

    /// Nothing more comes.
    pub(super) fn cut(&mut self) {
        self.feed = None;
    }
}
