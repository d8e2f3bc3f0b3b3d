//! What all sessions that were dialled in one tokio runtime share: one directory, and one task
//! that looks after their heartbeats. Per runtime, because that task ends with the runtime.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::{
    runtime::{Handle, Id},
    task::AbortHandle,
};

use crate::{connection, session::Directory};

static HUBS: Mutex<Option<HashMap<Id, Weak<Hub>>>> = Mutex::new(None);

/// The sessions of one runtime; goes with the last of them.
#[derive(Debug)]
pub(super) struct Hub {
    pub(super) directory: Arc<Directory>,
    sweeper: AbortHandle,
}

impl Hub {
    /// The hub of the runtime that this runs in.
    pub(super) fn here() -> Arc<Self> {
        let id = Handle::current().id();
        let mut hubs = HUBS.lock().unwrap_or_else(PoisonError::into_inner);
        let hubs = hubs.get_or_insert_default();
        if let Some(hub) = hubs.get(&id).and_then(Weak::upgrade) {
            return hub;
        }
        hubs.retain(|_, hub| hub.strong_count() > 0);
        let directory = Directory::new();
        let sweeper = tokio::spawn(connection::sweep(directory.clone())).abort_handle();
        let hub = Arc::new(Self { directory, sweeper });
        hubs.insert(id, Arc::downgrade(&hub));
        hub
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}
