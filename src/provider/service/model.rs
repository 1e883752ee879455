//! The state of `anu_registry_service`, and what it records as managed.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::resource::{
    DeletionPolicy, KubernetesServiceAccount, Labels, Member, NamespaceSettings, ProjectSettings, ResourceSet,
    RoleBinding, Scope, ServiceAccount, ServiceAccountSettings,
};
use crate::provider::identity::Identity;
use crate::provider::lifecycle::refresh::{Numbers, Refreshed};
use crate::provider::lifecycle::wording::SERVICE;
use crate::provider::lifecycle::{Desired, Partial, Presence, StateModel, messages};
use crate::registry::names::{NameError, RegistryName, ServiceName};
use crate::sdk::{Attr, Diagnostic, Diagnostics};

crate::model! {
    /// Configuration, plan and state of the resource.
    pub struct ServiceModel {
        pub name: Attr<String>,
        pub environments: Attr<Vec<Attr<String>>>,
        pub digest: Attr<String>,
        pub deletion_policy: Attr<String>,
        pub adopt_existing: Attr<bool>,
        pub registry: Attr<String>,
        pub projects: Attr<BTreeMap<String, ProjectModel>>,
        pub apis: Attr<BTreeMap<String, Vec<String>>>,
        pub iam: Attr<BTreeMap<String, BTreeMap<String, Vec<String>>>>,
        pub service_accounts: Attr<BTreeMap<String, BTreeMap<String, ServiceAccountModel>>>,
        pub workload_identity: Attr<BTreeMap<String, BTreeMap<String, Vec<String>>>>,
        pub namespaces: Attr<BTreeMap<String, NamespaceModel>>,
        pub quotas: Attr<BTreeMap<String, BTreeMap<String, String>>>,
        pub kubernetes_service_accounts: Attr<BTreeMap<String, BTreeMap<String, KubernetesServiceAccountModel>>>,
        pub role_bindings: Attr<BTreeMap<String, BTreeMap<String, RoleBindingModel>>>,
        pub shared_with: Attr<BTreeMap<String, Vec<String>>>,
    }

    /// One project.
    pub struct ProjectModel {
        pub display_name: Option<String>,
        pub parent: Option<String>,
        pub billing_account: Option<String>,
        pub labels: Option<Labels>,
        pub number: Attr<String>,
        pub shared: Option<bool>,
        pub deletion_policy: Option<String>,
    }

    /// One service account.
    pub struct ServiceAccountModel {
        pub display_name: String,
        pub description: String,
        pub deletion_policy: String,
    }

    /// One namespace.
    pub struct NamespaceModel {
        pub labels: Option<Labels>,
        pub annotations: Option<Labels>,
        pub shared: Option<bool>,
        pub deletion_policy: Option<String>,
    }

    /// One Kubernetes service account.
    pub struct KubernetesServiceAccountModel {
        pub google_service_account: String,
        pub deletion_policy: String,
    }

    /// One role binding.
    pub struct RoleBindingModel {
        pub role: String,
        pub subjects: Vec<String>,
    }
}

impl StateModel for ServiceModel {
    fn identity(&self) -> Option<Identity> {
        let environments = match &self.environments {
            Attr::Unknown => return None,
            Attr::Null => None,
            Attr::Known(names) => Some(names.iter().map(|name| name.known().cloned()).collect::<Option<_>>()?),
        };
        Some(Identity::Service { name: self.name.known()?.clone(), environments })
    }

    fn stored_identity(&self) -> Result<Identity, Diagnostics> {
        self.identity().ok_or_else(|| Diagnostic::bug("A stored service has no name.").into())
    }

    fn is_plannable(&self) -> bool {
        self.identity().is_some() && !self.digest.is_unknown() && !self.deletion_policy.is_unknown()
    }

