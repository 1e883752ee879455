//! `anu_namespace` on real clusters.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value as Json, json};

use super::super::clusters::Clusters;
use super::super::support::Core;
use super::{Fixture, context, create, edit, proxy, wait};

const ADDRESS: &str = "anu_namespace.monitoring";
const CLUSTER: &str = "compute-banking";

/// Puts one `anu_namespace` in the place of the services.
fn write(fixture: &Fixture<'_>, body: &str) {
    let main = fixture.workspace.read("main.tf");
    let end = main.find("data \"anu_registry\"").or_else(|| main.find("resource \"anu_namespace\""));
    let provider = &main[..end.unwrap_or(main.len())];
    let name = fixture.namespace("monitoring");
    let resource = format!(
        "resource \"anu_namespace\" \"monitoring\" {{\n  cluster = \"{CLUSTER}\"\n  name    = \"{name}\"\n{body}\n}}\n"
    );
    fixture.workspace.write("main.tf", &format!("{provider}{resource}"));
}

const BODY: &str = r#"
  labels      = { team = "platform" }
  annotations = { "example.com/contact" = "platform@example.com" }
  quota       = { "requests.cpu" = "1500m", "requests.memory" = "2048Mi", pods = "2e1", "limits.cpu" = "0.035714286" }
  role_binding {
    name     = "operators"
    role     = "edit"
    subjects = ["User:zoe", "Group:platform@example.com", "ServiceAccount:ci/deployer"]
  }
  role_binding {
    name     = "viewers"
    role     = "view"
    subjects = ["Group:auditors@example.com"]
  }
"#;

fn namespaces(fixture: &Fixture<'_>) -> Api<Namespace> {
    Api::all(fixture.human(CLUSTER))
}

fn find(fixture: &Fixture<'_>) -> Option<Namespace> {
    wait(namespaces(fixture).get_opt(&fixture.namespace("monitoring"))).expect("an answer")
}

fn labels(fixture: &Fixture<'_>) -> std::collections::BTreeMap<String, String> {
    find(fixture).expect("there").metadata.labels.unwrap_or_default()
}

fn binding(fixture: &Fixture<'_>, name: &str) -> RoleBinding {
    wait(fixture.within::<RoleBinding>(CLUSTER, "monitoring").get(name)).expect("there")
}

