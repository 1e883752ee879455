//! Kubernetes: namespaces, quotas, role bindings and service accounts, on as many clusters as the registry names.
//!
//! Everything is written by server-side apply under the field manager [`MANAGER`], so the server itself knows which labels,
//! limits and subjects are ours, and reports conflicts with other managers. A cluster is connected when it is first needed:
//! an unreachable one fails only its own resources.
//!
//! | file | what |
//! |---|---|
//! | `settings` | connection settings, conflicts, timeouts |
//! | `connections` | one client per cluster, from [`connect::kubernetes`](crate::connect::kubernetes) |
//! | `cluster` | one cluster: requests with retries, and the errors of responses |
//! | `reading` | what a cluster is, and what is on it |
//! | `objects` | conversion to Kubernetes objects and back |
//! | `clusters` | the verbs of [`Clusters`](super::Clusters) |
//! | `service_accounts` | those of [`KubernetesServiceAccounts`](super::KubernetesServiceAccounts) |
//! | `manifests` | the same objects as YAML, for others to apply |
//! | `contents` | objects in a namespace that anu did not create |
//! | `deletion` | a namespace that is being deleted: what blocks the deletion, and waiting for it |

mod cluster;
mod clusters;
mod connections;
mod contents;
mod deletion;
mod escalation;
mod manifests;
mod objects;
mod reading;
mod service_accounts;
mod settings;

pub use connections::Kubernetes;
pub use manifests::{Counts, Manifests, manifests};
pub use objects::MANAGER;
pub use settings::Settings;
