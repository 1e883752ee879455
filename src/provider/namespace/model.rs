//! The state of `anu_namespace`, and the resources it means.

use std::collections::BTreeMap;

use crate::fanout::resource::{DeletionPolicy, Key, Labels, NamespaceSettings, Quota, ResourceSet, RoleBinding, Scope};
use crate::provider::identity::Identity;
use crate::provider::leaf::owned::{self, Owned};
use crate::provider::leaf::values::{List, Texts, all_items, listed, set_texts, texts, wholly_known};
use crate::provider::lifecycle::refresh::{Numbers, Refreshed};
use crate::provider::lifecycle::wording::NAMESPACE;
use crate::provider::lifecycle::{Desired, Partial, Presence, StateModel, messages};
use crate::registry::names::{NameError, NamespaceKey, RegistryName};
use crate::registry::owner_label::OwnerLabel;
use crate::registry::same_quantity;
use crate::sdk::{Attr, Diagnostic, Diagnostics};

/// Role bindings as a user writes them.
pub type Bindings = Attr<Vec<Attr<BindingModel>>>;

crate::model! {
    /// Configuration, plan and state of the resource.
    pub struct NamespaceModel {
        pub cluster: Attr<String>,
        pub name: Attr<String>,
        pub labels: Texts,
        pub annotations: Texts,
        pub quota: Texts,
        pub role_binding: Bindings,
        pub adopt_existing: Attr<bool>,
        pub deletion_policy: Attr<String>,
        pub registry: Attr<String>,
        pub id: Attr<String>,
    }

    /// One role binding.
    pub struct BindingModel {
        pub name: Attr<String>,
        pub role: Attr<String>,
        pub subjects: List,
    }
}

impl StateModel for NamespaceModel {
    fn identity(&self) -> Option<Identity> {
        let (cluster, name) = (self.cluster.known()?, self.name.known()?);
        Some(Identity::Namespace(NamespaceKey { cluster: cluster.parse().ok()?, namespace: name.parse().ok()? }))
    }

    fn stored_identity(&self) -> Result<Identity, Diagnostics> {
        self.stored_key().map(Identity::Namespace)
    }

    fn hides_removals(&self, managed: &ResourceSet) -> Option<&'static str> {
        let all = [
            ("cluster", self.cluster.is_unknown()),
            ("name", self.name.is_unknown()),
            ("quota", self.quota.is_unknown() && !managed.quotas.is_empty()),
            ("role_binding", self.binding_names_unknown() && !managed.role_bindings.is_empty()),
        ];
        all.into_iter().find(|(_, unknown)| *unknown && !managed.is_empty()).map(|(name, _)| name)
    }

    /// A namespace that is being deleted has nothing on it that counts.
    fn managed(&self) -> Result<ResourceSet, Diagnostics> {
        let key = self.stored_key()?;
        self.resources(&key, owned::labels(&self.registry), &ResourceSet::default()).map_err(invalid)
    }

    fn registry(&self) -> Option<&String> {
        self.registry.known()
    }

    fn policy(&self) -> DeletionPolicy {
        owned::policy(&self.deletion_policy)
    }

    fn adopts(&self) -> bool {
        self.adopt_existing.known() == Some(&true)
    }

    fn set_unknown(&mut self, _: &Self) {
        self.registry = Attr::Unknown;
        self.id = Attr::Unknown;
    }

    fn set_planned(&mut self, prior: Option<&Self>, _: &Self, desired: &Desired, _: &Numbers) {
        if let Some(prior) = prior {
            self.normalize_to_prior(prior);
        }
        if let Identity::Namespace(key) = &desired.identity {
            self.id = Attr::Known(key.to_string());
        }
        self.registry = Attr::Known(desired.registry.to_string());
    }

    fn set_partial(&mut self, partial: &Partial<'_, Self>) {
        owned::set_partial(self, partial);
    }

    fn set_observed(&mut self, _: &ResourceSet, refreshed: Refreshed, registry: &RegistryName) -> Presence {
        let Ok(key) = self.stored_key() else { return Presence::Present };
        if refreshed.unreachable.contains(&key.cluster) {
            return Presence::Present;
        }
        if refreshed.terminating.contains(&key) {
            // It still exists, so its owner has to wait for the deletion. Its settings no longer count, not even the ownership
            // label: a service that still uses it has to create it again.
            self.registry = Attr::Null;
            self.set_resources(&refreshed.managed);
            return Presence::Present;
        }
        let owner = refreshed.owners.get(&Key::Namespace(key.clone()));
        let was_terminating = self.registry.is_null();
        if !refreshed.managed.namespaces.contains_key(&key) || was_terminating && owner != Some(registry) {
            return Presence::Gone; // Perhaps with another one in its place.
        }
        self.registry = Attr::Known(owner.map(ToString::to_string).unwrap_or_default());
        self.set_resources(&refreshed.managed);
        Presence::Present
    }

    fn set_imported(&mut self, desired: &Desired, refreshed: &Refreshed) {
        let Identity::Namespace(key) = &desired.identity else { return };
        let owner = refreshed.owners.get(&Key::Namespace(key.clone()));
        self.cluster = Attr::Known(key.cluster.to_string());
        self.name = Attr::Known(key.namespace.to_string());
        self.set_resources(&refreshed.managed);
        self.deletion_policy = Attr::Known(desired.policy.to_string());
        self.registry = Attr::Known(owner.map(ToString::to_string).unwrap_or_default());
        self.id = Attr::Known(key.to_string());
    }
}

