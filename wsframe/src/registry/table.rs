//! The endpoints that are served, and how they are shown.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use super::descriptor::Descriptor;
use crate::{
    endpoint::{Source, Sourced},
    handshake::{AllowedOrigins, Policy},
    limits::Settings,
    route::{InvalidPath, Params, Router, Template},
    session::{Directory, Home},
};

/// One endpoint as it is served.
#[derive(Debug)]
pub(crate) struct Deployed {
    pub(crate) descriptor: Descriptor,
    settings: Settings,
    home: OnceLock<Arc<Home>>,
    pub(crate) origins: AllowedOrigins,
    pub(crate) subprotocols: Box<[Cow<'static, str>]>,
    /// What was set, and where: name, value, source. Defaults are left out.
    set: Vec<(&'static str, String, Source)>,
}

impl Deployed {
    pub(super) fn new(descriptor: Descriptor, options: Sourced, origins: AllowedOrigins) -> Self {
        Self {
            descriptor,
            settings: options.settings,
            home: OnceLock::new(),
            origins,
            subprotocols: options.subprotocols.into(),
            set: options.set,
        }
    }

    #[cfg(test)]
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the sessions of this endpoint share.
    pub(crate) fn home(&self, directory: &Directory) -> Arc<Home> {
        let home = self.home.get_or_init(|| {
            let rooms = directory.rooms((self.descriptor.type_id)());
            let event = (self.descriptor.event)();
            Arc::new(Home { settings: self.settings.clone(), rooms, event })
        });
        home.clone()
    }

    /// What a handshake is held to. `tls`: whether the server took off the TLS of the connection.
    pub(crate) fn policy(&self, tls: bool) -> Policy<'_> {
        Policy { origins: &self.origins, subprotocols: &self.subprotocols, tls }
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
    pub(super) fn new(router: Router<Arc<Deployed>>) -> Self {
        Self { router }
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
