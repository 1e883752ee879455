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
    insta::assert_snapshot!(test_text([
        reserved(&"compute/kube-x".parse().unwrap(), fences.reserved_namespaces.find("kube-x").unwrap()),
        metadata(
            "pod-security.kubernetes.io/enforce",
            &fences.refuses_metadata("pod-security.kubernetes.io/enforce", "privileged").unwrap(),
            &Path::attribute("labels").key("pod-security.kubernetes.io/enforce")
        ),
        quota("pods", "200", "100", &Path::attribute("quota").key("pods")),
        quota_without_effect("nvidia.com/gpu", &crate::registry::quota::without_effect("nvidia.com/gpu").unwrap()),
        quota_missing(&[(&"pods".to_owned(), &"100".to_owned())]),
        role_bindings_recreated(&key, &[(&"operators".to_owned(), (&binding("edit"), &binding("view")))].into()),
    ]));
}