on_one_core! {
    fn lives_and_dies(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        write(&fixture, BODY);
        let plan = fixture.workspace.plan();
        assert!(plan.change(ADDRESS).unknown().is_empty() && plan.output.warnings().is_empty(), "{}", plan.output.report());
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        let quota = wait(fixture.within::<ResourceQuota>(CLUSTER, "monitoring").get("anu")).expect("there");
        assert_eq!(serde_json::to_value(quota.spec.unwrap().hard).unwrap(), json!({"requests.cpu": "1500m", "requests.memory": "2Gi", "pods": "20", "limits.cpu": "36m"}));
        let subjects = serde_json::to_value(binding(&fixture, "operators").subjects).unwrap();
        assert!(subjects.as_array().unwrap().contains(&json!({"kind": "ServiceAccount", "name": "deployer", "namespace": "ci"})), "{subjects}");

        // What others put there is left alone; what is ours is put back.
        let name = fixture.namespace("monitoring");
        let argo = PatchParams::apply("argocd-controller");
        let theirs = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"argocd.argoproj.io/instance": "monitoring"}}});
        wait(namespaces(&fixture).patch(&name, &argo, &Patch::Apply(theirs))).expect("applied");
        fixture.workspace.assert_empty_plan();
        edit(&namespaces(&fixture), &name, json!({"metadata": {"labels": {"team": "nobody"}, "annotations": {"note": "x"}}}));
        edit(&fixture.within::<RoleBinding>(CLUSTER, "monitoring"), "viewers", json!({"subjects": []}));
        let plan = fixture.workspace.plan();
        let change = plan.change(ADDRESS);
        assert_eq!((change.action.as_str(), &change.before["labels"]), ("update", &json!({"team": "nobody"})));
        assert_eq!(change.before["role_binding"][1]["subjects"], json!([]));
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(labels(&fixture)["team"], "platform");

        // A fresh state takes in what anu set, and not what others did.
        fixture.workspace.remove("terraform.tfstate");
        fixture.workspace.import(ADDRESS, &fixture.key(CLUSTER, "monitoring")).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(labels(&fixture)["argocd.argoproj.io/instance"], "monitoring");

        // A role is changed by recreating the binding.
        let old = binding(&fixture, "operators");
        write(&fixture, &BODY.replace("\"edit\"", "\"admin\"").replace("team = \"platform\"", "tier = \"1\""));
        let plan = fixture.workspace.plan();
        assert!(plan.output.report().contains("`edit` becomes `admin`"), "{}", plan.output.report());
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        let new = binding(&fixture, "operators");
        assert_eq!(new.role_ref.name, "admin");
        assert_ne!(new.metadata.uid, old.metadata.uid);
        assert_eq!((labels(&fixture).get("team"), labels(&fixture)["tier"].as_str()), (None, "1"));

        // Two steps, and only what is ours.
        assert!(fixture.workspace.destroy(&[]).failure().report().contains("deletion is refused"));
        write(&fixture, &format!("{BODY}\n  deletion_policy = \"delete\""));
        fixture.workspace.apply();
        create(&fixture.within::<ConfigMap>(CLUSTER, "monitoring"), json!({"metadata": {"name": "settings"}}));
        let refused = fixture.workspace.destroy(&[]).failure().report();
        assert!(refused.contains("ConfigMap settings"), "{refused}");
        wait(fixture.within::<ConfigMap>(CLUSTER, "monitoring").delete("settings", &Default::default())).expect("deleted");
        fixture.workspace.destroy(&[]).success();
        assert!(find(&fixture).is_none(), "deleted and gone");
    }

    fn others_are_adopted_when_told_and_their_bindings_are_seen_at_plan(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        let name = fixture.namespace("monitoring");
        create(&namespaces(&fixture), json!({"metadata": {"name": name, "labels": {"team": "others", "theirs": "1"}}}));
        create(&fixture.within::<RoleBinding>(CLUSTER, "monitoring"), json!({
            "metadata": {"name": "viewers"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "auditor"}],
        }));
        write(&fixture, BODY);
        let refused = fixture.workspace.refused(&[]).report();
        for what in [format!("Namespace `{}`", fixture.key(CLUSTER, "monitoring")), format!("Role binding `{}/viewers`", fixture.key(CLUSTER, "monitoring"))] {
            assert!(refused.contains(&what), "{what}: {refused}");
        }
        write(&fixture, &format!("{BODY}\n  adopt_existing = true"));
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        let labels = labels(&fixture);
        assert_eq!((labels["team"].as_str(), labels["theirs"].as_str(), labels["managed-by"].as_str()), ("platform", "1", "anu"));
        let subjects = serde_json::to_value(binding(&fixture, "viewers").subjects).unwrap();
        assert_eq!(subjects.as_array().unwrap().iter().map(|subject| &subject["name"]).collect::<Vec<&Json>>(), ["auditors@example.com"]);
    }

    fn a_cluster_that_is_down_keeps_the_state(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let mut proxy = proxy(&clusters);
        let fixture = Fixture::behind(core, &clusters, &proxy, "{token: any}");
        write(&fixture, BODY);
        fixture.workspace.apply();
        wait(proxy.stop(context(CLUSTER)));
        let plan = fixture.workspace.assert_empty_plan();
        assert!(plan.output.report().contains("is unreachable; planned from state"), "{}", plan.output.report());
        wait(proxy.start_again(context(CLUSTER)));
        fixture.workspace.assert_empty_plan();
    }
}
