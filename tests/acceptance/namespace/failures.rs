//! Nothing is lost: failed and killed applies, and a registry or platform that is not there.

use serde_json::json;

use super::super::support::{Core, Workspace};
use super::{
    ADDRESS, BODY, EMBEDDED, KEY, applied, creates, find, key, main, registry, store, summaries, there, with, write,
};

on_one_core! {
    fn a_failed_create_leaves_no_state_and_is_resumed(core: &Core) {
        let mut workspace = with(core, BODY);
        // Each run goes on where the last one stopped.
        for fault in ["kill@1", "fail@2", "kill@1"] {
            workspace.set("ANU_EMBEDDED_FAULTS", fault);
            workspace.try_apply(&[]).failure();
            assert!(workspace.tainted().is_empty(), "never tainted");
            assert!(workspace.state().resources().is_empty(), "no state after {fault}");
        }
        workspace.unset("ANU_EMBEDDED_FAULTS");
        let plan = workspace.plan();
        assert_eq!(plan.actions(), creates());
        assert!(plan.output.report().contains(" exist already"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["role_bindings"].as_object().unwrap().len(), 2);
    }

    fn a_create_is_resumed_with_another_role(core: &Core) {
        let mut workspace = with(core, BODY);
        workspace.set("ANU_EMBEDDED_FAULTS", "fail:role binding compute-banking/monitoring/viewers");
        workspace.try_apply(&[]).failure();
        workspace.unset("ANU_EMBEDDED_FAULTS");
        write(&workspace, &BODY.replace("\"edit\"", "\"admin\""));
        let plan = workspace.plan();
        assert!(plan.output.report().contains("`edit` becomes `admin`"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["role_bindings"]["operators"]["role"], "admin");
    }

    fn a_failed_update_says_what_is_true(core: &Core) {
        let mut workspace = applied(core, BODY);
        write(&workspace, &format!("{}\n  deletion_policy = \"delete\"", BODY
            .replace("tier = \"1\"", "tier = \"2\"")
            .replace("\"8\"", "\"16\"")
            .replace("\"edit\"", "\"admin\"")
            .replace("\"viewers\"", "\"auditors\"")));
        workspace.set("ANU_EMBEDDED_FAULTS", "fail:role binding compute-banking/monitoring/auditors");
        let failed = workspace.try_apply(&[]).failure();
        assert!(summaries(&failed).iter().any(|title| title.ends_with(" not deleted yet")), "{failed}");
        assert!(workspace.tainted().is_empty());
        let state = workspace.state().resource(ADDRESS);
        assert_eq!(state["labels"], json!({"team": "platform", "tier": "2"}));
        assert_eq!(state["quota"]["requests.cpu"], "16");
        assert_eq!(state["role_binding"][0]["role"], "admin");
        assert_eq!(state["role_binding"][1]["name"], "viewers", "not removed before the new one is there");
        assert_eq!(state["deletion_policy"], "prevent");
        workspace.unset("ANU_EMBEDDED_FAULTS");
        workspace.apply();
        workspace.assert_empty_plan();

        // Killed between the deletion of a binding and its creation, or anywhere else.
        write(&workspace, &BODY.replace("\"edit\"", "\"view\""));
        for nth in [1, 2] {
            workspace.set("ANU_EMBEDDED_FAULTS", format!("kill@{nth}"));
            workspace.try_apply(&[]).failure();
            assert!(workspace.tainted().is_empty(), "never tainted");
        }
        workspace.unset("ANU_EMBEDDED_FAULTS");
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["role_bindings"]["operators"]["role"], "view");
    }

    fn without_the_registry_it_is_refreshed_and_nothing_is_applied(core: &Core) {
        let workspace = applied(core, &format!("{BODY}\n  deletion_policy = \"delete\""));
        let text = workspace.read("registry.json");
        workspace.write("registry.json", "{");
        let plan = workspace.plan_with(&["-destroy", "-refresh=false"]);
        assert!(plan.text().contains("destroy is planned without the registry"), "{}", plan.text());
        assert_eq!(summaries(&workspace.apply_saved(&plan).failure()), ["Namespace `compute-banking/monitoring`: destroy needs the registry"]);
        assert!(find(&workspace, KEY).is_some());
        assert!(!workspace.try_apply(&[]).failure().text().contains("Bug in anu"));
        workspace.write("registry.json", &text);
        workspace.assert_empty_plan();

        // Another registry, and an older one, would leave another mark.
        workspace.edit_registry(|registry| registry.metadata.name = "globex".to_owned());
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring` belongs to another registry"]);
        workspace.registry(&registry());
        workspace.edit_registry(|registry| registry.metadata.compiled_at = Some("2026-11-19T10:00:00Z".to_owned()));
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring`: the registry is older than the last one applied"]);
    }

    fn a_kind_with_nowhere_to_go_is_named(core: &Core) {
        let nowhere = main(BODY).replace("replaces = [\"kubernetes\"]", "replaces = [\"google\"]");
        let workspace = Workspace::with(core, &nowhere, &registry());
        let refused = workspace.refused(&[]);
        assert_eq!(summaries(&refused), ["No platform is configured"]);
        assert!(!refused.text().contains("projects, APIs"), "of the kind that is asked for only: {refused}");
        workspace.write("main.tf", &main(BODY).replace(EMBEDDED, "manage = [\"google\"]"));
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring` is excluded by `manage`"]);

        // One that was made before is let go of, whatever its policy.
        let workspace = applied(core, BODY);
        workspace.write("main.tf", &main(BODY).replace(EMBEDDED, "manage = [\"google\"]"));
        let plan = workspace.plan_with(&["-destroy", "-refresh=false"]);
        assert!(plan.output.report().contains(" will be abandoned"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        assert!(find(&workspace, KEY).is_some());
    }
}

on_every_core! {
    fn import_takes_what_is_ours_and_names_what_is_not(core: &Core) {
        let workspace = applied(core, BODY);
        store(&workspace).foreign_namespace(&key("compute-banking/theirs"), &[("team".to_owned(), "x".to_owned())].into()).unwrap();
        let globex = anu::platform::OwnerLabel::labels(&"globex".parse().unwrap());
        store(&workspace).foreign_namespace(&key("compute-banking/globex"), &globex).unwrap();
        workspace.remove("terraform.tfstate");
        for (id, summary) in [
            ("monitoring", "Import id `monitoring` is not valid"),
            ("compute-banking/Monitoring", "Import id `compute-banking/Monitoring` is not valid"),
            ("compute-banking/nothing", "Namespace `compute-banking/nothing` cannot be imported"),
            ("compute-banking/globex", "Namespace `compute-banking/globex` belongs to the registry `globex`"),
            ("compute-banking/ledger", "Namespace `compute-banking/ledger` belongs to the registry"),
        ] {
            assert_eq!(summaries(&workspace.import(ADDRESS, id).failure()), [summary], "{id}");
        }
        // A namespace of another owner, imported on purpose, keeps its labels and gets our ownership label.
        write(&workspace, "cluster = \"compute-banking\"\nname = \"theirs\"\nlabels = { tier = \"1\" }");
        workspace.import(ADDRESS, "compute-banking/theirs").success();
        let plan = workspace.assert_drift();
        assert_eq!(plan.change(ADDRESS).before["registry"], "");
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        let labels = find(&workspace, "compute-banking/theirs").expect("there").settings.labels;
        assert_eq!(labels.into_iter().collect::<Vec<_>>(), [("anu-registry", "acme"), ("managed-by", "anu"), ("team", "x"), ("tier", "1")].map(|(k, v)| (k.to_owned(), v.to_owned())));
    }
}
