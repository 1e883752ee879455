//! `anu_namespace` on real clusters.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value as Json, json};

use super::super::clusters::Clusters;
use super::super::rights;
use super::super::support::Core;
use super::{Stage, context, create, edit, wait};

const ADDRESS: &str = "anu_namespace.monitoring";
const CLUSTER: &str = "compute-banking";

/// Puts one `anu_namespace` in the place of the services.
fn write(stage: &Stage<'_>, body: &str) {
    let main = stage.workspace.read("main.tf");
    let end = main.find("data \"anu_registry\"").or_else(|| main.find("resource \"anu_namespace\""));
    let provider = &main[..end.unwrap_or(main.len())];
    let name = stage.namespace("monitoring");
    let resource = format!(
        "resource \"anu_namespace\" \"monitoring\" {{\n  cluster = \"{CLUSTER}\"\n  name    = \"{name}\"\n{body}\n}}\n"
    );
    stage.workspace.write("main.tf", &format!("{provider}{resource}"));
}

const BODY: &str = r#"
  labels        = { team = "platform" }
  annotations   = { "example.com/contact" = "platform@example.com" }
  quota         = { "requests.cpu" = "1500m", "requests.memory" = "2048Mi", pods = "2e1" }
  role_bindings = {
    operators = { role = "edit", subjects = ["User:zoe", "Group:platform@example.com", "ServiceAccount:ci/deployer"] }
    viewers   = { role = "view", subjects = ["Group:auditors@example.com"] }
  }
"#;

fn namespaces(stage: &Stage<'_>) -> Api<Namespace> {
    Api::all(stage.human(CLUSTER))
}

fn find(stage: &Stage<'_>) -> Option<Namespace> {
    wait(namespaces(stage).get_opt(&stage.namespace("monitoring"))).expect("an answer")
}

fn labels(stage: &Stage<'_>) -> std::collections::BTreeMap<String, String> {
    find(stage).expect("there").metadata.labels.unwrap_or_default()
}

fn binding(stage: &Stage<'_>, name: &str) -> RoleBinding {
    wait(stage.within::<RoleBinding>(CLUSTER, "monitoring").get(name)).expect("there")
}

