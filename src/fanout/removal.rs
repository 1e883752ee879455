//! What becomes of keys that a service no longer asks for. Pure: the same decision is shown at plan and carried out at apply.

use std::collections::{BTreeMap, BTreeSet};

use super::resource::{DeletionPolicy, Key, ResourceSet};

/// The fate of every key that leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removals {
    /// Deleted. Whatever hangs on a deleted project or namespace is listed too and goes with it.
    pub delete: BTreeSet<Key>,
    /// Forgotten, and left as they are.
    pub abandon: BTreeSet<Key>,
    /// Let go of, because somebody else asks for them: who, by key.
    pub release: BTreeMap<Key, Vec<String>>,
    /// Projects and namespaces that must not go: their policy is `prevent`. Any of these refuses the whole plan.
    pub refused: BTreeSet<Key>,
}

impl Removals {
    /// Decides over `leaving`. `others` says who else asks for a key. The policy is the one stored in `managed`, never the
    /// registry's of today: otherwise one edit could both drop an entry and unlock its removal.
    pub fn decide(managed: &ResourceSet, leaving: &BTreeSet<Key>, others: impl Fn(&Key) -> Vec<String>) -> Self {
        let mut removals = Self::default();
        let mut going = BTreeMap::new();
        for key in leaving {
            let users_of = others(key);
            if !users_of.is_empty() {
                removals.release.insert(key.clone(), users_of);
                continue;
            }
            let Some(policy) = managed.deletion_policy(key) else { continue };
            going.insert(key.clone(), policy);
            match policy {
                DeletionPolicy::Prevent => removals.refused.insert(key.clone()),
                DeletionPolicy::Abandon => removals.abandon.insert(key.clone()),
                DeletionPolicy::Delete | DeletionPolicy::DeleteWithContents => removals.delete.insert(key.clone()),
            };
        }
        for key in leaving.iter().filter(|key| key.scope() != **key && !removals.release.contains_key(key)) {
            match going.get(&key.scope()) {
                Some(DeletionPolicy::Abandon) => removals.abandon.insert(key.clone()),
                Some(DeletionPolicy::Prevent) => false,
                _ => removals.delete.insert(key.clone()),
            };
        }
        removals
    }

    /// Leaves these keys where they are, whatever was decided: they are not this provider's to remove.
    pub fn leave(&mut self, keys: BTreeSet<Key>) {
        for key in &keys {
            self.delete.remove(key);
            self.refused.remove(key);
            self.release.remove(key);
        }
        self.abandon.extend(keys);
    }

    /// Whether nothing leaves.
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

    fn fates(policy: DeletionPolicy, others: impl Fn(&Key) -> Vec<String>) -> Removals {
        let managed = managed(policy);
        Removals::decide(&managed, &managed.keys(), others)
    }

    fn texts(keys: &BTreeSet<Key>) -> Vec<String> {
        keys.iter().map(|key| format!("{} {key}", key.kind())).collect()
    }

    #[test]
    fn each_policy_decides_over_the_thing_and_what_hangs_on_it() {
        let unused = |_: &Key| Vec::new();
        let both = ["namespace compute/pay", "role binding compute/pay/b"];
        assert_eq!(texts(&fates(DeletionPolicy::Delete, unused).delete), both);
        assert_eq!(texts(&fates(DeletionPolicy::Abandon, unused).abandon), both);
        let refused = fates(DeletionPolicy::Prevent, unused);
        assert_eq!(texts(&refused.refused), ["namespace compute/pay"]);
        assert!(refused.delete.is_empty() && refused.abandon.is_empty());
    }

    #[test]
    fn what_others_ask_for_is_kept_and_ones_own_grants_on_it_go() {
        let shared = |key: &Key| if matches!(key, Key::Namespace(_)) { vec!["ledger".to_owned()] } else { Vec::new() };
        let removals = fates(DeletionPolicy::Prevent, shared);
        assert_eq!(removals.release.values().next(), Some(&vec!["ledger".to_owned()]));
        assert_eq!(texts(&removals.delete), ["role binding compute/pay/b"]);
        assert!(removals.refused.is_empty());
    }
}