    fn hides_removals(&self, managed: &ResourceSet) -> Option<&'static str> {
        let environments = match &self.environments {
            Attr::Known(names) => names.iter().any(Attr::is_unknown),
            environments => environments.is_unknown(),
        };
        let all = [
            ("name", self.name.is_unknown()),
            ("environments", environments),
            ("digest", self.digest.is_unknown()),
            ("deletion_policy", self.deletion_policy.is_unknown()),
        ];
        all.into_iter().find(|(_, unknown)| *unknown && !managed.is_empty()).map(|(name, _)| name)
    }

    fn managed(&self) -> Result<ResourceSet, Diagnostics> {
        self.read_managed().map_err(|error| messages::invalid_state(&SERVICE, &error).into())
    }

    fn numbers(&self) -> Numbers {
        known(&self.projects)
            .filter_map(|(id, project)| Some((id.parse().ok()?, project.number.known()?.parse().ok()?)))
            .collect()
    }

    fn registry(&self) -> Option<&String> {
        self.registry.known()
    }

    fn policy(&self) -> DeletionPolicy {
        self.deletion_policy.known().and_then(|text| DeletionPolicy::parse(text)).unwrap_or_default()
    }

    fn adopts(&self) -> bool {
        self.adopt_existing.known() == Some(&true)
    }

    fn set_unknown(&mut self, config: &Self) {
        self.registry = Attr::Unknown;
        self.projects = Attr::Unknown;
        self.apis = Attr::Unknown;
        self.iam = Attr::Unknown;
        self.service_accounts = Attr::Unknown;
        self.workload_identity = Attr::Unknown;
        self.namespaces = Attr::Unknown;
        self.quotas = Attr::Unknown;
        self.kubernetes_service_accounts = Attr::Unknown;
        self.role_bindings = Attr::Unknown;
        self.shared_with = Attr::Unknown;
        if config.digest.is_null() {
            self.digest = Attr::Unknown;
        }
        if config.deletion_policy.is_null() {
            self.deletion_policy = Attr::Unknown;
        }
    }

    fn set_planned(&mut self, _: Option<&Self>, _: &Self, desired: &Desired, numbers: &Numbers) {
        self.set_desired(desired, numbers);
    }

    fn set_applied(&mut self, desired: &Desired, numbers: &Numbers) {
        self.set_managed(&desired.resources, numbers);
        self.resolve_numbers();
    }

    fn set_partial(&mut self, partial: &Partial<'_, Self>) {
        self.set_managed(partial.managed, partial.numbers);
        self.resolve_numbers();
    }

    fn set_observed(&mut self, managed: &ResourceSet, refreshed: Refreshed, _: &RegistryName) -> Presence {
        let mut refreshed = refreshed;
        refreshed.keep_terminating(managed);
        let numbers = self.numbers().into_iter().chain(refreshed.numbers).collect();
        self.set_managed(&refreshed.managed, &numbers);
        self.resolve_numbers();
        // One of which nothing exists any more is created again by an update.
        Presence::Present
    }

    fn set_imported(&mut self, desired: &Desired, refreshed: &Refreshed) {
        if let Identity::Service { name, environments } = &desired.identity {
            let environments = environments.clone();
            self.name = Attr::Known(name.clone());
            self.environments = environments.map(|names| names.into_iter().map(Attr::Known).collect()).into();
        }
        self.set_desired(desired, &Numbers::new());
        self.set_managed(&refreshed.managed, &refreshed.numbers);
        self.resolve_numbers();
    }

    /// As literals both would be wrong after the next change of the registry: the digest refuses every plan, and the policy
    /// overrides the one of the entry.
    fn set_generated(&mut self) {
        self.digest = Attr::Null;
        self.deletion_policy = Attr::Null;
    }
}

impl ServiceModel {
    fn set_desired(&mut self, desired: &Desired, numbers: &Numbers) {
        self.digest = desired.digest.clone().into();
        self.deletion_policy = Attr::Known(desired.policy.to_string());
        self.registry = Attr::Known(desired.registry.to_string());
        let texts = |users: &Vec<ServiceName>| users.iter().map(ToString::to_string).collect();
        let shared_with: BTreeMap<_, _> =
            desired.shared_with.iter().map(|(key, users)| (key.clone(), texts(users))).collect();
        self.shared_with = Some(shared_with).filter(|shared_with| !shared_with.is_empty()).into();
        self.set_managed(&desired.resources, numbers);
    }

