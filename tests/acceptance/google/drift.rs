//! What others change shows per key and is reverted; what is theirs is left alone.

use std::process::Command;

use google_simulator::{Condition, Simulator};
use serde_json::{Value as Json, json};

use super::super::support::{Core, repository};
use super::{Fixture, STAGING, address, policy_of};

const ROLE: &str = "roles/cloudsql.admin";
const TEAM: &str = "group:core-banking-team@example.com";

/// A change by others: what they do, where the plan shows it, and what it shows there.
type Change = (&'static str, fn(&Simulator), &'static str, Json);

fn changes() -> [Change; 7] {
    [
        ("a label", |s| s.set_label(STAGING, "tier", "9"), "/projects/acme-ledger-stag-5c0d/labels/tier", json!("9")),
        (
            "a removed label",
            |s| s.remove_label(STAGING, "tier"),
            "/projects/acme-ledger-stag-5c0d/labels/tier",
            Json::Null,
        ),
        (
            "the name",
            |s| s.set_display_name(STAGING, "renamed"),
            "/projects/acme-ledger-stag-5c0d/display_name",
            json!("renamed"),
        ),
        (
            "the parent",
            |s| s.set_parent(STAGING, "folders/5678"),
            "/projects/acme-ledger-stag-5c0d/parent",
            json!("folders/5678"),
        ),
        (
            "the billing account",
            |s| s.set_billing_account(STAGING, Some("billingAccounts/000000-BBBBBB-000000")),
            "/projects/acme-ledger-stag-5c0d/billing_account",
            json!("000000-BBBBBB-000000"),
        ),
        (
            "an API",
            |s| s.disable_service(STAGING, "pubsub.googleapis.com"),
            "/apis/acme-ledger-stag-5c0d",
            json!(["sqladmin.googleapis.com"]),
        ),
        (
            "a member",
            |s| s.remove_member(&policy_of(STAGING), ROLE, TEAM),
            "/iam/acme-ledger-stag-5c0d/roles~1cloudsql.admin",
            Json::Null,
        ),
    ]
}