on_every_core! {
    fn lives_and_dies(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        write(&stage, BODY);
        let plan = stage.workspace.plan();
        assert!(plan.change(ADDRESS).unknown().is_empty() && plan.output.warnings().is_empty(), "{}", plan.output.report());
        stage.workspace.apply_saved(&plan).success();
        stage.workspace.assert_empty_plan();
        let quota = wait(stage.within::<ResourceQuota>(CLUSTER, "monitoring").get("anu")).expect("there");
        assert_eq!(serde_json::to_value(quota.spec.unwrap().hard).unwrap(), json!({"requests.cpu": "1500m", "requests.memory": "2Gi", "pods": "20"}));
        let subjects = serde_json::to_value(binding(&stage, "operators").subjects).unwrap();
        assert!(subjects.as_array().unwrap().contains(&json!({"kind": "ServiceAccount", "name": "deployer", "namespace": "ci"})), "{subjects}");

        // What others put there is left alone; what is ours is put back.
        let name = stage.namespace("monitoring");
        let argo = PatchParams::apply("argocd-controller");
        let theirs = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"argocd.argoproj.io/instance": "monitoring"}}});
        wait(namespaces(&stage).patch(&name, &argo, &Patch::Apply(theirs))).expect("applied");
        stage.workspace.assert_empty_plan();
        edit(&namespaces(&stage), &name, json!({"metadata": {"labels": {"team": "nobody"}, "annotations": {"note": "x"}}}));
        edit(&stage.within::<RoleBinding>(CLUSTER, "monitoring"), "viewers", json!({"subjects": []}));
        let plan = stage.workspace.plan();
        let change = plan.change(ADDRESS);
        assert_eq!((change.action.as_str(), &change.before["labels"]), ("update", &json!({"team": "nobody"})));
        assert_eq!(change.before["role_bindings"]["viewers"]["subjects"], json!([]));
        stage.workspace.apply_saved(&plan).success();
        stage.workspace.assert_empty_plan();
        assert_eq!(labels(&stage)["team"], "platform");

        // A fresh state takes in what anu set, and not what others did.
        stage.workspace.remove("terraform.tfstate");
        stage.workspace.import(ADDRESS, &stage.key(CLUSTER, "monitoring")).success();
        stage.workspace.assert_empty_plan();
        assert_eq!(labels(&stage)["argocd.argoproj.io/instance"], "monitoring");

        // A role is changed by making the binding anew.
        let old = binding(&stage, "operators");
        write(&stage, &BODY.replace("role = \"edit\"", "role = \"admin\"").replace("team = \"platform\"", "tier = \"1\""));
        let plan = stage.workspace.plan();
        assert!(plan.output.report().contains("`edit` becomes `admin`"), "{}", plan.output.report());
        stage.workspace.apply_saved(&plan).success();
        stage.workspace.assert_empty_plan();
        let new = binding(&stage, "operators");
        assert_eq!(new.role_ref.name, "admin");
        assert_ne!(new.metadata.uid, old.metadata.uid);
        assert_eq!((labels(&stage).get("team"), labels(&stage)["tier"].as_str()), (None, "1"));

        // Two steps, and only what is ours.
        assert!(stage.workspace.destroy(&[]).failure().report().contains("Destroy refused"));
        write(&stage, &format!("{BODY}\n  deletion_policy = \"delete\""));
        stage.workspace.apply();
        create(&stage.within::<ConfigMap>(CLUSTER, "monitoring"), json!({"metadata": {"name": "settings"}}));
        let refused = stage.workspace.destroy(&[]).failure().report();
        assert!(refused.contains("ConfigMap settings"), "{refused}");
        wait(stage.within::<ConfigMap>(CLUSTER, "monitoring").delete("settings", &Default::default())).expect("deleted");
        stage.workspace.destroy(&[]).success();
        assert!(find(&stage).is_none(), "deleted and gone");
    }

    fn others_are_adopted_when_told_and_their_bindings_are_seen_at_plan(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        let name = stage.namespace("monitoring");
        create(&namespaces(&stage), json!({"metadata": {"name": name, "labels": {"team": "others", "theirs": "1"}}}));
        create(&stage.within::<RoleBinding>(CLUSTER, "monitoring"), json!({
            "metadata": {"name": "viewers"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "auditor"}],
        }));
        write(&stage, BODY);
        let refused = stage.workspace.refused(&[]).report();
        for what in [format!("Namespace `{}`", stage.key(CLUSTER, "monitoring")), format!("Role binding `{}/viewers`", stage.key(CLUSTER, "monitoring"))] {
            assert!(refused.contains(&what), "{what}: {refused}");
        }
        write(&stage, &format!("{BODY}\n  adopt_existing = true"));
        stage.workspace.apply();
        stage.workspace.assert_empty_plan();
        let labels = labels(&stage);
        assert_eq!((labels["team"].as_str(), labels["theirs"].as_str(), labels["managed-by"].as_str()), ("platform", "1", "anu"));
        let subjects = serde_json::to_value(binding(&stage, "viewers").subjects).unwrap();
        assert_eq!(subjects.as_array().unwrap().iter().map(|subject| &subject["name"]).collect::<Vec<&Json>>(), ["auditors@example.com"]);
    }

    fn a_cluster_that_is_down_keeps_the_state(core: &Core) {
        let Some(mut clusters) = Clusters::alone() else { return };
        wait(rights::grant(&clusters));
        let stage = Stage::without_rights(core, &clusters, "kubernetes");
        write(&stage, BODY);
        stage.workspace.apply();
        let (suffix, workspace) = (stage.suffix, stage.workspace);
        clusters.stop(context(CLUSTER));
        let stage = Stage { clusters: &clusters, workspace, suffix };
        let plan = stage.workspace.assert_empty_plan();
        assert!(plan.output.report().contains("Cluster not looked at"), "{}", plan.output.report());
        let (suffix, workspace) = (stage.suffix, stage.workspace);
        clusters.start(context(CLUSTER));
        let stage = Stage { clusters: &clusters, workspace, suffix };
        stage.workspace.assert_empty_plan();
    }
}
