//! What all sessions of one endpoint share.

use std::{any::TypeId, sync::Arc};

use super::Session;
use crate::{limits::Settings, room::Space, wire::Role};

/// The endpoint, as its sessions know it.
#[derive(Debug)]
pub(crate) struct Home {
    /// Which side of the connection they are.
    pub(crate) role: Role,
    /// The path at which it was declared, for reports.
    pub(crate) name: Box<str>,
    pub(crate) settings: Settings,
    pub(crate) rooms: Arc<Space<Session>>,
    /// The type of the values that `on_event` takes.
    pub(crate) event: Option<TypeId>,
}
