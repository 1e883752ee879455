//! The state of `anu_namespace`, and the fan-out's words for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::removal::Removals;
use crate::fanout::resource::{DeletionPolicy, Key, Labels, NamespaceSettings, Quota, ResourceSet, RoleBinding, Scope};
use crate::provider::common::messages;
use crate::registry::names::{NameError, NamespaceKey, RegistryName};
use crate::registry::owner_label::OwnerLabel;
use crate::registry::same_quantity;
use crate::sdk::{Attr, Diagnostics};

/// A map of strings as a user writes it.
pub type Texts = Attr<BTreeMap<String, Attr<String>>>;
/// Role bindings as a user writes them.
pub type Bindings = Attr<BTreeMap<String, Attr<BindingModel>>>;

crate::model! {
    /// Configuration, plan and state of the resource.
    pub struct NamespaceModel {
        pub cluster: Attr<String>,
        pub name: Attr<String>,
        pub labels: Texts,
        pub annotations: Texts,
        pub quota: Texts,
        pub role_bindings: Bindings,
        pub adopt_existing: Attr<bool>,
        pub deletion_policy: Attr<String>,
        pub registry: Attr<String>,
        pub id: Attr<String>,
    }

    /// One role binding.
    pub struct BindingModel {
        pub role: Attr<String>,
        pub subjects: Attr<Vec<Attr<String>>>,
    }
}

impl NamespaceModel {
    /// The namespace, once cluster and name are known.
    ///
    /// # Errors
    /// When one of the two is no name.
    pub fn key(&self) -> Result<Option<NamespaceKey>, NameError> {
        let (Some(cluster), Some(name)) = (self.cluster.known(), self.name.known()) else { return Ok(None) };
        Ok(Some(NamespaceKey { cluster: cluster.parse()?, namespace: name.parse()? }))
    }

    /// The namespace of a stored state. A state always has one.
    ///
    /// # Errors
    /// When somebody has edited the state by hand.
    pub fn stored_key(&self) -> Result<NamespaceKey, Diagnostics> {
        let text = |attr: &Attr<String>| attr.known().cloned().unwrap_or_default();
        let key = text(&self.cluster).parse().and_then(|cluster| {
            let namespace = text(&self.name).parse()?;
            Ok(NamespaceKey { cluster, namespace })
        });
        key.map_err(unreadable)
    }

    /// What becomes of the namespace, as stored. A policy we cannot read protects.
    pub fn policy(&self) -> DeletionPolicy {
        self.deletion_policy.known().and_then(|text| DeletionPolicy::parse(text)).unwrap_or_default()
    }

    /// What the state says was made for it. Where the mark is off, the mark's keys are claimed all the same, without their
    /// values: putting it back is a change of what is ours. A namespace on its way out has nothing on it that counts.
    ///
    /// # Errors
    /// When a name in it is none: the state was edited by hand.
    pub fn managed(&self) -> Result<ResourceSet, Diagnostics> {
        let key = self.stored_key()?;
        let owner = match self.registry.known() {
            None => Labels::new(),
            Some(registry) => OwnerLabel::stored(registry),
        };
        self.resources(&key, owner, &ResourceSet::default()).map_err(unreadable)
    }

    /// What a plan asks for. What is not known yet is taken to stay as it is: it decides over nothing that goes.
    ///
    /// # Errors
    /// When a name in it is none, which the check of the arguments has told already.
    pub fn desired(
        &self,
        key: &NamespaceKey,
        registry: &RegistryName,
        managed: &ResourceSet,
    ) -> Result<ResourceSet, Diagnostics> {
        self.resources(key, OwnerLabel::labels(registry), managed).map_err(unreadable)
    }

    fn resources(&self, key: &NamespaceKey, owner: Labels, before: &ResourceSet) -> Result<ResourceSet, NameError> {
        let mut resources = ResourceSet::default();
        let mut labels = texts(&self.labels);
        labels.extend(owner);
        let settings = NamespaceSettings { labels, annotations: texts(&self.annotations) };
        resources.namespaces.insert(key.clone(), Scope { settings, shared: false, deletion_policy: self.policy() });
        let quota = if self.quota.is_unknown() { before.quotas.get(key).cloned() } else { Some(texts(&self.quota)) };
        if let Some(quota) = quota.filter(|quota| !quota.is_empty()) {
            resources.quotas.insert(key.clone(), quota);
        }
        let had = before.role_bindings.get(key);
        let mut bindings = BTreeMap::new();
        if self.role_bindings.is_unknown() {
            bindings.extend(had.cloned().unwrap_or_default());
        }
        for (name, binding) in self.role_bindings.known().into_iter().flatten() {
            match binding.known().map(BindingModel::read).transpose()?.flatten() {
                Some(binding) => drop(bindings.insert(name.clone(), binding)),
                None => bindings.extend(had.and_then(|had| Some((name.clone(), had.get(name)?.clone())))),
            }
        }
        if !bindings.is_empty() {
            resources.role_bindings.insert(key.clone(), bindings);
        }
        Ok(resources)
    }

