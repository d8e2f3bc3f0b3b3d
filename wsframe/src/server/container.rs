//! What serves one set of endpoints: table, state, directory. Every listener and every way of
//! mounting shares it.

use std::sync::Arc;

use tokio::task::AbortHandle;

use super::shutdown::{Phase, Phases};
use crate::{connection, endpoint::States, registry::Table, session::Directory};

/// The running part of a server.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) table: Table,
    pub(super) states: Arc<States>,
    pub(super) core: Arc<Core>,
    /// The task that looks after heartbeats; it ends with the container.
    sweeper: AbortHandle,
}

/// What a handle holds, before the start as well as after.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) directory: Arc<Directory>,
    pub(super) phases: Phases,
}

impl Core {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { directory: Directory::new(), phases: Phases::new() })
    }

    pub(super) fn is_draining(&self) -> bool {
        self.phases.now() >= Phase::Draining
    }
}

impl Container {
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub(super) fn start(table: Table, states: Arc<States>, core: Arc<Core>) -> Arc<Self> {
        let sweeper = tokio::spawn(connection::sweep(core.directory.clone())).abort_handle();
        Arc::new(Self { table, states, core, sweeper })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}
