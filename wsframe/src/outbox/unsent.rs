//! What an outbox held when its socket went.

/// What had been accepted for sending and had not left when a session ended, as
/// [`Session::unsent`](crate::Session::unsent) tells it.
///
/// Of what had left nobody knows how much the peer has read: a message that must arrive needs an
/// answer of the peer's.
///
/// ```
/// use wsframe::prelude::*;
///
/// #[server_endpoint("/feed")]
/// struct Feed;
///
/// impl Feed {
///     #[on_close]
///     fn left(&mut self, session: &Session) {
///         let unsent = session.unsent();
///         if !unsent.is_empty() {
///             println!("{} messages, {} bytes were lost", unsent.messages(), unsent.bytes());
///         }
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unsent {
    messages: u32,
    bytes: u32,
}

impl Unsent {
    pub(super) fn new(messages: u32, bytes: usize) -> Self {
        if messages == 0 {
            return Self::default(); // what is left are control frames
        }
        Self { messages, bytes: u32::try_from(bytes).unwrap_or(u32::MAX) }
    }

    /// How many messages, one that had begun to leave included.
    pub fn messages(self) -> usize {
        self.messages as usize
    }

    /// How many bytes, the frames' headers included; at most 4 GiB.
    pub fn bytes(self) -> usize {
        self.bytes as usize
    }

    /// Whether everything had left.
    pub fn is_empty(self) -> bool {
        self.messages == 0
    }
}
