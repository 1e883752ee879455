//! From nothing to an empty second plan, and from a lost state back to one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::super::support::{Core, Plan};
use super::{Fixture, PRODUCTION, REPORTS, STAGING, address, policy_of};

const SERVICES: [&str; 3] = ["ledger", "statements", "reports"];

fn texts(list: &Json) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().map(|item| item.as_str().expect("a text").to_owned()).collect()
}

/// Makes sure that everything that a plan showed is there, and that nothing else is ours.
fn assert_is_as_planned(fixture: &Fixture, plan: &Plan) {
    let simulator = &fixture.simulator;
    let mut projects = BTreeSet::new();
    let mut granted: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for service in SERVICES {
        let after = plan.change(&address(service)).after;
        for (id, planned) in after["projects"].as_object().expect("projects") {
            projects.insert(id.clone());
            if planned["shared"] == true {
                continue;
            }
            let project = simulator.project(id).unwrap_or_else(|| panic!("no project {id}"));
            assert_eq!(project["displayName"], planned["display_name"], "{id}");
            assert_eq!(project["parent"], planned["parent"], "{id}");
            assert_eq!(project["state"], "ACTIVE", "{id}");
            let mut labels = planned["labels"].clone();
            labels["managed-by"] = json!("anu");
            labels["anu-registry"] = json!("acme");
            assert_eq!(project["labels"], labels, "{id}");
            let account = format!("billingAccounts/{}", planned["billing_account"].as_str().expect("an account"));
            assert_eq!(simulator.billing_account(id).as_deref(), Some(account.as_str()), "{id}");
        }
        for (id, apis) in after["apis"].as_object().expect("APIs") {
            let enabled: BTreeSet<String> = simulator.services(id).into_iter().collect();
            assert!(texts(apis).is_subset(&enabled), "{id}: {apis} of {enabled:?}");
        }
        for (id, roles) in after["iam"].as_object().expect("grants") {
            for (role, members) in roles.as_object().expect("roles") {
                let pairs = texts(members).into_iter().map(|member| (role.clone(), member));
                granted.entry(id.clone()).or_default().extend(pairs);
            }
        }
    }
    assert_eq!(simulator.projects().into_iter().collect::<BTreeSet<_>>(), projects);
    for (id, mut expected) in granted {
        expected.insert(("roles/owner".to_owned(), google_simulator::ADMINISTRATOR.to_owned()));
        let found = simulator.grants(&policy_of(&id)).into_iter();
        let found: BTreeSet<(String, String)> = found.map(|(role, member, _)| (role, member)).collect();
        assert_eq!(found, expected, "{id}");
    }
}

on_every_core! {
    fn applies_and_there_is_what_the_plan_showed(core: &Core) {
        let fixture = Fixture::new(core);
        let plan = fixture.workspace.plan();
        assert!(plan.output.warnings().is_empty(), "{}", plan.output.report());
        assert_eq!(plan.actions(), SERVICES.map(|service| (address(service), "create".to_owned())).into());
        let projects = &plan.change(&address("ledger")).after["projects"];
        assert_eq!(projects[STAGING]["parent"], "folders/1234", "the default of the provider block");
        assert_eq!(projects[STAGING]["billing_account"], "000000-AAAAAA-000000");
        let applied = fixture.workspace.apply_saved(&plan).success();
        // The plan cannot show what Google grants by itself.
        let owners = applied.warnings().into_iter().filter(|warning| warning.summary.ends_with(" is an owner"));
        let owners: Vec<String> = owners.map(|warning| warning.detail).collect();
        let named = |id: &str| owners.iter().filter(|owners| owners.contains(&format!("project {id}: user:administrator@"))).count();
        assert_eq!([STAGING, PRODUCTION, REPORTS].map(named), [1, 1, 1], "{owners:?}");
        assert_is_as_planned(&fixture, &plan);
        fixture.workspace.assert_empty_plan();
        for project in fixture.workspace.state().resource(&address("ledger"))["projects"].as_object().expect("projects") {
            assert!(project.1["number"].is_string(), "{project:?}");
        }
        // Nothing is written a second time.
        fixture.simulator.forget_exchanges();
        fixture.workspace.apply();
        let written = fixture.simulator.exchanges().into_iter().filter(|exchange| exchange.method != "GET");
        let written: BTreeSet<&str> = written.map(|exchange| exchange.id).collect();
        assert_eq!(written, ["cloudresourcemanager.projects.getIamPolicy"].into(), "a read that is a POST");
    }

    fn a_fresh_state_imports_to_an_empty_plan(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        fixture.workspace.remove("terraform.tfstate");
        for service in SERVICES {
            fixture.workspace.import(&address(service), service).success();
        }
        fixture.workspace.assert_empty_plan();
    }

    /// State after a failed apply is core's: a create that fails must leave none, or the next plan replaces the project.
    fn a_failure_at_billing_is_resumed_and_taints_nothing(core: &Core) {
        let fixture = Fixture::decided(core);
        fixture.simulator.set_billing_cap("000000-BBBBBB-000000", Some(0));
        let failed = fixture.workspace.try_apply(&[]).failure();
        insta::assert_snapshot!(failed.report(), @"
        Error: Service `reports`: cannot create 1 project

        Cannot create these resources of service `reports`:

          project acme-reports-prod-3b7a

        Cause: project `acme-reports-prod-3b7a`: billing account `000000-BBBBBB-000000` cannot be linked: Precondition check failed (FAILED_PRECONDITION); billingAccounts/000000-BBBBBB-000000: Cloud billing quota exceeded: https://support.google.com/code/contact/billing_quota_increase.

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:change-failed

        Error: Service `reports`: 1 API and 3 grants not created

        The projects or namespaces of these resources of service `reports` could not be created:

          API acme-reports-prod-3b7a/bigquery.googleapis.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.dataEditor/group:data-platform-team@example.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.jobUser/group:data-platform-team@example.com
          IAM member acme-reports-prod-3b7a/roles/bigquery.metadataViewer/group:core-banking-team@example.com

        What was created carries anu's ownership label. Apply again: anu finds it and does the rest.

        anu:not-created
        ");
        assert!(fixture.workspace.tainted().is_empty());
        let project = fixture.simulator.project(REPORTS).expect("it was created");
        assert_eq!(project["labels"]["anu-registry"], "acme", "and is found again by its label");

        fixture.simulator.set_billing_cap("000000-BBBBBB-000000", None);
        let plan = fixture.workspace.plan();
        assert_eq!(plan.actions(), [(address("reports"), "create".to_owned())].into());
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.requests("cloudresourcemanager.projects.create"), 3, "each project once");
        let linked = fixture.simulator.billing_account(REPORTS);
        assert_eq!(linked.as_deref(), Some("billingAccounts/000000-BBBBBB-000000"));
    }
}

