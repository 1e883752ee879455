//! `docs/guides/google.md`, run: its commands with a recorder in place of `gcloud`, which needs an account; what they grant, its provider block and its
//! credentials file then on the simulator, with a real core. Its pipelines run on GitHub and GitLab only; `tests/cli/ci_guide.rs` checks their form.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use google_simulator::{Authentication, Options, Simulator};
use serde_json::{Value as Json, json};

use super::super::support::{Core, Running, Workspace, repository};

fn guide() -> String {
    std::fs::read_to_string(repository().join("docs/guides/google.md")).expect("the guide")
}

/// The blocks of a language.
pub(super) fn blocks(language: &str) -> Vec<String> {
    let (guide, fence) = (guide(), format!("```{language}\n"));
    let blocks = guide.split(&fence).skip(1);
    blocks.map(|rest| rest.split_once("```").expect("an end").0.to_owned()).collect()
}

/// The roles in a text, in their order.
fn roles(text: &str) -> Vec<&str> {
    text.split([' ', '\n', '=', '`', '\\', ';']).filter(|word| word.starts_with("roles/")).collect()
}

#[test]
fn the_commands_of_the_bootstrap_grant_what_the_table_lists() {
    let shell = blocks("shell").into_iter().find(|block| block.contains("folders create")).expect("the bootstrap");
    let mut parts = shell.split("\ndone\n");
    let guide = guide();
    let (_, table) = guide.split_once("| identity | on | role | for |\n|---|---|---|---|\n").expect("the table");
    let table = table.split("\n\n").next().expect("rows");
    let listed = |identity: &str, on: &str| -> Vec<&str> {
        let rows = table.lines().filter(|line| line.starts_with(&format!("| {identity} | {on} |")));
        rows.flat_map(roles).collect()
    };
    assert_eq!(roles(parts.next().expect("the planner's")), listed("planner", "folder"));
    assert_eq!(roles(parts.next().expect("the applier's")), listed("applier", "folder"));
    assert_eq!(roles(parts.next().expect("billing")), listed("applier", "billing account"));
    assert_eq!(table.lines().count(), 9);
}

/// A service with a project that states neither a parent nor a billing account.
const REGISTRY: &str = r#"{
  "metadata": {"name": "acme"},
  "teams": [{"type": "Team", "spec": {"name": "banking", "email": "banking-team@example.com"}}],
  "projects": [{"type": "Project", "spec": {"id": "acme-ledger-prod-a41f"}}],
  "services": [{"type": "Service", "spec": {"name": "ledger", "team": "banking", "googleServices": ["pubsub.googleapis.com"], "environments": [
    {"type": "Environment", "spec": {"name": "production", "googleProject": "acme-ledger-prod-a41f", "rbac": {"admins": ["banking"]}}}]}}]
}"#;

const FOLDER: &str = "1234567";
/// The repository on GitLab in the guide, as the subject of a job on its branch `main`.
const JOB: &str = "project_path:acme/registry:ref_type:branch:ref:main";

/// Runs a block of the guide, and returns the arguments of each call of `gcloud`.
fn gcloud(workspace: &Workspace, block: &str) -> Vec<Vec<String>> {
    workspace.write("bin/gcloud", &format!("#!/bin/sh\nprintf '%s\\t' \"$@\" >> calls\necho >> calls\ncase \"$*\" in *'folders list'*) echo {FOLDER};; esac\n"));
    workspace.write("calls", "");
    let script = format!("set -eu; chmod +x bin/gcloud; PATH=\"$PWD/bin:$PATH\"\n{block}");
    Running::start(workspace.command(Path::new("bash"), &["-c", &script])).wait().success();
    let calls = workspace.read("calls");
    calls.lines().map(|call| call.trim_end().split('\t').map(str::to_owned).collect()).collect()
}

/// The value of `--NAME=VALUE`.
fn option<'c>(call: &'c [String], name: &str) -> &'c str {
    let prefix = format!("--{name}=");
    call.iter().find_map(|argument| argument.strip_prefix(&prefix)).unwrap_or_else(|| panic!("{call:?} has no {name}"))
}

