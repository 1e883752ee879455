//! Nothing is removed by accident: each policy, in two steps; a move to another name; replacement.

use serde_json::json;

use super::super::support::Core;
use super::{ADDRESS, BODY, KEY, applied, find, key, main, store, summaries, there, updates, write};

const OTHER: &str = "compute-banking/metrics";

fn with_policy(policy: &str) -> String {
    format!("{BODY}\n  deletion_policy = \"{policy}\"\n")
}

fn moved(policy: &str) -> String {
    with_policy(policy).replace("name        = \"monitoring\"", "name        = \"metrics\"")
}

/// The configuration without the resource.
fn without() -> String {
    let text = main("");
    text[..text.find("resource \"anu_namespace\"").expect("the resource")].to_owned()
}

on_one_core! {
    fn prevent_refuses_and_delete_takes_two_steps(core: &Core) {
        let workspace = applied(core, BODY);
        let whole = there(&workspace);
        workspace.write("main.tf", &without());
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring`: deletion is refused"]);
        assert_eq!(summaries(&workspace.destroy(&[]).failure()), ["Namespace `compute-banking/monitoring`: deletion is refused"]);
        assert_eq!(there(&workspace), whole);

        write(&workspace, &with_policy("delete"));
        let step = workspace.plan();
        assert!(step.text().contains(r#""prevent" -> "delete""#), "{}", step.text());
        workspace.apply_saved(&step).success();
        workspace.write("main.tf", &without());
        let step = workspace.plan();
        store(&workspace).foreign_contents(&key(KEY), "ConfigMap", "settings").unwrap();
        assert_eq!(step.actions(), [(ADDRESS.to_owned(), "delete".to_owned())].into());
        let warned = step.output.report();
        assert!(warned.contains("namespace compute-banking/monitoring\n"), "{warned}");
        let failed = workspace.apply_saved(&step).failure();
        assert_eq!(summaries(&failed), ["Namespace `compute-banking/monitoring` is not empty"]);
        assert!(failed.text().contains("ConfigMap settings"), "{failed}");
        assert!(workspace.tainted().is_empty());
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring` is not empty"]);
        store(&workspace).remove_contents(&key(KEY), "ConfigMap", "settings").unwrap();
        workspace.apply();
        assert_eq!(find(&workspace, KEY), None);
        workspace.assert_empty_plan();
    }

    fn delete_with_contents_takes_all_and_abandon_nothing(core: &Core) {
        let workspace = applied(core, BODY);
        let whole = there(&workspace);
        write(&workspace, &with_policy("abandon"));
        workspace.apply();
        workspace.write("main.tf", &without());
        let plan = workspace.plan();
        assert!(plan.output.report().contains(" will be abandoned"), "{}", plan.output.report());
        workspace.apply_saved(&plan).success();
        assert_eq!(there(&workspace), whole);
        workspace.assert_empty_plan();

        write(&workspace, &with_policy("delete-with-contents"));
        workspace.apply();
        store(&workspace).foreign_contents(&key(KEY), "ConfigMap", "settings").unwrap();
        workspace.destroy(&[]).success();
        assert_eq!(find(&workspace, KEY), None);
    }

    fn the_stored_policy_decides(core: &Core) {
        let workspace = applied(core, BODY);
        // Both steps at once.
        write(&workspace, &moved("delete"));
        let refused = workspace.refused(&[]);
        assert_eq!(summaries(&refused), ["Namespace `compute-banking/monitoring`: deletion is refused"]);
        assert!(refused.text().contains("two reviewed steps"), "{refused}");
        // And its absence protects again.
        write(&workspace, &with_policy("delete"));
        workspace.apply();
        write(&workspace, BODY);
        assert!(workspace.plan().text().contains(r#""delete" -> "prevent""#));
        workspace.apply();
        write(&workspace, &moved("prevent"));
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring`: deletion is refused"]);
    }

    fn a_move_makes_the_new_one_before_the_old_one_goes(core: &Core) {
        let mut workspace = applied(core, &with_policy("delete"));
        write(&workspace, &moved("delete"));
        let plan = workspace.plan();
        assert_eq!(plan.actions(), updates());
        let warned = plan.output.report();
        assert!(warned.contains(" will be deleted") && warned.contains("namespace compute-banking/monitoring\n"), "{warned}");
        // The new one cannot be finished: the old one stays, and so does the state.
        workspace.set("ANU_EMBEDDED_FAULTS", "fail:role binding compute-banking/metrics");
        let failed = workspace.apply_saved(&plan).failure();
        assert!(summaries(&failed).iter().any(|title| title.ends_with(" not deleted yet")), "{failed}");
        assert!(find(&workspace, KEY).is_some());
        assert_eq!(workspace.state().resource(ADDRESS)["id"], KEY);
        workspace.unset("ANU_EMBEDDED_FAULTS");
        // The old one cannot go: what holds it is said, and the next apply goes on.
        store(&workspace).foreign_contents(&key(KEY), "ConfigMap", "settings").unwrap();
        assert_eq!(summaries(&workspace.try_apply(&[]).failure()), ["Namespace `compute-banking/monitoring` is not empty"]);
        store(&workspace).remove_contents(&key(KEY), "ConfigMap", "settings").unwrap();
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(find(&workspace, KEY), None);
        assert_eq!(find(&workspace, OTHER).expect("the new one").role_bindings.len(), 2);
    }

    fn a_move_that_abandons_leaves_the_old_one(core: &Core) {
        let workspace = applied(core, &with_policy("abandon"));
        let whole = there(&workspace);
        write(&workspace, &moved("abandon"));
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace), whole);
        assert!(find(&workspace, OTHER).is_some());
    }
}

on_every_core! {
    fn replacement_is_refused(core: &Core) {
        let workspace = applied(core, &with_policy("delete"));
        let whole = there(&workspace);
        let flag = format!("-replace={ADDRESS}");
        assert_eq!(summaries(&workspace.refused(&[&flag])), ["Replacement of namespace `compute-banking/monitoring` is refused"]);
        workspace.run(&["taint", ADDRESS]).success();
        for arguments in [&[][..], &["-refresh=false"]] {
            assert_eq!(summaries(&workspace.refused(arguments)), ["Namespace `compute-banking/monitoring` is in the state already"]);
        }
        workspace.run(&["untaint", ADDRESS]).success();
        write(&workspace, &format!("{}\n  lifecycle {{ create_before_destroy = true }}", with_policy("delete")));
        assert_eq!(summaries(&workspace.refused(&[&flag])), ["Replacement of namespace `compute-banking/monitoring` is refused"]);
        workspace.try_apply(&[&flag]).failure();
        assert_eq!(there(&workspace), whole);
        workspace.assert_empty_plan();
    }

    fn an_address_that_changes_needs_moved(core: &Core) {
        let workspace = applied(core, &with_policy("delete"));
        let whole = there(&workspace);
        let renamed = main(&with_policy("delete")).replace("\"anu_namespace\" \"monitoring\"", "\"anu_namespace\" \"metrics\"");
        workspace.write("main.tf", &renamed);
        // Whichever of the two core comes to first.
        assert_eq!(summaries(&workspace.refused(&[])), ["Namespace `compute-banking/monitoring` is in the state already"]);
        assert_eq!(there(&workspace), whole);
        workspace.write("moved.tf", "moved {\n  from = anu_namespace.monitoring\n  to   = anu_namespace.metrics\n}\n");
        let plan = workspace.plan();
        assert!(plan.text().contains("0 to add, 0 to change, 0 to destroy"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
    }
}

on_one_core! {
    fn one_on_its_way_out_is_told_at_plan(core: &Core) {
        let workspace = applied(core, &with_policy("delete"));
        store(&workspace).set_finalizer(&key(KEY), "example.com/protect", true).unwrap();
        workspace.write("main.tf", &without());
        let held = workspace.try_apply(&[]).failure();
        assert!(held.text().contains("`example.com/protect`"), "{held}");
        // Asked for again meanwhile.
        write(&workspace, &with_policy("delete"));
        let plan = workspace.plan();
        assert_eq!(plan.actions(), updates());
        let warned = plan.output.report();
        assert!(warned.contains(" will be deleted and created again") && warned.contains("`example.com/protect`"), "{warned}");
        assert!(workspace.try_apply(&[]).failure().text().contains("`example.com/protect`"));
        assert!(workspace.tainted().is_empty());
        store(&workspace).set_finalizer(&key(KEY), "example.com/protect", false).unwrap();
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(there(&workspace)["quota"], json!({"requests.cpu": "8", "requests.memory": "32Gi"}));
        assert_eq!(there(&workspace)["labels"]["anu-registry"], "acme");
    }
}
