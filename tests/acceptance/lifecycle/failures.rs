//! Nothing is lost: failed and killed applies.

use serde_json::json;

use super::super::support::Core;
use super::{MAIN, Workspace, address, applied, asked, dump, registry, service, store, summaries};

on_every_core! {
    fn a_failed_create_leaves_no_state_and_is_resumed(core: &Core) {
        let one = registry([service("ledger")]);
        let mut workspace = Workspace::with(core, MAIN, &one);
        // Each run goes on where the last one stopped, so fewer writes are left each time.
        for nth in [2, 1, 1] {
            workspace.set("ANU_EMBEDDED_FAULTS", format!("fail@{nth}"));
            let failed = workspace.try_apply(&[]).failure();
            assert!(failed.text().contains("Apply again"), "{failed}");
            assert!(workspace.tainted().is_empty(), "never tainted");
            assert!(!workspace.state().resources().contains_key(&address("ledger")), "no state");
        }
        workspace.unset("ANU_EMBEDDED_FAULTS");
        assert_eq!(workspace.plan().actions(), [(address("ledger"), "create".to_owned())].into());
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }

    fn a_failed_update_says_what_is_true(core: &Core) {
        let mut workspace = applied(core, &registry([service("ledger")]));
        workspace.edit_registry(|registry| {
            registry.service_mut("ledger").google_services = ["storage.googleapis.com".to_owned()].into();
        });
        workspace.set("ANU_EMBEDDED_FAULTS", "fail:IAM member gc-ledger-staging");
        let failed = workspace.try_apply(&[]).failure();
        assert!(summaries(&failed).iter().any(|title| title.ends_with(" not deleted yet")), "{failed}");
        assert!(workspace.tainted().is_empty());
        let state = workspace.state().resource(&address("ledger"));
        assert!(state["apis"]["gc-ledger-staging"].as_array().unwrap().contains(&json!("storage.googleapis.com")), "{state}");
        assert!(state["iam"]["gc-ledger-staging"]["roles/pubsub.admin"].is_array(), "not removed before the new is there");
        workspace.unset("ANU_EMBEDDED_FAULTS");
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }

    fn killed_in_the_middle_and_applied_again(core: &Core) {
        let mut workspace = Workspace::with(core, MAIN, &registry([service("ledger")]));
        for nth in [1, 2, 3, 2, 1] {
            workspace.set("ANU_EMBEDDED_FAULTS", format!("kill@{nth}"));
            workspace.try_apply(&[]).failure();
            assert!(workspace.tainted().is_empty(), "never tainted");
        }
        workspace.unset("ANU_EMBEDDED_FAULTS");
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }

    fn stopped_by_the_user_and_applied_again(core: &Core) {
        let mut workspace = Workspace::with(core, MAIN, &registry([service("ledger")]));
        workspace.set("ANU_EMBEDDED_FAULTS", "delay=400ms");
        let mut running = workspace.start(&["apply", "-input=false", "-auto-approve"]);
        // The first thing made: the apply is under way.
        let begun = || workspace.path().join("anu.db").is_file() && !dump(&workspace).projects.is_empty();
        while !begun() {
            assert!(!running.has_ended(), "{}", running.wait());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        running.signal(libc::SIGINT);
        running.wait().failure();
        assert!(workspace.tainted().is_empty(), "never tainted");
        workspace.unset("ANU_EMBEDDED_FAULTS");
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }
}

on_one_core! {
    fn what_is_not_ours_is_taken_over_only_when_told(core: &Core) {
        let mut workspace = Workspace::with(core, MAIN, &registry([service("ledger")]));
        workspace.set("ANU_EMBEDDED_FAULTS", "");
        let id = "gc-ledger-staging".parse().unwrap();
        let key = "compute-banking/ledger".parse().unwrap();
        store(&workspace).foreign_project(&id, &Default::default()).unwrap();
        store(&workspace).foreign_namespace(&key, &Default::default()).unwrap();
        let refused = workspace.refused(&[]);
        assert_eq!(summaries(&refused), ["Project `gc-ledger-staging` exists already", "Namespace `compute-banking/ledger` exists already"]);
        assert!(refused.text().contains("adopt_existing = true"), "{refused}");
        workspace.write("main.tf", &MAIN.replace("digest   = each.value", "digest   = each.value\n  adopt_existing = true"));
        let plan = workspace.plan();
        assert!(plan.text().contains(" exist already"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
    }
}
