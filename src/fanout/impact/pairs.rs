//! Which entry of the new registry continues which entry of the old one: by its name, else by the projects and namespaces that
//! only the removed one used and the added one uses now.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use crate::registry::names::{ClusterName, EnvironmentName, NamespaceName, ProjectId, ServiceName};
use crate::registry::{Environment, Registry, Service};

/// An entry with its index in the document's list.
#[derive(Debug)]
pub(super) struct At<'r, T> {
    pub(super) position: usize,
    pub(super) entry: &'r T,
}

impl<T> Clone for At<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for At<'_, T> {}

/// An entry before and after. At least one of them is there.
#[derive(Debug)]
pub(super) struct Pair<'r, T> {
    pub(super) old: Option<At<'r, T>>,
    pub(super) new: Option<At<'r, T>>,
}

impl<T> Clone for Pair<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Pair<'_, T> {}

/// A service before and after.
pub(super) type ServicePair<'r> = Pair<'r, Service>;
/// An environment before and after.
pub(super) type EnvironmentPair<'r> = Pair<'r, Environment>;

impl<'r, T> Pair<'r, T> {
    /// What the name of the entry is by now: the last one, of an entry that was removed.
    fn name_of<N>(&self, name: impl Fn(&'r T) -> &'r N) -> Option<&'r N> {
        self.new.or(self.old).map(|at| name(at.entry))
    }
}

impl<'r> ServicePair<'r> {
    /// The name of the service by now.
    pub(super) fn name(&self) -> Option<&'r ServiceName> {
        self.name_of(|service| &service.name)
    }

    /// Its name before, if it was renamed.
    pub(super) fn previous_name(&self) -> Option<&'r ServiceName> {
        let (old, new) = (&self.old?.entry.name, &self.new?.entry.name);
        (old != new).then_some(old)
    }

    /// Its environments, those of the new entry first.
    pub(super) fn environments(&self) -> Vec<EnvironmentPair<'r>> {
        let of = |side: Option<At<'r, Service>>| {
            let environments = side.map_or(&[][..], |at| &at.entry.environments[..]);
            environments.iter().enumerate().map(|(position, entry)| At { position, entry }).collect()
        };
        pairs(of(self.old), of(self.new), |environment| &environment.name, |environment| scopes(environment).collect())
    }
}

impl<'r> EnvironmentPair<'r> {
    /// The name of the environment by now.
    pub(super) fn name(&self) -> Option<&'r EnvironmentName> {
        self.name_of(|environment| &environment.name)
    }
}

/// The services of both registries, by the name that they have by now.
pub(super) fn services<'r>(old: &'r Registry, new: &'r Registry) -> Vec<ServicePair<'r>> {
    let of = |registry: &'r Registry| {
        let services = registry.services.iter().enumerate();
        let mut services: Vec<At<'r, Service>> = services.map(|(position, entry)| At { position, entry }).collect();
        // The order of a document has no meaning.
        services.sort_by_key(|at| &at.entry.name);
        services
    };
    let used = |service: &'r Service| service.environments.iter().flat_map(scopes).collect();
    let mut pairs = pairs(of(old), of(new), |service| &service.name, used);
    pairs.sort_by_key(ServicePair::name);
    pairs
}

/// A project or namespace that an entry uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Used<'r> {
    Project(&'r ProjectId),
    Namespace(&'r ClusterName, &'r NamespaceName),
}

/// The projects and namespaces of an environment.
pub(super) fn scopes(environment: &Environment) -> impl Iterator<Item = Used<'_>> {
    let project = environment.google_project.iter().map(Used::Project);
    project.chain(environment.targets.iter().map(|target| Used::Namespace(&target.cluster, &target.namespace)))
}

fn pairs<'r, T, N: Eq + Hash + 'r>(
    old: Vec<At<'r, T>>,
    new: Vec<At<'r, T>>,
    name: impl Fn(&'r T) -> &'r N,
    used: impl Fn(&'r T) -> BTreeSet<Used<'r>>,
) -> Vec<Pair<'r, T>> {
    let by_name: HashMap<&N, At<'r, T>> = old.iter().map(|at| (name(at.entry), *at)).collect();
    let names: HashSet<&N> = new.iter().map(|at| name(at.entry)).collect();
    let removed: Vec<At<'r, T>> = old.into_iter().filter(|at| !names.contains(name(at.entry))).collect();
    let is_added = |at: &&At<'r, T>| !by_name.contains_key(name(at.entry));
    let added: Vec<BTreeSet<Used<'r>>> = new.iter().filter(is_added).map(|at| used(at.entry)).collect();
    let mut renamed = renamed(&removed.iter().map(|at| used(at.entry)).collect::<Vec<_>>(), &added);
    let mut gone: BTreeSet<usize> = (0..removed.len()).collect();
    let mut nth = 0;
    let mut pairs = Vec::with_capacity(new.len() + removed.len());
    for at in new {
        let old = match by_name.get(name(at.entry)) {
            Some(old) => Some(*old),
            None => {
                let from = renamed.remove(&nth).filter(|from| gone.remove(from));
                nth += 1;
                from.map(|from| removed[from])
            }
        };
        pairs.push(Pair { old, new: Some(at) });
    }
    pairs.extend(gone.into_iter().map(|index| Pair { old: Some(removed[index]), new: None }));
    pairs
}

/// Which added entry is a removed one under another name: it uses at least half of what only that one used.
fn renamed(removed: &[BTreeSet<Used<'_>>], added: &[BTreeSet<Used<'_>>]) -> BTreeMap<usize, usize> {
    let mut users: HashMap<Used<'_>, Option<usize>> = HashMap::new();
    for (index, used) in removed.iter().enumerate() {
        for scope in used {
            users.entry(*scope).and_modify(|user| *user = None).or_insert(Some(index));
        }
    }
    let mut own = vec![0; removed.len()];
    users.values().flatten().for_each(|index| own[*index] += 1);
    let mut taken = HashSet::new();
    let mut renamed = BTreeMap::new();
    for (index, used) in added.iter().enumerate() {
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for from in used.iter().filter_map(|scope| *users.get(scope)?) {
            *common.entry(from).or_default() += 1;
        }
        let best = common.into_iter().max_by_key(|(from, count)| (*count, Reverse(*from)));
        if let Some((from, count)) = best
            && count * 2 >= own[from]
            && taken.insert(from)
        {
            renamed.insert(index, from);
        }
    }
    renamed
}
