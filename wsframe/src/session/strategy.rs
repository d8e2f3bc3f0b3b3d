//! What a server does about failures that no endpoint has met.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::Session;
use crate::message::{Failure, OnError};

type Meet = dyn Fn(&Session, &Failure) -> OnError + Send + Sync;

/// Asked only when something has failed, so that it costs nothing before.
#[derive(Default)]
pub(crate) struct Strategy(Mutex<Option<Arc<Meet>>>);

impl Strategy {
    pub(crate) fn set(&self, meet: impl Fn(&Session, &Failure) -> OnError + Send + Sync + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(meet));
    }
}

impl Session {
    /// What the server says about a failure that the endpoint has not met.
    pub(crate) fn meet(&self, failure: &Failure) -> OnError {
        let meet = {
            let strategy = &self.directory().strategy().0;
            strategy.lock().unwrap_or_else(PoisonError::into_inner).clone()
        };
        meet.map_or(OnError::Default, |meet| meet(self, failure))
    }
}

impl fmt::Debug for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strategy").finish_non_exhaustive()
    }
}
