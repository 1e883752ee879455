//! A removal under each deletion policy.

use super::super::document::Document;
use super::super::support::Core;
use super::{Fixture, REPORTS, STAGING, address, policy_of};

/// `reports` and its project leave the registry.
fn without_reports(registry: &mut Document) {
    registry.remove_service("reports");
    registry.projects.retain(|project| project.id != REPORTS);
}

/// The policy of `reports`, applied.
fn with_policy(fixture: &Fixture, policy: &str) {
    fixture.workspace.edit_registry(|registry| {
        registry.service_mut("reports").deletion_policy = Some(policy.to_owned());
    });
    fixture.workspace.apply();
}

on_every_core! {
    fn prevent_refuses_the_plan(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        fixture.workspace.edit_registry(without_reports);
        let refused = fixture.workspace.refused(&[]);
        assert_eq!(refused.errors()[0].summary, "Service `reports`: deletion of 1 project is refused");
        assert_eq!(fixture.simulator.project(REPORTS).expect("there")["state"], "ACTIVE");
    }

    fn delete_deletes_what_the_plan_showed(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        with_policy(&fixture, "delete");
        fixture.workspace.edit_registry(without_reports);
        let plan = fixture.workspace.plan();
        assert_eq!(plan.actions(), [(address("reports"), "delete".to_owned())].into());
        assert!(plan.text().contains(&format!("project {REPORTS}")), "{}", plan.text());
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.project(REPORTS).expect("for 30 days")["state"], "DELETE_REQUESTED");
        // A restored project must not bring back access that no plan shows.
        fixture.simulator.restore_project(REPORTS);
        let ours = fixture.simulator.grants(&policy_of(REPORTS)).into_iter().filter(|(role, ..)| role != "roles/owner");
        assert_eq!(ours.count(), 0);
    }
}

on_one_core! {
    fn abandon_leaves_it_as_it_is(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        with_policy(&fixture, "abandon");
        let before = fixture.simulator.grants(&policy_of(REPORTS));
        fixture.workspace.edit_registry(without_reports);
        let plan = fixture.workspace.plan();
        assert!(plan.output.report().contains(REPORTS), "{}", plan.output.report());
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.project(REPORTS).expect("there")["state"], "ACTIVE");
        assert_eq!(fixture.simulator.grants(&policy_of(REPORTS)), before, "with its grants");
    }

    fn an_environment_leaves_with_its_project(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        fixture.workspace.edit_registry(|registry| {
            registry.service_mut("ledger").environments.remove(0);
            registry.projects.retain(|project| project.id != STAGING);
        });
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.project(STAGING).expect("for 30 days")["state"], "DELETE_REQUESTED");
        // The same environment comes back: the id is reserved, so the project is restored.
        fixture.workspace.registry(&super::registry());
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.project(STAGING).expect("there")["state"], "ACTIVE");
    }

    fn a_project_with_a_lien_of_others_is_not_deleted(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        with_policy(&fixture, "delete");
        fixture.simulator.add_lien(REPORTS, "kept for the audit", "others");
        fixture.workspace.edit_registry(without_reports);
        let plan = fixture.workspace.plan();
        let failed = fixture.workspace.apply_saved(&plan).failure();
        insta::assert_snapshot!(failed.report(), @"
        Error: Service `reports`: cannot delete 1 project

        Cannot delete these resources of service `reports`:

          project acme-reports-prod-3b7a

        Cause: project `acme-reports-prod-3b7a`: it cannot be deleted: A lien to prevent deletion was placed on the project by [others]. Remove the lien to allow deletion (FAILED_PRECONDITION).

        The state records what is true now. Plan and apply again to do the rest.

        anu:change-failed
        ");
        assert_eq!(fixture.simulator.project(REPORTS).expect("there")["state"], "ACTIVE");
    }

    fn destroy_deletes_only_what_may_be_deleted(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        let refused = fixture.workspace.destroy(&[]).failure();
        assert!(refused.report().contains("is refused"), "{refused}");
        fixture.workspace.edit_registry(|registry| {
            registry.projects.iter_mut().for_each(|project| project.deletion_policy = Some("delete".to_owned()));
            registry.services.iter_mut().for_each(|service| service.deletion_policy = Some("delete".to_owned()));
        });
        fixture.workspace.apply();
        fixture.workspace.destroy(&[]).success();
        for id in fixture.simulator.projects() {
            assert_eq!(fixture.simulator.project(&id).expect("for 30 days")["state"], "DELETE_REQUESTED", "{id}");
        }
        assert!(fixture.workspace.state().resources().is_empty());
    }
}
