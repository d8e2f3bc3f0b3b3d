//! From what the linker brought together to a table that can be served, or to all its faults.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    check,
    configured::Configured,
    deployment::Deployment,
    descriptor::{Descriptor, Place},
    fault::{Fault, Faults, Who},
    filter::{Filter, Mount, TypeKey, same_crate},
    table::{Deployed, Table},
};
use crate::{
    endpoint::{Options, Source, States, resolve},
    route::{Template, equivalent},
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
    /// `deploy(…)`: each counts, also if its type is linked or deployed at another path.
    pub(crate) deployments: Vec<Deployment>,
    /// `configurator::<T>()`, with the place of the call.
    pub(crate) configurators: Vec<(TypeKey, Place, Arc<dyn Configured>)>,
    pub(crate) mounts: Vec<Mount>,
    /// Options of the server, the weakest.
    pub(crate) options: Options,
    /// Those of whoever runs it, which are stronger.
    pub(crate) operator: Options,
    /// `configure::<T>()`, the strongest.
    pub(crate) configured: HashMap<TypeKey, Options>,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            link_time: true,
            filter: Filter::default(),
            by_hand: Vec::new(),
            deployments: Vec::new(),
            configurators: Vec::new(),
            mounts: Vec::new(),
            options: Options::new(),
            operator: Options::new(),
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
        let chosen = chosen
            .into_iter()
            .map(Deployment::from)
            .chain(self.deployments.iter().cloned())
            .collect::<Vec<_>>();
        if chosen.is_empty() {
            faults.push(match (self.link_time, known.is_empty()) {
                (true, true) => Fault::NothingLinked,
                (false, _) => Fault::NothingByHand,
                (true, false) => Fault::NothingLeft(known.iter().map(Who::from).collect()),
            });
        }
        let (impossible, _) = check::options(&resolve(&[
            (Source::Config, &self.operator),
            (Source::Server, &self.options),
        ]));
        faults.extend(impossible.into_iter().map(|fault| Fault::Option(None, fault)));

        let mut placed = self.place(&chosen, &mut faults);
        placed.sort_by(|(one, a), (other, b)| {
            (one.as_str(), a.descriptor.place).cmp(&(other.as_str(), b.descriptor.place))
        });
        check_equivalent(&placed, &mut faults);
        let mut deployed = Vec::new();
        for deployment in &chosen {
            let at = placed.iter().find(|(_, placed)| std::ptr::eq(*placed, deployment));
            let one = self.deploy(deployment, states, &mut faults);
            deployed.extend(at.map(|(template, _)| template.clone()).zip(one));
        }
        if faults.is_empty() { Ok(Table::new(deployed)) } else { Err(Faults::new(faults)) }
    }

    /// One endpoint more, beside those of `table`. It is checked as at the start.
    ///
    /// # Errors
    ///
    /// All faults, if there is one.
    pub(crate) fn add(
        &self,
        table: &Table,
        deployment: &Deployment,
        states: &States,
    ) -> Result<Table, Faults> {
        let mut faults = Vec::new();
        let template = self.template(deployment, true, &mut faults);
        if let Some(template) = &template {
            let same = table.iter().filter(|(other, _)| equivalent(template, other));
            let mut all = same
                .map(|(other, deployed)| (other.to_string(), Who::from(&deployed.descriptor)))
                .collect::<Vec<_>>();
            if !all.is_empty() {
                all.push((template.to_string(), Who::from(&deployment.descriptor)));
                faults.push(Fault::Equivalent(all));
            }
        }
        let deployed = self.deploy(deployment, states, &mut faults);
        match (template, deployed) {
            (Some(template), Some(deployed)) if faults.is_empty() => {
                Ok(table.with(template, deployed))
            }
            _ => Err(Faults::of_one(faults)),
        }
    }

    /// One endpoint that is served at no path.
    ///
    /// # Errors
    ///
    /// All faults, if there is one.
    pub(crate) fn unrouted(
        &self,
        deployment: &Deployment,
        states: &States,
    ) -> Result<Arc<Deployed>, Faults> {
        let mut faults = Vec::new();
        let deployed = self.deploy(deployment, states, &mut faults);
        deployed.filter(|_| faults.is_empty()).ok_or_else(|| Faults::of_one(faults))
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
        let of = |key: TypeKey| move |one: &&Descriptor| (one.type_id)() == key.id;
        let deployed = || self.deployments.iter().map(|deployment| &deployment.descriptor);
        let among = |all: &[Descriptor], key: TypeKey| {
            all.iter().find(of(key)).or_else(|| deployed().find(of(key))).copied()
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
        let mut configured =
            self.configured.keys().map(|key| ("configure", *key)).collect::<Vec<_>>();
        for (i, (key, place, _)) in self.configurators.iter().enumerate() {
            match self.configurators[..i].iter().find(|(other, ..)| other == key) {
                Some((_, first, _)) => faults.push(Fault::Configurators(key.name, *first, *place)),
                None => configured.push(("configurator", *key)),
            }
        }
        configured.sort_by_key(|(call, key)| (key.name, *call));
        for (call, key) in configured {
            match (among(known, key), among(chosen, key)) {
                (_, Some(_)) => {}
                (Some(known), None) => faults.push(Fault::LeftOut(call, Who::from(&known))),
                (None, None) => faults.push(Fault::NoEndpoint { call, name: key.name }),
            }
        }
    }

    /// Reads the templates and shifts those that are mounted.
    fn place<'a>(
        &self,
        chosen: &'a [Deployment],
        faults: &mut Vec<Fault>,
    ) -> Vec<(Template, &'a Deployment)> {
        let before = faults.len();
        for mount in &self.mounts {
            if let Err(error) = Template::check_prefix(&mount.prefix) {
                faults.push(Fault::Prefix(error));
            } else if !chosen.iter().any(|one| mount.filter.accepts(&one.descriptor)) {
                faults.push(Fault::EmptyMount(mount.prefix.to_string()));
            }
        }
        let prefixes_hold = faults.len() == before;
        chosen
            .iter()
            .filter_map(|one| Some((self.template(one, prefixes_hold, faults)?, one)))
            .collect()
    }

    /// Where one endpoint is served.
    fn template(
        &self,
        deployment: &Deployment,
        prefixes_hold: bool,
        faults: &mut Vec<Fault>,
    ) -> Option<Template> {
        let who = Who::from(&deployment.descriptor);
        let prefixes = self
            .mounts
            .iter()
            .filter(|mount| mount.filter.accepts(&deployment.descriptor))
            .map(|mount| mount.prefix.to_string())
            .collect::<Vec<_>>();
        let template = Template::parse(&deployment.path).and_then(|template| {
            match prefixes.first().filter(|_| prefixes_hold) {
                Some(prefix) => template.with_prefix(prefix),
                None => Ok(template),
            }
        });
        if prefixes.len() > 1 {
            faults.push(Fault::MountedTwice(who, prefixes));
        }
        template.map_err(|error| faults.push(Fault::Template(who, error))).ok()
    }

    /// Puts the options of one endpoint together and looks for its state.
    fn deploy(
        &self,
        deployment: &Deployment,
        states: &States,
        faults: &mut Vec<Fault>,
    ) -> Option<Arc<Deployed>> {
        let descriptor = &deployment.descriptor;
        let who = Who::from(descriptor);
        let key = TypeKey { id: (descriptor.type_id)(), name: (descriptor.type_name)() };
        let configurator = self.configurators.iter().find(|(other, ..)| *other == key);
        let configurator = configurator.map(|(.., configurator)| configurator.clone());
        let needed = configurator.as_ref().map_or_else(descriptor.states, |one| one.states());
        for key in needed.into_iter().filter(|key| !states.has(*key)) {
            faults.push(Fault::State(who, key.type_name()));
        }
        let attribute = (descriptor.options)();
        let mut levels = vec![
            (Source::Deployment, &deployment.options),
            (Source::Attribute, &attribute),
            (Source::Config, &self.operator),
            (Source::Server, &self.options),
        ];
        if let Some(options) = self.configured.get(&key) {
            levels.insert(0, (Source::Configure, options));
        }
        let sourced = resolve(&levels);
        let (impossible, origins) = check::options(&sourced);
        // Those of the server are reported once, not for each endpoint.
        let common = [Source::Config, Source::Server];
        let own = impossible.into_iter().filter(|fault| !common.contains(&fault.source));
        faults.extend(own.map(|fault| Fault::Option(Some(who), fault)));
        Some(Arc::new(Deployed::new(deployment, configurator, sourced, origins?)))
    }
}

/// Groups what answers the same paths; each group is one fault.
fn check_equivalent(placed: &[(Template, &Deployment)], faults: &mut Vec<Fault>) {
    let mut grouped = HashSet::new();
    for (i, (template, _)) in placed.iter().enumerate() {
        let group =
            (i..placed.len()).filter(|j| equivalent(template, &placed[*j].0)).collect::<Vec<_>>();
        if group.len() > 1 && grouped.insert(i) {
            grouped.extend(&group);
            faults.push(Fault::Equivalent(
                group
                    .iter()
                    .map(|j| (placed[*j].0.to_string(), Who::from(&placed[*j].1.descriptor)))
                    .collect(),
            ));
        }
    }
}

#[cfg(test)]
mod tests;
