//! What keeps a server from starting, said so that it can be mended.

use std::{error::Error, fmt};

use super::{
    check::Impossible,
    descriptor::{Descriptor, Place},
};
use crate::route::TemplateError;

/// Everything that is wrong with the endpoints, at once. Nothing is served, or nothing is added.
///
/// `Debug` is the same report as `Display`, because `Debug` is what a failed `main` prints.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Faults {
    faults: Vec<Fault>,
    /// What is not done because of them.
    not: &'static str,
}

impl Faults {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self { faults, not: "served" }
    }

    /// Of one endpoint that was to join those which are served.
    pub(super) fn of_one(faults: Vec<Fault>) -> Self {
        Self { faults, not: "deployed" }
    }

    pub(crate) fn len(&self) -> usize {
        self.faults.len()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { faults, not } = self;
        let plural = if faults.len() == 1 { "" } else { "s" };
        write!(f, "nothing is {not}: {} fault{plural} in the endpoints", faults.len())?;
        for (i, fault) in faults.iter().enumerate() {
            let number = format!("{}. ", i + 1);
            // Every line of an entry stands below the first, right of the number.
            let indent = format!("\n{:width$}", "", width = number.len() + 2);
            write!(f, "\n  {number}{}", fault.to_string().replace('\n', &indent))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Faults {}

/// An endpoint, as a report names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Who {
    name: &'static str,
    place: Place,
}

impl From<&Descriptor> for Who {
    fn from(descriptor: &Descriptor) -> Self {
        Self { name: (descriptor.type_name)(), place: descriptor.place }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at {}", self.name, self.place)
    }
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing is linked, and nothing was given by hand.
    NothingLinked,
    /// `without_link_time()`, and nothing was given by hand.
    NothingByHand,
    /// There are endpoints, and the filter takes none.
    NothingLeft(Vec<Who>),
    /// A template that cannot be read.
    Template(Who, TemplateError),
    /// A prefix that cannot be read.
    Prefix(TemplateError),
    /// A mount that chooses no endpoint.
    EmptyMount(String),
    /// One endpoint below two prefixes.
    MountedTwice(Who, Vec<String>),
    /// Templates that answer the same paths.
    Equivalent(Vec<(String, Who)>),
    /// State that an endpoint takes and the server does not have.
    State(Who, &'static str),
    /// An option that cannot be meant: of an endpoint, or else of the server.
    Option(Option<Who>, Impossible),
    /// A type that was named (in `only`, `configure` or `configurator`) and is no endpoint here.
    NoEndpoint { call: &'static str, name: &'static str },
    /// A type that was configured and that the filter leaves out.
    LeftOut(&'static str, Who),
    /// One endpoint with two configurators.
    Configurators(&'static str, Place, Place),
    /// A package that was named and has no endpoint here.
    NoPackage(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingLinked => f.write_str(NOTHING_LINKED),
            Self::NothingByHand => f.write_str(
                "there are no endpoints: `without_link_time()` leaves only those that are given with `endpoint::<T>()` or `deploy(…)`, and none is",
            ),
            Self::NothingLeft(all) => {
                f.write_str("there are no endpoints: these are linked, and the filter takes none of them")?;
                all.iter().try_for_each(|who| write!(f, "\n{who}, package `{}`", who.place.package))
            }
            Self::Template(who, error) => write!(f, "the path of {who}\n{error}"),
            Self::Prefix(error) => write!(f, "the prefix of a mount\n{error}"),
            Self::EmptyMount(prefix) => write!(f, "the mount at `{prefix}` chooses no endpoint"),
            Self::MountedTwice(who, prefixes) => {
                write!(f, "{who} is mounted more than once: at `{}`", prefixes.join("`, `"))
            }
            Self::Equivalent(all) => {
                f.write_str("these answer the same paths; change all but one of them")?;
                let width = all.iter().map(|(path, _)| path.chars().count()).max().unwrap_or(0);
                all.iter().try_for_each(|(path, who)| write!(f, "\n{path:width$}  {who}"))
            }
            Self::State(who, state) => write!(
                f,
                "{who} takes state that the server does not have\nadd `.state(value)` with a value of type `{state}`"
            ),
            Self::Option(who, Impossible { source, text }) => match who {
                Some(who) => write!(f, "an option of {who}\n{text} (set by: {source})"),
                None => write!(f, "an option of the server\n{text}"),
            },
            Self::NoEndpoint { call, name } => write!(
                f,
                "`{call}::<{name}>` names a type that is no endpoint here\nits crate may not be linked (`use that_crate as _;`); or add it with `.endpoint::<T>()`"
            ),
            Self::LeftOut(call, who) => {
                write!(f, "`{call}` names {who}, which the filter leaves out")
            }
            Self::Configurators(name, first, second) => {
                write!(f, "`{name}` has two configurators, from {first} and from {second}")
            }
            Self::NoPackage(name) => write!(
                f,
                "`only_crates` names `{name}`, of which no endpoint is linked\nname the crate in the source of the program: `use {} as _;`",
                name.replace('-', "_")
            ),
        }
    }
}

/// The causes, the most frequent first.
const NOTHING_LINKED: &str = "\
there are no endpoints: no `#[server_endpoint]` is linked into this program
- a crate that is never named in source is not linked, though `Cargo.toml` has it: write `use that_crate as _;`
- the module is not declared (`mod chat;`), or a Cargo feature or `#[cfg]` leaves it out
- a static library that is linked without `--whole-archive` loses them
- of two versions of wsframe each sees only its own endpoints: `cargo tree --duplicates`
- a generic struct is never found by itself: give it with `.endpoint::<T>()`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_numbered_and_the_same_for_debug() {
        let faults = Faults::new(vec![Fault::NothingByHand, Fault::NoPackage("my-app".into())]);
        let report = faults.to_string();
        assert_eq!(format!("{faults:?}"), report);
        assert_eq!(format!("{faults:#?}"), report);
        assert!(report.starts_with("nothing is served: 2 faults"), "{report}");
        assert!(report.contains("\n  1. there are no endpoints"), "{report}");
        assert!(report.contains("\n  2. `only_crates` names `my-app`"), "{report}");
        assert!(report.contains("\n     name the crate"), "{report}");
        assert!(report.contains("`use my_app as _;`"), "{report}");
        assert_eq!(faults.len(), 2);
    }
}
