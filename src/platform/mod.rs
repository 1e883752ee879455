//! Where resources are created.
//!
//! Two traits: [`Projects`] (Google's resource hierarchy: projects, enabled APIs, IAM policies, and with [`ServiceAccounts`] their
//! service accounts) and [`Clusters`] (Kubernetes: namespaces, quotas, role bindings, and with [`KubernetesServiceAccounts`] its
//! service accounts). [`embedded`] implements both, in a local store. A platform executes one idempotent verb at a
//! time; *what* to do, in which order and whether it is permitted is decided above, once for all platforms. Every platform passes `conformance`
//! (feature `testing`).
//!
//! Rules every platform keeps:
//! - **Idempotent by key.** To create what exists and is ours returns it; to delete what does not exist succeeds.
//! - **Owned from the first request.** The creating call itself writes the ownership label, so an object whose creation was
//!   killed is found again. An object without our label is updated only with `adopt`, and never deleted; an object of another
//!   registry is neither, `adopt` or not.
//! - **Additive.** Only the members, labels, annotations and bindings named in a call are touched. A setting that is
//!   `None` changes nothing.
//! - **Quiet when there is nothing to do.** A verb that finds everything as desired writes nothing, and etags stay.
//! - **Long-running work is awaited inside the verb**, ends early when the context is cancelled, and can be resumed by
//!   calling the verb again.
//! - **Reads are batched**: one call per project or per cluster, whatever the number of services that share it.
//!
//! A run uses platforms through [`ClusterCache`] and [`ProjectCache`], which read each cluster and each project once for all
//! services, and coalesce the policy writes of a project.

#[cfg(feature = "testing")]
pub mod conformance;
pub mod embedded;
pub mod google;
pub mod kubernetes;

mod cache;
mod clusters;
mod error;
mod kubernetes_service_accounts;
mod lifecycle;
mod ownership;
mod policy_limits;
mod projects;
mod server;
mod service_accounts;

pub use self::cache::{ClusterCache, ProjectCache};
pub use self::clusters::{
    ClusterSnapshot, Clusters, DEFAULT_CLUSTER_ROLES, NamespaceKeys, NamespaceView, QuotaView, RoleBindingView,
};
pub use self::error::{Error, Outage, Result};
pub use self::kubernetes_service_accounts::{
    KubernetesServiceAccountView, KubernetesServiceAccountViews, KubernetesServiceAccounts,
};
pub use self::lifecycle::Lifecycle;
pub use self::ownership::OwnershipPolicy;
pub use self::projects::{Announcement, PolicyChange, ProjectState, ProjectView, Projects};
pub use self::server::ServerId;
pub use self::service_accounts::{ServiceAccountView, ServiceAccounts, WorkloadIdentityChange};
pub use crate::connect::RequestContext;
pub use crate::registry::owner_label::OwnerLabel;
