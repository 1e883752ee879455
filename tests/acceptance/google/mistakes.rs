//! What a stranger does wrong with Google, and what is said of it.

use std::collections::BTreeSet;

use google_simulator::{Authentication, Options};

use super::super::support::{Core, Output};
use super::{Fixture, PRODUCTION, REPORTS, STAGING, policy_of};

/// What a command reported, without what differs from run to run: the order, and how often something was tried. What is said of
/// each project is there once.
fn report(output: &Output) -> String {
    let texts = output.diagnostics().into_iter().map(|diagnostic| {
        let text = [STAGING, PRODUCTION, REPORTS].iter().fold(diagnostic.to_string(), |text, id| match text {
            text if text.contains("is not readable") => text.replace(id, "PROJECT"),
            text => text,
        });
        (1..9).fold(text, |text, attempts| text.replace(&format!(" on {attempts} attempts"), ""))
    });
    texts.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("\n\n")
}

on_one_core! {
    fn an_address_at_which_nothing_listens(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.replace("main.tf", &fixture.simulator.url(), "http://127.0.0.1:1");
        fixture.configure("retry_budget = \"1s\"");
        insta::assert_snapshot!(report(&fixture.workspace.refused(&[])), @"");
    }

    fn no_credentials(core: &Core) {
        let mut fixture = Fixture::new(core);
        fixture.workspace.set("GCE_METADATA_HOST", "127.0.0.1:1"); // no machine of Google's
        fixture.replace("main.tf", "    access_token = \"of-the-simulator\"\n", "");
        insta::assert_snapshot!(report(&fixture.workspace.refused(&[])), @"");
    }

    fn a_token_that_is_not_valid_any_more(core: &Core) {
        let fixture = Fixture::with(core, Options { authentication: Authentication::Required, ..Options::default() });
        insta::assert_snapshot!(report(&fixture.workspace.refused(&[])), @"");
    }

    fn a_billing_account_that_does_not_exist(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.replace("registry.json", "000000-BBBBBB-000000", "0A1B2C-3D4E5F-6A7B8C");
        insta::assert_snapshot!(report(&fixture.workspace.try_apply(&[]).failure()), @"");
    }

    fn a_folder_that_does_not_exist(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.replace("registry.json", "folders/5678", "folders/999");
        insta::assert_snapshot!(report(&fixture.workspace.try_apply(&[]).failure()), @"");
    }

    fn an_id_that_others_have_taken(core: &Core) {
        let fixture = Fixture::with(core, Options { authentication: Authentication::Required, ..Options::default() });
        super::identities::grant_all(&fixture);
        super::identities::act_as(&fixture, "applier");
        fixture.simulator.add_project(REPORTS, &[]);
        insta::assert_snapshot!(report(&fixture.workspace.try_apply(&[]).failure()), @"");
    }

    fn an_api_that_does_not_exist(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.simulator.add_missing("sqladmin.googleapis.com");
        insta::assert_snapshot!(report(&fixture.workspace.try_apply(&[]).failure()), @"");
    }

    fn a_principal_that_does_not_exist(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.simulator.add_missing("group:auditors@example.com");
        let failed = fixture.workspace.try_apply(&[]).failure();
        insta::assert_snapshot!(report(&failed), @"");
        // All others have their access.
        let members = fixture.simulator.members(&policy_of(PRODUCTION), "roles/cloudsql.admin");
        assert_eq!(members, ["group:core-banking-team@example.com"]);
        fixture.simulator.remove_missing("group:auditors@example.com");
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
    }

    fn an_existing_project_that_does_not_exist(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.edit_registry(|registry| {
            registry.projects[0].existing = Some(true);
            registry.projects[0].owner = Some("ledger".to_owned());
        });
        let failed = fixture.workspace.try_apply(&[]).failure();
        insta::assert_snapshot!(report(&failed), @"");
        assert!(fixture.simulator.project(STAGING).is_none());
    }
}
