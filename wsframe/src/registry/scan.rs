//! From what the linker brought together to a table that can be served, or to all its faults.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    check,
    descriptor::Descriptor,
    fault::{Fault, Faults, Who},
    filter::{Filter, Mount, TypeKey, same_crate},
    table::{Deployed, Table},
};
use crate::{
    endpoint::{Options, Source, States, resolve},
    route::{Router, Template, equivalent},
};

/// What the server was told about its endpoints before it starts.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    /// Whether annotated structs are served by themselves; `without_link_time()` says no.
    pub(crate) link_time: bool,
    /// Which of them. Endpoints given by hand are meant and pass.
    pub(crate) filter: Filter,
    /// `endpoint::<T>()`. One that is also linked counts once.
    pub(crate) by_hand: Vec<Descriptor>,
    pub(crate) mounts: Vec<Mount>,
    /// Options of the server, the weakest.
    pub(crate) options: Options,
    /// `configure::<T>()`, the strongest.
    pub(crate) configured: HashMap<TypeKey, Options>,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            link_time: true,
            filter: Filter::default(),
            by_hand: Vec::new(),
            mounts: Vec::new(),
            options: Options::new(),
            configured: HashMap::new(),
        }
    }
}

impl Scan {
    /// Scans what is linked into this program.
    ///
    /// # Errors
    ///
    /// All faults, if there is one.
    pub(crate) fn run(&self, states: &States) -> Result<Table, Faults> {
        self.run_over(inventory::iter::<Descriptor>().copied(), states)
    }

    /// Scans `linked` in place of what is linked: a scope for tests, which share one registry with
    /// all others of their binary.
    ///
    /// # Errors
    ///
    /// All faults, if there is one.
    pub(crate) fn run_over(
        &self,
        linked: impl IntoIterator<Item = Descriptor>,
        states: &States,
    ) -> Result<Table, Faults> {
        let mut faults = Vec::new();
        let (known, chosen) = self.choose(linked);
        self.check_names(&known, &chosen, &mut faults);
        if chosen.is_empty() {
            faults.push(match (self.link_time, known.is_empty()) {
                (true, true) => Fault::NothingLinked,
                (false, _) => Fault::NothingByHand,
                (true, false) => Fault::NothingLeft(known.iter().map(Who::from).collect()),
            });
        }
        let (impossible, _) = check::options(&resolve(&[(Source::Server, &self.options)]));
        faults.extend(impossible.into_iter().map(|fault| Fault::Option(None, fault)));

        let mut placed = self.place(&chosen, &mut faults);
        placed.sort_by(|(one, a), (other, b)| {
            (one.as_str(), a.place).cmp(&(other.as_str(), b.place))
        });
        check_equivalent(&placed, &mut faults);
        let deployed = chosen
            .iter()
            .filter_map(|descriptor| {
                let deployed = self.deploy(descriptor, states, &mut faults)?;
                Some(((descriptor.type_id)(), deployed))
            })
            .collect::<HashMap<_, _>>();
        if !faults.is_empty() {
            return Err(Faults::new(faults));
        }
        let mut router = Router::new();
        for (template, descriptor) in placed {
            // Both were checked: every endpoint is deployed, and no two templates are equivalent.
            if let Some(deployed) = deployed.get(&(descriptor.type_id)()) {
                let inserted = router.insert(template, deployed.clone());
                debug_assert!(inserted.is_ok(), "equivalent templates are faults");
            }
        }
        Ok(Table::new(router))
    }

    /// Every endpoint there is, and those of them that are to be served. The order in which they
    /// were linked means nothing and changes from build to build, so they are sorted first.
    fn choose(
        &self,
        linked: impl IntoIterator<Item = Descriptor>,
    ) -> (Vec<Descriptor>, Vec<Descriptor>) {
        let linked = linked.into_iter().filter(|_| self.link_time);
        let mut seen = HashSet::new();
        // Linked ones first: theirs is the place of the struct, not of the call.
        let mut known = linked
            .chain(self.by_hand.iter().copied())
            .filter(|descriptor| seen.insert((descriptor.type_id)()))
            .collect::<Vec<_>>();
        known.sort_by_key(|descriptor| {
            (descriptor.path, descriptor.place.file, descriptor.place.line)
        });
        let by_hand =
            self.by_hand.iter().map(|descriptor| (descriptor.type_id)()).collect::<HashSet<_>>();
        let chosen = known
            .iter()
            .filter(|descriptor| {
                by_hand.contains(&(descriptor.type_id)()) || self.filter.accepts(descriptor)
            })
            .copied()
            .collect();
        (known, chosen)
    }

