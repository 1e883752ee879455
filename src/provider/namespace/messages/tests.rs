//! Every message about namespaces only as a user reads it, in one snapshot: what changes here changes what people search for.

use super::*;
use crate::provider::lifecycle::messages::test_text;

fn binding(role: &str) -> RoleBinding {
    RoleBinding { role: role.parse().unwrap(), subjects: ["User:a".to_owned()].into() }
}

#[test]
fn every_message() {
    let fences = crate::fanout::Fences::default();
    let key: NamespaceKey = "compute/monitoring".parse().unwrap();
    let identity = |key: &str| Identity::Namespace(key.parse().unwrap());
    let (before, other) = (identity("compute/monitoring"), identity("compute/metrics"));
    let path = Path::attribute("role_binding").index(0).then("role");
    insta::assert_snapshot!(test_text([
        belongs_to_registry(&key, &["ledger".to_owned()], "registry.json"),
        belongs_to_registry(&key, &["ledger".to_owned(), "fx".to_owned()], "registry.json"),
        not_managed(&key),
        reserved(&"compute/kube-x".parse().unwrap(), fences.reserved_namespaces.find("kube-x").unwrap()),
        forbidden("cluster-admin", &fences.refuses_role("cluster-admin").unwrap(), &path),
        forbidden_subject("Group:system:masters", &fences.refuses_principal("Group:system:masters").unwrap(), &path),
        metadata(
            "pod-security.kubernetes.io/enforce",
            &fences.refuses_metadata("pod-security.kubernetes.io/enforce", "privileged").unwrap(),
            &Path::attribute("labels").key("pod-security.kubernetes.io/enforce")
        ),
        quota("pods", "200", "100", &Path::attribute("quota").key("pods")),
        quota_missing(&[(&"pods".to_owned(), &"100".to_owned())]),
        move_refused(&before, &other),
        move_refused(&before, &identity("staging/monitoring")),
        destroy_refused(&before),
        role_bindings_recreated(&key, &[(&"operators".to_owned(), (&binding("edit"), &binding("view")))].into()),
    ]));
}
