//! What becomes of keys that a service no longer asks for. Pure: the same decision is shown at plan and carried out at apply.

use std::collections::{BTreeMap, BTreeSet};

use super::resource::{Asks, DeletionPolicy, Key};

/// The fate of every key that leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removals {
    /// Deleted. Whatever hangs on a deleted project or namespace is listed too and goes with it.
    pub remove: BTreeSet<Key>,
    /// Forgotten, and left as they are.
    pub abandon: BTreeSet<Key>,
    /// Let go of, because somebody else asks for them: who, by key.
    pub keep: BTreeMap<Key, Vec<String>>,
    /// Projects and namespaces that must not go: their policy is `prevent`. Any of these refuses the whole plan.
    pub refused: BTreeSet<Key>,
}

impl Removals {
    /// Decides over `leaving`. `others` says who else asks for a key. The policy is the one stored in `claims`, never the
    /// registry's of today: otherwise one edit could both drop an entry and unlock its removal.
    pub fn decide(claims: &Asks, leaving: &BTreeSet<Key>, others: impl Fn(&Key) -> Vec<String>) -> Self {
        let mut removals = Self::default();
        let mut going = BTreeMap::new();
        for key in leaving {
            let askers = others(key);
            if !askers.is_empty() {
                removals.keep.insert(key.clone(), askers);
                continue;
            }
            let Some(policy) = claims.deletion_policy(key) else { continue };
            going.insert(key.clone(), policy);
            match policy {
                DeletionPolicy::Prevent => removals.refused.insert(key.clone()),
                DeletionPolicy::Abandon => removals.abandon.insert(key.clone()),
                DeletionPolicy::Delete | DeletionPolicy::DeleteWithContents => removals.remove.insert(key.clone()),
            };
        }
        for key in leaving.iter().filter(|key| key.scope() != **key && !removals.keep.contains_key(key)) {
            match going.get(&key.scope()) {
                Some(DeletionPolicy::Abandon) => removals.abandon.insert(key.clone()),
                Some(DeletionPolicy::Prevent) => false,
                _ => removals.remove.insert(key.clone()),
            };
        }
        removals
    }

    /// Leaves these keys where they are, whatever was decided: they are not this provider's to remove.
    pub fn leave(&mut self, keys: BTreeSet<Key>) {
        for key in &keys {
            self.remove.remove(key);
            self.refused.remove(key);
            self.keep.remove(key);
        }
        self.abandon.extend(keys);
    }

    /// Whether nothing leaves.
    pub fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.abandon.is_empty() && self.keep.is_empty() && self.refused.is_empty()
    }
}

impl Key {
    /// The project or namespace a key stands on; itself for those.
    pub fn scope(&self) -> Key {
        match self {
            Self::Project(project) | Self::Api(project, _) | Self::IamMember(project, ..) => {
                Self::Project(project.clone())
            }
            Self::Namespace(namespace) | Self::Quota(namespace) | Self::RoleBinding(namespace, _) => {
                Self::Namespace(namespace.clone())
            }
        }
    }
}

impl Asks {
    /// The policy of a project or namespace; `None` for every other kind of key, which follow what they stand on.
    pub fn deletion_policy(&self, key: &Key) -> Option<DeletionPolicy> {
        match key {
            Key::Project(project) => self.projects.get(project).map(|asked| asked.deletion_policy),
            Key::Namespace(namespace) => self.namespaces.get(namespace).map(|asked| asked.deletion_policy),
            _ => None,
        }
    }

    /// Lays a resource's own argument over the registry's policies.
    pub fn override_deletion_policy(&mut self, policy: DeletionPolicy) {
        self.projects.values_mut().for_each(|asked| asked.deletion_policy = policy);
        self.namespaces.values_mut().for_each(|asked| asked.deletion_policy = policy);
    }
}

impl Asks {
    /// Takes the policies of another view of the same things: a plan's, which has the argument laid over.
    pub fn take_deletion_policies(&mut self, from: &Self) {
        for (id, asked) in &mut self.projects {
            if let Some(other) = from.projects.get(id) {
                asked.deletion_policy = other.deletion_policy;
            }
        }
        for (key, asked) in &mut self.namespaces {
            if let Some(other) = from.namespaces.get(key) {
                asked.deletion_policy = other.deletion_policy;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fanout::resource::{Asked, NamespaceSettings, RoleBinding};

    fn claims(policy: DeletionPolicy) -> Asks {
        let namespace: crate::registry::names::NamespaceKey = "compute/pay".parse().unwrap();
        let settings = NamespaceSettings { labels: BTreeMap::new(), annotations: BTreeMap::new() };
        let binding =
            RoleBinding { role: "view".parse().unwrap(), subjects: ["Group:a@example.com".to_owned()].into() };
        let mut asks = Asks::default();
        asks.namespaces.insert(namespace.clone(), Asked { settings, shared: false, deletion_policy: policy });
        asks.role_bindings.entry(namespace).or_default().insert("b".into(), binding);
        asks
    }

    fn fates(policy: DeletionPolicy, others: impl Fn(&Key) -> Vec<String>) -> Removals {
        let claims = claims(policy);
        Removals::decide(&claims, &claims.keys(), others)
    }

    fn texts(keys: &BTreeSet<Key>) -> Vec<String> {
        keys.iter().map(|key| format!("{} {key}", key.kind())).collect()
    }

    #[test]
    fn each_policy_decides_over_the_thing_and_what_hangs_on_it() {
        let nobody = |_: &Key| Vec::new();
        let both = ["namespace compute/pay", "role binding compute/pay/b"];
        assert_eq!(texts(&fates(DeletionPolicy::Delete, nobody).remove), both);
        assert_eq!(texts(&fates(DeletionPolicy::Abandon, nobody).abandon), both);
        let refused = fates(DeletionPolicy::Prevent, nobody);
        assert_eq!(texts(&refused.refused), ["namespace compute/pay"]);
        assert!(refused.remove.is_empty() && refused.abandon.is_empty());
    }

    #[test]
    fn what_others_ask_for_is_kept_and_ones_own_grants_on_it_go() {
        let shared = |key: &Key| if matches!(key, Key::Namespace(_)) { vec!["ledger".to_owned()] } else { Vec::new() };
        let removals = fates(DeletionPolicy::Prevent, shared);
        assert_eq!(removals.keep.values().next(), Some(&vec!["ledger".to_owned()]));
        assert_eq!(texts(&removals.remove), ["role binding compute/pay/b"]);
        assert!(removals.refused.is_empty());
    }
}
