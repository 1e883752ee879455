//! Planner and applier with exactly the roles that the guide lists.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use google_simulator::{Authentication, Options};
use serde_json::json;

use super::super::document::{Document, Environment, Grantee, Project, ServiceAccount};
use super::super::support::{Core, repository};
use super::{Fixture, STAGING};

/// A row of one of the guide's tables of roles.
struct Row {
    identity: String,
    on: String,
    role: String,
}

/// The tables of roles in `docs/guides/google.md`: what is always needed, and what is needed for some things.
fn tables() -> [Vec<Row>; 2] {
    let guide = std::fs::read_to_string(repository().join("docs/guides/google.md")).expect("the guide");
    let mut tables = guide.split("| identity | on | role | for |\n|---|---|---|---|\n").skip(1).map(|table| {
        let lines = table.lines().map_while(|line| line.strip_prefix("| "));
        lines.flat_map(rows_of).collect()
    });
    let two = [tables.next().expect("a table"), tables.next().expect("another one")];
    assert!(tables.next().is_none());
    two
}

/// One line of a table may be about both identities.
fn rows_of(line: &str) -> Vec<Row> {
    let cells: Vec<&str> = line.split(" | ").map(|cell| cell.trim_matches('`')).collect();
    let row =
        |identity: &str| Row { identity: identity.to_owned(), on: cells[1].to_owned(), role: cells[2].to_owned() };
    cells[0].split(", ").map(row).collect()
}

/// The roles that are always needed.
fn rows() -> Vec<Row> {
    let [always, _] = tables();
    always
}

fn principal(identity: &str) -> String {
    format!("serviceAccount:anu-{identity}@acme-seed.iam.gserviceaccount.com")
}

/// The resources that a row is about.
fn resources(row: &Row) -> &'static [&'static str] {
    match row.on.as_str() {
        "folder" => &["folders/1234", "folders/5678"],
        "billing account" => &["billingAccounts/000000-AAAAAA-000000", "billingAccounts/000000-BBBBBB-000000"],
        "quota_project" => &["projects/acme-seed"],
        on => panic!("the guide grants a role on {on}"),
    }
}

fn grant(fixture: &Fixture, row: &Row) {
    for resource in resources(row) {
        fixture.simulator.add_member(resource, &row.role, &principal(&row.identity));
    }
}

fn revoke(fixture: &Fixture, row: &Row) {
    for resource in resources(row) {
        fixture.simulator.remove_member(resource, &row.role, &principal(&row.identity));
    }
}

/// Gives both identities what the guide lists.
pub(super) fn grant_all(fixture: &Fixture) {
    for identity in ["planner", "applier"] {
        fixture.simulator.add_token(&format!("of-the-{identity}"), &principal(identity));
    }
    rows().iter().for_each(|row| grant(fixture, row));
}

/// Whose token is sent from now on.
pub(super) fn act_as(fixture: &Fixture, identity: &str) {
    let main = fixture.workspace.read("main.tf");
    let lines = main.lines().map(|line| match line.trim_start().starts_with("access_token") {
        true => format!("    access_token = \"of-the-{identity}\"\n"),
        false => format!("{line}\n"),
    });
    fixture.workspace.write("main.tf", &lines.collect::<String>());
}

/// A change of the registry that needs a role of the applier, and the permission that is missing without it.
fn change_that_needs(role: &str) -> (&'static str, fn(&mut Document)) {
    match role {
        "roles/resourcemanager.projectCreator" => ("resourcemanager.projects.create", |registry| {
            let id = "acme-ledger-test-77aa".to_owned();
            registry.projects.push(Project { id: id.clone(), ..Project::default() }.into());
            let mut environment =
                Environment { name: "test".to_owned(), google_project: Some(id), ..Environment::default() };
            environment.rbac.admins.push(Grantee::team("core-banking"));
            registry.service_mut("ledger").environments.push(environment.into());
        }),
        "roles/resourcemanager.projectMover" => ("resourcemanager.projects.update", |registry| {
            registry.projects[0].labels.insert("tier".to_owned(), "7".to_owned());
        }),
        "roles/resourcemanager.projectIamAdmin" => ("resourcemanager.projects.getIamPolicy", |registry| {
            registry.service_mut("ledger").environments[0].rbac.admins.push(Grantee::team("data-platform"));
        }),
        "roles/serviceusage.serviceUsageAdmin" => ("serviceusage.services.list", |registry| {
            registry.service_mut("ledger").google_services.insert("storage.googleapis.com".to_owned());
        }),
        "roles/billing.projectManager" => ("resourcemanager.projects.createBillingAssignment", |registry| {
            registry.projects[0].billing_account = Some("000000-BBBBBB-000000".to_owned());
        }),
        "roles/billing.user" => ("billing.resourceAssociations.create", |registry| {
            registry.projects[0].billing_account = Some("000000-AAAAAA-000000".to_owned());
        }),
        "roles/resourcemanager.projectDeleter" => ("resourcemanager.projects.delete", |registry| {
            registry.service_mut("ledger").environments.remove(0);
            registry.projects.retain(|project| project.id != STAGING);
        }),
        role => panic!("the guide lists {role}, and no change needs it"),
    }
}

