//! ClusterRoles that may not be bound. RBAC permits a binding only to those who have the permissions of its role, or `bind` on the role:
//! otherwise whoever may write bindings could give all permissions to themselves.

use super::cluster::{ApiError, Cluster};
use super::objects::RBAC;
use crate::platform::Error;
use crate::printable::excerpt;
use crate::registry::names::ClusterRole;

/// How the API server says it (`rolebinding/policybased/storage.go` of Kubernetes).
const ESCALATION: &str = "attempting to grant RBAC permissions not currently held";

/// The error for a binding that was refused because of its role, with the rule to add; none if it was for another reason.
pub(super) fn refused(cluster: &Cluster, role: &ClusterRole, api_error: &ApiError) -> Option<Error> {
    let ApiError::Answer(status) = api_error else { return None };
    let name = cluster.name();
    if status.code == 403 && status.message.contains(ESCALATION) {
        let user = status.message.split_once("user \"").and_then(|(_, rest)| rest.split_once('"'));
        let user = user.map_or_else(|| "the provider".to_owned(), |(user, _)| format!("user `{}`", excerpt(user)));
        return Some(Error::PermissionDenied(format!(
            "cluster `{name}`: permission denied (403): {user} may not bind ClusterRole `{role}`, because it has neither the permissions of \
             that role nor `bind` on it: add this rule to the ClusterRole of the provider: `{}`",
            rule(role)
        )));
    }
    // Without `bind`, the server reads the permissions of the role, and there is none. In a namespace that does not exist, it names that.
    let missing = status.message.contains(&format!("\"{role}\""));
    (status.code == 404 && missing).then(|| {
        Error::NotFound(format!(
            "cluster `{name}` has no ClusterRole `{role}`: correct the role, or create the ClusterRole first. To bind one that does not \
             exist yet, the provider needs this rule: `{}`",
            rule(role)
        ))
    })
}

/// A rule of a ClusterRole, in one line of YAML.
fn rule(role: &ClusterRole) -> String {
    // Text in JSON is text in YAML, whatever characters the name has.
    let name = serde_json::Value::from(role.as_str());
    format!("- {{apiGroups: [{RBAC}], resources: [clusterroles], verbs: [bind], resourceNames: [{name}]}}")
}
