//! The suite that every platform passes: the rules of [`platform`](super), as code that calls the traits. Feature `testing`.
//!
//! [`projects`], [`service_accounts`], [`clusters`] and [`kubernetes_service_accounts`] take a platform and a *fixture*, which plays the other users of the platform: it grants, labels,
//! deploys and deletes without anu. Where a platform has no way to do one of these, its fixture returns the reason ([`Skip`]), and
//! the [`Report`] lists the rule as skipped. A broken rule panics: the suite is called from tests.
//!
//! [`cancellation`] takes a platform that never answers.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "called from tests, which see a broken rule as a panic"
)]

mod accounts;
pub mod cancellation;
mod cluster_helpers;
mod clusters;
mod fixture;
mod kubernetes_accounts;
mod policies;
mod project_helpers;
mod projects;

pub use self::fixture::{Ability, ClusterFixture, ProjectFixture, Report, Skip};
use super::{Clusters, Projects};

/// Checks every rule for projects, APIs and policies.
pub async fn projects(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Report {
    projects::all(platform, fixture).await
}

/// Checks every rule for service accounts.
pub async fn service_accounts(platform: &dyn Projects, fixture: &dyn ProjectFixture) -> Report {
    accounts::all(platform, fixture).await
}

/// Checks every rule for Kubernetes service accounts.
pub async fn kubernetes_service_accounts(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Report {
    kubernetes_accounts::all(platform, fixture).await
}

/// Checks every rule for namespaces, quotas and role bindings.
pub async fn clusters(platform: &dyn Clusters, fixture: &dyn ClusterFixture) -> Report {
    clusters::all(platform, fixture).await
}
