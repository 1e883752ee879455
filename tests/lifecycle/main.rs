//! The resource's whole life, in-process, against a small core of our own.

mod core;

use std::collections::BTreeMap;
use std::path::Path;

use anu::sdk::{Diagnostics, Severity, Value};
use core::{Action, Apply, Config, Plan, State};

/// A folder with a registry and a database.
struct World {
    dir: tempfile::TempDir,
}

impl World {
    fn new(registry: serde_json::Value) -> Self {
        let world = Self { dir: tempfile::tempdir().unwrap() };
        world.publish(registry);
        world
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_string_lossy().into_owned()
    }

    fn publish(&self, registry: serde_json::Value) {
        std::fs::write(Path::new(&self.path("registry.json")), registry.to_string()).unwrap();
    }

    fn provider(&self) -> Value {
        let nulls = ["manage", "member_template", "labels", "permissions", "fences", "allow_empty"];
        let mut block = BTreeMap::from([
            ("registry".to_owned(), Value::object([("source", Value::from(self.path("registry.json")))])),
            ("embedded".to_owned(), Value::object([("path", Value::from(self.path("anu.db")))])),
        ]);
        block.extend(nulls.map(|name| (name.to_owned(), Value::Null)));
        Value::Map(block)
    }

    /// One instance per service of the registry, as `for_each` over `service_digests` gives.
    async fn config(&self) -> Config {
        let process = core::Process::start(&self.provider()).await.unwrap();
        let data = process.data("anu_registry", Value::object(Vec::<(String, Value)>::new())).await.unwrap();
        let Some(Value::Map(digests)) = data.get("service_digests") else { panic!("no digests") };
        let resources = digests
            .iter()
            .map(|(name, digest)| {
                let config = Value::object([("name", Value::from(name.as_str())), ("digest", digest.clone())]);
                (format!("this[{name:?}]"), config)
            })
            .collect();
        Config { provider: self.provider(), resources }
    }

    async fn plan(&self, state: &State) -> Result<Plan, Diagnostics> {
        core::plan(state, &self.config().await, &[]).await
    }

    async fn apply(&self, state: &State) -> State {
        let plan = self.plan(state).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
        let (state, diagnostics) = Apply::start(plan, &self.config().await).await.unwrap().finish().await;
        assert!(!diagnostics.has_errors(), "{}", text(&diagnostics));
        state
    }
}

fn text(diagnostics: &Diagnostics) -> String {
    diagnostics
        .iter()
        .map(|d| {
            let kind = if d.severity == Severity::Error { "Error" } else { "Warning" };
            format!("{kind}: {}\n{}\n", d.summary, d.detail)
        })
        .collect()
}

fn quickstart() -> serde_json::Value {
    serde_json::from_str(include_str!("../../examples/quickstart/registry.json")).unwrap()
}

#[tokio::test]
async fn create_then_an_empty_plan() {
    let world = World::new(quickstart());
    let plan = world.plan(&State::default()).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    assert!(plan.changes.values().all(|change| change.action == Action::Create));
    let state = world.apply(&State::default()).await;
    let again = world.plan(&state).await.unwrap();
    assert_eq!(again.pending(), Vec::<&str>::new());
}
