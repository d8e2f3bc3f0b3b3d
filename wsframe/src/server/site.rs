//! What is served at the moment, and how it changes while the server runs.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use crate::{
    endpoint::States,
    message::Close,
    registry::{Deployed, Deployment, Faults, Scan, Table},
};

/// The endpoints of a server that has started.
///
/// A handshake takes the table of its moment and keeps it for as long as it lasts; a change makes
/// a new one. Open sessions never look at it.
#[derive(Debug)]
pub(super) struct Site {
    scan: Scan,
    pub(super) states: Arc<States>,
    table: RwLock<Arc<Table>>,
    /// Held through a change, from the checks to the new table.
    changing: Mutex<()>,
    /// Endpoints of requests that somebody else routes.
    unrouted: Mutex<HashMap<TypeId, Arc<Deployed>>>,
}

impl Site {
    /// Checks all endpoints.
    ///
    /// # Errors
    ///
    /// All faults, if there is one.
    pub(super) fn new(scan: Scan, states: States) -> Result<Arc<Self>, Faults> {
        let table = RwLock::new(Arc::new(scan.run(&states)?));
        let states = Arc::new(states);
        let (changing, unrouted) = (Mutex::default(), Mutex::default());
        Ok(Arc::new(Self { scan, states, table, changing, unrouted }))
    }

    /// The endpoints of this moment.
    pub(super) fn table(&self) -> Arc<Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, table: Table) {
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }

    /// Adds an endpoint, with all checks of a start.
    ///
    /// # Errors
    ///
    /// All faults, if there is one; then nothing changes.
    pub(super) fn deploy(&self, deployment: &Deployment) -> Result<(), Faults> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.put(self.scan.add(&self.table(), deployment, &self.states)?);
        Ok(())
    }

    /// Takes an endpoint out, and says which it was. Handshakes that have found it already are
    /// refused at their end, or their sessions closed with `close`.
    pub(super) fn undeploy(&self, path: &str, close: Option<Close>) -> Option<Arc<Deployed>> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let (table, deployed) = self.table().without(path)?;
        self.put(table);
        deployed.retire(close);
        Some(deployed)
    }

    /// An endpoint for a request that somebody else has routed: at no path, and checked at its
    /// first request.
    ///
    /// # Errors
    ///
    /// All faults, if there is one.
    pub(super) fn unrouted(&self, deployment: &Deployment) -> Result<Arc<Deployed>, Faults> {
        let mut all = self.unrouted.lock().unwrap_or_else(PoisonError::into_inner);
        let id = deployment.type_id();
        if let Some(deployed) = all.get(&id) {
            return Ok(deployed.clone());
        }
        let deployed = self.scan.unrouted(deployment, &self.states)?;
        all.insert(id, deployed.clone());
        Ok(deployed)
    }
}
