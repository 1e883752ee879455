//! ClusterRoles that role bindings refer to and that a cluster does not have. Kubernetes accepts such a binding: it grants nothing,
//! until a ClusterRole of that name is created.

use crate::codes;
use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::resource::ResourceSet;
use crate::platform::{Clusters, DEFAULT_CLUSTER_ROLES, RequestContext};
use crate::provider::session::{Platforms, Session};
use crate::registry::names::ClusterName;
use crate::registry::suggest::{did_you_mean, nearest};
use crate::sdk::{Call, Diagnostic};

/// Warns about each of them once in a run. One list of names is read for each cluster and run, and none where all roles are
/// those that every cluster has.
pub async fn check(session: &Session, call: &mut Call, platforms: &Platforms, desired: &ResourceSet) {
    let Some(platform) = &platforms.clusters else { return };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    for (cluster, roles) in referred(desired) {
        let names = match platform.cluster_roles(&ctx, cluster).await {
            Ok(Some(names)) => names,
            Ok(None) => {
                tracing::debug!(%cluster, "no permission to list ClusterRoles, so they are not checked");
                continue;
            }
            Err(error) => {
                // What else the plan reads of the cluster reports it.
                tracing::debug!(%cluster, %error, "ClusterRoles not read");
                continue;
            }
        };
        for role in roles.into_iter().filter(|role| !names.contains(*role)) {
            if session.run_state().missing_roles.insert((cluster.clone(), role.to_owned())) {
                call.diagnostics.push(missing(cluster, role, &names));
            }
        }
    }
}

/// The roles of all bindings by cluster, without those that every cluster has.
fn referred(desired: &ResourceSet) -> BTreeMap<&ClusterName, BTreeSet<&str>> {
    let mut roles: BTreeMap<&ClusterName, BTreeSet<&str>> = BTreeMap::new();
    for (key, bindings) in &desired.role_bindings {
        // A Role is created with what runs in the namespace, and so after the binding: that it is missing is no news.
        let of = bindings.values().filter_map(|binding| binding.role.cluster_role());
        for role in of.filter(|role| !DEFAULT_CLUSTER_ROLES.contains(role)) {
            roles.entry(&key.cluster).or_default().insert(role);
        }
    }
    roles
}

fn missing(cluster: &ClusterName, role: &str, names: &BTreeSet<String>) -> Diagnostic {
    let hint = did_you_mean(nearest(role, names.iter().map(String::as_str)));
    Diagnostic::titled(
        codes::MISSING_CLUSTER_ROLE,
        format!("Cluster `{cluster}` has no ClusterRole `{role}`"),
        format!(
            "Role bindings of this configuration in cluster `{cluster}` refer to the ClusterRole `{role}`, which does not exist \
             there.{hint} Such a binding grants nothing now, and everything that a ClusterRole of this name will contain.\n\nCorrect \
             the role (`permissions.kubernetes` in the registry or in the provider block, `roleBindings` of an environment, `role` of a `role_binding`), or create \
             the ClusterRole first."
        ),
    )
}
