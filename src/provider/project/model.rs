//! The state of `anu_project`, and the resources it means.

use std::collections::BTreeSet;

use crate::fanout::ProjectDefaults;
use crate::fanout::resource::{DeletionPolicy, Key, Labels, ProjectSettings, ResourceSet, Scope};
use crate::provider::identity::Identity;
use crate::provider::leaf::owned::{self, Owned};
use crate::provider::leaf::values::{List, Texts, all_items, items, set_list, set_texts, texts};
use crate::provider::lifecycle::refresh::{Numbers, Refreshed};
use crate::provider::lifecycle::wording::PROJECT;
use crate::provider::lifecycle::{Desired, Partial, Presence, StateModel, messages};
use crate::registry::names::{GoogleService, NameError, ProjectId, RegistryName};
use crate::registry::owner_label::OwnerLabel;
use crate::sdk::{Attr, Diagnostic, Diagnostics};

crate::model! {
    /// Configuration, plan and state of the resource.
    pub struct ProjectModel {
        pub project_id: Attr<String>,
        pub display_name: Attr<String>,
        pub parent: Attr<String>,
        pub billing_account: Attr<String>,
        pub labels: Texts,
        pub apis: List,
        pub adopt_existing: Attr<bool>,
        pub deletion_policy: Attr<String>,
        pub number: Attr<String>,
        pub registry: Attr<String>,
        pub id: Attr<String>,
    }
}

impl StateModel for ProjectModel {
    fn identity(&self) -> Option<Identity> {
        self.project_id.known()?.parse().ok().map(Identity::Project)
    }

    fn stored_identity(&self) -> Result<Identity, Diagnostics> {
        self.stored_id().map(Identity::Project)
    }

    fn hides_removals(&self, managed: &ResourceSet) -> Option<&'static str> {
        let known: BTreeSet<&str> = items(&self.apis).map(String::as_str).collect();
        let mut others = managed.apis.values().flatten().filter(|api| !known.contains(api.as_str()));
        let all =
            [("project_id", self.project_id.is_unknown()), ("apis", self.apis_unknown() && others.next().is_some())];
        all.into_iter().find(|(_, unknown)| *unknown && !managed.is_empty()).map(|(name, _)| name)
    }

    /// A project that is pending deletion does not exist until it is restored.
    fn managed(&self) -> Result<ResourceSet, Diagnostics> {
        let id = self.stored_id()?;
        let (labels, unset) = (owned::labels(&self.registry), ProjectDefaults::default());
        let mut managed = self.resources(&id, labels, &unset, &ResourceSet::default()).map_err(invalid)?;
        if self.registry.is_null() {
            managed.forget(&Key::Project(id));
        }
        Ok(managed)
    }

    fn numbers(&self) -> Numbers {
        let number = self.number.known().and_then(|number| number.parse().ok());
        self.stored_id().ok().zip(number).into_iter().collect()
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

    fn set_unknown(&mut self, config: &Self) {
        self.number = Attr::Unknown;
        self.registry = Attr::Unknown;
        self.id = Attr::Unknown;
        for (planned, _) in self.defaulted(config).into_iter().filter(|(_, config)| config.is_null()) {
            *planned = Attr::Unknown;
        }
    }

    fn set_planned(&mut self, prior: Option<&Self>, config: &Self, desired: &Desired, numbers: &Numbers) {
        let Ok(id) = id_of(&desired.identity) else { return };
        // Another order means the same.
        if let Some(prior) = prior
            && all_items(&self.apis).is_some_and(|apis| Some(apis) == all_items(&prior.apis))
        {
            self.apis = prior.apis.clone();
        }
        if let Some(scope) = desired.resources.projects.get(id) {
            self.set_settings(&scope.settings);
        }
        for (planned, _) in self.defaulted(config).into_iter().filter(|(_, config)| config.is_unknown()) {
            *planned = Attr::Unknown;
        }
        self.number = numbers.get(id).map_or(Attr::Unknown, |number| Attr::Known(number.to_string()));
        self.registry = Attr::Known(desired.registry.to_string());
        self.id = Attr::Known(id.to_string());
    }

    fn set_applied(&mut self, desired: &Desired, numbers: &Numbers) {
        if let Ok(id) = id_of(&desired.identity) {
            self.number = numbers.get(id).map(ToString::to_string).into();
        }
    }

    fn set_partial(&mut self, partial: &Partial<'_, Self>) {
        owned::set_partial(self, partial);
    }

    fn set_observed(&mut self, _: &ResourceSet, refreshed: Refreshed, _: &RegistryName) -> Presence {
        let Ok(id) = self.stored_id() else { return Presence::Present };
        if refreshed.deleted.apis.contains_key(&id) {
            // Pending deletion. It stays in the state, which remembers its APIs (private state): a restore brings them back.
            self.registry = Attr::Null;
            self.set_resources(&refreshed.managed);
            return Presence::Present;
        }
        if !refreshed.managed.projects.contains_key(&id) {
            return Presence::Gone;
        }
        self.set_found(&id, &refreshed);
        Presence::Present
    }

    fn set_imported(&mut self, desired: &Desired, refreshed: &Refreshed) {
        let Ok(id) = id_of(&desired.identity) else { return };
        self.project_id = Attr::Known(id.to_string());
        self.deletion_policy = Attr::Known(desired.policy.to_string());
        self.id = Attr::Known(id.to_string());
        self.set_found(id, refreshed);
    }

    fn set_generated(&mut self) {
        if self.display_name == self.project_id {
            self.display_name = Attr::Null;
        }
    }
}

