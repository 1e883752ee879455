//! The suite that every platform passes: the rules of [`platform`](super), as code that calls the traits.
//!
//! [`projects`] and [`clusters`] take a platform and a *fixture*: the part of "somebody else", who grants, labels, deploys
//! and deletes behind our back. Where a platform cannot play some part, its fixture answers with the reason ([`Skip`]), and
//! the rule is listed as skipped in the [`Report`]. A broken rule panics: the suite is called from tests.

mod clusters;
mod projects;

use async_trait::async_trait;

use super::{Clusters, Projects};
use crate::fanout::resource::{Labels, NamespaceSettings, ProjectSettings, Quota, RoleBinding};
use crate::registry::names::{ClusterName, GoogleService, NamespaceKey, NamespaceName, ProjectId};

/// Why a rule cannot be shown on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip(pub &'static str);

/// What a fixture could do.
pub type Ability<T = ()> = Result<T, Skip>;

/// What was shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The rules that hold.
    pub passed: Vec<&'static str>,
    /// The rules that could not be tried, and why.
    pub skipped: Vec<(&'static str, Skip)>,
}

impl Report {
    fn note(&mut self, rule: &'static str, outcome: Ability) {
        match outcome {
            Ok(()) => self.passed.push(rule),
            Err(skip) => self.skipped.push((rule, skip)),
        }
    }
}

/// Somebody else, where projects are made.
#[async_trait]
pub trait ProjectFixture: Send + Sync {
    /// An id nobody has used. Each call gives another.
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

    /// Grants a role on some condition.
    async fn conditional_member(&self, id: &ProjectId, role: &str, member: &str) -> Ability;

    /// Every conditional grant on a project, as `(role, member)`.
    async fn conditional_members(&self, id: &ProjectId) -> Ability<Vec<(String, String)>>;
}

/// Somebody else, where namespaces are made.
#[async_trait]
pub trait ClusterFixture: Send + Sync {
    /// Two clusters to work on.
    fn clusters(&self) -> [ClusterName; 2];

    /// A namespace name nobody has used. Each call gives another.
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

    /// Puts a finalizer on a namespace, or (`held` false) takes it away.
    async fn set_finalizer(&self, key: &NamespaceKey, finalizer: &str, held: bool) -> Ability;
}

/// Shows every rule for projects, APIs and policies.
pub async fn projects(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Report {
    projects::all(platform, fixture).await
}

/// Shows every rule for namespaces, quotas and role bindings.
pub async fn clusters(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Report {
    clusters::all(platform, fixture).await
}

/// Runs the rules one after the other, each under its own name.
macro_rules! rules {
    ($trait:path, $fixture:path: $($rule:ident),+ $(,)?) => {
        pub(super) async fn all(platform: &dyn $trait, fixture: &dyn $fixture) -> super::Report {
            let mut report = super::Report::default();
            $(
                let outcome = $rule(platform, fixture).await;
                report.note(stringify!($rule), outcome);
            )+
            report
        }
    };
}
use rules;

/// Words for what the suite says when a rule is broken.
fn labels<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A name the suite itself makes up, which is therefore well-formed.
fn name<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap_or_else(|error| panic!("the conformance suite made up a bad name, `{text}`: {error:?}"))
}

/// Our claim, without adopting.
fn ownership() -> super::OwnershipPolicy {
    super::OwnershipPolicy { registry: name("conformance"), adopt: false }
}

/// Our claim, adopting.
fn adopting() -> super::OwnershipPolicy {
    super::OwnershipPolicy { adopt: true, ..ownership() }
}

/// The mark of another registry.
fn other_mark() -> Labels {
    super::OwnerLabel::labels(&name("another-registry"))
}

fn ctx() -> super::RequestContext {
    super::RequestContext::default()
}

/// A run that the user has stopped already.
fn cancelled() -> super::RequestContext {
    let ctx = ctx();
    ctx.cancel.cancel();
    ctx
}
