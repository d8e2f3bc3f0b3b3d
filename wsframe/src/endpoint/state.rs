//! Shared state, found by its type.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
};

/// One piece of shared state that an endpoint needs, named by its type.
///
/// ```
/// use std::sync::Arc;
/// use wsframe::StateKey;
///
/// let key = StateKey::of::<Arc<String>>();
/// assert!(key.type_name().contains("String"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateKey {
    id: TypeId,
    name: &'static str,
}

impl StateKey {
    /// The key of state of type `T`.
    pub fn of<T: Send + Sync + 'static>() -> Self {
        Self::of_any::<T>()
    }

    /// The key of a type that may not be fit to be state.
    pub(super) fn of_any<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }

    /// The type's name, for messages to people.
    pub fn type_name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StateKey").field(&self.name).finish()
    }
}

/// All state of one server.
#[derive(Default)]
pub(crate) struct States(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl States {
    /// Stores `value` under its type, in place of what was there.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Box::new(value));
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    pub(crate) fn has(&self, key: StateKey) -> bool {
        self.0.contains_key(&key.id)
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "States({})", self.0.len())
    }
}
