//! The project of a GKE cluster, in which services on the cluster grant its view.

use std::collections::BTreeSet;

use super::super::document::{self, Document, Project, Target};
use super::super::support::Core;
use super::{Fixture, address, policy_of};

const COMPUTE: &str = "acme-compute-prod-77aa";
const VIEWER: &str = "roles/container.clusterViewer";

/// `ledger` and `statements` run on the cluster in production.
fn on_a_cluster(registry: &mut Document) {
    let cluster = document::Cluster {
        name: "compute".to_owned(),
        google_project: Some(COMPUTE.to_owned()),
        gke: Some(document::Gke { groups: false, cluster_viewer: true }),
        ..document::Cluster::default()
    };
    registry.clusters = vec![cluster.into()];
    let existing = Project { id: COMPUTE.to_owned(), existing: Some(true), ..Project::default() };
    registry.projects.push(existing.into());
    for (service, environment) in [("ledger", 1), ("statements", 0)] {
        let target = Target::of("argo", "compute", service, service);
        registry.service_mut(service).environments[environment].targets = vec![target.into()];
    }
}

on_one_core! {
    fn people_on_a_cluster_can_connect_to_it(core: &Core) {
        let fixture = Fixture::new(core);
        let simulator = &fixture.simulator;
        simulator.add_project(COMPUTE, &[("owner", "others")]);
        simulator.add_member(&policy_of(COMPUTE), VIEWER, "user:ada@example.com");
        let viewers = || -> BTreeSet<String> { simulator.members(&policy_of(COMPUTE), VIEWER).into_iter().collect() };
        let of = |names: &[&str]| -> BTreeSet<String> { names.iter().map(|&name| name.to_owned()).collect() };

        fixture.workspace.edit_registry(on_a_cluster);
        let plan = fixture.workspace.plan();
        insta::assert_snapshot!(plan.output.report(), @r#"
        Warning: Groups may have no members in this cluster: at `/clusters/0/spec/gke`

        Groups have access to namespaces of cluster `compute`, for example `auditors@example.com`. GKE knows the members of a group only with Google Groups for RBAC: a group named `gke-security-groups@DOMAIN` that contains these groups, and the cluster created or updated with `--security-group=gke-security-groups@DOMAIN`. Without it their members have no access. If the cluster has it, confirm it with `"groups": true` in `gke`.

        In `registry.json:1:405`, at `/clusters/0/spec/gke`.

        anu:gke-groups
        "#);
        let shown = &plan.change(&address("ledger")).after["iam"][COMPUTE][VIEWER];
        assert_eq!(*shown, serde_json::json!(["group:auditors@example.com", "group:core-banking-team@example.com", "group:data-platform-team@example.com"]));
        fixture.workspace.apply_saved(&plan).success();
        let (core_banking, ada) = ("group:core-banking-team@example.com", "user:ada@example.com");
        assert_eq!(viewers(), of(&["group:auditors@example.com", core_banking, "group:data-platform-team@example.com", ada]));
        assert_eq!(simulator.labels(COMPUTE), [("owner".to_owned(), "others".to_owned())].into());

        fixture.workspace.edit_registry(|registry| {
            registry.clusters[0].gke = Some(document::Gke { groups: true, cluster_viewer: true });
        });
        fixture.workspace.assert_empty_plan();

        // What another service uses stays; what only this one used goes, and others' grants are not touched.
        fixture.workspace.edit_registry(|registry| registry.service_mut("ledger").environments[1].targets.clear());
        let plan = fixture.workspace.plan();
        assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into());
        fixture.workspace.apply_saved(&plan).success();
        assert_eq!(viewers(), of(&[core_banking, ada]));

        fixture.workspace.edit_registry(|registry| {
            registry.clusters[0].gke = Some(document::Gke { groups: true, cluster_viewer: false });
        });
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert_eq!(viewers(), of(&[ada]));
        assert_eq!(simulator.project(COMPUTE).expect("it is of others")["state"], "ACTIVE");
    }
}
