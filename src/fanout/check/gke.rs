//! Clusters of Google Kubernetes Engine: the fences for what their entries grant, and groups that the cluster may not know.

use std::collections::{HashMap, HashSet};

use crate::fanout::context::ExpansionContext;
use crate::fanout::fences::Fences;
use crate::fanout::gke::{CLUSTER_VIEWER, viewed_project};
use crate::registry::names::ClusterName;
use crate::registry::problem::{Presumes, Problems, rules};
use crate::registry::{Cluster, Registry};

pub(super) fn check(registry: &Registry, context: &ExpansionContext, fences: &Fences, problems: &mut Problems) {
    let groups = groups(registry, context);
    for (position, cluster) in registry.clusters.iter().enumerate() {
        let spec = format!("/clusters/{position}/spec");
        viewers(cluster, fences, &spec, problems);
        let unconfirmed = cluster.gke.as_ref().is_some_and(|gke| !gke.groups);
        if let Some(group) = groups.get(&cluster.name).filter(|_| unconfirmed) {
            let presumes = Presumes::place(format!("{spec}/gke/groups"));
            let detail = unknown_groups(&cluster.name, group);
            problems.report_presuming(presumes, rules::GKE_GROUPS, format!("{spec}/gke"), detail);
        }
    }
}

fn viewers(cluster: &Cluster, fences: &Fences, spec: &str, problems: &mut Problems) {
    let Some(project) = viewed_project(cluster) else { return };
    let grants =
        format!("`gke.clusterViewer` of cluster `{}` grants a role in project `{project}`, which", cluster.name);
    if let Some(why) = fences.refuses_project(project.as_str()) {
        problems.report(rules::PROJECT_NOT_ALLOWED, format!("{spec}/googleProject"), format!("{grants} {why}"));
    }
    if let Some(fence) = fences.forbidden_roles.find(CLUSTER_VIEWER) {
        let detail = format!(
            "`gke.clusterViewer` grants the role `{CLUSTER_VIEWER}`, which is forbidden: {fence}. Remove `clusterViewer`, or ask the \
             maintainer of the provider block to change the fence."
        );
        problems.report(rules::FORBIDDEN_ROLE, format!("{spec}/gke/clusterViewer"), detail);
    }
}

/// Of each cluster on which a group has access, the first such group by name.
fn groups<'r>(registry: &'r Registry, context: &ExpansionContext) -> HashMap<&'r ClusterName, String> {
    let mut groups: HashMap<&ClusterName, String> = HashMap::new();
    if registry.clusters.iter().all(|cluster| cluster.gke.is_none()) {
        return groups;
    }
    for environment in registry.services.iter().flat_map(|service| &service.environments) {
        let subjects = environment.access.entries().filter_map(|(_, _, entry)| context.people.kubernetes(entry, None));
        let Some(group) = subjects.filter_map(|subject| subject.strip_prefix("Group:").map(str::to_owned)).min() else {
            continue;
        };
        let clusters: HashSet<&ClusterName> = environment.targets.iter().map(|target| &target.cluster).collect();
        for cluster in clusters {
            let first = groups.entry(cluster).or_insert_with(|| group.clone());
            if group < *first {
                first.clone_from(&group);
            }
        }
    }
    groups
}

fn unknown_groups(cluster: &ClusterName, group: &str) -> String {
    format!(
        "Groups have access to namespaces of cluster `{cluster}`, for example `{group}`. GKE knows the members of a group only with \
         Google Groups for RBAC: a group named `gke-security-groups@DOMAIN` that contains these groups, and the cluster created or \
         updated with `--security-group=gke-security-groups@DOMAIN`. Without it their members have no access. If the cluster has \
         it, confirm it with `\"groups\": true` in `gke`."
    )
}
