//! A principal that only one session may have.

use std::{fmt, sync::Arc};

use super::{Directory, Principal};

/// The claim to be the only session of a principal id. It ends when it is dropped: with the session,
/// or with a handshake that comes to nothing.
pub(crate) struct Claim {
    directory: Arc<Directory>,
    id: Arc<str>,
}

impl Claim {
    /// `None` if a session has this principal, or a handshake is about to give it to one.
    pub(crate) fn new(directory: &Arc<Directory>, principal: &Principal) -> Option<Self> {
        let id = principal.shared_id();
        let free =
            directory.users().members(&id).is_empty() && directory.claims().insert(id.clone());
        free.then(|| Self { directory: directory.clone(), id })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.directory.claims().remove(&self.id);
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Claim").field(&self.id).finish()
    }
}
