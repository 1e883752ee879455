//! The removal of keys that a service no longer uses. Pure: a plan shows the same decision that the apply executes.

use std::collections::{BTreeMap, BTreeSet};

use super::resource::{DeletionPolicy, Key, ResourceSet};

/// The decision for every removed key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removals {
    /// Keys to delete. Keys in a deleted project or namespace are included.
    pub delete: BTreeSet<Key>,
    /// Keys to stop managing, without a change to them.
    pub abandon: BTreeSet<Key>,
    /// Keys to release because other services still use them, with those services.
    pub release: BTreeMap<Key, Vec<String>>,
    /// Projects and namespaces with the policy `prevent`. One of them makes the whole plan fail.
    pub refused: BTreeSet<Key>,
}

impl Removals {
    /// Decides for the `removed` keys. `others` returns the other users of a key. The policy is the one stored in `managed`,
    /// never that of the current registry: otherwise one edit could both remove an entry and permit its removal.
    pub fn decide(managed: &ResourceSet, removed: &BTreeSet<Key>, others: impl Fn(&Key) -> Vec<String>) -> Self {
        let mut removals = Self::default();
        let mut policies = BTreeMap::new();
        for key in removed {
            let users = others(key);
            if !users.is_empty() {
                removals.release.insert(key.clone(), users);
                continue;
            }
            let Some(policy) = managed.deletion_policy(key) else { continue };
            policies.insert(key.clone(), policy);
            match policy {
                DeletionPolicy::Prevent => removals.refused.insert(key.clone()),
                DeletionPolicy::Abandon => removals.abandon.insert(key.clone()),
                DeletionPolicy::Delete | DeletionPolicy::DeleteWithContents => removals.delete.insert(key.clone()),
            };
        }
        for key in removed.iter().filter(|key| key.scope() != **key && !removals.release.contains_key(key)) {
            match policies.get(&key.scope()) {
                Some(DeletionPolicy::Abandon) => removals.abandon.insert(key.clone()),
                Some(DeletionPolicy::Prevent) => false,
                _ => removals.delete.insert(key.clone()),
            };
        }
        removals
    }

    /// Abandons these keys regardless of their policy: this provider does not manage their platform.
    pub fn leave(&mut self, keys: BTreeSet<Key>) {
        for key in &keys {
            self.delete.remove(key);
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
mod tests {
    use super::*;
    use crate::fanout::resource::{NamespaceSettings, RoleBinding, Scope};

    fn managed(policy: DeletionPolicy) -> ResourceSet {
        let namespace: crate::registry::names::NamespaceKey = "compute/pay".parse().unwrap();
        let settings = NamespaceSettings { labels: BTreeMap::new(), annotations: BTreeMap::new() };
        let binding =
            RoleBinding { role: "view".parse().unwrap(), subjects: ["Group:a@example.com".to_owned()].into() };
        let mut resources = ResourceSet::default();
        resources.namespaces.insert(namespace.clone(), Scope { settings, shared: false, deletion_policy: policy });
        resources.role_bindings.entry(namespace).or_default().insert("b".into(), binding);
        resources
    }

    fn decide(policy: DeletionPolicy, others: impl Fn(&Key) -> Vec<String>) -> Removals {
        let managed = managed(policy);
        Removals::decide(&managed, &managed.keys(), others)
    }

    fn texts(keys: &BTreeSet<Key>) -> Vec<String> {
        keys.iter().map(|key| format!("{} {key}", key.kind())).collect()
    }

    #[test]
    fn a_policy_applies_to_the_namespace_and_the_resources_in_it() {
        let unused = |_: &Key| Vec::new();
        let both = ["namespace compute/pay", "role binding compute/pay/b"];
        assert_eq!(texts(&decide(DeletionPolicy::Delete, unused).delete), both);
        assert_eq!(texts(&decide(DeletionPolicy::Abandon, unused).abandon), both);
        let refused = decide(DeletionPolicy::Prevent, unused);
        assert_eq!(texts(&refused.refused), ["namespace compute/pay"]);
        assert!(refused.delete.is_empty() && refused.abandon.is_empty());
    }

    #[test]
    fn a_resource_that_others_use_is_released_and_the_services_own_grants_in_it_are_deleted() {
        let shared = |key: &Key| if matches!(key, Key::Namespace(_)) { vec!["ledger".to_owned()] } else { Vec::new() };
        let removals = decide(DeletionPolicy::Prevent, shared);
        assert_eq!(removals.release.values().next(), Some(&vec!["ledger".to_owned()]));
        assert_eq!(texts(&removals.delete), ["role binding compute/pay/b"]);
        assert!(removals.refused.is_empty());
    }
}