/// Uses what needs a role of the guide's second table, and the permission that is missing without it.
fn use_what_needs(fixture: &Fixture, row: &Row) -> &'static str {
    match (row.identity.as_str(), row.role.as_str()) {
        ("applier", "roles/iam.serviceAccountAdmin") => {
            fixture.workspace.edit_registry(|registry| {
                let account = ServiceAccount { name: "ledger-robot".to_owned(), ..ServiceAccount::default() };
                registry.service_mut("ledger").environments[0].service_accounts.push(account);
            });
            "iam.serviceAccounts.list"
        }
        ("applier", "roles/resourcemanager.lienModifier") => {
            fixture.configure("project_liens = true");
            let (_, a_project_more) = change_that_needs("roles/resourcemanager.projectCreator");
            fixture.workspace.edit_registry(a_project_more);
            "resourcemanager.projects.updateLiens"
        }
        ("applier", "roles/serviceusage.serviceUsageConsumer") => {
            fixture.configure("quota_project = \"acme-seed\"");
            "serviceusage.services.use"
        }
        // What the applier has made by then.
        ("planner", "roles/iam.serviceAccountViewer") => "iam.serviceAccounts.list",
        ("planner", "roles/serviceusage.serviceUsageConsumer") => "serviceusage.services.use",
        (identity, role) => panic!("the guide lists {role} for the {identity}, and nothing needs it"),
    }
}

/// What a platform of CI gives to a job: a token that says who it is.
fn token_of_a_job(subject: &str) -> String {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.{}", part(json!({"alg": "none"})), part(json!({"sub": subject})), part(json!({})))
}

