//! Whole runs of the provider on the simulator: registries, their state, and what there is in the end.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anu::platform::google::Settings;
use anu::sdk::Value;
use google_simulator::{Exchange, Options, Simulator};
use serde_json::json;
use tempfile::TempDir;

use crate::document::{Document, Environment, Grantee, Project};
use crate::fake_core::State;
use crate::fixture::Fixture;
use crate::state_file::{load, save};
use crate::{settings, unlimited};

/// What an apply does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Creates the example's projects.
    Create,
    /// Changes one project, grants and revokes, and creates another project.
    Change,
}

/// A folder with a registry and a state, and a simulator with what is in the state.
pub struct Estate {
    pub folder: TempDir,
    pub simulator: Simulator,
}

/// A folder as Terraform sees it, on a simulator. Nothing waits for a quota.
pub fn fixture(folder: &Path, url: &str) -> Fixture {
    let mut fixture = Fixture::at(folder);
    let google = Value::object([
        ("parent", Value::from("folders/1234")),
        ("billing_account", Value::from("000000-AAAAAA-000000")),
        ("access_token", Value::from("token")),
        ("endpoints", Value::object([("default", Value::from(url))])),
    ]);
    fixture.provider.insert("embedded".to_owned(), Value::Null);
    fixture.provider.insert("manage".to_owned(), Value::List(vec![Value::from("google")]));
    fixture.provider.insert("google".to_owned(), google);
    fixture.google = Some(settings(url));
    fixture
}

/// The same, where the creator of a project does not keep its role, whatever happens to an apply.
pub fn fixture_without_owners(folder: &Path, url: &str) -> Fixture {
    let mut fixture = fixture(folder, url);
    fixture.google = Some(Settings { remove_creator_owner: Some(true), ..settings(url) });
    fixture
}

/// The registry of `examples/google`.
pub fn example() -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/google/registry.json");
    Document::parse(&std::fs::read_to_string(path).expect("the example"))
}

fn next(mut registry: Document) -> Document {
    registry.metadata.revision = Some("9c1e07b".to_owned());
    registry.projects[0].labels.insert("zone".to_owned(), "b".to_owned());
    let id = "acme-ledger-test-77aa".to_owned();
    registry.projects.push(Project { id: id.clone(), ..Project::default() }.into());
    let mut environment = Environment { name: "test".to_owned(), google_project: Some(id), ..Environment::default() };
    environment.rbac.admins.push(Grantee::team("core-banking"));
    let ledger = registry.service_mut("ledger");
    let apis = ["run", "redis", "dns"].map(|api| format!("{api}.googleapis.com"));
    ledger.google_services.extend(apis);
    ledger.environments.push(environment.into());
    let reports = &mut registry.service_mut("reports").environments[0].rbac;
    reports.viewers.clear();
    reports.admins.push(Grantee::team("data-platform"));
    registry
}

impl Estate {
    /// Everything before the apply.
    pub async fn before(stage: Stage) -> Self {
        let options = Options { operation_delay: Duration::from_millis(5), ..unlimited() };
        let estate = Self { folder: tempfile::tempdir().expect("a folder"), simulator: Simulator::start(options) };
        estate.fixture().publish(&example().json());
        if stage == Stage::Change {
            save(estate.folder.path(), &estate.fixture().apply(&State::default()).await);
            estate.fixture().publish(&next(example()).json());
        }
        estate.simulator.forget_exchanges();
        estate
    }

    pub fn fixture(&self) -> Fixture {
        fixture_without_owners(self.folder.path(), &self.simulator.url())
    }

    /// The state that the last process left.
    pub async fn state(&self) -> State {
        load(self.folder.path(), &self.fixture().block()).await
    }

    /// What there is, in words that are the same for every run.
    pub fn content(&self) -> BTreeMap<String, String> {
        let simulator = &self.simulator;
        let said = |id: &String| {
            let project = simulator.project(id).expect("it is listed");
            let policy = format!("projects/{id}");
            let mut grants: Vec<_> = simulator.grants(&policy).iter().map(|grant| format!("{grant:?}")).collect();
            grants.sort();
            json!([
                project["displayName"],
                project["parent"],
                project["labels"],
                project["state"],
                simulator.billing_account(id),
                simulator.services(id),
                grants,
            ])
        };
        simulator.projects().into_iter().map(|id| (id.clone(), said(&id).to_string())).collect()
    }

    /// Applies again, as a person does after a failure: then all is as if nothing had happened.
    pub async fn converges(&self, state: &State, expected: &BTreeMap<String, String>, after: &str) {
        self.simulator.clear_faults();
        assert!(state.0.values().all(|object| !object.tainted), "{after}");
        let state = self.fixture().apply(state).await;
        assert_eq!(self.content(), *expected, "{after}");
        assert!(state.0.values().all(|object| !object.tainted), "{after}");
        for id in expected.keys() {
            let made = |exchange: &&Exchange| {
                exchange.id == "cloudresourcemanager.projects.create"
                    && exchange.request["projectId"] == id.as_str()
                    && exchange.response["name"].is_string()
            };
            assert!(self.simulator.exchanges().iter().filter(made).count() <= 1, "{after}: {id} is created twice");
        }
    }
}

/// Whether a request changes something.
pub fn writes(exchange: &Exchange) -> bool {
    exchange.method != "GET"
        && !exchange.path.ends_with(":getIamPolicy")
        && !exchange.path.ends_with(":testIamPermissions")
}