    fn read_managed(&self) -> Result<ResourceSet, NameError> {
        let mut managed = ResourceSet::default();
        for (id, project) in known(&self.projects) {
            let settings = ProjectSettings {
                display_name: project.display_name.clone().unwrap_or_default(),
                parent: project.parent.clone(),
                billing_account: project.billing_account.clone(),
                labels: project.labels.clone().unwrap_or_default(),
            };
            managed.projects.insert(id.parse()?, scope(settings, project.shared, project.deletion_policy.as_ref()));
        }
        for (id, apis) in known(&self.apis) {
            let apis = apis.iter().map(|api| api.parse()).collect::<Result<_, _>>()?;
            managed.apis.insert(id.parse()?, apis);
        }
        for (id, grants) in known(&self.iam) {
            let mut all = BTreeMap::new();
            for (role, members) in grants {
                let members = members.iter().map(|member| member.parse()).collect::<Result<_, _>>()?;
                all.insert(role.parse()?, members);
            }
            managed.iam.insert(id.parse()?, all);
        }
        for (id, accounts) in known(&self.service_accounts) {
            let mut all = BTreeMap::new();
            for (name, account) in accounts {
                all.insert(name.parse()?, account.stored());
            }
            managed.service_accounts.insert(id.parse()?, all);
        }
        for (id, accounts) in known(&self.workload_identity) {
            let mut all = BTreeMap::new();
            for (name, members) in accounts {
                let members = members.iter().map(|member| member.parse()).collect::<Result<_, _>>()?;
                all.insert(name.parse()?, members);
            }
            managed.workload_identity.insert(id.parse()?, all);
        }
        for (key, namespace) in known(&self.namespaces) {
            let settings = NamespaceSettings {
                labels: namespace.labels.clone().unwrap_or_default(),
                annotations: namespace.annotations.clone().unwrap_or_default(),
            };
            managed
                .namespaces
                .insert(key.parse()?, scope(settings, namespace.shared, namespace.deletion_policy.as_ref()));
        }
        for (key, quota) in known(&self.quotas) {
            managed.quotas.insert(key.parse()?, quota.clone());
        }
        for (key, accounts) in known(&self.kubernetes_service_accounts) {
            let mut all = BTreeMap::new();
            for (name, account) in accounts {
                all.insert(name.parse()?, account.stored());
            }
            managed.kubernetes_service_accounts.insert(key.parse()?, all);
        }
        for (key, bindings) in known(&self.role_bindings) {
            let mut all = BTreeMap::new();
            for (name, binding) in bindings {
                let subjects: BTreeSet<String> = binding.subjects.iter().cloned().collect();
                all.insert(name.clone(), RoleBinding { role: binding.role.parse()?, subjects });
            }
            managed.role_bindings.insert(key.parse()?, all);
        }
        Ok(managed)
    }

    /// Puts desired or managed resources into the computed attributes. A project's number is unknown unless given: only the
    /// platform knows it.
    fn set_managed(&mut self, resources: &ResourceSet, numbers: &Numbers) {
        let text = |value: &dyn std::fmt::Display| value.to_string();
        self.projects = Attr::Known(
            resources.projects.iter().map(|(id, scope)| (text(id), project(scope, numbers.get(id).copied()))).collect(),
        );
        self.apis = Attr::Known(
            resources.apis.iter().map(|(id, apis)| (text(id), apis.iter().map(|api| text(api)).collect())).collect(),
        );
        let members = |members: &BTreeSet<Member>| members.iter().map(|m| text(m)).collect();
        self.iam = Attr::Known(
            resources
                .iam
                .iter()
                .map(|(id, grants)| (text(id), grants.iter().map(|(role, who)| (text(role), members(who))).collect()))
                .collect(),
        );
        self.service_accounts = Attr::Known(by_name(&resources.service_accounts, ServiceAccountModel::of));
        self.workload_identity = Attr::Known(by_name(&resources.workload_identity, |members| {
            members.iter().map(|member| text(member)).collect()
        }));
        self.namespaces =
            Attr::Known(resources.namespaces.iter().map(|(key, scope)| (text(key), namespace(scope))).collect());
        self.quotas = Attr::Known(resources.quotas.iter().map(|(key, quota)| (text(key), quota.clone())).collect());
        self.kubernetes_service_accounts =
            Attr::Known(by_name(&resources.kubernetes_service_accounts, KubernetesServiceAccountModel::of));
        self.role_bindings = Attr::Known(by_name(&resources.role_bindings, role_binding));
    }