/// Does on the simulator what the calls would do. It evaluates no attribute mappings: a set of identities by the attribute of a repository is the job of it.
fn perform(simulator: &Simulator, calls: &[Vec<String>]) -> usize {
    let mut done = 0;
    for call in calls {
        let words: Vec<&str> = call.iter().map(String::as_str).take_while(|word| !word.starts_with("--")).collect();
        match words[..] {
            ["resource-manager", "folders", "create"] => simulator
                .add_folder(&format!("folders/{FOLDER}"), &format!("organizations/{}", option(call, "organization"))),
            ["projects", "create", id] => simulator.add_project(id, &[]),
            ["iam", "service-accounts", "create", name] => {
                simulator.add_service_account(&format!("{name}@{}.iam.gserviceaccount.com", option(call, "project")))
            }
            ["resource-manager", "folders", "add-iam-policy-binding", id] => {
                grant(simulator, &format!("folders/{id}"), call)
            }
            ["billing", "accounts", "add-iam-policy-binding", id] => {
                simulator.add_billing_account(&format!("billingAccounts/{id}"));
                grant(simulator, &format!("billingAccounts/{id}"), call);
            }
            ["iam", "service-accounts", "add-iam-policy-binding", address] => {
                grant(simulator, &format!("serviceAccounts/{address}"), call)
            }
            _ => continue,
        }
        done += 1;
    }
    done
}

fn grant(simulator: &Simulator, resource: &str, call: &[String]) {
    let member = option(call, "member");
    let member = match member.split_once("/attribute.") {
        Some((pool, _)) => format!("{}/subject/{JOB}", pool.replace("principalSet://", "principal://")),
        None => member.to_owned(),
    };
    simulator.add_member(resource, option(call, "role"), &member);
}

fn block_with(language: &str, text: &str) -> String {
    blocks(language).into_iter().find(|block| block.contains(text)).unwrap_or_else(|| panic!("no block has `{text}`"))
}

/// A token of GitLab for a job.
fn token() -> String {
    let part = |value: Json| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.signature",
        part(json!({"alg": "RS256"})),
        part(json!({"sub": JOB, "iss": "https://gitlab.example.com"}))
    )
}

/// The guide's file of credentials for an identity, with addresses on this machine.
fn credentials(workspace: &Workspace, simulator: &Simulator, identity: &str) -> String {
    workspace.write("id-token", &token());
    let file = block_with("json", "external_account").replace("anu-planner@", &format!("anu-{identity}@"));
    let file = file
        .replace("https://sts.googleapis.com", &simulator.url())
        .replace("https://iamcredentials.googleapis.com", &simulator.url());
    let file = file.replace("/tmp/gitlab-id-token", &workspace.path().join("id-token").display().to_string());
    assert_eq!(file.matches(&simulator.url()).count(), 2, "{file}");
    let name = format!("{identity}.json");
    workspace.write(&name, &file);
    workspace.path().join(name).display().to_string()
}

/// The guide's provider block for projects alone, at the simulator.
fn configuration(simulator: &Simulator, change: impl Fn(&str) -> String) -> String {
    let block = block_with("terraform", "impersonate_service_account")
        .replace("folders/123456789012", &format!("folders/{FOLDER}"));
    let block = change(&block).replace("  kubernetes {}\n", "  manage = [\"google\"]\n");
    let block = block.replace(
        "  google {\n",
        &format!(
            "  google {{\n    remove_creator_owner = true\n    endpoints {{ default = \"{}\" }}\n",
            simulator.url()
        ),
    );
    format!(
        "terraform {{\n  required_providers {{ anu = {{ source = \"anu-registry/anu\" }} }}\n}}\n{block}\ndata \"anu_registry\" \"this\" {{}}\n\
         locals {{ services = data.anu_registry.this.service_digests }}\n\
         resource \"anu_registry_service\" \"this\" {{\n  for_each = local.services\n  name     = each.key\n  digest   = each.value\n}}\n"
    )
}