on_one_core! {
    fn a_project_of_others_is_adopted_only_when_the_configuration_permits_it(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.simulator.add_project(REPORTS, &[("owner", "others")]);
        fixture.simulator.add_member(&policy_of(REPORTS), "roles/viewer", "user:ada@example.com");
        let refused = fixture.workspace.refused(&[]);
        insta::assert_snapshot!(refused.report(), @"
        Warning: Service `reports`: 1 existing resource will be adopted

        These resources of service `reports` exist already. Apply adopts them:

          API acme-reports-prod-3b7a/bigquery.googleapis.com

        anu:adopted

        Error: Project `acme-reports-prod-3b7a` exists already

        Project `acme-reports-prod-3b7a` exists and was not created by anu.

        To adopt it, set `adopt_existing = true` on this resource, or import the service. If the registry means another one, correct the entry.

        anu:exists-already
        ");
        assert_eq!(fixture.simulator.labels(REPORTS), [("owner".to_owned(), "others".to_owned())].into());

        fixture.replace("main.tf", "name     = each.key", "name     = each.key\n  adopt_existing = true");
        let plan = fixture.workspace.plan();
        insta::assert_snapshot!(plan.output.report(), @"
        Warning: Service `reports`: 2 existing resources will be adopted, 1 of them changed by apply

        These resources of service `reports` exist already. Apply adopts them:

          project acme-reports-prod-3b7a
          API acme-reports-prod-3b7a/bigquery.googleapis.com

        They differ from what is desired. Apply changes:

          project acme-reports-prod-3b7a
            display name: `acme-reports-prod-3b7a` -> `reports production`
            parent: `organizations/100000000001` -> `folders/5678`
            billing account: none -> `000000-BBBBBB-000000`
            label `anu-registry`: none -> `acme`
            label `managed-by`: none -> `anu`
            label `tier`: none -> `2`

        anu:adopted-and-changed
        ");
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        let labels = fixture.simulator.labels(REPORTS);
        assert_eq!((labels["owner"].as_str(), labels["anu-registry"].as_str()), ("others", "acme"));
        let viewers = fixture.simulator.members(&policy_of(REPORTS), "roles/viewer");
        assert_eq!(viewers, ["user:ada@example.com"], "grants of others stay");
    }

    fn a_new_user_of_a_shared_project_writes_its_own_grants_only(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.edit_registry(|registry| {
            registry.remove_service("statements");
            registry.projects[1].shared_with.clear();
        });
        fixture.workspace.apply();
        let before = fixture.simulator.grants(&policy_of(PRODUCTION));
        fixture.workspace.registry(&super::registry());
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        let after = fixture.simulator.grants(&policy_of(PRODUCTION));
        assert!(before.iter().all(|grant| after.contains(grant)), "{before:?} {after:?}");
        let storage: Vec<_> = after.into_iter().filter(|(role, ..)| role.starts_with("roles/storage.")).collect();
        assert!(!storage.is_empty());
    }
}
