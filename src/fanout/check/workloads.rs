//! Workloads of GKE as principals: in a cluster of another project the ServiceAccount of that name is another one, so it gets no access.

use std::collections::BTreeMap;

use crate::registry::names::{ClusterName, ProjectId};
use crate::registry::problem::{Problems, rules};
use crate::registry::{AccessEntry, Registry};

/// Reports workloads that have no access in clusters of their environment.
pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    for (place, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            for (level, position, entry) in environment.access.entries() {
                let AccessEntry::Principal { principal, .. } = entry else { continue };
                let Some((project, _)) = principal.workload_identity() else { continue };
                let mut others = BTreeMap::<&ClusterName, Option<&ProjectId>>::new();
                for target in &environment.targets {
                    let of_cluster = registry.project_of_cluster(&target.cluster);
                    if of_cluster.is_none_or(|of_cluster| of_cluster.as_str() != &*project) {
                        others.insert(&target.cluster, of_cluster);
                    }
                }
                if others.is_empty() {
                    continue;
                }
                let clusters: Vec<String> = others
                    .into_iter()
                    .map(|(cluster, of_cluster)| match of_cluster {
                        Some(id) => format!("`{cluster}` (project `{id}`)"),
                        None => format!("`{cluster}` (no `googleProject` in its entry)"),
                    })
                    .collect();
                let detail = format!(
                    "`{principal}` is a workload of a cluster in project `{project}`, so it gets no role binding in {}. Correct the \
                     project, add `\"googleProject\": \"{project}\"` to the entry of the cluster that it runs in, or write the entry in \
                     another environment.",
                    clusters.join(", ")
                );
                let pointer =
                    format!("/services/{place}/spec/environments/{index}/spec/rbac/{level}/{position}/principal");
                problems.belong_to_entry(&service.name, &environment.name);
                problems.report(rules::WORKLOAD_WITHOUT_ACCESS, pointer, detail);
            }
        }
    }
    problems.belong_to(None, None);
}