on_one_core! {
    fn shows_by_key_and_is_reverted(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        let settled = fixture.workspace.state().resource(&address("ledger"));
        for (what, make, pointer, expected) in changes() {
            make(&fixture.simulator);
            let plan = fixture.workspace.plan();
            assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into(), "{what}");
            let change = plan.change(&address("ledger"));
            assert_eq!(change.before.pointer(pointer).cloned().unwrap_or_default(), expected, "{what}: {}", plan.text());
            assert_eq!(change.after.pointer(pointer), settled.pointer(pointer), "{what}");
            fixture.workspace.apply_saved(&plan).success();
            fixture.workspace.assert_empty_plan();
            assert_eq!(fixture.workspace.state().resource(&address("ledger")), settled, "{what}");
        }
    }

    /// By a client that knows nothing of anu, nor of the simulator.
    fn what_googles_python_client_changes_is_found_by_key(core: &Core) {
        let client = match Simulator::python_client() {
            Ok(client) => client,
            Err(problem) => return crate::support::skip(&format!("Google's Python client changes nothing: {problem}")),
        };
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        let settled = fixture.workspace.state().resource(&address("ledger"));
        let script = repository().join("tests/tools/google-client/change.py");
        let mut python = Command::new("python3");
        let output = python.arg(script).args([&fixture.simulator.url(), STAGING]).env("PYTHONPATH", client).output();
        let output = output.expect("python3");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

        let plan = fixture.workspace.plan();
        assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into());
        let change = plan.change(&address("ledger"));
        let project = &change.before["projects"][STAGING];
        assert_eq!(project["display_name"], "changed by others");
        assert_eq!(project["labels"]["tier"], "9");
        assert_eq!(project["labels"].get("theirs"), None, "labels of others are no drift");
        assert_eq!(project["parent"], "folders/5678");
        assert_eq!(project["billing_account"], "000000-BBBBBB-000000");
        assert_eq!(change.before["apis"][STAGING], json!(["sqladmin.googleapis.com"]));
        assert_eq!(change.before["iam"][STAGING].get(ROLE), None);
        for kind in ["projects", "apis", "iam"] {
            assert_eq!(change.after[kind], settled[kind], "{kind} as they were");
        }
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.labels(STAGING)["theirs"], "1");
        let members = fixture.simulator.members(&policy_of(STAGING), ROLE);
        assert!(members.contains(&"user:ada@example.com".to_owned()), "grants of others stay: {members:?}");
    }

    fn what_is_of_others_is_no_drift_and_stays(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        let (simulator, resource) = (&fixture.simulator, policy_of(STAGING));
        let condition = Condition { title: "office hours".to_owned(), expression: "request.time.getHours() < 18".to_owned(), description: String::new() };
        simulator.set_label(STAGING, "owner", "others");
        simulator.enable_service(STAGING, "redis.googleapis.com");
        simulator.add_member(&resource, "roles/viewer", "user:ada@example.com");
        simulator.add_member(&resource, ROLE, "user:grace@example.com");
        simulator.add_conditional_member(&resource, ROLE, "user:ada@example.com", condition);
        fixture.workspace.assert_empty_plan();
        // A change of ours to the same labels, APIs and roles.
        fixture.workspace.edit_registry(|registry| {
            registry.projects[0].labels.insert("tier".to_owned(), "4".to_owned());
            let ledger = registry.service_mut("ledger");
            ledger.google_services.insert("storage.googleapis.com".to_owned());
            ledger.environments[0].rbac.admins.push(crate::document::Grantee::team("data-platform"));
        });
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        assert_eq!(simulator.labels(STAGING)["owner"], "others");
        assert_eq!(simulator.labels(STAGING)["tier"], "4");
        assert!(simulator.services(STAGING).contains(&"redis.googleapis.com".to_owned()));
        let members = simulator.members(&resource, ROLE);
        for member in [TEAM, "user:grace@example.com", "group:data-platform-team@example.com"] {
            assert!(members.contains(&member.to_owned()), "{member} of {members:?}");
        }
        let conditional = simulator.grants(&resource).into_iter().filter(|(.., condition)| condition.is_some()).count();
        assert_eq!(conditional, 1, "conditions stay");
    }

    fn a_removed_ownership_label_is_shown_and_set_again(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        fixture.simulator.remove_label(STAGING, "anu-registry");
        let plan = fixture.workspace.plan();
        let change = plan.change(&address("ledger"));
        assert_eq!(change.before["projects"][STAGING]["labels"].get("anu-registry"), None);
        assert_eq!(change.after["projects"][STAGING]["labels"]["anu-registry"], "acme");
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.labels(STAGING)["anu-registry"], "acme");
    }

    fn a_project_that_others_delete_is_restored(core: &Core) {
        let fixture = Fixture::new(core);
        fixture.workspace.apply();
        fixture.simulator.delete_project(STAGING);
        let plan = fixture.workspace.plan();
        insta::assert_snapshot!(plan.output.report(), @"
        Warning: Service `ledger`: 1 project will be restored

        These resources of service `ledger` were deleted and can still be restored. Apply undeletes them, with everything in them, and sets them up again:

          project acme-ledger-stag-5c0d

        The restore also brings back access that no service of the registry uses. anu does not know who granted it, and does not revoke it:

          IAM member acme-ledger-stag-5c0d/roles/owner/user:administrator@example.com

        After the apply, revoke what is no longer wanted. `anu_unmanaged_grants` lists it.

        anu:restored
        ");
        fixture.workspace.apply_saved(&plan).success();
        fixture.workspace.assert_empty_plan();
        assert_eq!(fixture.simulator.project(STAGING).expect("there")["state"], "ACTIVE");
        let linked = fixture.simulator.billing_account(STAGING);
        assert_eq!(linked.as_deref(), Some("billingAccounts/000000-AAAAAA-000000"), "Google does not link it again");
    }
}
