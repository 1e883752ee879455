//! Platforms as one run sees them: each cluster and each project is read once for all services, and the policy writes of a project
//! are coalesced.

mod clusters;
mod policy_writes;
mod projects;

pub use self::clusters::ClusterCache;
pub use self::projects::ProjectCache;
