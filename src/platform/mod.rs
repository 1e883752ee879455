//! Where resources are made.
//!
//! Two traits, because two things are asked of two different worlds: [`Projects`] (Google's resource hierarchy: projects,
//! enabled APIs, IAM policies) and [`Clusters`] (Kubernetes: namespaces, quotas, role bindings). [`embedded`] stands in for both.
//! A platform only does what it is told, one idempotent verb at a time; *what* to do, in which order and whether it may be
//! done at all is decided above, once for all platforms. Every platform passes `conformance`
//! (feature `testing`).
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
//! A run uses platforms through [`ClusterCache`] and [`ProjectCache`], which read each cluster and each project once for all
//! services, and coalesce the policy writes of a project.

#[cfg(feature = "testing")]
pub mod conformance;
pub mod embedded;
pub mod kubernetes;

mod cache;
mod clusters;
mod error;
mod lifecycle;
mod ownership;
mod projects;

pub use self::cache::{ClusterCache, ProjectCache};
pub use self::clusters::{Clusters, NamespaceKeys, NamespaceView, RoleBindingView};
pub use self::error::{Error, Result};
pub use self::lifecycle::Lifecycle;
pub use self::ownership::OwnershipPolicy;
pub use self::projects::{Announcement, PolicyChange, ProjectState, ProjectView, Projects};
pub use crate::connect::RequestContext;
pub use crate::registry::owner_label::OwnerLabel;
