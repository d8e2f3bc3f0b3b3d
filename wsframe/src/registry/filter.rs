//! Which endpoints are meant: for the server as a whole, and for one mount.

use std::{
    any::{TypeId, type_name},
    borrow::Cow,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::descriptor::Descriptor;

/// A type, with its name for messages to people. Two keys are equal if the types are.
#[derive(Clone, Copy, Debug, Eq)]
pub(crate) struct TypeKey {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
}

impl TypeKey {
    pub(crate) fn of<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }
}

impl PartialEq for TypeKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Hash for TypeKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// A question to each endpoint.
pub(crate) type Predicate = Arc<dyn Fn(&Descriptor) -> bool + Send + Sync>;

/// A choice among endpoints. What is left empty does not choose; what is set has to agree.
#[derive(Clone, Default)]
pub(crate) struct Filter {
    /// `only::<T>()`, one for each call.
    pub(crate) types: Vec<TypeKey>,
    /// `only_crates([…])`: package names; `-` and `_` are the same.
    pub(crate) packages: Vec<Cow<'static, str>>,
    pub(crate) predicate: Option<Predicate>,
}

impl Filter {
    pub(crate) fn accepts(&self, descriptor: &Descriptor) -> bool {
        let id = (descriptor.type_id)();
        let package = descriptor.place.package;
        (self.types.is_empty() || self.types.iter().any(|key| key.id == id))
            && (self.packages.is_empty() || self.packages.iter().any(|p| same_crate(p, package)))
            && self.predicate.as_ref().is_none_or(|accepts| accepts(descriptor))
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter")
            .field("types", &self.types)
            .field("packages", &self.packages)
            .field("predicate", &self.predicate.is_some())
            .finish()
    }
}

/// A prefix for the endpoints that a filter chooses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mount {
    pub(crate) prefix: Cow<'static, str>,
    pub(crate) filter: Filter,
}

/// Cargo and rustc spell one name in two ways: `my-app`, `my_app`.
pub(super) fn same_crate(one: &str, other: &str) -> bool {
    let spelling = |name: &str| name.replace('-', "_");
    spelling(one) == spelling(other)
}
