//! Addresses of Google's console (<https://cloud.google.com/docs/get-started/interact-with-resources>).

use crate::registry::names::ProjectId;

/// The page of a project.
pub(super) fn project(id: &ProjectId) -> String {
    format!("https://console.cloud.google.com/home/dashboard?project={id}")
}

/// The workloads of the clusters of a project.
pub(super) fn workloads(id: &ProjectId) -> String {
    format!("https://console.cloud.google.com/kubernetes/workload/overview?project={id}")
}