    /// Whether what was named in calls exists.
    fn check_names(&self, known: &[Descriptor], chosen: &[Descriptor], faults: &mut Vec<Fault>) {
        let among = |all: &[Descriptor], key: TypeKey| {
            all.iter().find(|descriptor| (descriptor.type_id)() == key.id).copied()
        };
        let mounts = self.mounts.iter().map(|mount| &mount.filter);
        for filter in std::iter::once(&self.filter).chain(mounts) {
            for key in &filter.types {
                if among(known, *key).is_none() {
                    faults.push(Fault::NoEndpoint { call: "only", name: key.name });
                }
            }
            for name in &filter.packages {
                if !known.iter().any(|descriptor| same_crate(name, descriptor.place.package)) {
                    faults.push(Fault::NoPackage(name.to_string()));
                }
            }
        }
        let mut configured = self.configured.keys().copied().collect::<Vec<_>>();
        configured.sort_by_key(|key| key.name);
        for key in configured {
            match (among(known, key), among(chosen, key)) {
                (_, Some(_)) => {}
                (Some(known), None) => faults.push(Fault::LeftOut(Who::from(&known))),
                (None, None) => {
                    faults.push(Fault::NoEndpoint { call: "configure", name: key.name });
                }
            }
        }
    }

    /// Reads the templates and shifts those that are mounted.
    fn place(&self, chosen: &[Descriptor], faults: &mut Vec<Fault>) -> Vec<(Template, Descriptor)> {
        let before = faults.len();
        for mount in &self.mounts {
            if let Err(error) = Template::check_prefix(&mount.prefix) {
                faults.push(Fault::Prefix(error));
            } else if !chosen.iter().any(|descriptor| mount.filter.accepts(descriptor)) {
                faults.push(Fault::EmptyMount(mount.prefix.to_string()));
            }
        }
        let prefixes_hold = faults.len() == before;
        let mut placed = Vec::new();
        for descriptor in chosen {
            let who = Who::from(descriptor);
            let prefixes = self
                .mounts
                .iter()
                .filter(|mount| mount.filter.accepts(descriptor))
                .map(|mount| mount.prefix.to_string())
                .collect::<Vec<_>>();
            let template = Template::parse(descriptor.path).and_then(|template| {
                match prefixes.first().filter(|_| prefixes_hold) {
                    Some(prefix) => template.with_prefix(prefix),
                    None => Ok(template),
                }
            });
            if prefixes.len() > 1 {
                faults.push(Fault::MountedTwice(who, prefixes));
            }
            match template {
                Ok(template) => placed.push((template, *descriptor)),
                Err(error) => faults.push(Fault::Template(who, error)),
            }
        }
        placed
    }

    /// Puts the options of one endpoint together and looks for its state.
    fn deploy(
        &self,
        descriptor: &Descriptor,
        states: &States,
        faults: &mut Vec<Fault>,
    ) -> Option<Arc<Deployed>> {
        let who = Who::from(descriptor);
        for key in (descriptor.states)().into_iter().filter(|key| !states.has(*key)) {
            faults.push(Fault::State(who, key.type_name()));
        }
        let attribute = (descriptor.options)();
        let key = TypeKey { id: (descriptor.type_id)(), name: (descriptor.type_name)() };
        let mut levels = vec![(Source::Attribute, &attribute), (Source::Server, &self.options)];
        if let Some(options) = self.configured.get(&key) {
            levels.insert(0, (Source::Configure, options));
        }
        let sourced = resolve(&levels);
        let (impossible, origins) = check::options(&sourced);
        // Those of the server are reported once, not for each endpoint.
        let own = impossible.into_iter().filter(|fault| fault.source != Source::Server);
        faults.extend(own.map(|fault| Fault::Option(Some(who), fault)));
        Some(Arc::new(Deployed::new(*descriptor, sourced, origins?)))
    }
}

/// Groups what answers the same paths; each group is one fault.
fn check_equivalent(placed: &[(Template, Descriptor)], faults: &mut Vec<Fault>) {
    let mut grouped = HashSet::new();
    for (i, (template, _)) in placed.iter().enumerate() {
        let group =
            (i..placed.len()).filter(|j| equivalent(template, &placed[*j].0)).collect::<Vec<_>>();
        if group.len() > 1 && grouped.insert(i) {
            grouped.extend(&group);
            faults.push(Fault::Equivalent(
                group
                    .iter()
                    .map(|j| (placed[*j].0.to_string(), Who::from(&placed[*j].1)))
                    .collect(),
            ));
        }
    }
}

#[cfg(test)]
mod tests;
