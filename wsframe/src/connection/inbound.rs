//! Messages that wait while a handler runs.

use std::collections::VecDeque;

use crate::{limits::Settings, message::Message};

/// Received messages, in order.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    queue: VecDeque<Message>,
    bytes: usize,
}

impl Inbound {
    /// Checked before adding, so that one message of any size finds room.
    pub(super) fn is_full(&self, limits: &Settings) -> bool {
        self.queue.len() >= limits.inbound_messages || self.bytes >= limits.inbound
    }

    pub(super) fn push(&mut self, message: Message) {
        self.bytes += message.len();
        self.queue.push_back(message);
    }

    pub(super) fn pop(&mut self) -> Option<Message> {
        let message = self.queue.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }
}