impl Owned for NamespaceModel {
    fn owner(&mut self) -> &mut Attr<String> {
        &mut self.registry
    }

    fn stored_policy(&mut self) -> &mut Attr<String> {
        &mut self.deletion_policy
    }

    fn set_resources(&mut self, resources: &ResourceSet) {
        let Ok(key) = self.stored_key() else { return };
        let none = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
        let settings = resources.namespaces.get(&key).map_or(&none, |desired| &desired.settings);
        set_texts(&mut self.labels, owned::users_labels(&settings.labels));
        set_texts(&mut self.annotations, settings.annotations.iter());
        match resources.quotas.get(&key) {
            Some(quota) => set_texts(&mut self.quota, quota.iter()),
            // There is none, which an empty one means as well.
            None if self.quota.known().is_some_and(BTreeMap::is_empty) => {}
            None => self.quota = Attr::Null,
        }
        let mut bindings = resources.role_bindings.get(&key).cloned().unwrap_or_default();
        let before = std::mem::take(&mut self.role_binding).into_known().unwrap_or_default();
        let mut all = Vec::new();
        for before in before.iter().filter_map(Attr::known) {
            let Some(name) = before.name.known() else { continue };
            let binding = bindings.remove(name);
            all.extend(binding.map(|binding| BindingModel::of(name, &binding, &before.subjects)));
        }
        all.extend(bindings.iter().map(|(name, binding)| BindingModel::of(name, binding, &Attr::Null)));
        self.role_binding = Attr::Known(all.into_iter().map(Attr::Known).collect());
    }
}

impl NamespaceModel {
    /// The namespace of a stored state. A state always has one.
    ///
    /// # Errors
    /// When the state was edited manually.
    pub fn stored_key(&self) -> Result<NamespaceKey, Diagnostics> {
        let text = |attr: &Attr<String>| attr.known().cloned().unwrap_or_default();
        let key = text(&self.cluster).parse().and_then(|cluster| {
            let namespace = text(&self.name).parse()?;
            Ok(NamespaceKey { cluster, namespace })
        });
        key.map_err(invalid)
    }

