//! Replacement is refused at plan, with the command to type instead, and nothing is lost.

use super::super::support::Core;
use super::{MAIN, Workspace, address, applied, dump, summaries, two};

on_every_core! {
    fn replace_is_refused(core: &Core) {
        let workspace = applied(core, &two());
        let whole = dump(&workspace);
        let flag = format!("-replace={}", address("ledger"));
        let refused = workspace.refused(&[&flag]);
        assert_eq!(summaries(&refused), ["Replacement of service `ledger` is refused"]);
        assert!(refused.text().contains("terraform untaint ADDRESS"), "{refused}");
        workspace.try_apply(&[&flag]).failure();
        assert_eq!(dump(&workspace), whole);
        workspace.assert_empty_plan();
    }

    fn replace_is_refused_under_create_before_destroy(core: &Core) {
        let workspace = applied(core, &two());
        let whole = dump(&workspace);
        let main = MAIN.replace("digest   = each.value", "digest   = each.value\n  lifecycle { create_before_destroy = true }");
        workspace.write("main.tf", &main);
        let flag = format!("-replace={}", address("ledger"));
        assert_eq!(summaries(&workspace.refused(&[&flag])), ["Replacement of service `ledger` is refused"]);
        workspace.try_apply(&[&flag]).failure();
        workspace.run(&["taint", &address("ledger")]).success();
        assert_eq!(summaries(&workspace.try_apply(&[]).failure()), ["Service `ledger` is in the state already"]);
        assert_eq!(dump(&workspace), whole);
    }

    fn taint_is_refused_and_untaint_is_the_way_out(core: &Core) {
        let workspace = applied(core, &two());
        let whole = dump(&workspace);
        workspace.run(&["taint", &address("ledger")]).success();
        for arguments in [&[][..], &["-refresh=false"]] {
            assert_eq!(summaries(&workspace.refused(arguments)), ["Service `ledger` is in the state already"]);
        }
        workspace.try_apply(&[]).failure();
        assert_eq!(dump(&workspace), whole);
        workspace.run(&["untaint", &address("ledger")]).success();
        workspace.assert_empty_plan();
    }

    fn a_trigger_that_replaces_is_refused(core: &Core) {
        let workspace = applied(core, &two());
        let whole = dump(&workspace);
        let trigger = "resource \"terraform_data\" \"trigger\" {\n  input = 1\n}\n";
        let main = MAIN.replace("digest   = each.value", "digest   = each.value\n  lifecycle { replace_triggered_by = [terraform_data.trigger] }");
        // The trigger first, on its own: for OpenTofu its creation is a change as well.
        workspace.write("main.tf", &format!("{MAIN}\n{trigger}"));
        workspace.apply();
        // The trigger first, on its own: for OpenTofu its creation is a change as well.
        workspace.write("main.tf", &format!("{MAIN}\n{trigger}"));
        workspace.apply();
        workspace.write("main.tf", &format!("{main}\n{trigger}"));
        workspace.apply();
        workspace.write("main.tf", &format!("{main}\n{}", trigger.replace('1', "2")));
        let refused = workspace.refused(&[]);
        assert!(summaries(&refused).iter().all(|summary| summary.starts_with("Replacement of service `")), "{refused}");
        assert_eq!(dump(&workspace), whole);
    }

    fn an_address_that_changes_without_moved_is_refused(core: &Core) {
        let workspace = applied(core, &two());
        let whole = dump(&workspace);
        workspace.write("main.tf", &MAIN.replace("\"anu_registry_service\" \"this\"", "\"anu_registry_service\" \"service\""));
        let refused = workspace.refused(&[]);
        assert!(summaries(&refused).contains(&"Service `ledger` is in the state already".to_owned()), "{refused}");
        assert_eq!(dump(&workspace), whole);
        workspace.write("moved.tf", "moved {\n  from = anu_registry_service.this\n  to = anu_registry_service.service\n}\n");
        let plan = workspace.plan();
        assert!(plan.text().contains("0 to add, 0 to change, 0 to destroy"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
    }

    fn a_failed_provisioner_does_not_cost_the_service(core: &Core) {
        let main = MAIN.replace("digest   = each.value", "digest   = each.value\n  provisioner \"local-exec\" { command = \"exit 1\" }");
        let workspace = Workspace::with(core, &main, &two());
        workspace.try_apply(&[]).failure();
        assert_eq!(workspace.tainted().len(), 2);
        let whole = dump(&workspace);
        assert!(workspace.refused(&[]).text().contains("terraform untaint ADDRESS"));
        for name in ["ledger", "make-it-rain"] {
            workspace.run(&["untaint", &address(name)]).success();
        }
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), whole);
    }
}
