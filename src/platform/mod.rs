//! Where resources are made.
//!
//! Two traits, because two things are asked of two different worlds: [`Projects`] (Google's resource hierarchy: projects,
//! enabled APIs, IAM policies) and [`Clusters`] (Kubernetes: namespaces, quotas, role bindings). [`embedded`] stands in for both.
//! A platform only does what it is told, one idempotent verb at a time; *what* to do, in which order and whether it may be
//! done at all is decided above, once for all platforms. Every platform passes [`conformance`].
//!
//! Rules every platform keeps:
//! - **Idempotent by key.** Creating what is there and ours returns it; deleting what is gone succeeds.
//! - **Marked from birth.** The creating call itself writes the mark, so that a create that is killed a moment later is
//!   found again. What does not carry our mark is never updated without `adopt`, and never deleted; what carries another
//!   registry's mark is neither, `adopt` or not.
//! - **Additive.** Only the members, labels, annotations and bindings named in a call are touched. A setting that is
//!   `None` says nothing: what is there stays.
//! - **Quiet when there is nothing to do.** A verb that finds everything as asked writes nothing, and etags stay.
//! - **Long-running work is awaited inside the verb**, ends early when the context is cancelled, and can be resumed by
//!   calling the verb again.
//! - **Reads are batched**: one call per project or per cluster, whatever the number of services that share it.
//!
//! A run reads through [`ClusterCache`], which looks at each cluster once for all services that are planned in it.

pub mod conformance;
pub mod embedded;

mod cache;
pub mod kubernetes;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use crate::connect::Cancelled;
pub use crate::connect::RequestContext;
use crate::fanout::resource::{Grants, Labels, NamespaceSettings, ProjectSettings, Quota, RoleBinding};
use crate::registry::names::{ClusterName, GoogleService, NamespaceKey, NamespaceName, ProjectId, RegistryName};
pub use cache::ClusterCache;

/// The label that says anu made a thing.
pub const MANAGED_BY: (&str, &str) = ("managed-by", "anu");
/// The label that says which registry it was made for.
pub const REGISTRY_LABEL: &str = "anu-registry";

/// Whose a project, namespace or role binding is, read from its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerLabel {
    /// `managed-by=anu` and `anu-registry=` this name.
    Registry(RegistryName),
    /// No mark of anu's.
    Missing,
}

impl OwnerLabel {
    /// Reads the mark from labels.
    pub fn of(labels: &Labels) -> Self {
        match (labels.get(MANAGED_BY.0), labels.get(REGISTRY_LABEL)) {
            (Some(by), Some(name)) if by == MANAGED_BY.1 => name.parse().map_or(Self::Missing, Self::Registry),
            _ => Self::Missing,
        }
    }

    /// The labels that are the mark of `registry`.
    pub fn labels(registry: &RegistryName) -> Labels {
        [MANAGED_BY, (REGISTRY_LABEL, registry.as_str())]
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect()
    }

    /// Whether the thing was made for `registry`.
    pub fn is(&self, registry: &RegistryName) -> bool {
        matches!(self, Self::Registry(name) if name == registry)
    }
}

/// Whether a thing is there to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifecycle {
    /// There, and usable.
    Active,
    /// On its way out: a project in its 30 days of grace, a namespace that is Terminating. The text says what is known
    /// (until when, or what blocks it).
    PendingDeletion(String),
}

/// A project as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectView {
    /// Settings as they are, with *all* labels, ours and others'.
    pub settings: ProjectSettings,
    /// The number Google gave it.
    pub number: u64,
    /// Whether it is active.
    pub lifecycle: Lifecycle,
    /// Whose it is.
    pub owner: OwnerLabel,
    /// The version this view was read at, for read-modify-write.
    pub etag: String,
}

impl ProjectView {
    /// Whether `desired` is all there already, so that [`Projects::ensure_project`] would change nothing. Others' labels,
    /// and settings that `desired` does not state, do not count.
    pub fn satisfies(&self, desired: &ProjectSettings) -> bool {
        fn stated(desired: &Option<String>, found: &Option<String>) -> bool {
            desired.is_none() || desired == found
        }
        self.settings.display_name == desired.display_name
            && stated(&desired.parent, &self.settings.parent)
            && stated(&desired.billing_account, &self.settings.billing_account)
            && contains(&self.settings.labels, &desired.labels)
    }
}

/// Whether `found` has every entry of `desired`.
fn contains(found: &Labels, desired: &Labels) -> bool {
    desired.iter().all(|(key, value)| found.get(key) == Some(value))
}

/// All there is to know of one project id, read in one go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectState {
    /// The project, or none where there is no such project (the embedded platform takes an id that nobody created as
    /// there: it can have APIs and grants without a project). One whose creation was begun and not finished is not there
    /// yet: [`Projects::ensure_project`] finishes it.
    pub project: Option<ProjectView>,
    /// APIs that are enabled.
    pub apis: BTreeSet<GoogleService>,
    /// Unconditional bindings, with everybody's members. Conditional ones are never touched and not listed.
    pub grants: Grants,
    /// Unconditional members by role that no registry can spell (`domain:`, `principal:`, `deleted:…`, `allUsers`), as the
    /// platform writes them. Always somebody else's; never touched.
    pub unspellable: BTreeMap<String, BTreeSet<String>>,
}

