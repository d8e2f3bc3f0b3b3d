//! A set of kinds of messages.

use super::MessageKind;

/// A set of [`MessageKind`]s, known while compiling.
///
/// ```
/// use wsframe::{MessageKind, MessageKinds};
///
/// const DATA: MessageKinds = MessageKinds::NONE.with(MessageKind::Text).with(MessageKind::Binary);
/// assert!(DATA.contains(MessageKind::Text));
/// assert!(!DATA.contains(MessageKind::Pong));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageKinds {
    text: bool,
    binary: bool,
    pong: bool,
}

impl MessageKinds {
    /// No kind.
    pub const NONE: Self = Self { text: false, binary: false, pong: false };

    /// The set with this kind in it.
    #[must_use]
    pub const fn with(mut self, kind: MessageKind) -> Self {
        match kind {
            MessageKind::Text => self.text = true,
            MessageKind::Binary => self.binary = true,
            MessageKind::Pong => self.pong = true,
        }
        self
    }

    /// Whether this kind is in it.
    pub const fn contains(self, kind: MessageKind) -> bool {
        match kind {
            MessageKind::Text => self.text,
            MessageKind::Binary => self.binary,
            MessageKind::Pong => self.pong,
        }
    }

    /// Whether no kind is in it.
    pub const fn is_empty(self) -> bool {
        !self.text && !self.binary && !self.pong
    }
}
