//! Nothing is removed by accident: refused at plan, possible in two reviewed steps.

use super::super::document::{Document, Namespace, Target};
use super::super::support::Core;
use super::{MAIN, Workspace, address, applied, asked, drop_service, dump, registry, service, store, summaries, two};

/// `ledger` runs in make-it-rain's staging namespace, which is listed as shared.
fn share_namespace(registry: &mut Document) {
    let target = Target::of("argo", "compute-staging", "make-it-rain", "ledger");
    registry.service_mut("ledger").environments[0].targets = vec![target.into()];
    let namespace = Namespace {
        cluster: "compute-staging".to_owned(),
        name: "make-it-rain".to_owned(),
        owner: Some("make-it-rain".to_owned()),
        shared_with: ["ledger".to_owned()].into(),
        deletion_policy: Some("delete".to_owned()),
        ..Namespace::default()
    };
    registry.namespaces = vec![namespace.into()];
}

on_every_core! {
    fn a_service_leaves_in_two_steps(core: &Core) {
        let workspace = applied(core, &two());
        let whole = dump(&workspace);
        workspace.edit_registry(|registry| drop_service(registry, "ledger"));
        let refused = workspace.refused(&[]);
        assert_eq!(summaries(&refused), ["Service `ledger`: deletion of 2 projects and 2 namespaces is refused"]);
        for key in ["project gc-ledger-staging", "namespace compute-banking/ledger"] {
            assert!(refused.text().contains(key), "{key}: {refused}");
        }
        assert_eq!(dump(&workspace), whole);

        workspace.registry(&two());
        workspace.edit_registry(|registry| registry.service_mut("ledger").deletion_policy = Some("delete".to_owned()));
        let step = workspace.plan();
        assert_eq!(step.actions(), [(address("ledger"), "update".to_owned())].into());
        assert!(step.text().contains(r#""prevent" -> "delete""#), "{}", step.text());
        workspace.apply_saved(&step).success();
        workspace.edit_registry(|registry| drop_service(registry, "ledger"));
        let step = workspace.plan();
        assert_eq!(step.actions(), [(address("ledger"), "delete".to_owned())].into());
        assert!(step.text().contains("project gc-ledger-staging"), "{}", step.text());
        workspace.apply_saved(&step).success();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }
}

on_every_core! {
    /// Core tells a provider no addresses, and plans in one process what stays and what goes.
    fn an_index_of_count_that_shifts_is_refused(core: &Core) {
        let mut all = registry(["a-service", "b-service", "c-service"].map(service));
        all.services.iter_mut().for_each(|service| service.deletion_policy = Some("delete-with-contents".to_owned()));
        let counted = MAIN
            .replace("for_each = data.anu_registry.this.service_digests", "count = length(local.names)")
            .replace("name     = each.key", "name = local.names[count.index]")
            .replace("digest   = each.value", "digest = data.anu_registry.this.service_digests[local.names[count.index]]");
        let counted = format!("{counted}\nlocals {{ names = sort(keys(data.anu_registry.this.service_digests)) }}\n");
        let workspace = Workspace::with(core, &counted, &all);
        workspace.apply();
        workspace.assert_empty_plan();
        let whole = dump(&workspace);
        workspace.edit_registry(|registry| drop_service(registry, "a-service"));
        let refused = workspace.refused(&[]);
        let two = summaries(&refused);
        assert!(!two.is_empty() && two.iter().all(|summary| summary.ends_with("has two resources")), "{refused}");
        assert!(refused.text().contains("terraform state mv OLD_ADDRESS NEW_ADDRESS"), "{refused}");
        assert_eq!(dump(&workspace), whole);
        // A destroy of all of them is none. (Terraform plans the configuration first, in a destroy too.)
        workspace.registry(&all);
        workspace.destroy(&[]).success();
        assert!(workspace.state().resources().is_empty());
    }

    /// Core shows warnings of one summary as one.
    fn every_service_that_loses_something_is_listed(core: &Core) {
        let mut all = two();
        all.services.iter_mut().for_each(|service| service.deletion_policy = Some("delete".to_owned()));
        let workspace = applied(core, &all);
        workspace.edit_registry(|registry| {
            registry.projects.clear();
            registry.services.iter_mut().for_each(|service| service.environments.clear());
        });
        let plan = workspace.plan();
        for name in ["ledger", "make-it-rain"] {
            assert!(plan.text().contains(&format!("Warning: Service `{name}`: 2 projects, ")), "{}", plan.text());
            assert!(plan.text().contains(&format!("  project gc-{name}-staging")), "{}", plan.text());
        }
    }
}

on_one_core! {
    fn both_steps_at_once_are_refused(core: &Core) {
        let workspace = applied(core, &two());
        workspace.edit_registry(|registry| {
            let ledger = registry.service_mut("ledger");
            ledger.deletion_policy = Some("delete".to_owned());
            ledger.environments.pop();
            registry.projects.retain(|project| project.id != "gc-ledger-production");
        });
        assert_eq!(summaries(&workspace.refused(&[])), ["Service `ledger`: deletion of 1 project and 1 namespace is refused"], "the stored policy decides");
    }

    fn an_environment_and_a_target_leave_in_two_steps(core: &Core) {
        let workspace = applied(core, &two());
        workspace.edit_registry(|registry| registry.service_mut("ledger").environments[0].targets.clear());
        let refused = workspace.refused(&[]);
        assert!(refused.text().contains("namespace compute-staging/ledger"), "{refused}");

        workspace.registry(&two());
        workspace.edit_registry(|registry| {
            registry.service_mut("ledger").environments[0].deletion_policy = Some("delete".to_owned());
            registry.projects[2].deletion_policy = Some("delete".to_owned());
        });
        workspace.apply();
        workspace.edit_registry(|registry| registry.service_mut("ledger").environments[0].targets.clear());
        let step = workspace.plan();
        assert_eq!(step.actions(), [(address("ledger"), "update".to_owned())].into());
        assert!(step.text().contains(" will be deleted"), "{}", step.text());
        workspace.apply_saved(&step).success();
        assert_eq!(dump(&workspace), asked(&workspace));
        workspace.edit_registry(|registry| {
            registry.service_mut("ledger").environments.remove(0);
            registry.projects.remove(2);
        });
        workspace.apply();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }

    fn a_namespace_with_others_things_in_it_stays(core: &Core) {
        let workspace = applied(core, &two());
        workspace.edit_registry(|registry| registry.service_mut("ledger").deletion_policy = Some("delete".to_owned()));
        workspace.apply();
        let key = "compute-staging/ledger".parse().unwrap();
        store(&workspace).foreign_contents(&key, "ConfigMap", "settings").unwrap();
        workspace.edit_registry(|registry| drop_service(registry, "ledger"));
        let failed = workspace.try_apply(&[]).failure();
        assert_eq!(summaries(&failed), ["Namespace `compute-staging/ledger` is not empty"]);
        assert!(failed.text().contains("settings"), "{failed}");
        assert!(workspace.tainted().is_empty());
        store(&workspace).remove_contents(&key, "ConfigMap", "settings").unwrap();
        workspace.apply();
        assert_eq!(dump(&workspace), asked(&workspace));
    }

    fn abandon_forgets_and_lists_what_survives(core: &Core) {
        let workspace = applied(core, &two());
        workspace.edit_registry(|registry| registry.service_mut("ledger").deletion_policy = Some("abandon".to_owned()));
        workspace.apply();
        let whole = dump(&workspace);
        workspace.edit_registry(|registry| drop_service(registry, "ledger"));
        let plan = workspace.plan();
        assert!(plan.text().contains(" will be abandoned"), "{}", plan.text());
        assert!(plan.text().contains("IAM member gc-ledger-staging/roles/pubsub.admin/"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        assert_eq!(dump(&workspace), whole);
        workspace.assert_empty_plan();
    }

    fn the_argument_overrides_and_its_absence_protects_again(core: &Core) {
        let workspace = applied(core, &two());
        let main = MAIN.replace("digest   = each.value", "digest   = each.value\n  deletion_policy = \"delete\"");
        workspace.write("main.tf", &main);
        workspace.apply();
        workspace.assert_empty_plan();
        workspace.write("main.tf", MAIN);
        assert!(workspace.plan().text().contains(r#""delete" -> "prevent""#));
        workspace.apply();
        workspace.edit_registry(|registry| drop_service(registry, "ledger"));
        assert_eq!(summaries(&workspace.refused(&[])), ["Service `ledger`: deletion of 2 projects and 2 namespaces is refused"]);
    }

    fn shared_things_stay_for_those_who_ask(core: &Core) {
        let mut shared = registry(["make-it-rain", "ledger"].map(|name| service(name).with_policy("delete")));
        // `ledger` runs in make-it-rain's staging namespace and project as well.
        share_namespace(&mut shared);
        shared.service_mut("ledger").environments[0].google_project = Some("gc-make-it-rain-staging".to_owned());
        shared.projects.remove(2);
        shared.projects[0].owner = Some("make-it-rain".to_owned());
        shared.projects[0].shared_with = ["ledger".to_owned()].into();
        shared.projects[0].deletion_policy = Some("delete".to_owned());
        let workspace = applied(core, &shared);
        assert_eq!(dump(&workspace), asked(&workspace));

        // Handed over: the owner leaves, the sharer becomes the owner.
        workspace.edit_registry(|registry| {
            registry.remove_service("make-it-rain");
            registry.projects.retain(|project| project.id != "gc-make-it-rain-production");
            registry.projects[0].owner = Some("ledger".to_owned());
            registry.projects[0].shared_with.clear();
            registry.namespaces[0].owner = Some("ledger".to_owned());
            registry.namespaces[0].shared_with.clear();
        });
        let plan = workspace.plan();
        assert!(plan.text().contains("namespace compute-staging/make-it-rain: still used by `ledger`"), "{}", plan.text());
        assert!(plan.text().contains("project gc-make-it-rain-staging: still used by `ledger`"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }

    fn services_destroyed_in_one_run_take_what_they_share(core: &Core) {
        let mut shared = registry(["make-it-rain", "ledger"].map(|name| service(name).with_policy("delete")));
        share_namespace(&mut shared);
        let workspace = applied(core, &shared);
        workspace.destroy(&[]).success();
        assert!(dump(&workspace).clusters.values().all(|namespaces| namespaces.is_empty()), "{:#?}", dump(&workspace));
        assert!(dump(&workspace).projects.is_empty());
    }

    fn a_removed_entry_that_comes_back_is_restored(core: &Core) {
        let workspace = applied(core, &two());
        workspace.edit_registry(|registry| registry.service_mut("ledger").deletion_policy = Some("delete".to_owned()));
        workspace.apply();
        workspace.edit_registry(|registry| drop_service(registry, "ledger"));
        workspace.apply();
        workspace.registry(&two());
        let plan = workspace.plan();
        assert!(plan.text().contains(" will be restored"), "{}", plan.text());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }
}
