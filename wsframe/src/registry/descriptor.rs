//! The description of one endpoint: what the attribute submits at link time, and what
//! `Server::endpoint` makes by hand.

use std::{
    any::{TypeId, type_name},
    fmt,
    future::Future,
    pin::Pin,
};

use crate::{
    connection::{self, Transport},
    endpoint::{Endpoint, Handshake, Options, StateKey},
    handshake::Refusal,
    session::Session,
};

/// Where in whose source an endpoint was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The crate's package name.
    pub package: &'static str,
    /// The file, as rustc names it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A future that the admission of one handshake runs in; gone after the 101.
pub(crate) type Admission = Pin<Box<dyn Future<Output = Result<Admitted, Refusal>> + Send>>;

/// An endpoint object that waits for its socket, type-erased.
pub(crate) struct Admitted {
    pub(crate) handshake: Handshake,
    pub(crate) start: Box<dyn FnOnce(Session, Transport) + Send>,
}

impl Admitted {
    /// The handshake has let the object in; its connection starts once there is a socket.
    pub(super) fn new<E: Endpoint>(handshake: Handshake, endpoint: E) -> Self {
        let start = |session, transport| drop(connection::start(endpoint, session, transport));
        Self { handshake, start: Box::new(start) }
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted").field("handshake", &self.handshake).finish_non_exhaustive()
    }
}

/// The description of one endpoint, as a filter sees it: plain data and function pointers.
///
/// ```
/// use wsframe::{Descriptor, Server};
///
/// fn is_public(endpoint: &Descriptor) -> bool {
///     endpoint.package() != "admin"
///         && !endpoint.path().starts_with("/internal")
///         && !endpoint.type_name().contains("::debug::")
/// }
///
/// let server = Server::new().filter(is_public);
/// # let _ = server;
/// ```
#[derive(Clone, Copy)]
pub struct Descriptor {
    pub(crate) path: &'static str,
    pub(crate) place: Place,
    pub(crate) type_id: fn() -> TypeId,
    pub(crate) type_name: fn() -> &'static str,
    pub(crate) options: fn() -> Options,
    pub(crate) states: fn() -> Vec<StateKey>,
    pub(crate) event: Option<TypeId>,
    pub(crate) admit: fn(Handshake) -> Admission,
}

impl Descriptor {
    /// The route template, as it was declared.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The full name of the endpoint's type.
    pub fn type_name(&self) -> &'static str {
        (self.type_name)()
    }

    /// The package that declares the endpoint.
    pub fn package(&self) -> &'static str {
        self.place.package
    }

    /// Describes `E`, declared at `place`.
    #[doc(hidden)]
    pub const fn of<E: Endpoint>(place: Place) -> Self {
        Self {
            path: E::PATH,
            place,
            type_id: TypeId::of::<E>,
            type_name: type_name::<E>,
            options: E::options,
            states: E::states,
            event: E::EVENT,
            admit: admit::<E>,
        }
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Descriptor")
            .field("path", &self.path)
            .field("type", &(self.type_name)())
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

inventory::collect!(Descriptor);

/// Binds the object and lets `on_handshake` decide: everything that happens before the 101.
fn admit<E: Endpoint>(mut handshake: Handshake) -> Admission {
    Box::pin(async move {
        let mut endpoint = E::bind(&mut handshake).await?;
        endpoint.on_handshake(&mut handshake).await?;
        Ok(Admitted::new(handshake, endpoint))
    })
}
