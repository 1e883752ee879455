//! The resources of one service: what is created, changed and removed, by environment and key.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use crate::registry::names::{EnvironmentName, ServiceName};
use crate::registry::{Environment, Service};

use super::super::FanOut;
use super::super::expand::Expander;
use super::super::removal::{Release, Removals};
use super::super::resource::{DeletionPolicy, Key, ResourceSet};
use super::counts::Counts;
use super::fields::{FieldChange, changed_fields};
use super::guard;
use super::kind::Kind;
use super::pairs::{At, EnvironmentPair, ServicePair};

/// One resource of a service that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceChange {
    /// The environment that uses it: the first of several. The name by now, of one that is renamed.
    pub environment: Option<EnvironmentName>,
    /// Its kind.
    pub kind: Kind,
    /// Its resource key.
    #[serde(serialize_with = "as_text")]
    pub key: Key,
    /// What happens to it.
    #[serde(flatten)]
    pub change: Change,
}

fn as_text<S: serde::Serializer>(key: &Key, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(key)
}

/// What happens to a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase")]
pub enum Change {
    /// No service used it before.
    Created,
    /// The service uses what others used before.
    Joined {
        /// Those that use it.
        #[serde(rename = "usedBy")]
        used_by: Vec<ServiceName>,
    },
    /// Its content is another.
    Changed {
        /// What of it.
        fields: Vec<FieldChange>,
    },
    /// No service uses it any more.
    Removed {
        /// What an apply does with it.
        outcome: Outcome,
    },
    /// The service stops using it, and it remains.
    Released {
        /// The services that use it; none, if only its owner can remove it, and for an API that is never disabled.
        #[serde(rename = "usedBy")]
        used_by: Vec<ServiceName>,
    },
}

/// What an apply does with a resource that no service uses any more. By the deletion policy in the old registry: that is what
/// states contain that were applied from it, unless the argument of a resource overrides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is refused at plan, or belongs to a project or namespace of which that is true.
    Refused,
    /// It is deleted.
    Deleted,
    /// It is deleted with everything in it.
    DeletedWithContents,
    /// It remains, and is not managed any more.
    Abandoned,
}

/// Compares the resources of services, and counts each resource once.
pub(super) struct Comparison<'f> {
    pub(super) old: &'f FanOut,
    pub(super) new: &'f FanOut,
    pub(super) counts: Counts,
    seen: HashSet<Key>,
    /// Who loses access to what: what several services use counts once.
    revoked: HashSet<(Key, String)>,
}

/// The resources of one side, and the first environment that uses each.
struct Side {
    resources: ResourceSet,
    environments: BTreeMap<Key, Option<EnvironmentName>>,
}

impl<'f> Comparison<'f> {
    pub(super) fn new(old: &'f FanOut, new: &'f FanOut) -> Self {
        Self { old, new, counts: Counts::of(old, new), seen: HashSet::new(), revoked: HashSet::new() }
    }

    /// Whether the desired resources of a service are the same: nothing needs to be fanned out then.
    pub(super) fn is_same(&self, pair: &ServicePair<'_>) -> bool {
        let digest = |fan_out: &'f FanOut, at: &At<'_, Service>| {
            fan_out.services.get(at.entry.name.as_str()).map(|entry| entry.digest.as_str())
        };
        match (pair.old, pair.new) {
            (Some(old), Some(new)) => {
                pair.previous_name().is_none() && digest(self.old, &old) == digest(self.new, &new)
            }
            _ => false,
        }
    }