on_one_core! {
    /// The bootstrap, the federation of GitLab, and a job of it that plans and applies.
    fn a_job_with_the_roles_and_credentials_of_the_page_plans_and_applies(core: &Core) {
        let simulator = Simulator::start(Options { authentication: Authentication::Required, ..Options::default() });
        let mut workspace = Workspace::new(core);
        let bootstrap = gcloud(&workspace, &block_with("shell", "folders create"));
        assert_eq!(perform(&simulator, &bootstrap), 13, "{bootstrap:?}");
        let federation = gcloud(&workspace, &block_with("shell", "create-oidc gitlab"));
        assert_eq!(perform(&simulator, &federation), 2, "{federation:?}");

        workspace.write("registry.json", REGISTRY);
        // A job has no further account to act as.
        let without = |block: &str| -> String {
            block.lines().filter(|line| !line.contains("impersonate_service_account")).map(|line| format!("{line}\n")).collect()
        };
        workspace.write("main.tf", &configuration(&simulator, without));
        workspace.init();
        workspace.set("GCE_METADATA_HOST", "127.0.0.1:1"); // where no server is
        workspace.set("GOOGLE_APPLICATION_CREDENTIALS", credentials(&workspace, &simulator, "planner"));
        let plan = workspace.plan();
        let project = &plan.change("anu_registry_service.this[\"ledger\"]").after["projects"]["acme-ledger-prod-a41f"];
        assert_eq!((&project["parent"], &project["billing_account"]), (&json!("folders/1234567"), &json!("0A1B2C-3D4E5F-6A7B8C")));
        let refused = workspace.apply_saved(&plan);
        assert!(refused.code != 0 && refused.text().contains("permission denied"), "the planner only reads: {refused}");

        workspace.set("GOOGLE_APPLICATION_CREDENTIALS", credentials(&workspace, &simulator, "applier"));
        workspace.apply();
        workspace.set("GOOGLE_APPLICATION_CREDENTIALS", credentials(&workspace, &simulator, "planner"));
        workspace.assert_empty_plan();
        let owners = simulator.members("projects/acme-ledger-prod-a41f", "roles/owner");
        assert_eq!(owners, Vec::<String>::new());
    }

    /// The provider block as it is, for a person who acts as the applier.
    fn the_provider_block_acts_as_the_account_that_it_names(core: &Core) {
        let simulator = Simulator::start(Options { authentication: Authentication::Required, ..Options::default() });
        let mut workspace = Workspace::new(core);
        perform(&simulator, &gcloud(&workspace, &block_with("shell", "folders create")));
        simulator.add_member("serviceAccounts/anu-applier@acme-seed.iam.gserviceaccount.com", "roles/iam.serviceAccountTokenCreator", "user:jo@example.com");
        let login = json!({
            "type": "authorized_user", "client_id": "client", "client_secret": "secret", "refresh_token": "refresh-jo@example.com",
            "token_uri": format!("{}/token", simulator.url()),
        });
        workspace.write("login.json", &login.to_string());
        let login = workspace.path().join("login.json");
        workspace.set("GOOGLE_APPLICATION_CREDENTIALS", login);
        workspace.write("registry.json", REGISTRY);
        workspace.write("main.tf", &configuration(&simulator, str::to_owned));
        workspace.init();
        workspace.apply();
        workspace.assert_empty_plan();
        let callers: std::collections::BTreeSet<String> = simulator.exchanges().into_iter().filter(|one| one.id.starts_with("cloudresourcemanager.")).map(|one| one.principal).collect();
        assert_eq!(callers, ["serviceAccount:anu-applier@acme-seed.iam.gserviceaccount.com".to_owned()].into());
    }

    /// "Try it without an account", from the second shell's first line to its last.
    fn the_example_is_typed(core: &Core) {
        let fixture = super::Fixture::new(core);
        let block = block_with("shell", "cd examples/google");
        for line in block.lines().filter(|line| !line.starts_with("cd ")) {
            let script = format!("terraform() {{ yes yes | head -n 1 | '{}' \"$@\"; }}; {line}", core.path.display());
            let output = Running::start(fixture.workspace.command(Path::new("bash"), &["-c", &script])).wait().success();
            assert!(!line.contains("# empty") || output.text().contains("No changes."), "{output}");
        }
        assert_eq!(fixture.simulator.projects().len(), 3);
    }
}

on_one_core! {
    fn its_provider_blocks_are_valid(core: &Core) {
        let blocks = blocks("terraform");
        assert!(!blocks.is_empty());
        for block in blocks {
            let workspace = Workspace::new(core);
            workspace.write("main.tf", &format!("terraform {{\n  required_providers {{ anu = {{ source = \"anu-registry/anu\" }} }}\n}}\ndata \"anu_registry\" \"this\" {{}}\n{block}"));
            workspace.init();
            workspace.run(&["validate"]).success();
        }
    }
}
