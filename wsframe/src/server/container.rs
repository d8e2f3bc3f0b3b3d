//! What serves one set of endpoints: table, state, directory. Every listener and every way of
//! mounting shares it.

use std::sync::{Arc, OnceLock, Weak};

use tokio::{runtime::Handle, task::AbortHandle};

use super::{
    drain,
    limits::Limits,
    pressure::{Arrivals, Memory},
    shutdown::{Phase, Phases},
    site::Site,
};
use crate::{
    connection,
    message::Close,
    session::{self, Directory},
    telemetry,
};

/// The running part of a server.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) site: Arc<Site>,
    pub(super) core: Arc<Core>,
    /// The task that looks after heartbeats; it ends with the container.
    /// What looks after the sessions.
    tasks: [AbortHandle; 2],
}

/// What a handle holds, before the start as well as after.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) directory: Arc<Directory>,
    pub(super) phases: Phases,
    /// What is served, from the start on and for as long as it is.
    site: OnceLock<Weak<Site>>,
    limits: OnceLock<Limits>,
    memory: Memory,
    pub(super) arrivals: Arrivals,
    farewell: OnceLock<Close>,
    /// Where the server runs, from its start on.
    runtime: OnceLock<Handle>,
}

impl Core {
    pub(super) fn new() -> Arc<Self> {
        let (directory, phases) = (Directory::new(), Phases::new());
        Arc::new(Self {
            directory,
            phases,
            site: OnceLock::new(),
            limits: OnceLock::new(),
            memory: Memory::default(),
            arrivals: Arrivals::new(),
            farewell: OnceLock::new(),
            runtime: OnceLock::new(),
        })
    }

    /// What is served; `None` before the start and after the end.
    pub(super) fn site(&self) -> Option<Arc<Site>> {
        self.site.get()?.upgrade()
    }

    /// What the server as a whole runs under, from its start on.
    pub(super) fn limits(&self) -> Limits {
        self.limits.get().copied().unwrap_or_default()
    }

    /// Whether handshakes are to be refused: the server goes down, cannot hold what it has to send
    /// already, or is beyond a mark that was set.
    pub(super) fn is_full(&self) -> bool {
        let Limits { shed_connections, shed_memory, .. } = self.limits();
        self.is_draining()
            || self.directory.budget().excess() > 0
            || shed_connections.is_some_and(|most| self.directory.taken() > most)
            || shed_memory.is_some_and(|most| self.memory.resident().is_some_and(|now| now > most))
    }

    /// What sessions are told at a shutdown.
    pub(super) fn farewell(&self) -> Close {
        self.farewell.get().cloned().unwrap_or_else(drain::farewell)
    }

    /// Where the server runs; `None` before its start.
    pub(super) fn runtime(&self) -> Option<&Handle> {
        self.runtime.get()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.phases.now() >= Phase::Draining
    }
}

impl Container {
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub(super) fn start(
        site: Arc<Site>,
        core: Arc<Core>,
        limits: Limits,
        farewell: Close,
    ) -> Arc<Self> {
        // A server starts once.
        let _ = core.site.set(Arc::downgrade(&site));
        let _ = core.limits.set(limits);
        let _ = core.farewell.set(farewell);
        let _ = core.runtime.set(Handle::current());
        telemetry::count::connection_limit(limits.connections);
        let directory = &core.directory;
        directory.budget().set_limit(limits.outbox_total);
        directory.set_per_principal(limits.per_principal.unwrap_or(usize::MAX));
        let sweeper = tokio::spawn(connection::sweep(directory.clone()));
        let reliever = tokio::spawn(session::relieve(directory.clone()));
        let tasks = [sweeper.abort_handle(), reliever.abort_handle()];
        Arc::new(Self { site, core, tasks })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}
