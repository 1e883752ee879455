//! What people change by hand shows per key and is put back; what is theirs is left alone.

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::Api;
use serde_json::{Value as Json, json};

use super::super::clusters::Clusters;
use super::super::support::Core;
use super::{Fixture, address, create, edit, wait};

const CLUSTER: &str = "compute-banking";
const OPERATORS: &str = "anu:ledger:production:operators:edit";
const ADMINS: &str = "anu:ledger:production:admins:admin";

/// A binding of another owner.
fn theirs() -> Json {
    json!({
        "metadata": {"name": "theirs"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "auditor"}],
    })
}

on_one_core! {
    fn shows_by_key_and_is_put_back(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.apply();
        let before = fixture.workspace.state().resource(&address("ledger"));
        let namespaces = Api::<Namespace>::all(fixture.human(CLUSTER));
        let name = fixture.namespace("ledger");
        let key = fixture.key(CLUSTER, "ledger");
        edit(&namespaces, &name, json!({"metadata": {"labels": {"team": "nobody", "theirs": "1"}, "annotations": {"note": "x"}}}));
        edit(&fixture.within::<ResourceQuota>(CLUSTER, "ledger"), "anu", json!({"spec": {"hard": {"requests.cpu": "1", "pods": "3"}}}));
        let bindings = fixture.within::<RoleBinding>(CLUSTER, "ledger");
        edit(&bindings, OPERATORS, json!({"subjects": []}));
        wait(bindings.delete(ADMINS, &Default::default())).expect("deleted");
        create(&bindings, theirs());

        let plan = fixture.workspace.plan();
        assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into());
        let change = plan.change(&address("ledger"));
        assert_eq!(change.before["namespaces"][&key]["labels"]["team"], "nobody");
        assert_eq!(change.before["namespaces"][&key]["labels"].get("theirs"), None, "others' labels are no noise");
        assert_eq!(change.before["quotas"][&key], json!({"requests.cpu": "1", "requests.memory": "64Gi", "pods": "3"}));
        assert_eq!(change.before["role_bindings"][&key].as_object().unwrap().keys().collect::<Vec<_>>(), [OPERATORS]);
        assert_eq!(change.before["role_bindings"][&key][OPERATORS]["subjects"], json!([]));
        for kind in ["namespaces", "quotas", "role_bindings"] {
            assert_eq!(change.after[kind], before[kind], "{kind} as they were");
        }
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();

        let namespace = wait(namespaces.get(&name)).expect("there").metadata;
        let labels = namespace.labels.unwrap_or_default();
        assert_eq!((labels["team"].as_str(), labels["theirs"].as_str()), ("banking", "1"));
        assert_eq!(namespace.annotations.unwrap_or_default()["note"], "x");
        let quota = wait(fixture.within::<ResourceQuota>(CLUSTER, "ledger").get("anu")).expect("there");
        assert_eq!(quota.spec.unwrap().hard.unwrap().len(), 2, "exactly what the registry says");
        assert!(wait(bindings.get_opt("theirs")).expect("an answer").is_some(), "others' bindings stay");
    }

    fn what_others_granted_is_listed(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.apply();
        create(&fixture.within::<RoleBinding>(CLUSTER, "ledger"), theirs());
        fixture.workspace.write("grants.tf", r#"
            data "anu_unmanaged_grants" "all" {}
            output "bindings" { value = data.anu_unmanaged_grants.all.role_bindings }
            output "leftovers" { value = data.anu_unmanaged_grants.all.leftovers }
        "#);
        fixture.workspace.apply();
        let state = fixture.workspace.state();
        let theirs = json!({"role": "view", "subjects": ["User:auditor"], "registry": null});
        assert_eq!(state.output("bindings"), json!({fixture.key(CLUSTER, "ledger"): {"theirs": theirs}}));
        assert_eq!(state.output("leftovers"), json!([]));
    }

    fn a_field_that_another_tool_applies_is_not_taken(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.apply();
        // Argo CD comes to say which tier the namespace is; later the registry does as well.
        let namespaces = Api::<Namespace>::all(fixture.human("compute-shop"));
        let name = fixture.namespace("catalog");
        let params = kube::api::PatchParams::apply("argocd-controller");
        let labels = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"stage": "7"}}});
        wait(namespaces.patch(&name, &params, &kube::api::Patch::Apply(labels))).expect("applied");
        fixture.workspace.edit_registry(|registry| {
            registry.namespaces[0].labels.insert("stage".to_owned(), "8".to_owned());
        });
        let refused = fixture.workspace.try_apply(&[]).failure();
        let report = refused.report();
        assert!(report.contains("`.metadata.labels.stage` by `argocd-controller`"), "{report}");
        assert!(report.contains("force_conflicts = true"), "{report}");

        let main = fixture.workspace.read("main.tf");
        let forced = main.replace("kubeconfig = var.kubeconfig", "force_conflicts = true\n    kubeconfig = var.kubeconfig");
        assert_ne!(forced, main);
        fixture.workspace.write("main.tf", &forced);
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert_eq!(wait(namespaces.get(&name)).expect("there").metadata.labels.unwrap()["stage"], "8");
    }
}