impl Owned for ProjectModel {
    fn owner(&mut self) -> &mut Attr<String> {
        &mut self.registry
    }

    fn stored_policy(&mut self) -> &mut Attr<String> {
        &mut self.deletion_policy
    }

    fn set_resources(&mut self, resources: &ResourceSet) {
        let Ok(id) = self.stored_id() else { return };
        if let Some(scope) = resources.projects.get(&id) {
            self.set_settings(&scope.settings);
            set_texts(&mut self.labels, owned::users_labels(&scope.settings.labels));
        }
        let apis: BTreeSet<String> = resources.apis.get(&id).into_iter().flatten().map(ToString::to_string).collect();
        set_list(&mut self.apis, &apis);
    }
}

impl ProjectModel {
    /// The project of a stored state. A state always has one.
    fn stored_id(&self) -> Result<ProjectId, Diagnostics> {
        self.project_id.known().map_or("", String::as_str).parse().map_err(invalid)
    }

    /// The desired resources. What is not known yet is taken to stay as it is: no decision about deletions depends on it. So does
    /// a parent or billing account that is not set and has no default.
    ///
    /// # Errors
    /// When a name in it is not valid, which the check of the arguments has reported already.
    pub fn desired(
        &self,
        id: &ProjectId,
        registry: &RegistryName,
        defaults: &ProjectDefaults,
        managed: &ResourceSet,
    ) -> Result<ResourceSet, Diagnostics> {
        self.resources(id, OwnerLabel::labels(registry), defaults, managed).map_err(invalid)
    }

    fn resources(
        &self,
        id: &ProjectId,
        owner: Labels,
        defaults: &ProjectDefaults,
        before: &ResourceSet,
    ) -> Result<ResourceSet, NameError> {
        let mut resources = ResourceSet::default();
        let had = before.projects.get(id).map(|scope| &scope.settings);
        let parent = defaults.parent.as_ref().map(ToString::to_string);
        let billing_account = defaults.billing_account.as_ref().map(ToString::to_string);
        let mut labels = texts(&self.labels);
        labels.extend(owner);
        let settings = ProjectSettings {
            display_name: self.display_name.known().cloned().unwrap_or_else(|| id.to_string()),
            parent: self.parent.known().cloned().or(parent).or_else(|| had?.parent.clone()),
            billing_account: self
                .billing_account
                .known()
                .cloned()
                .or(billing_account)
                .or_else(|| had?.billing_account.clone()),
            labels,
        };
        let scope = Scope { settings, shared: false, deletion_policy: self.policy() };
        resources.projects.insert(id.clone(), scope);
        let mut apis = items(&self.apis).map(|api| api.parse()).collect::<Result<BTreeSet<GoogleService>, _>>()?;
        if self.apis_unknown() {
            apis.extend(before.apis.get(id).into_iter().flatten().cloned());
        }
        resources.apis.insert(id.clone(), apis);
        resources.prune();
        Ok(resources)
    }

    /// Whether there may be other APIs than those that are known.
    fn apis_unknown(&self) -> bool {
        all_items(&self.apis).is_none() && !self.apis.is_null()
    }

    fn set_settings(&mut self, settings: &ProjectSettings) {
        self.display_name = Attr::Known(settings.display_name.clone());
        self.parent = settings.parent.clone().into();
        self.billing_account = settings.billing_account.clone().into();
    }

    /// The attributes that have a value where they are not configured, each with its configuration.
    fn defaulted<'m>(&'m mut self, config: &'m Self) -> [(&'m mut Attr<String>, &'m Attr<String>); 3] {
        [
            (&mut self.display_name, &config.display_name),
            (&mut self.parent, &config.parent),
            (&mut self.billing_account, &config.billing_account),
        ]
    }

    fn set_found(&mut self, id: &ProjectId, found: &Refreshed) {
        let owner = found.owners.get(&Key::Project(id.clone()));
        self.registry = Attr::Known(owner.map(ToString::to_string).unwrap_or_default());
        if let Some(number) = found.numbers.get(id) {
            self.number = Attr::Known(number.to_string());
        }
        self.set_resources(&found.managed);
    }
}

/// The project of an identity.
pub fn id_of(identity: &Identity) -> Result<&ProjectId, Diagnostics> {
    match identity {
        Identity::Project(id) => Ok(id),
        _ => Err(Diagnostic::bug("A project has the identity of another resource.").into()),
    }
}

fn invalid(error: NameError) -> Diagnostics {
    messages::invalid_state(&PROJECT, &error).into()
}
