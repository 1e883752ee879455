//! The rights that examples/kubernetes documents for the provider: tests run under exactly these.

use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::clusters::Clusters;

/// The user that the provider under test logs in as.
pub const PROVIDER: &str = "anu";

const CLUSTER_ROLES: &str = include_str!("../../examples/kubernetes/cluster-role.yaml");

/// Gives the provider its rights on every cluster, once.
pub async fn grant(clusters: &Clusters) {
    static GRANTED: OnceCell<()> = OnceCell::const_new();
    GRANTED
        .get_or_init(|| async {
            for cluster in clusters.all() {
                let admin = clusters.client(&cluster.name, "admin").await;
                give(&admin).await;
            }
        })
        .await;
}

async fn give(admin: &kube::Client) {
    let params = PatchParams::apply("tests");
    let roles: Vec<ClusterRole> = serde_saphyr::from_multiple(CLUSTER_ROLES).expect("ClusterRoles");
    assert_eq!(roles.len(), 3);
    for role in roles {
        let name = role.metadata.name.clone().expect("a name");
        Api::<ClusterRole>::all(admin.clone()).patch(&name, &params, &Patch::Apply(&role)).await.expect("applied");
        bind(admin, &name, &name, PROVIDER).await;
    }
    // The rule for a Role of a namespace, which the page of the provider's rights has as an example: a company's roles have its own names.
    let name = "binds-a-role";
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["bind"], "resourceNames": ["view"]}],
    });
    Api::<ClusterRole>::all(admin.clone()).patch(name, &params, &Patch::Apply(&role)).await.expect("applied");
    bind(admin, name, name, PROVIDER).await;
}

/// Gives a ClusterRole to a user.
pub async fn bind(admin: &kube::Client, role: &str, name: &str, user: &str) {
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    });
    let bindings = Api::<ClusterRoleBinding>::all(admin.clone());
    bindings.patch(name, &PatchParams::apply("tests"), &Patch::Apply(binding)).await.expect("bound");
}
