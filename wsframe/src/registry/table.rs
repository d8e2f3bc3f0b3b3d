//! The endpoints that are served, and how they are shown.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use super::{
    configured::Configured,
    deployment::{Admit, Deployment},
    descriptor::{Admission, Descriptor},
};
use crate::{
    endpoint::{Handshake, Source, Sourced},
    handshake::{AllowedOrigins, Choices, Deflate, Policy},
    limits::Settings,
    message::Close,
    room::Space,
    route::{InvalidPath, Params, Router, Template, equivalent},
    session::{Directory, Home},
    wire::Role,
};

/// One endpoint as it is served.
pub(crate) struct Deployed {
    pub(crate) descriptor: Descriptor,
    /// Where the descriptor does not know how its objects are made.
    admit: Option<Admit>,
    configurator: Option<Arc<dyn Configured>>,
    /// Set when it is served no longer, with what its sessions are told, if they are.
    retired: OnceLock<Option<Close>>,
    settings: Settings,
    name: Box<str>,
    home: OnceLock<Arc<Home>>,
    pub(crate) origins: AllowedOrigins,
    pub(crate) subprotocols: Box<[Cow<'static, str>]>,
    deflate: Option<Deflate>,
    /// What was set, and where: name, value, source. Defaults are left out.
    set: Vec<(&'static str, String, Source)>,
}

impl Deployed {
    pub(super) fn new(
        deployment: &Deployment,
        configurator: Option<Arc<dyn Configured>>,
        options: Sourced,
        origins: AllowedOrigins,
    ) -> Self {
        Self {
            descriptor: deployment.descriptor,
            admit: deployment.admit.clone(),
            configurator,
            retired: OnceLock::new(),
            settings: options.settings,
            name: deployment.path().into(),
            home: OnceLock::new(),
            origins,
            subprotocols: options.subprotocols.into(),
            deflate: options.deflate.enabled(),
            set: options.set,
        }
    }

    #[cfg(test)]
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The path at which it was declared.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What the sessions of this endpoint share.
    pub(crate) fn home(&self, directory: &Directory) -> Arc<Home> {
        let home = self.home.get_or_init(|| {
            // Closures have no type by which others could name their rooms.
            let rooms = match self.admit {
                None => directory.rooms((self.descriptor.type_id)()),
                Some(_) => Arc::new(Space::new()),
            };
            let event = self.descriptor.event;
            let (name, settings) = (self.name.clone(), self.settings.clone());
            Arc::new(Home { role: Role::Server, name, settings, rooms, event })
        });
        home.clone()
    }

    /// Binds the object of one connection and lets it decide about the handshake.
    pub(crate) fn admit(&self, handshake: Handshake) -> Admission {
        match (&self.admit, &self.configurator) {
            (Some(admit), _) => admit(handshake),
            (None, Some(configurator)) => configurator.clone().admit(handshake),
            (None, None) => (self.descriptor.admit)(handshake),
        }
    }

    /// Whether the options alone decide about the origin.
    pub(crate) fn origins_are_set(&self) -> bool {
        self.configurator.is_none()
    }

    /// It is served no longer; sessions that are still to come are closed with `close`.
    pub(crate) fn retire(&self, close: Option<Close>) {
        // Only who takes it out of the table retires it, and does so once.
        let _ = self.retired.set(close);
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.retired.get().is_some()
    }

    /// What sessions are told that opened while the endpoint was retired.
    pub(crate) fn farewell(&self) -> Option<&Close> {
        self.retired.get()?.as_ref()
    }

    /// What a handshake is held to. `tls`: whether the server took off the TLS of the connection.
    pub(crate) fn policy(&self, tls: bool) -> Policy<'_> {
        let choices = self.configurator.as_deref().map(|choices| choices as &dyn Choices);
        Policy {
            origins: &self.origins,
            subprotocols: &self.subprotocols,
            deflate: self.deflate,
            tls,
            choices,
        }
    }
}

impl fmt::Debug for Deployed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployed").field("descriptor", &self.descriptor).finish_non_exhaustive()
    }
}

/// Everything that a server serves.
///
/// `Display` is the table that is written once at start: path, struct, crate, place, and the
/// options that somebody set with who it was.
#[derive(Debug)]
pub(crate) struct Table {
    router: Router<Arc<Deployed>>,
}

impl Table {
    /// Templates that are not equivalent, in any order.
    pub(super) fn new(mut placed: Vec<(Template, Arc<Deployed>)>) -> Self {
        placed.sort_by(|(one, a), (other, b)| {
            (one.as_str(), a.descriptor.place).cmp(&(other.as_str(), b.descriptor.place))
        });
        let mut router = Router::new();
        for (template, deployed) in placed {
            let inserted = router.insert(template, deployed);
            debug_assert!(inserted.is_ok(), "equivalent templates are faults");
        }
        Self { router }
    }

    /// The same with one endpoint more, at a template that is equivalent to no other.
    pub(super) fn with(&self, template: Template, deployed: Arc<Deployed>) -> Self {
        let mut placed = self.entries();
        placed.push((template, deployed));
        Self::new(placed)
    }

    /// The same without the endpoint at `path`, a template; `None` if there is none. The names of
    /// parameters do not matter.
    pub(crate) fn without(&self, path: &str) -> Option<(Self, Arc<Deployed>)> {
        let template = Template::parse(path).ok()?;
        let mut placed = self.entries();
        let at = placed.iter().position(|(other, _)| equivalent(&template, other))?;
        let (_, deployed) = placed.swap_remove(at);
        Some((Self::new(placed), deployed))
    }

    fn entries(&self) -> Vec<(Template, Arc<Deployed>)> {
        self.iter().map(|(template, deployed)| (template.clone(), deployed.clone())).collect()
    }

    /// The endpoint that a request path belongs to; see [`Router::find`].
    ///
    /// # Errors
    ///
    /// [`InvalidPath`], to be answered 400.
    pub(crate) fn find(&self, path: &str) -> Result<Option<(&Arc<Deployed>, Params)>, InvalidPath> {
        self.router.find(path)
    }

    /// The endpoints with their templates, sorted by path.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&Template, &Arc<Deployed>)> {
        self.router.iter()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["path", "struct", "crate", "source", "options"].map(String::from);
        let rows = self.iter().map(|(template, deployed)| {
            let Descriptor { place, type_name, .. } = deployed.descriptor;
            [
                template.to_string(),
                type_name().to_owned(),
                place.package.to_owned(),
                place.to_string(),
                options(&deployed.set),
            ]
        });
        let rows = std::iter::once(head).chain(rows).collect::<Vec<_>>();
        let mut widths = [0; 5];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for (i, row) in rows.iter().enumerate() {
            let line = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect::<Vec<_>>()
                .join("  ");
            let end = if i == 0 { "" } else { "\n" };
            write!(f, "{end}{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The last cell of a row: `outbox = 64 (attribute), ping_interval = off (server)`.
fn options(set: &[(&'static str, String, Source)]) -> String {
    if set.is_empty() {
        return "defaults".into();
    }
    let shown =
        set.iter().map(|(name, value, source)| format!("{name} = {} ({source})", shown(value)));
    shown.collect::<Vec<_>>().join(", ")
}

/// A value as one would write it, out of its `Debug` form: `Some(25s)` is `25s`, `None` is `off`.
fn shown(value: &str) -> &str {
    let inner = |wrap| value.strip_prefix(wrap).and_then(|value| value.strip_suffix(')'));
    match inner("Some(").or_else(|| inner("List(")) {
        Some(inner) => inner,
        None if value == "None" => "off",
        None => value,
    }
}
