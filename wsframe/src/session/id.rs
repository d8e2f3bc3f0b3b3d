//! Session ids.

use std::fmt;

/// The id of a session: 128 random bits from a cryptographic generator, so it cannot be guessed
/// and needs no coordination between nodes.
///
/// Displays as 32 hexadecimal digits. Who knows an id has no right by that: look at the
/// [`principal`](super::Session::principal).
///
/// ```
/// use std::collections::HashMap;
/// use wsframe::{Session, SessionId};
///
/// #[derive(Default)]
/// struct Scores(HashMap<SessionId, u32>);
///
/// impl Scores {
///     fn add(&mut self, session: &Session) {
///         *self.0.entry(session.id()).or_default() += 1;
///         assert_eq!(session.id().to_string().len(), 32);
///         assert_eq!(session.id().as_bytes().len(), 16);
///     }
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId([u8; 16]);

impl SessionId {
    pub(crate) fn random() -> Self {
        Self(rand::random())
    }

    /// The id's bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Tells the sessions that had one slot of the directory after each other apart.
    pub(super) fn tag(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_ne_bytes([a, b, c, d])
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