    /// The desired resources. What is not known yet is taken to stay as it is: no decision about deletions depends on it.
    ///
    /// # Errors
    /// When a name in it is not valid, which the check of the arguments has reported already.
    pub fn desired(
        &self,
        key: &NamespaceKey,
        registry: &RegistryName,
        managed: &ResourceSet,
    ) -> Result<ResourceSet, Diagnostics> {
        self.resources(key, OwnerLabel::labels(registry), managed).map_err(invalid)
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
        for binding in self.role_binding.known().into_iter().flatten() {
            let binding = binding.known();
            let Some(name) = binding.and_then(|binding| binding.name.known()) else { continue };
            match binding.map(BindingModel::read).transpose()?.flatten() {
                Some(binding) => drop(bindings.insert(name.clone(), binding)),
                None => bindings.extend(had.and_then(|had| Some((name.clone(), had.get(name)?.clone())))),
            }
        }
        if self.binding_names_unknown() {
            let others = had.into_iter().flatten().filter(|(name, _)| !bindings.contains_key(*name));
            let others: Vec<_> = others.map(|(name, binding)| (name.clone(), binding.clone())).collect();
            bindings.extend(others);
        }
        if !bindings.is_empty() {
            resources.role_bindings.insert(key.clone(), bindings);
        }
        Ok(resources)
    }

    /// Whether a binding may have any name.
    fn binding_names_unknown(&self) -> bool {
        let unknown = |binding: &Attr<BindingModel>| binding.known().is_none_or(|binding| binding.name.is_unknown());
        self.role_binding.is_unknown() || self.role_binding.known().is_some_and(|all| all.iter().any(unknown))
    }

    /// Takes the prior's spelling and order where they mean the same: a plan would show changes that are none.
    fn normalize_to_prior(&mut self, prior: &Self) {
        let same = |a: &Quota, b: &Quota| {
            a.len() == b.len()
                && a.iter().all(|(resource, limit)| b.get(resource).is_some_and(|b| same_quantity(limit, b)))
        };
        if wholly_known(&self.quota) && !prior.quota.is_null() && same(&texts(&self.quota), &texts(&prior.quota)) {
            self.quota = prior.quota.clone();
        }
        let (Attr::Known(bindings), Attr::Known(before)) = (&mut self.role_binding, &prior.role_binding) else {
            return;
        };
        let meanings = |all: &[Attr<BindingModel>]| -> Option<BTreeMap<String, RoleBinding>> {
            all.iter().map(|each| each.known()?.meaning()).collect()
        };
        if bindings.len() == before.len()
            && meanings(bindings).is_some_and(|bindings| Some(bindings) == meanings(before))
        {
            bindings.clone_from(before);
        }
        // Core compares a block with the one at the same position of the prior state.
        for (binding, before) in bindings.iter_mut().zip(before) {
            let (Attr::Known(binding), Attr::Known(before)) = (binding, before) else { continue };
            let same = all_items(&binding.subjects).is_some_and(|set| Some(set) == all_items(&before.subjects));
            if binding.name == before.name && same {
                binding.subjects = before.subjects.clone();
            }
        }
    }
}

impl BindingModel {
    /// The binding, once all of it is known.
    fn read(&self) -> Result<Option<RoleBinding>, NameError> {
        let (Some(role), Some(subjects)) = (self.role.known(), all_items(&self.subjects)) else { return Ok(None) };
        Ok(Some(RoleBinding { role: role.parse()?, subjects }))
    }

    /// The name and the binding, once all of it is known.
    fn meaning(&self) -> Option<(String, RoleBinding)> {
        Some((self.name.known()?.clone(), self.read().ok()??))
    }

    /// A binding with its subjects in this order, those that are not in it after them.
    fn of(name: &str, binding: &RoleBinding, order: &List) -> Self {
        Self {
            name: Attr::Known(name.to_owned()),
            role: Attr::Known(binding.role.to_string()),
            subjects: listed(order, &binding.subjects, str::to_owned),
        }
    }
}

/// The namespace of an identity.
pub fn key_of(identity: &Identity) -> Result<&NamespaceKey, Diagnostics> {
    match identity {
        Identity::Namespace(key) => Ok(key),
        _ => Err(Diagnostic::bug("A namespace has the identity of another resource.").into()),
    }
}

fn invalid(error: NameError) -> Diagnostics {
    messages::invalid_state(&NAMESPACE, &error).into()
}
