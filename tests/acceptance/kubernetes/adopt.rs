//! Objects that existed before anu, and objects whose ownership label was removed.

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;

use super::super::clusters::Clusters;
use super::super::document::{Access, teams, texts};
use super::super::support::Core;
use super::{Fixture, create, edit, wait};

const CLUSTER: &str = "compute-banking";
const ADMINS: &str = "anu:ledger:production:admins:admin";

on_one_core! {
    fn what_is_there_already_is_taken_over_when_told(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        // A namespace that another tool applies, down to a label of ours, with a quota and a binding of our names.
        let namespaces = Api::<Namespace>::all(fixture.human(CLUSTER));
        let name = fixture.namespace("ledger");
        let theirs = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": "old", "cost": "7"}}});
        wait(namespaces.patch(&name, &PatchParams::apply("helm"), &Patch::Apply(theirs))).expect("applied");
        let quotas = fixture.within::<ResourceQuota>(CLUSTER, "ledger");
        create(&quotas, json!({"metadata": {"name": "anu"}, "spec": {"hard": {"pods": "1", "requests.cpu": "1"}}}));
        let bindings = fixture.within::<RoleBinding>(CLUSTER, "ledger");
        let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"});
        create(&bindings, json!({"metadata": {"name": ADMINS}, "roleRef": role, "subjects": []}));

        let refused = fixture.workspace.refused(&[]).report();
        insta::assert_snapshot!(refused.replace(&fixture.suffix, ""), @r"
        Error: Namespace `compute-banking/ledger` exists already

        Namespace `compute-banking/ledger` exists and was not created by anu.

        To adopt it, set `adopt_existing = true` on this resource, or import the service. If the registry means another one, correct the entry.

        anu:exists-already

        Error: Quota `compute-banking/ledger` exists already

        Quota `compute-banking/ledger` exists and was not created by anu.

        To adopt it, set `adopt_existing = true` on this resource, or import the service. If the registry means another one, correct the entry.

        anu:exists-already

        Error: Role binding `compute-banking/ledger/anu:ledger:production:admins:admin` exists already

        Role binding `compute-banking/ledger/anu:ledger:production:admins:admin` exists and was not created by anu.

        To adopt it, set `adopt_existing = true` on this resource, or import the service. If the registry means another one, correct the entry.

        anu:exists-already
        ");

        let main = fixture.workspace.read("main.tf");
        let adopts = main.replace("digest   = each.value", "digest   = each.value\n  adopt_existing = true");
        assert_ne!(adopts, main);
        fixture.workspace.write("main.tf", &adopts);
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        let labels = wait(namespaces.get(&name)).expect("there").metadata.labels.unwrap_or_default();
        assert_eq!((labels["team"].as_str(), labels["cost"].as_str()), ("banking", "7"), "ours is ours, theirs is theirs");
        let quota = wait(quotas.get("anu")).expect("there").spec.and_then(|spec| spec.hard).unwrap_or_default();
        assert_eq!(quota.into_keys().collect::<Vec<_>>(), ["requests.cpu", "requests.memory"]);
        let subjects = wait(bindings.get(ADMINS)).expect("there").subjects.unwrap_or_default();
        assert_eq!(subjects.len(), 1);
        // What is told once is done: from now on it is ours.
        fixture.workspace.write("main.tf", &main);
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
    }

    fn an_ownership_label_that_was_removed(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.apply();
        let unmark = json!({"metadata": {"labels": {"managed-by": null, "anu-registry": null}}});
        let bindings = fixture.within::<RoleBinding>(CLUSTER, "ledger");
        edit(&bindings, ADMINS, unmark.clone());
        let quotas = fixture.within::<ResourceQuota>(CLUSTER, "ledger");
        edit(&quotas, "anu", unmark.clone());
        // The plan shows it, and the apply writes it again.
        let plan = fixture.workspace.plan();
        let said = plan.output.report();
        assert!(said.contains("Service `ledger`: ownership label missing on 1 quota and 1 grant"), "{said}");
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        let marked = |labels: Option<std::collections::BTreeMap<String, String>>| labels.unwrap_or_default()["managed-by"] == "anu";
        assert!(marked(wait(quotas.get("anu")).expect("there").metadata.labels));
        assert!(marked(wait(bindings.get(ADMINS)).expect("there").metadata.labels));
        // It is no reason not to revoke.
        edit(&bindings, ADMINS, unmark.clone());
        edit(&quotas, "anu", unmark);
        fixture.edit("ledger", |ledger| {
            ledger.environments[1].rbac = Access { operators: teams(&["banking"]), ..Access::default() };
            ledger.environments[1].quota = texts([("pods", "7")]);
        });
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert!(wait(bindings.get_opt(ADMINS)).expect("an answer").is_none());
        assert!(marked(wait(quotas.get("anu")).expect("there").metadata.labels));
    }

    fn what_is_planted_under_our_names(core: &Core) {
        let Some(clusters) = Clusters::shared() else { return };
        let fixture = Fixture::new(core, &clusters);
        fixture.workspace.apply();
        let bindings = fixture.within::<RoleBinding>(CLUSTER, "ledger");
        let name = "anu:ledger:production:viewers:view";
        let role = |name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name});
        let theirs = json!([{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "else"}]);
        create(&bindings, json!({"metadata": {"name": name}, "roleRef": role("edit"), "subjects": theirs}));
        fixture.edit("ledger", |ledger| ledger.environments[1].rbac.viewers = teams(&["shop"]));
        let refused = fixture.workspace.refused(&[]).report();
        assert!(refused.contains(&format!("{name}` exists already")), "{refused}");
        // With our label, and another role.
        let ours = json!({"managed-by": "anu", "anu-registry": format!("acme{}", fixture.suffix)});
        edit(&bindings, name, json!({"metadata": {"labels": ours}}));
        let plan = fixture.workspace.plan();
        let said = plan.output.report();
        assert!(said.contains("role: `edit` -> `view`") && said.contains("revoked from `User:else`"), "{said}");
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(wait(bindings.get(name)).expect("there").role_ref.name, "view");
    }
}
