//! Roles that may not be bound. RBAC permits a binding only to those who have the permissions of its role, or `bind` on the role:
//! otherwise a user who may write bindings could give themselves all permissions.

use super::cluster::{ApiError, Cluster};
use super::objects::RBAC;
use crate::platform::Error;
use crate::printable::excerpt;
use crate::registry::names::KubernetesRole;

/// How the API server says it (`rolebinding/policybased/storage.go` of Kubernetes).
const ESCALATION: &str = "attempting to grant RBAC permissions not currently held";

/// The error for a binding that was refused because of its role, with the rule to add; none if it was for another reason.
pub(super) fn refused(cluster: &Cluster, role: &KubernetesRole, api_error: &ApiError) -> Option<Error> {
    let ApiError::Answer(status) = api_error else { return None };
    let name = cluster.name();
    if status.code == 403 && status.message.contains(ESCALATION) {
        let user = status.message.split_once("user \"").and_then(|(_, rest)| rest.split_once('"'));
        let user = user.map_or_else(|| "the provider".to_owned(), |(user, _)| format!("user `{}`", excerpt(user)));
        return Some(Error::PermissionDenied(format!(
            "cluster `{name}`: permission denied (403): {user} may not bind {}, because it has neither the permissions of \
             that role nor `bind` on it: add this rule to the ClusterRole of the provider: `{}`",
            role.described(),
            rule(role)
        )));
    }
    // Without `bind`, the server reads the permissions of the role, and there is none. In a namespace that does not exist, it names that.
    let (kind, plain) = role.kind_and_name();
    let missing = status.message.contains(&format!("\"{plain}\""));
    (status.code == 404 && missing).then(|| {
        Error::NotFound(format!(
            "cluster `{name}` has no {}: correct the role, or create the {kind} first. To bind one that does not exist yet, the \
             provider needs this rule: `{}`",
            role.described(),
            rule(role)
        ))
    })
}

/// A rule of a ClusterRole, in one line of YAML.
fn rule(role: &KubernetesRole) -> String {
    let (kind, name) = role.kind_and_name();
    // Text in JSON is text in YAML, whatever characters the name has.
    let name = serde_json::Value::from(name);
    let resources = if kind == "Role" { "roles" } else { "clusterroles" };
    format!("- {{apiGroups: [{RBAC}], resources: [{resources}], verbs: [bind], resourceNames: [{name}]}}")
}
