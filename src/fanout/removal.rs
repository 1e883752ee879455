//! The removal of keys that a service no longer uses. Pure: a plan shows the same decision that the apply executes.

use std::collections::{BTreeMap, BTreeSet};

use super::accounts;
use super::resource::{DeletionPolicy, Key, ResourceSet};

/// The decision for every removed key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removals {
    /// Keys to delete. Keys in a deleted project or namespace are included.
    pub delete: BTreeSet<Key>,
    /// Those of the deleted namespaces whose contents are deleted as well.
    pub with_contents: BTreeSet<Key>,
    /// Keys to stop managing, without a change to them.
    pub abandon: BTreeSet<Key>,
    /// Keys to release, and why.
    pub release: BTreeMap<Key, Release>,
    /// Projects, namespaces and service accounts with the policy `prevent`. One of them makes the whole plan fail.
    pub refused: BTreeSet<Key>,
}

/// Why a key is released and not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
    /// These services use it.
    UsedBy(Vec<String>),
    /// Another service owns it, or the project it is in: only that service's state deletes it.
    NotOwner,
    /// An API that service accounts need. It stays enabled: other parts of a project depend on it, and it gives access to no one.
    StaysEnabled,
    /// These services used it when this was planned, and do not any more. No plan has shown a deletion; the next one decides.
    Planned(Vec<String>),
}

impl Removals {
    /// Decides for the `removed` keys.
    ///
    /// - `kept` says why a key is not this service's to delete now: others use it.
    /// - `bequeathed` is the policy with which the owner of a project or namespace has left it to its last user.
    ///
    /// Owner and policy are those stored in `managed`, never those of the current registry: otherwise one edit could both make
    /// a service the owner, or remove an entry, and permit the removal.
    pub fn decide(
        managed: &ResourceSet,
        removed: &BTreeSet<Key>,
        kept: impl Fn(&Key) -> Option<Release>,
        bequeathed: impl Fn(&Key) -> Option<DeletionPolicy>,
    ) -> Self {
        let mut removals = Self::default();
        let mut policies = BTreeMap::new();
        for key in removed {
            if let Some(release) = kept(key) {
                removals.release.insert(key.clone(), release);
                continue;
            }
            let anothers = managed.is_anothers(key);
            let policy = if anothers { bequeathed(key) } else { managed.deletion_policy(key) };
            match policy {
                Some(policy) => removals.scope(key, policy),
                None if anothers => drop(removals.release.insert(key.clone(), Release::NotOwner)),
                None => continue,
            }
            policies.insert(key.clone(), policy);
        }
        let within: Vec<&Key> = removed.iter().filter(|key| key.scope() != **key).collect();
        // A service account goes with its project, one of Kubernetes with its namespace. Without it, its own policy counts, and the
        // grants of one of Google follow it.
        let mut abandoned = BTreeSet::new();
        for key in &within {
            if !matches!(key, Key::ServiceAccount(..) | Key::KubernetesServiceAccount(..)) {
                continue;
            }
            if matches!(policies.get(&key.scope()), Some(Some(_))) || removals.release.contains_key(*key) {
                continue;
            }
            let policy = managed.deletion_policy(key).unwrap_or_default();
            policies.insert((*key).clone(), Some(policy));
            removals.scope(key, policy);
            if let Key::ServiceAccount(project, name) = key
                && policy == DeletionPolicy::Abandon
            {
                abandoned.insert((project, accounts::principal(project, name)));
            }
        }
        let of_abandoned = |key: &Key| match key {
            Key::IamMember(project, _, member) => abandoned.contains(&(project, Some(member.principal.clone()))),
            Key::WorkloadIdentity(project, name, _) => {
                abandoned.contains(&(project, accounts::principal(project, name)))
            }
            _ => false,
        };
        for key in within {
            if removals.release.contains_key(key) || policies.contains_key(key) {
                continue;
            }
            match (policies.get(&key.scope()), key) {
                (Some(Some(DeletionPolicy::Abandon)), _) => drop(removals.abandon.insert(key.clone())),
                (Some(Some(DeletionPolicy::Prevent)), _) => {}
                _ if of_abandoned(key) => drop(removals.abandon.insert(key.clone())),
                (None, Key::Api(_, api)) if accounts::stays_enabled(api) => {
                    removals.release.insert(key.clone(), Release::StaysEnabled);
                }
                // No service uses the project any more, so it is unknown who else used the API. An API that stays enabled gives
                // access to no one; a disabled one stops what runs in the owner's project.
                (Some(None), Key::Api(..)) => drop(removals.release.insert(key.clone(), Release::NotOwner)),
                _ => drop(removals.delete.insert(key.clone())),
            }
        }
        removals
    }

    fn scope(&mut self, key: &Key, policy: DeletionPolicy) {
        match policy {
            DeletionPolicy::Prevent => drop(self.refused.insert(key.clone())),
            DeletionPolicy::Abandon => drop(self.abandon.insert(key.clone())),
            DeletionPolicy::Delete => drop(self.delete.insert(key.clone())),
            DeletionPolicy::DeleteWithContents => {
                self.delete.insert(key.clone());
                self.with_contents.insert(key.clone());
            }
        }
    }

    /// Abandons these keys regardless of their policy: this provider does not manage their platform.
    pub fn leave(&mut self, keys: BTreeSet<Key>) {
        for key in &keys {
            self.delete.remove(key);
            self.with_contents.remove(key);
            self.refused.remove(key);
            self.release.remove(key);
        }
        self.abandon.extend(keys);
    }

    /// Whether no key is removed.
    pub fn is_empty(&self) -> bool {
        self.delete.is_empty() && self.abandon.is_empty() && self.release.is_empty() && self.refused.is_empty()
    }
}

#[cfg(test)]
mod tests;
