//! Google Cloud itself, where credentials and a folder are given. docs/guides/google.md says which variables.

use std::path::PathBuf;

use super::super::document::{Document, Grantee};
use super::super::support::{Core, Workspace, example};
use super::{REPORTS, STAGING, address};

/// How the user's credentials are found: the workspace has an environment of its own.
const CREDENTIALS: [&str; 6] = [
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_QUOTA_PROJECT",
    "HTTPS_PROXY",
    "https_proxy",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
];

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: docs/guides/google.md describes it"))
}

/// The registry with one project of this id, and one principal that exists.
fn registry(id: &str, member: &str) -> Document {
    let mut registry = Document::parse(&super::registry().text().replace(STAGING, id));
    registry.metadata.name = format!("test-{}", &id[id.len() - 6..]);
    registry.projects.truncate(1);
    registry.services.truncate(1);
    let ledger = registry.service_mut("ledger");
    ledger.google_services = ["pubsub.googleapis.com".to_owned()].into();
    ledger.environments.truncate(1);
    let member = Grantee::Principal { principal: member.to_owned(), reason: "a test".to_owned(), expires: None };
    ledger.environments[0].rbac.admins = vec![member];
    registry
}

on_one_core! {
    #[ignore = "runs on Google Cloud: set ANU_TEST_GOOGLE_PARENT, ANU_TEST_GOOGLE_BILLING_ACCOUNT and ANU_TEST_GOOGLE_MEMBER"]
    fn the_example_without_the_lines_of_the_simulator(core: &Core) {
        let (parent, account) = (setting("ANU_TEST_GOOGLE_PARENT"), setting("ANU_TEST_GOOGLE_BILLING_ACCOUNT"));
        let mut workspace = Workspace::new(core);
        for name in CREDENTIALS {
            if let Some(value) = std::env::var_os(name) {
                workspace.set(name, value);
            }
        }
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        let file = home.join(".config/gcloud/application_default_credentials.json");
        if std::env::var_os(CREDENTIALS[0]).is_none() && file.exists() {
            workspace.set(CREDENTIALS[0], file);
        }
        workspace.copy(&example("google"), "");
        let main = workspace.read("main.tf");
        let without = main.lines().filter(|line| !["access_token", "endpoints"].iter().any(|it| line.trim_start().starts_with(it)));
        let without: String = without.flat_map(|line| [line, "\n"]).collect();
        workspace.write("main.tf", &without.replace("folders/1234", &parent).replace("000000-AAAAAA-000000", &account));
        let random = std::time::UNIX_EPOCH.elapsed().expect("a clock").subsec_nanos();
        let id = format!("anu-test-{:06x}", random & 0xff_ffff);
        let registry = registry(&id, &setting("ANU_TEST_GOOGLE_MEMBER"));
        assert!(!registry.text().contains(REPORTS));
        workspace.registry(&registry);
        workspace.init();

        workspace.apply();
        workspace.assert_empty_plan();
        workspace.edit_registry(|registry| {
            registry.projects[0].labels.insert("tier".to_owned(), "2".to_owned());
            registry.service_mut("ledger").google_services.insert("storage.googleapis.com".to_owned());
        });
        let plan = workspace.plan();
        assert_eq!(plan.actions(), [(address("ledger"), "update".to_owned())].into());
        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        workspace.remove("terraform.tfstate");
        workspace.import(&address("ledger"), "ledger").success();
        workspace.assert_empty_plan();
        workspace.destroy(&[]).success();
    }
}
