//! Namespaces are dangerous: the two reviewed steps, each policy, and what holds a deletion.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::Api;
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::support::Core;
use super::{Stage, address, create, edit, wait};

const CLUSTER: &str = "compute-banking";

/// With the production environment's policy set and applied, and the environment then taken out of the registry.
fn leaving(stage: &Stage<'_>, policy: &str) {
    stage.workspace.apply();
    stage.edit("ledger", |ledger| ledger["environments"][1]["spec"]["deletionPolicy"] = json!(policy));
    stage.workspace.apply();
    stage.edit("ledger", |ledger| drop(ledger["environments"].as_array_mut().expect("environments").remove(1)));
}

fn namespace(stage: &Stage<'_>) -> Option<Namespace> {
    wait(Api::<Namespace>::all(stage.human(CLUSTER)).get_opt(&stage.namespace("ledger"))).expect("an answer")
}

on_every_core! {
    fn takes_two_reviewed_steps(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        stage.workspace.apply();
        let registry = stage.workspace.read_json("registry.json");
        stage.edit("ledger", |ledger| drop(ledger["environments"].as_array_mut().expect("environments").remove(1)));
        let refused = stage.workspace.refused(&[]);
        assert!(refused.text().contains(&format!("namespace {}", stage.key(CLUSTER, "ledger"))), "{refused}");
        assert!(namespace(&stage).is_some());

        stage.workspace.registry(&registry);
        leaving(&stage, "delete");
        stage.workspace.apply();
        assert!(namespace(&stage).is_none(), "deleted and gone");
        stage.workspace.assert_empty_plan();
    }

    fn delete_refuses_what_others_put_there_and_with_contents_does_not(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        leaving(&stage, "delete");
        create(&stage.within::<ConfigMap>(CLUSTER, "ledger"), json!({"metadata": {"name": "settings"}}));
        let refused = stage.workspace.try_apply(&[]).failure().report();
        assert!(refused.contains("ConfigMap settings"), "{refused}");
        let still = namespace(&stage).expect("untouched");
        assert_eq!(still.metadata.deletion_timestamp, None);

        stage.workspace.edit_registry(|registry| {
            let ledger = &mut registry["services"][0]["spec"];
            let mut back = ledger["environments"][0].clone();
            back["spec"]["name"] = json!("production");
            back["spec"]["deletionPolicy"] = json!("delete-with-contents");
            back["spec"]["targets"][0]["spec"]["cluster"] = json!(CLUSTER);
            ledger["environments"].as_array_mut().expect("environments").push(back);
        });
        stage.workspace.apply();
        stage.edit("ledger", |ledger| drop(ledger["environments"].as_array_mut().expect("environments").remove(1)));
        stage.workspace.apply();
        assert!(namespace(&stage).is_none(), "with all it held");
    }

    fn abandon_leaves_everything(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        leaving(&stage, "abandon");
        stage.workspace.apply();
        assert!(namespace(&stage).is_some());
        let bindings = wait(stage.within::<RoleBinding>(CLUSTER, "ledger").list(&Default::default())).expect("a list");
        assert_eq!(bindings.items.len(), 2, "and the grants survive");
        stage.workspace.assert_empty_plan();
    }

    fn a_finalizer_holds_it_by_name_until_it_is_off(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        let main = stage.workspace.read("main.tf");
        stage.workspace.write("main.tf", &main.replace("kubernetes = {", "kubernetes = {\n    deletion_timeout = \"8s\""));
        leaving(&stage, "delete");
        let namespaces = Api::<Namespace>::all(stage.human(CLUSTER));
        let name = stage.namespace("ledger");
        edit(&namespaces, &name, json!({"metadata": {"finalizers": ["example.com/hold"]}}));
        for _ in 0..2 {
            let held = stage.workspace.try_apply(&[]).failure().report();
            assert!(held.contains("`example.com/hold`"), "{held}");
        }
        // Asked for again meanwhile: the plan says what it waits for.
        let without = stage.workspace.read_json("registry.json");
        stage.edit("ledger", |ledger| {
            let mut back = ledger["environments"][0].clone();
            back["spec"]["name"] = json!("production");
            back["spec"]["targets"][0]["spec"]["cluster"] = json!(CLUSTER);
            ledger["environments"].as_array_mut().expect("environments").push(back);
        });
        let plan = stage.workspace.plan();
        let warned = plan.output.report();
        assert!(warned.contains("Being deleted") && warned.contains("`example.com/hold`"), "{warned}");
        stage.workspace.registry(&without);

        edit(&namespaces, &name, json!({"metadata": {"finalizers": []}}));
        stage.workspace.apply();
        assert!(namespace(&stage).is_none());
        stage.workspace.assert_empty_plan();
    }

    fn what_is_asked_for_again_on_its_way_out_is_made_anew(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        let main = stage.workspace.read("main.tf");
        stage.workspace.write("main.tf", &main.replace("kubernetes = {", "kubernetes = {\n    deletion_timeout = \"8s\""));
        leaving(&stage, "delete");
        let namespaces = Api::<Namespace>::all(stage.human(CLUSTER));
        let name = stage.namespace("ledger");
        edit(&namespaces, &name, json!({"metadata": {"finalizers": ["example.com/hold"]}}));
        stage.workspace.try_apply(&[]).failure();
        let old = namespace(&stage).expect("held").metadata.uid;
        stage.edit("ledger", |ledger| {
            let mut back = ledger["environments"][0].clone();
            back["spec"]["name"] = json!("production");
            back["spec"]["targets"][0]["spec"]["cluster"] = json!(CLUSTER);
            ledger["environments"].as_array_mut().expect("environments").push(back);
        });
        let plan = stage.workspace.plan();
        // Gone between the plan and its apply.
        edit(&namespaces, &name, json!({"metadata": {"finalizers": []}}));
        while namespace(&stage).is_some() {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        stage.workspace.apply_saved(&plan).success();
        stage.workspace.assert_empty_plan();
        assert_ne!(namespace(&stage).expect("made anew").metadata.uid, old);
        let bindings = wait(stage.within::<RoleBinding>(CLUSTER, "ledger").list(&Default::default())).expect("a list");
        assert_eq!(bindings.items.len(), 2);
    }

    fn a_service_moves_to_another_cluster(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let stage = Stage::new(core, &clusters);
        leaving(&stage, "delete"); // armed, and not applied: the environment comes back with two targets
        let name = stage.namespace("ledger");
        let target = |cluster: &str| json!({"type": "Target", "spec": {"kind": "argo", "cluster": cluster, "namespace": name}});
        stage.edit("ledger", |ledger| {
            let mut back = ledger["environments"][0].clone();
            back["spec"]["name"] = json!("production");
            back["spec"]["deletionPolicy"] = json!("delete");
            back["spec"]["targets"] = json!([target(CLUSTER), target("compute-shop")]);
            ledger["environments"].as_array_mut().expect("environments").push(back);
        });
        stage.workspace.apply();
        stage.edit("ledger", |ledger| ledger["environments"][1]["spec"]["targets"] = json!([target("compute-shop")]));
        let plan = stage.workspace.plan();
        assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into());
        stage.workspace.apply_saved(&plan).success();
        assert!(namespace(&stage).is_none());
        assert!(stage.marked::<Namespace>().contains_key(&stage.key("compute-shop", "ledger")));
        stage.workspace.assert_empty_plan();
    }
}