/// A namespace as it is, with everything in it that anu could have made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceView {
    /// Settings as they are, with *all* labels and annotations.
    pub settings: NamespaceSettings,
    /// Whether it is active.
    pub lifecycle: Lifecycle,
    /// Whose it is.
    pub owner: OwnerLabel,
    /// The version this view was read at.
    pub etag: String,
    /// Labels and annotations that anu set, the mark's among them; none where the platform does not know who set what.
    pub set_by_us: Option<NamespaceKeys>,
    /// The hard limits of our ResourceQuota (named `anu`), if there is one.
    pub quota: Option<Quota>,
    /// All RoleBindings, ours and others', by name.
    pub role_bindings: BTreeMap<String, RoleBindingView>,
}

impl NamespaceView {
    /// Whether `desired` is all there already, so that [`Clusters::ensure_namespace`] would change nothing.
    pub fn satisfies(&self, desired: &NamespaceSettings) -> bool {
        contains(&self.settings.labels, &desired.labels) && contains(&self.settings.annotations, &desired.annotations)
    }
}

/// A role binding as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleBindingView {
    /// The role and subjects.
    pub binding: RoleBinding,
    /// Whose it is.
    pub owner: OwnerLabel,
}

/// What is needed to make a thing ours: its registry's name, and whether an unmarked thing may be taken over.
#[derive(Debug, Clone)]
pub struct OwnershipPolicy {
    /// The registry the mark names.
    pub registry: RegistryName,
    /// `adopt_existing`: take over a thing that carries no mark. A thing marked by *another* registry is never taken.
    pub adopt: bool,
}

impl OwnershipPolicy {
    /// Whether a thing so marked may be created over, updated or taken over.
    pub fn may_change(&self, owner: &OwnerLabel) -> bool {
        owner.is(&self.registry) || (self.adopt && *owner == OwnerLabel::Missing)
    }

    /// Whether a thing so marked may be deleted: only what was made for this registry, `adopt` or not.
    pub fn may_delete(&self, owner: &OwnerLabel) -> bool {
        owner.is(&self.registry)
    }

    /// `labels` with our mark laid over them.
    pub fn marked(&self, labels: &Labels) -> Labels {
        let mut labels = labels.clone();
        labels.extend(OwnerLabel::labels(&self.registry));
        labels
    }

    /// The refusal for a thing that is not ours: `what` is `project `x``.
    pub fn not_owned(&self, what: impl Into<String>) -> Error {
        Error::NotOwned { what: what.into(), registry: self.registry.to_string() }
    }
}

/// Why a verb did not do its work. Each variant is a decision the caller makes; the text is for people, without a cause's chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing by that name to act on.
    #[error("{0}")]
    NotFound(String),
    /// It exists, and is not marked as made for this registry.
    #[error("{what} exists and was not made for registry `{registry}`")]
    NotOwned {
        /// What exists: "project `x`".
        what: String,
        /// The registry that asks.
        registry: String,
    },
    /// It is being deleted.
    #[error("{what} is being deleted: {detail}")]
    PendingDeletion {
        /// What is.
        what: String,
        /// Until when, or what blocks it.
        detail: String,
    },
    /// A namespace that holds things anu did not make. Each line names one.
    #[error("{what} holds {} that anu did not make", .contents.len())]
    NotEmpty {
        /// The namespace.
        what: String,
        /// What it holds.
        contents: Vec<String>,
    },
    /// Somebody changed it in between, again and again.
    #[error("{0}")]
    Conflict(String),
    /// We may not.
    #[error("{0}")]
    PermissionDenied(String),
    /// The platform refuses what was asked, and would again.
    #[error("{0}")]
    Invalid(String),
    /// Not now: busy, down, out of quota. Trying again later may work.
    #[error("{0}")]
    Unavailable(String),
    /// The user stopped the run.
    #[error("stopped before it was done")]
    Cancelled,
}

impl From<Cancelled> for Error {
    fn from(Cancelled: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Result of a platform verb.
pub type Result<T> = std::result::Result<T, Error>;

/// A change to one project's IAM policy: only these members are touched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyChange {
    /// Members to add, by role.
    pub add: Grants,
    /// Members to remove, by role.
    pub remove: Grants,
}

/// Projects, enabled APIs and IAM policies.
#[async_trait]
pub trait Projects: Send + Sync {
    /// The platform's name in messages: `embedded`, `google`.
    fn platform(&self) -> &'static str;

    /// Everything about one project id. A project that is not there is a state with `project: None`, not an error.
    async fn read_project(&self, ctx: &RequestContext, id: &ProjectId) -> Result<ProjectState>;