    /// Puts what is true of the namespace into the attributes, in the user's own spelling and order where it still means the
    /// same. The mark's labels are no labels of the user's.
    pub fn set_observed(&mut self, key: &NamespaceKey, resources: &ResourceSet) {
        let none = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
        let settings = resources.namespaces.get(key).map_or(&none, |desired| &desired.settings);
        let labels = settings.labels.iter().filter(|(key, _)| !OwnerLabel::has_key(key));
        take_texts(&mut self.labels, labels);
        take_texts(&mut self.annotations, settings.annotations.iter());
        match resources.quotas.get(key) {
            Some(quota) => take_texts(&mut self.quota, quota.iter()),
            // There is none, which an empty one says as well.
            None if self.quota.known().is_some_and(BTreeMap::is_empty) => {}
            None => self.quota = Attr::Null,
        }
        let bindings = resources.role_bindings.get(key).cloned().unwrap_or_default();
        if !(bindings.is_empty() && self.role_bindings.is_null()) {
            let before = std::mem::take(&mut self.role_bindings).into_known().unwrap_or_default();
            let model = |(name, binding): (String, RoleBinding)| {
                let subjects = before.get(&name).and_then(Attr::known).map(BindingModel::subjects).unwrap_or_default();
                (name, Attr::Known(BindingModel::of(&binding, &subjects)))
            };
            self.role_bindings = Attr::Known(bindings.into_iter().map(model).collect());
        }
    }

    /// The same after work that was not finished, with the mark as the claims have it.
    pub fn record_partial_apply(&mut self, key: &NamespaceKey, removals: &Removals, managed: &ResourceSet) {
        let namespace = Key::Namespace(key.clone());
        if removals.abandon.contains(&namespace) {
            return; // Not touched, and let go of again next time.
        }
        // Those to whom it is left need the mark.
        if !removals.release.contains_key(&namespace) {
            let labels = managed.namespaces.get(key).map(|desired| &desired.settings.labels);
            self.registry = labels.and_then(OwnerLabel::registry_text).cloned().into();
        }
        self.set_observed(key, managed);
    }

    /// Takes the prior's spelling and order where they mean the same: else a plan would show changes that are none.
    pub fn normalize_to_prior(&mut self, prior: &Self) {
        let same = |a: &Quota, b: &Quota| {
            a.len() == b.len()
                && a.iter().all(|(resource, limit)| b.get(resource).is_some_and(|b| same_quantity(limit, b)))
        };
        if wholly_known(&self.quota) && !prior.quota.is_null() && same(&texts(&self.quota), &texts(&prior.quota)) {
            self.quota = prior.quota.clone();
        }
        let (Attr::Known(bindings), Attr::Known(before)) = (&mut self.role_bindings, &prior.role_bindings) else {
            return;
        };
        for (name, binding) in bindings {
            let (Attr::Known(binding), Some(Attr::Known(before))) = (binding, before.get(name)) else { continue };
            let set = |subjects: &Attr<Vec<Attr<String>>>| -> Option<BTreeSet<String>> {
                subjects.known()?.iter().map(|subject| subject.known().cloned()).collect()
            };
            if set(&binding.subjects).is_some_and(|subjects| Some(subjects) == set(&before.subjects)) {
                binding.subjects = before.subjects.clone();
            }
        }
    }
}

impl BindingModel {
    /// The binding, once all of it is known.
    fn read(&self) -> Result<Option<RoleBinding>, NameError> {
        let (Some(role), Some(subjects)) = (self.role.known(), self.subjects.known()) else { return Ok(None) };
        let subjects: Option<BTreeSet<String>> = subjects.iter().map(|subject| subject.known().cloned()).collect();
        let role = role.parse()?;
        Ok(subjects.map(|subjects| RoleBinding { role, subjects }))
    }

    fn subjects(&self) -> Vec<String> {
        self.subjects.known().into_iter().flatten().filter_map(Attr::known).cloned().collect()
    }

    /// A binding with its subjects in this order, those that are not in it after them.
    fn of(binding: &RoleBinding, order: &[String]) -> Self {
        let there = order.iter().filter(|subject| binding.subjects.contains(*subject));
        let new = binding.subjects.iter().filter(|subject| !order.contains(subject));
        let subjects = there.chain(new).map(|subject| Attr::Known(subject.clone())).collect();
        Self { role: Attr::Known(binding.role.to_string()), subjects: Attr::Known(subjects) }
    }
}

fn unreadable(error: NameError) -> Diagnostics {
    messages::unreadable("namespace", &error).into()
}

/// What is known of a map.
fn texts(attr: &Texts) -> BTreeMap<String, String> {
    let known = attr.known().into_iter().flatten();
    known.filter_map(|(key, value)| Some((key.clone(), value.known()?.clone()))).collect()
}

fn wholly_known(attr: &Texts) -> bool {
    attr.known().is_some_and(|map| map.values().all(|value| value.known().is_some()))
}

/// Nothing stays null where it was null.
fn take_texts<'t>(attr: &mut Texts, are: impl Iterator<Item = (&'t String, &'t String)>) {
    let are: BTreeMap<String, Attr<String>> =
        are.map(|(key, value)| (key.clone(), Attr::Known(value.clone()))).collect();
    if !(are.is_empty() && attr.is_null()) {
        *attr = Attr::Known(are);
    }
}
