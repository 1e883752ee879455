//! A project that this identity may not see: Google answers as if there were none.

use google_simulator::Fault;

use crate::fixture::text;
use crate::runs::{Estate, Stage, example};

const STAGING: &str = "acme-ledger-stag-5c0d";

/// The example is applied, and its one project that may be deleted leaves the registry.
async fn leaving() -> Estate {
    let estate = Estate::before(Stage::Change).await;
    let mut registry = example();
    registry.projects.remove(0);
    registry.service_mut("ledger").environments.remove(0);
    estate.fixture().publish(&registry.json());
    estate
}

fn hide(estate: &Estate) {
    let refused = "Permission 'resourcemanager.projects.get' denied on resource (or it may not exist).";
    estate.simulator.fault(Fault::on("GET", &format!("/v3/projects/{STAGING}")).error(403, refused));
}

#[tokio::test]
async fn a_deletion_that_cannot_be_seen_is_a_failure_and_stays_in_the_state() {
    let estate = leaving().await;
    let fixture = estate.fixture();
    let (plan, config) = fixture.planned(&estate.state().await).await;
    hide(&estate);
    let (state, diagnostics) = fixture.apply_plan(plan, &config).await;
    insta::assert_snapshot!(text(&diagnostics), @"
    Error: Service `ledger`: cannot delete 1 project, 2 APIs and 2 grants: permission denied
    Cannot delete these resources of service `ledger`:

      project acme-ledger-stag-5c0d
      API acme-ledger-stag-5c0d/pubsub.googleapis.com
      API acme-ledger-stag-5c0d/sqladmin.googleapis.com
      IAM member acme-ledger-stag-5c0d/roles/cloudsql.admin/group:core-banking-team@example.com
      IAM member acme-ledger-stag-5c0d/roles/pubsub.admin/group:core-banking-team@example.com

    Cause: project `acme-ledger-stag-5c0d` does not exist any more, or this identity has lost the permission to read it: the platform answers both alike.

    The state records what is true now. Plan and apply again to do the rest.

    anu:change-permission-denied
    ");
    assert_eq!(estate.simulator.project(STAGING).expect("it is there")["state"], "ACTIVE");
    estate.simulator.clear_faults();
    fixture.apply(&state).await;
    assert_eq!(estate.simulator.project(STAGING).expect("it is there")["state"], "DELETE_REQUESTED");
}

#[tokio::test]
async fn a_refresh_warns_of_a_project_that_is_not_seen() {
    let estate = Estate::before(Stage::Change).await;
    let fixture = estate.fixture();
    let state = estate.state().await;
    hide(&estate);
    let (plan, _) = fixture.planned(&state).await;
    insta::assert_snapshot!(text(&plan.diagnostics), @"
    Warning: Project `acme-ledger-stag-5c0d` does not exist, or may not be read
    The state records project `acme-ledger-stag-5c0d` or resources of it. The platform has the same answer (403) for a project that does not exist and for one on which there is no permission `resourcemanager.projects.get`, so it is planned as one that was deleted.

    If it exists, grant the permission to the identity of this run and plan again before you apply.

    anu:project-not-seen
    Warning: Service `reports`: 1 grant will be deleted
    Service `reports` no longer uses these resources. Apply deletes them:

      IAM member acme-reports-prod-3b7a/roles/bigquery.metadataViewer/group:core-banking-team@example.com

    anu:will-be-deleted
    ");
}