    /// Makes sure the project exists with these settings: creates it marked, or resumes a creation that was cut short, or
    /// takes over what `ownership` allows. Labels of others on an existing project stay. One that is being deleted is
    /// [`Error::PendingDeletion`]: its id is held, and [`Projects::restore_project`] is the way back.
    async fn ensure_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView>;

    /// Changes the settings of an existing project of ours. `previous_labels` are the label keys we set last time: those
    /// that `settings` no longer has are removed, others' labels stay.
    async fn update_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        settings: &ProjectSettings,
        previous_labels: &BTreeSet<String>,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView>;

    /// Brings a project of ours back from pending deletion, as far as the platform can: Google does not restore its billing
    /// account, so [`Projects::ensure_project`] goes after it. One that is not being deleted is left as it is.
    async fn restore_project(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        ownership: &OwnershipPolicy,
    ) -> Result<ProjectView>;

    /// Deletes a project of ours. Gone, or already being deleted, is success.
    async fn delete_project(&self, ctx: &RequestContext, id: &ProjectId, ownership: &OwnershipPolicy) -> Result<()>;

    /// Enables APIs; enabled ones are left as they are. On a project that is being deleted: [`Error::PendingDeletion`].
    async fn enable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()>;

    /// Disables APIs; disabled ones are left as they are. On a project that is gone or being deleted, success.
    async fn disable_apis(&self, ctx: &RequestContext, id: &ProjectId, apis: &BTreeSet<GoogleService>) -> Result<()>;

    /// Adds and removes members of the project's policy in one read-modify-write guarded by the policy's etag, repeated
    /// when somebody else was faster. Conditional bindings and members not named stay. A member both added and removed is
    /// [`Error::Invalid`], and so is a policy that would grow over the platform's limits. On a project that is gone or
    /// being deleted, removing is success and adding is refused.
    async fn modify_policy(&self, ctx: &RequestContext, id: &ProjectId, change: &PolicyChange) -> Result<()>;
}

/// Namespaces, quotas and role bindings on many clusters.
#[async_trait]
pub trait Clusters: Send + Sync {
    /// The platform's name in messages: `embedded`, `kubernetes`.
    fn platform(&self) -> &'static str;

    /// Every namespace there is on one cluster, with the quotas and role bindings in them that carry the mark of `registry`:
    /// all that planning needs to know of a cluster, in as few requests as the platform can.
    async fn cluster_snapshot(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<BTreeMap<NamespaceName, NamespaceView>>;

    /// The namespaces asked about that exist on one cluster, with their quota and all their role bindings, in as few requests
    /// as the platform can.
    async fn read_namespaces(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        namespaces: &BTreeSet<NamespaceName>,
    ) -> Result<BTreeMap<NamespaceName, NamespaceView>>;

    /// Makes sure the namespace exists with these settings: creates it marked, or takes over what `ownership` allows. Labels and
    /// annotations of others stay; a platform that knows which ones we set before may take those off that are not asked
    /// for. One that is Terminating is waited for and made anew, or, where something holds it, [`Error::PendingDeletion`]
    /// says what.
    async fn ensure_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Changes labels and annotations of a namespace of ours. `previous` are the keys we set last time (labels, annotations).
    async fn update_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        previous: &NamespaceKeys,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Deletes a namespace of ours and waits until it is gone. Without `with_contents`, one that holds what we did not make
    /// is refused ([`Error::NotEmpty`]) and left untouched. Gone is success. A deletion that began earlier is waited for;
    /// where something holds it (a finalizer), [`Error::PendingDeletion`] says what.
    async fn delete_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        with_contents: bool,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Sets the ResourceQuota named `anu`, marked, to exactly these limits. One of that name that is not ours is refused
    /// unless `ownership` adopts. No such namespace is [`Error::NotFound`].
    async fn put_quota(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        quota: &Quota,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Removes the ResourceQuota named `anu`. Gone is success; not ours is refused.
    async fn delete_quota(&self, ctx: &RequestContext, key: &NamespaceKey, ownership: &OwnershipPolicy) -> Result<()>;

    /// Creates or updates a role binding, marked, to exactly these subjects. One of that name that is not ours is refused
    /// unless `ownership` adopts. A role other than the one it has is [`Error::Invalid`] (`roleRef` is immutable). No such
    /// namespace is [`Error::NotFound`].
    async fn put_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        binding: &RoleBinding,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Removes a role binding of ours. Gone is success; not ours is refused.
    async fn delete_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;
}

/// Label and annotation keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamespaceKeys {
    /// Label keys.
    pub labels: BTreeSet<String>,
    /// Annotation keys.
    pub annotations: BTreeSet<String>,
}

impl NamespaceKeys {
    /// The keys of these settings.
    pub fn of(settings: &NamespaceSettings) -> Self {
        Self {
            labels: settings.labels.keys().cloned().collect(),
            annotations: settings.annotations.keys().cloned().collect(),
        }
    }
}