    /// The changes of one service, by environment, kind and key.
    pub(super) fn of(&mut self, pair: &ServicePair<'_>, environments: &[EnvironmentPair<'_>]) -> Vec<ResourceChange> {
        if self.is_same(pair) {
            return Vec::new();
        }
        let old = side(self.old, pair.old, environments.iter().map(|pair| (pair.old, pair.name())));
        let new = side(self.new, pair.new, environments.iter().map(|pair| (pair.new, pair.name())));
        let mut changes = Vec::new();
        for (key, environment) in &new.environments {
            let change = if old.environments.contains_key(key) {
                match changed_fields(self.old, self.new, (&old.resources, &new.resources), key) {
                    fields if fields.is_empty() => continue,
                    fields => Change::Changed { fields },
                }
            } else {
                let used_by: Vec<ServiceName> = self.old.users_of(key).into_iter().cloned().collect();
                if used_by.is_empty() && !self.seen.contains(key) {
                    Change::Created
                } else {
                    let others = self.new.users_of(key).into_iter().filter(|user| Some(*user) != pair.name());
                    Change::Joined { used_by: others.cloned().collect() }
                }
            };
            self.count(key, &change);
            changes.push(ResourceChange {
                environment: environment.clone(),
                kind: Kind::of(key),
                key: key.clone(),
                change,
            });
        }
        changes.extend(self.removals(old, &new));
        changes.sort_by(|a, b| (&a.environment, &a.key).cmp(&(&b.environment, &b.key)));
        changes
    }

    fn removals(&mut self, old: Side, new: &Side) -> Vec<ResourceChange> {
        let remains = |key: &Key| new.environments.contains_key(key);
        let removed: BTreeSet<Key> = old.environments.keys().filter(|key| !remains(key)).cloned().collect();
        let users = |key: &Key| self.new.users_of(key).into_iter().map(ToString::to_string).collect::<Vec<_>>();
        let used = |key: &Key| Some(users(key)).filter(|users| !users.is_empty()).map(Release::UsedBy);
        let decided = Removals::decide(&old.resources, &removed, used, |_| None::<DeletionPolicy>);
        self.revoked.extend(guard::revoked(&old.resources, &new.resources, &decided, |_| true));
        self.counts.access.revoked = self.revoked.len();
        let mut changes = Vec::new();
        for key in removed {
            let change = match decided.release.get(&key) {
                Some(Release::UsedBy(_)) => {
                    Change::Released { used_by: self.new.users_of(&key).into_iter().cloned().collect() }
                }
                Some(_) => Change::Released { used_by: Vec::new() },
                None if decided.with_contents.contains(&key) => {
                    Change::Removed { outcome: Outcome::DeletedWithContents }
                }
                None if decided.delete.contains(&key) => Change::Removed { outcome: Outcome::Deleted },
                None if decided.abandon.contains(&key) => Change::Removed { outcome: Outcome::Abandoned },
                None => Change::Removed { outcome: Outcome::Refused },
            };
            self.count(&key, &change);
            let environment = old.environments.get(&key).cloned().flatten();
            changes.push(ResourceChange { environment, kind: Kind::of(&key), key, change });
        }
        changes
    }

    /// What several services use counts once.
    fn count(&mut self, key: &Key, change: &Change) {
        if matches!(change, Change::Joined { .. } | Change::Released { .. }) || !self.seen.insert(key.clone()) {
            return;
        }
        let count = self.counts.kind(Kind::of(key));
        match change {
            Change::Created => count.created += 1,
            Change::Changed { .. } => count.changed += 1,
            _ => count.removed += 1,
        }
    }
}

fn side<'r>(
    fan_out: &FanOut,
    service: Option<At<'r, Service>>,
    environments: impl Iterator<Item = (Option<At<'r, Environment>>, Option<&'r EnvironmentName>)>,
) -> Side {
    let Some(service) = service else {
        return Side { resources: ResourceSet::default(), environments: BTreeMap::new() };
    };
    let expander = Expander::new(&fan_out.registry, &fan_out.rules);
    let resources = expander.service(service.position, |_| true);
    let mut first = BTreeMap::new();
    for (environment, name) in environments {
        let Some(environment) = environment else { continue };
        let of_one = expander.service(service.position, |other| other.name == environment.entry.name);
        for key in of_one.keys() {
            first.entry(key).or_insert_with(|| name.cloned());
        }
    }
    // All keys come from an environment; this does not depend on it.
    for key in resources.keys() {
        first.entry(key).or_insert(None);
    }
    Side { resources, environments: first }
}
