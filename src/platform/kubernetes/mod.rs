//! Kubernetes: namespaces, quotas and role bindings, on as many clusters as the registry names.
//!
//! Everything is written by server-side apply under the field manager [`MANAGER`], so the server itself knows which labels,
//! limits and subjects are ours, and tells whom we would overrule. Connections are made when a cluster is first needed: one
//! that is down fails only what is on it.
//!
//! | file | what |
//! |---|---|
//! | `settings` | how clusters are reached, and how they are treated |
//! | `connections` | one client per cluster, from [`connect::kubernetes`](crate::connect::kubernetes) |
//! | `cluster` | one cluster: requests with retries, and what an answer means |
//! | `objects` | our words to Kubernetes objects and back |
//! | `clusters` | the verbs of [`Clusters`](super::Clusters) |
//! | `manifests` | the same objects as YAML, for others to apply |
//! | `contents` | what a namespace holds that anu did not make |
//! | `deletion` | a namespace on its way out: what holds it, and waiting for it |

mod cluster;
mod clusters;
mod connections;
mod contents;
mod deletion;
mod manifests;
mod objects;
mod settings;

pub use connections::Kubernetes;
pub use manifests::{Counts, Manifests, manifests};
pub use objects::MANAGER;
pub use settings::Settings;
