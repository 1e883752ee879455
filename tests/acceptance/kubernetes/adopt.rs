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
        edit(&quotas, "anu", unmark);
        // The plan does not show it, and no apply needs it, until there is something to change or to remove.
        fixture.workspace.assert_empty_plan();
        fixture.edit("ledger", |ledger| {
            ledger.environments[1].rbac = Access { operators: teams(&["banking"]), ..Access::default() };
            ledger.environments[1].quota = texts([("pods", "7")]);
        });
        let refused = fixture.workspace.try_apply(&[]).failure().errors();
        let refused: Vec<String> = refused.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(refused.join("\n\n").replace(&fixture.suffix, ""), @r"
        Error: Role binding `compute-banking/ledger/anu:ledger:production:admins:admin` was not created by anu and is not deleted

        Cannot delete these resources of service `ledger`:

          role binding compute-banking/ledger/anu:ledger:production:admins:admin

        Cause: role binding `compute-banking/ledger/anu:ledger:production:admins:admin` exists and has no ownership label of registry `acme`.

        It does not carry the labels `managed-by=anu` and `anu-registry=acme`. If they were removed by hand, put them back; otherwise delete it by hand.

        The state records what is true now. Plan and apply again to do the rest.
        ");
        let quota = wait(quotas.get("anu")).expect("there").metadata.labels.unwrap_or_default();
        assert_eq!(quota["managed-by"], "anu", "what is changed is marked again");

        edit(&bindings, ADMINS, json!({"metadata": {"labels": {"managed-by": "anu", "anu-registry": format!("acme{}", fixture.suffix)}}}));
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert!(wait(bindings.get_opt(ADMINS)).expect("an answer").is_none());
    }
}
