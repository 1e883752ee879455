//! What was approved is what is applied.

use super::super::support::Core;
use super::{MAIN, Workspace, address, applied, asked, drop_service, dump, summaries, two};

on_every_core! {
    fn a_saved_plan_is_refused_where_the_registry_has_changed(core: &Core) {
        let workspace = Workspace::with(core, MAIN, &two());
        let plan = workspace.plan();
        workspace.edit_registry(|registry| {
            registry.service_mut("ledger").google_services.insert("storage.googleapis.com".to_owned());
        });
        let failed = workspace.apply_saved(&plan).failure();
        assert_eq!(summaries(&failed), ["Service `ledger` changed in the registry after planning"]);
        assert!(failed.text().contains("Plan again"), "{failed}");
        let made: Vec<String> = workspace.state().resources().into_keys().filter(|a| a.starts_with("anu_")).collect();
        assert_eq!(made, [address("make-it-rain")], "a change elsewhere in the registry does not matter");
        assert!(!dump(&workspace).projects.contains_key("gc-ledger-staging"), "nothing of it was touched");
        workspace.apply();
        workspace.assert_empty_plan();
    }

    fn a_saved_destroy_is_refused_where_the_entry_is_back(core: &Core) {
        let workspace = applied(core, &two());
        workspace.edit_registry(|registry| registry.service_mut("ledger").deletion_policy = Some("delete".to_owned()));
        workspace.apply();
        let armed = workspace.document();
        workspace.edit_registry(|registry| drop_service(registry, "ledger"));
        let plan = workspace.plan();
        workspace.registry(&armed);
        let whole = dump(&workspace);
        let failed = workspace.apply_saved(&plan).failure();
        assert_eq!(summaries(&failed), ["Service `ledger` was registered after planning"]);
        assert_eq!(dump(&workspace), whole);
        workspace.assert_empty_plan();
        assert_eq!(dump(&workspace), asked(&workspace));
    }
}

on_one_core! {
    fn another_registry_and_an_older_one_are_refused(core: &Core) {
        let workspace = applied(core, &two());
        workspace.edit_registry(|registry| registry.metadata.name = "globex".to_owned());
        let refused = workspace.refused(&[]);
        assert!(summaries(&refused).iter().all(|summary| summary.ends_with(" belongs to another registry")), "{refused}");
        workspace.edit_registry(|registry| {
            registry.metadata.name = "acme".to_owned();
            registry.metadata.compiled_at = Some("2026-11-19T10:00:00Z".to_owned());
        });
        let refused = workspace.refused(&[]);
        assert!(summaries(&refused).iter().all(|summary| summary.ends_with(": the registry is older than the last one applied")), "{refused}");
        workspace.edit_registry(|registry| registry.metadata.compiled_at = Some("2026-11-21T10:00:00Z".to_owned()));
        workspace.assert_empty_plan();
    }

    fn a_digest_that_is_not_the_services_is_refused(core: &Core) {
        let main = MAIN.replace("digest   = each.value", &format!("digest   = \"sha256:{}\"", "0".repeat(64)));
        let workspace = Workspace::with(core, &main, &two());
        let refused = workspace.refused(&[]);
        assert!(refused.text().contains(&"0".repeat(64)), "{refused}");
        // Without a refresh only a core of field set 6.11 says that it is no apply.
        let endings = [" changed in the registry after planning", ": `digest` is out of date"];
        let said = |summary: &String| endings.iter().any(|ending| summary.ends_with(ending));
        assert!(summaries(&refused).iter().all(said), "{refused}");
    }
}