on_one_core! {
    /// With the guide's file of credentials, whose addresses are the simulator's.
    fn a_job_of_gitlab_is_the_applier_without_a_key(core: &Core) {
        let mut fixture = Fixture::with(core, Options { authentication: Authentication::Required, ..Options::default() });
        grant_all(&fixture);
        let (account, subject) =
            ("anu-applier@acme-seed.iam.gserviceaccount.com", "project_path:acme/registry:ref_type:branch:ref:main");
        fixture.simulator.add_project("acme-seed", &[]);
        fixture.simulator.add_service_account(account);
        let pool = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci";
        let job = format!("{pool}/subject/{subject}");
        fixture.simulator.add_member(&format!("serviceAccounts/{account}"), "roles/iam.workloadIdentityUser", &job);

        let token = fixture.workspace.path().join("id-token");
        let url = fixture.simulator.url();
        let credentials = super::guide::blocks("json").remove(0);
        let credentials = credentials.replace("anu-planner", "anu-applier").replace("https://sts.googleapis.com", &url);
        let credentials = credentials.replace("https://iamcredentials.googleapis.com", &url);
        let credentials = credentials.replace("/tmp/gitlab-id-token", &token.to_string_lossy());
        fixture.workspace.write("credentials.json", &credentials);
        fixture.replace("main.tf", "    access_token = \"of-the-simulator\"\n", "");
        let file = fixture.workspace.path().join("credentials.json");
        fixture.workspace.set("GOOGLE_APPLICATION_CREDENTIALS", file);

        fixture.workspace.write("id-token", &token_of_a_job("project_path:acme/registry:ref_type:branch:ref:other"));
        let refused = fixture.workspace.refused(&[]);
        assert!(refused.report().contains("iam.serviceAccounts.getAccessToken"), "another branch: {refused}");
        fixture.workspace.write("id-token", &token_of_a_job(subject));
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        let project = fixture.simulator.project(STAGING).expect("created");
        assert_eq!(project["labels"]["anu-registry"], "acme");
        let owners = fixture.simulator.members(&super::policy_of(STAGING), "roles/owner");
        assert_eq!(owners, [principal("applier")], "by the applier");
    }

    fn each_role_of_the_applier_is_needed_and_all_of_them_are_enough(core: &Core) {
        let fixture = Fixture::with(core, Options { authentication: Authentication::Required, ..Options::default() });
        grant_all(&fixture);
        fixture.configure("remove_creator_owner = true"); // an owner needs no other role
        act_as(&fixture, "applier");
        fixture.workspace.apply();
        fixture.workspace.assert_empty_plan();
        let mut rows: Vec<Row> = rows().into_iter().filter(|row| row.identity == "applier").collect();
        rows.sort_by_key(|row| row.role.ends_with("projectDeleter")); // the last change, since it deletes what others change
        assert_eq!(rows.len(), 7);
        for row in rows {
            let (permission, edit) = change_that_needs(&row.role);
            revoke(&fixture, &row);
            fixture.workspace.edit_registry(edit);
            let failed = fixture.workspace.try_apply(&[]).failure();
            assert!(failed.report().contains(permission), "{} without {}: {failed}", permission, row.role);
            grant(&fixture, &row);
            fixture.workspace.apply();
            fixture.workspace.assert_empty_plan();
        }
    }

    fn each_role_for_some_things_is_needed_for_them(core: &Core) {
        let fixture = Fixture::with(core, Options { authentication: Authentication::Required, ..Options::default() });
        fixture.simulator.add_project("acme-seed", &[]);
        for api in ["cloudresourcemanager", "serviceusage", "cloudbilling", "iam"] {
            fixture.simulator.enable_service("acme-seed", &format!("{api}.googleapis.com"));
        }
        grant_all(&fixture);
        fixture.configure("remove_creator_owner = true"); // an owner needs no other role
        act_as(&fixture, "applier");
        fixture.workspace.apply();
        let [_, rows] = tables();
        assert_eq!(rows.len(), 5);
        for row in rows {
            act_as(&fixture, &row.identity);
            let permission = use_what_needs(&fixture, &row);
            let failed = match row.identity.as_str() {
                "planner" => fixture.workspace.refused(&[]),
                _ => fixture.workspace.try_apply(&[]).failure(),
            };
            assert!(failed.report().contains(permission), "{} without {}: {failed}", permission, row.role);
            grant(&fixture, &row);
            if row.identity == "applier" {
                fixture.workspace.apply();
            }
            fixture.workspace.assert_empty_plan();
        }
        let email = format!("ledger-robot@{STAGING}.iam.gserviceaccount.com");
        assert!(fixture.simulator.service_account(&email).is_some());
    }

    fn each_role_of_the_planner_is_needed_and_all_of_them_are_enough(core: &Core) {
        let fixture = Fixture::with(core, Options { authentication: Authentication::Required, ..Options::default() });
        grant_all(&fixture);
        act_as(&fixture, "applier");
        fixture.workspace.apply();
        act_as(&fixture, "planner");
        fixture.simulator.forget_exchanges();
        fixture.workspace.assert_empty_plan();
        let written = fixture.simulator.exchanges().into_iter().filter(|exchange| exchange.method != "GET");
        assert!(written.map(|exchange| exchange.id).all(|id| id == "cloudresourcemanager.projects.getIamPolicy"));
        let rows: Vec<Row> = rows().into_iter().filter(|row| row.identity == "planner").collect();
        assert_eq!(rows.len(), 2);
        for row in rows {
            revoke(&fixture, &row);
            let permission = match row.role.as_str() {
                "roles/browser" => "resourcemanager.projects.get",
                _ => "serviceusage.services.list",
            };
            let refused = fixture.workspace.refused(&[]);
            assert!(refused.report().contains(permission), "{} without {}: {refused}", permission, row.role);
            grant(&fixture, &row);
            fixture.workspace.assert_empty_plan();
        }
        // It cannot write.
        fixture.workspace.edit_registry(change_that_needs("roles/resourcemanager.projectMover").1);
        fixture.workspace.try_apply(&[]).failure();
    }
}
