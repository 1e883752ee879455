//! What the suite needs of a platform's test: the fixture, and the report that it gives back; and what its rules share.

use async_trait::async_trait;

use crate::fanout::resource::{Labels, NamespaceSettings, ProjectSettings, Quota, RoleBinding};
use crate::platform::{OwnerLabel, OwnershipPolicy, RequestContext};
use crate::registry::names::{
    ClusterName, GoogleService, KubernetesServiceAccountName, NamespaceKey, NamespaceName, ProjectId,
    ServiceAccountName,
};

/// Why a rule cannot be checked on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip(pub &'static str);

/// The result of a fixture's part.
pub type Ability<T = ()> = Result<T, Skip>;

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The rules that hold.
    pub passed: Vec<&'static str>,
    /// The rules that were not checked, and why.
    pub skipped: Vec<(&'static str, Skip)>,
}

impl Report {
    pub(super) fn note(&mut self, rule: &'static str, outcome: Ability) {
        match outcome {
            Ok(()) => self.passed.push(rule),
            Err(skip) => self.skipped.push((rule, skip)),
        }
    }
}

/// The other users of a platform for projects.
#[async_trait]
pub trait ProjectFixture: Send + Sync {
    /// An unused id. Each call returns another one.
    fn fresh_id(&self) -> ProjectId;

    /// Settings with which a project can be made here (a parent and a billing account that exist), with no labels.
    fn settings(&self) -> ProjectSettings;

    /// Makes a project with these labels and no others.
    async fn foreign_project(&self, id: &ProjectId, labels: &Labels) -> Ability;

    /// Sets one label of a project that is there.
    async fn set_label(&self, id: &ProjectId, key: &str, value: &str) -> Ability;

    /// Enables an API.
    async fn foreign_api(&self, id: &ProjectId, api: &GoogleService) -> Ability;

    /// Grants a role, on no condition.
    async fn foreign_member(&self, id: &ProjectId, role: &str, member: &str) -> Ability;

    /// Grants a role on some condition that is not one of anu.
    async fn conditional_member(&self, id: &ProjectId, role: &str, member: &str) -> Ability;

    /// Every grant on a project with a condition that is not one of anu, as `(role, member)`.
    async fn conditional_members(&self, id: &ProjectId) -> Ability<Vec<(String, String)>>;

    /// Every grant on a project with a condition of anu, as `(role, member)` with `x until T` as the member.
    async fn timed_members(&self, id: &ProjectId) -> Ability<Vec<(String, String)>>;

    /// Makes a service account with this description.
    async fn foreign_service_account(&self, id: &ProjectId, name: &ServiceAccountName, description: &str) -> Ability {
        let _ = (id, name, description);
        Err(Skip("the fixture makes no service accounts"))
    }

    /// Grants a role on a service account.
    async fn foreign_account_member(
        &self,
        id: &ProjectId,
        name: &ServiceAccountName,
        role: &str,
        member: &str,
    ) -> Ability {
        let _ = (id, name, role, member);
        Err(Skip("the fixture makes no service accounts"))
    }
}

/// The other users of a platform for namespaces.
#[async_trait]
pub trait ClusterFixture: Send + Sync {
    /// Two clusters to work on.
    fn clusters(&self) -> [ClusterName; 2];

    /// An unused namespace name. Each call returns another one.
    fn fresh_namespace(&self) -> NamespaceName;

    /// Makes a namespace with these labels.
    async fn foreign_namespace(&self, key: &NamespaceKey, labels: &Labels) -> Ability;

    /// Changes labels and annotations of a namespace that is there.
    async fn edit_namespace(&self, key: &NamespaceKey, add: &NamespaceSettings) -> Ability;

    /// Puts an object into a namespace; the answer is its name.
    async fn foreign_contents(&self, key: &NamespaceKey) -> Ability<String>;

    /// Makes a role binding with these labels.
    async fn foreign_role_binding(
        &self,
        key: &NamespaceKey,
        name: &str,
        labels: &Labels,
        binding: &RoleBinding,
    ) -> Ability;

    /// Makes the ResourceQuota named `anu` with these labels.
    async fn foreign_quota(&self, key: &NamespaceKey, labels: &Labels, quota: &Quota) -> Ability;

    /// Makes a Kubernetes service account with these labels and annotations.
    async fn foreign_kubernetes_service_account(
        &self,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        labels: &Labels,
        annotations: &Labels,
    ) -> Ability;

    /// All annotations of a Kubernetes service account that exists.
    async fn kubernetes_service_account_annotations(
        &self,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
    ) -> Ability<Labels>;

    /// Puts a finalizer on a namespace, or (`held` false) removes it.
    async fn set_finalizer(&self, key: &NamespaceKey, finalizer: &str, held: bool) -> Ability;
}

/// Runs the rules one after the other, each under its own name.
macro_rules! rules {
    ($trait:path, $fixture:path: $($rule:ident),+ $(,)?) => {
        pub(super) async fn all(platform: &dyn $trait, fixture: &dyn $fixture) -> $crate::platform::conformance::Report {
            let mut report = $crate::platform::conformance::Report::default();
            $(
                let outcome = $rule(platform, fixture).await;
                report.note(stringify!($rule), outcome);
            )+
            report
        }
    };
}
pub(super) use rules;

/// Labels from pairs.
pub(super) fn labels<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A name that the suite itself chooses.
pub(super) fn name<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap_or_else(|error| panic!("the conformance suite contains a bad name, `{text}`: {error:?}"))
}

/// The suite's registry, without adoption.
pub(super) fn ownership() -> OwnershipPolicy {
    OwnershipPolicy::of(name("conformance"))
}

/// The suite's registry, with adoption.
pub(super) fn adopting() -> OwnershipPolicy {
    OwnershipPolicy { adopt: true, ..ownership() }
}

/// The suite's registry, of what its state records.
pub(super) fn recorded() -> OwnershipPolicy {
    OwnershipPolicy { recorded: true, ..ownership() }
}

/// The registry that was the suite's under an earlier name.
pub(super) fn renamed() -> OwnershipPolicy {
    OwnershipPolicy { previous: vec![ownership().registry], ..OwnershipPolicy::of(name("conformance-renamed")) }
}

/// The ownership label of another registry.
pub(super) fn other_owner() -> Labels {
    OwnerLabel::labels(&name("another-registry"))
}

pub(super) fn ctx() -> RequestContext {
    RequestContext::default()
}

/// A run that is cancelled already.
pub(super) fn cancelled() -> RequestContext {
    let ctx = ctx();
    ctx.cancel.cancel();
    ctx
}
