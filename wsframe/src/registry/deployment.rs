//! An endpoint with what was said about it by hand: a path, options, how its objects are made.

use std::{
    any::{TypeId, type_name},
    borrow::Cow,
    fmt,
    panic::Location,
    sync::Arc,
};

use super::descriptor::{Admission, Descriptor, Place};
use crate::endpoint::{Endpoint, Handshake, Options};

/// How the object of one connection comes about where no type knows it.
pub(crate) type Admit = Arc<dyn Fn(Handshake) -> Admission + Send + Sync>;

/// An endpoint to be served at a path that is given at run time, with options of its own.
///
/// [`Server::deploy`](crate::Server::deploy) takes it before the start and
/// [`ServerHandle::deploy`](crate::ServerHandle::deploy) while the server runs. A
/// [`Route`](crate::Route) of closures becomes one by itself.
///
/// ```
/// use std::time::Duration;
/// use wsframe::{Deployment, prelude::*};
///
/// #[server_endpoint("/chat/<room>")]
/// struct Chat {
///     room: String,
/// }
/// # impl Chat { fn f(&self) { let _ = &self.room; } }
///
/// // Beside `/chat/<room>`, where the attribute puts it.
/// let quiet = Deployment::of::<Chat>()
///     .at("/quiet/<room>")
///     .options(|options| options.idle_timeout(Duration::from_secs(60)));
/// let server = Server::new().deploy(quiet);
/// # let _ = server;
/// ```
///
/// The same type may be deployed at several paths. Its rooms are the type's, so they are shared;
/// [`Session::peers`](crate::Session::peers) are those of one path.
#[derive(Clone)]
#[must_use = "nothing is served before it is deployed"]
#[doc(alias = "ServerEndpointConfig")]
pub struct Deployment {
    pub(super) descriptor: Descriptor,
    pub(super) path: Cow<'static, str>,
    pub(super) options: Options,
    pub(super) admit: Option<Admit>,
}

impl Deployment {
    /// An endpoint at its own path, with its own options: what the attribute would deploy.
    #[track_caller]
    pub fn of<E: Endpoint>() -> Self {
        Self::from(Descriptor::of::<E>(place(Location::caller(), type_name::<E>())))
    }

    /// Sets the path, a template as in the attribute: `/chat/<room>`. It is checked when it is
    /// deployed. A prefix that [`mount`](crate::Server::mount) puts before all endpoints comes
    /// before this one too.
    pub fn at(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets options; they are stronger than those of the attribute and weaker than those of
    /// [`Server::configure`](crate::Server::configure). A second call goes on from the first.
    pub fn options(mut self, set: impl FnOnce(Options) -> Options) -> Self {
        self.options = set(self.options);
        self
    }

    /// The template, before any prefix.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The type of the endpoint.
    pub(crate) fn type_id(&self) -> TypeId {
        (self.descriptor.type_id)()
    }

    /// An endpoint whose objects `admit` makes.
    pub(crate) fn made_by(descriptor: Descriptor, path: Cow<'static, str>, admit: Admit) -> Self {
        Self { descriptor, path, options: Options::new(), admit: Some(admit) }
    }
}

/// The place of a call; its package is known as far as the type's name tells it.
pub(crate) fn place(caller: &'static Location<'static>, type_name: &'static str) -> Place {
    Place {
        package: type_name.split("::").next().unwrap_or_default(),
        file: caller.file(),
        line: caller.line(),
    }
}

impl From<Descriptor> for Deployment {
    fn from(descriptor: Descriptor) -> Self {
        let path = Cow::Borrowed(descriptor.path);
        Self { descriptor, path, options: Options::new(), admit: None }
    }
}

impl fmt::Debug for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment")
            .field("path", &self.path)
            .field("endpoint", &self.descriptor.type_name())
            .finish_non_exhaustive()
    }
}
