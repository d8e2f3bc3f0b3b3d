//! What serves one set of endpoints: table, state, directory. Every listener and every way of
//! mounting shares it.

use std::sync::{Arc, OnceLock, Weak};

use tokio::task::AbortHandle;

use super::{
    shutdown::{Phase, Phases},
    site::Site,
};
use crate::{connection, session::Directory};

/// The running part of a server.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) site: Arc<Site>,
    pub(super) core: Arc<Core>,
    /// The task that looks after heartbeats; it ends with the container.
    sweeper: AbortHandle,
}

/// What a handle holds, before the start as well as after.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) directory: Arc<Directory>,
    pub(super) phases: Phases,
    /// What is served, from the start on and for as long as it is.
    site: OnceLock<Weak<Site>>,
}

impl Core {
    pub(super) fn new() -> Arc<Self> {
        let (directory, phases) = (Directory::new(), Phases::new());
        Arc::new(Self { directory, phases, site: OnceLock::new() })
    }

    /// What is served; `None` before the start and after the end.
    pub(super) fn site(&self) -> Option<Arc<Site>> {
        self.site.get()?.upgrade()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.phases.now() >= Phase::Draining
    }
}

impl Container {
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub(super) fn start(site: Arc<Site>, core: Arc<Core>) -> Arc<Self> {
        // A server starts once.
        let _ = core.site.set(Arc::downgrade(&site));
        let sweeper = tokio::spawn(connection::sweep(core.directory.clone())).abort_handle();
        Arc::new(Self { site, core, sweeper })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}