    /// A number that is not known is null in a state: nothing in a state is unknown.
    fn resolve_numbers(&mut self) {
        if let Attr::Known(projects) = &mut self.projects {
            for project in projects.values_mut().filter(|project| project.number.is_unknown()) {
                project.number = Attr::Null;
            }
        }
    }
}

impl ServiceAccountModel {
    fn of(account: &ServiceAccount) -> Self {
        let ServiceAccountSettings { display_name, description } = account.settings.clone();
        Self { display_name, description, deletion_policy: account.deletion_policy.to_string() }
    }

    fn stored(&self) -> ServiceAccount {
        let (display_name, description) = (self.display_name.clone(), self.description.clone());
        let settings = ServiceAccountSettings { display_name, description };
        ServiceAccount { settings, deletion_policy: policy(&self.deletion_policy) }
    }
}

impl KubernetesServiceAccountModel {
    fn of(account: &KubernetesServiceAccount) -> Self {
        let google_service_account = account.google_service_account.clone();
        Self { google_service_account, deletion_policy: account.deletion_policy.to_string() }
    }

    fn stored(&self) -> KubernetesServiceAccount {
        let google_service_account = self.google_service_account.clone();
        KubernetesServiceAccount { google_service_account, deletion_policy: policy(&self.deletion_policy) }
    }
}

/// A stored policy. One that cannot be read protects.
fn policy(text: &str) -> DeletionPolicy {
    DeletionPolicy::parse(text).unwrap_or_default()
}

/// Values by project or namespace, and name.
fn by_name<K: ToString, N: ToString, V, T>(
    all: &BTreeMap<K, BTreeMap<N, V>>,
    value: impl Fn(&V) -> T,
) -> BTreeMap<String, BTreeMap<String, T>> {
    let of = |named: &BTreeMap<N, V>| named.iter().map(|(name, each)| (name.to_string(), value(each))).collect();
    all.iter().map(|(key, named)| (key.to_string(), of(named))).collect()
}

fn known<T>(attr: &Attr<BTreeMap<String, T>>) -> impl Iterator<Item = (&String, &T)> {
    attr.known().into_iter().flatten()
}

fn scope<T>(settings: T, shared: Option<bool>, policy: Option<&String>) -> Scope<T> {
    let deletion_policy = policy.map(|text| self::policy(text)).unwrap_or_default();
    Scope { settings, shared: shared.unwrap_or(false), deletion_policy }
}

/// Settings and policy of a shared project or namespace are in its owner's state only: a change of them, or of the owner, changes
/// no other service's plan.
fn project(scope: &Scope<ProjectSettings>, number: Option<u64>) -> ProjectModel {
    let own = (!scope.shared).then_some(&scope.settings);
    ProjectModel {
        display_name: own.map(|settings| settings.display_name.clone()),
        parent: own.and_then(|settings| settings.parent.clone()),
        billing_account: own.and_then(|settings| settings.billing_account.clone()),
        labels: own.map(|settings| settings.labels.clone()),
        number: match (scope.shared, number) {
            (true, _) => Attr::Null,
            (false, Some(number)) => Attr::Known(number.to_string()),
            (false, None) => Attr::Unknown,
        },
        shared: scope.shared.then_some(true),
        deletion_policy: (!scope.shared).then(|| scope.deletion_policy.to_string()),
    }
}

fn namespace(scope: &Scope<NamespaceSettings>) -> NamespaceModel {
    let own = (!scope.shared).then_some(&scope.settings);
    NamespaceModel {
        labels: own.map(|settings| settings.labels.clone()),
        annotations: own.map(|settings| settings.annotations.clone()),
        shared: scope.shared.then_some(true),
        deletion_policy: (!scope.shared).then(|| scope.deletion_policy.to_string()),
    }
}

fn role_binding(binding: &RoleBinding) -> RoleBindingModel {
    RoleBindingModel { role: binding.role.to_string(), subjects: binding.subjects.iter().cloned().collect() }
}
