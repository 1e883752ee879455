//! A folder with a registry and a store, and Terraform's commands in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anu::platform::embedded::{Dump, Embedded, Faults, Store};
use anu::platform::google::Settings;
use anu::sdk::{Diagnostics, Severity, Value};
use jiff::Timestamp;

use crate::fake_core::{self, Apply, Block, Config, Plan, Process, State};

pub struct Fixture {
    dir: PathBuf,
    /// Removes the folder, if it belongs to the fixture.
    _own: Option<tempfile::TempDir>,
    embedded: Option<Embedded>,
    /// Values for the provider block beyond the registry and the store.
    pub provider: BTreeMap<String, Value>,
    /// Values for every instance.
    pub arguments: BTreeMap<String, Value>,
    /// Configurations of resources beside the services, by address.
    pub others: BTreeMap<String, Value>,
    /// `moved` blocks.
    pub moved: Vec<(String, String)>,
    /// Whether core is Terraform 1.16 or later.
    pub newer_core: bool,
    /// The time for every provider process, instead of the machine's.
    pub now: Option<Timestamp>,
    /// Google for every provider process, with settings that no provider block has.
    pub google: Option<Settings>,
}

impl Fixture {
    /// Every provider process opens the store by its path.
    pub fn new(registry: &serde_json::Value) -> Self {
        let own = tempfile::tempdir().unwrap();
        let mut fixture = Self::at(own.path());
        fixture._own = Some(own);
        fixture.publish(registry);
        fixture
    }

    /// In an existing folder, which the caller removes.
    pub fn at(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            _own: None,
            embedded: None,
            provider: BTreeMap::new(),
            arguments: BTreeMap::new(),
            others: BTreeMap::new(),
            moved: Vec::new(),
            newer_core: false,
            now: None,
            google: None,
        }
    }

    /// All provider processes share one open store, which can be watched and can be made to fail.
    pub async fn open(registry: &serde_json::Value, faults: Faults) -> Self {
        let mut fixture = Self::new(registry);
        fixture.reopen(faults).await;
        fixture
    }

    /// From now on with these faults, counted from one.
    pub async fn reopen(&mut self, faults: Faults) {
        let path = self.path("anu.db");
        self.embedded = Some(Embedded::open_with(path.as_ref(), faults).await.unwrap());
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.join(name).to_string_lossy().into_owned()
    }

    pub fn publish(&self, registry: &serde_json::Value) {
        std::fs::write(self.path("registry.json"), registry.to_string()).unwrap();
    }

    pub fn store(&self) -> &Store {
        self.embedded.as_ref().expect("an open store").store()
    }

    pub fn dump(&self) -> Dump {
        match &self.embedded {
            Some(embedded) => embedded.store().dump().unwrap(),
            None => Store::open_with(self.path("anu.db").as_ref(), Faults::none()).unwrap().dump().unwrap(),
        }
    }

    pub fn block(&self) -> Block {
        let all = ["manage", "member_template", "labels", "permissions", "fences", "guard", "allow_empty"];
        let mut provider: BTreeMap<String, Value> = all.map(|name| (name.to_owned(), Value::Null)).into();
        provider.insert("registry".into(), source(&self.path("registry.json"), &[]));
        provider.insert("embedded".into(), Value::object([("path", Value::from(self.path("anu.db")))]));
        provider.extend(self.provider.clone());
        Block {
            provider: Value::Map(provider),
            embedded: self.embedded.clone(),
            stores_planned_private: self.newer_core,
            now: self.now,
            google: self.google.clone(),
        }
    }

    /// The configuration for these services (all of them: `None`): one instance each, as `for_each` over `service_digests`
    /// gives.
    pub async fn config(&self, process: &Process, services: Option<&BTreeSet<String>>) -> Result<Config, Diagnostics> {
        let select = services.map_or(Value::Null, |names| {
            let names = names.iter().map(|name| Value::from(name.as_str())).collect();
            let others = ["teams", "environments", "clusters"].map(|name| (name, Value::Null));
            Value::object([("services", Value::List(names))].into_iter().chain(others))
        });
        let mut resources = self.others.clone();
        if services.is_none_or(|names| !names.is_empty()) {
            let data = process.data("anu_registry", Value::object([("select", select)])).await?;
            let Some(Value::Map(digests)) = data.get("service_digests") else { panic!("no digests") };
            for (name, digest) in digests {
                let mut config = self.arguments.clone();
                config.insert("name".into(), Value::from(name.as_str()));
                config.insert("digest".into(), digest.clone());
                resources.insert(address(name), Value::Map(config));
            }
        }
        Ok(Config { block: self.block(), resources, moved: self.moved.clone() })
    }

    /// `terraform plan`.
    pub async fn plan(&self, state: &State) -> Result<(Plan, Config), Diagnostics> {
        let process = Process::start(&self.block()).await?;
        let config = self.config(&process, None).await?;
        Ok((fake_core::plan_in(&process, state, &config).await?, config))
    }

    /// `terraform plan` where the configuration has only these services.
    pub async fn plan_of(&self, state: &State, services: &[&str]) -> Result<(Plan, Config), Diagnostics> {
        let process = Process::start(&self.block()).await?;
        let services = services.iter().map(|&name| name.to_owned()).collect();
        let config = self.config(&process, Some(&services)).await?;
        Ok((fake_core::plan_in(&process, state, &config).await?, config))
    }

    /// `terraform apply` where the configuration has only these services; it must succeed.
    pub async fn apply_of(&self, state: &State, services: &[&str]) -> State {
        let plan = self.plan_of(state, services).await;
        let (plan, config) = plan.unwrap_or_else(|errors| panic!("{}", text(&errors)));
        let (state, diagnostics) = apply(plan, &config).await;
        assert!(!diagnostics.has_errors(), "{}", text(&diagnostics));
        let again = self.plan_of(&state, services).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
        assert_eq!(again.0.pending(), Vec::<&str>::new(), "the second plan is not empty");
        state
    }

    /// `terraform plan`, of which nothing is expected but to succeed.
    pub async fn planned(&self, state: &State) -> (Plan, Config) {
        self.plan(state).await.unwrap_or_else(|errors| panic!("{}", text(&errors)))
    }

    /// `terraform apply`.
    pub async fn try_apply(&self, state: &State) -> (State, Diagnostics) {
        let (plan, config) = self.planned(state).await;
        apply(plan, &config).await
    }

    /// `terraform apply`, which must succeed and be followed by an empty plan.
    pub async fn apply(&self, state: &State) -> State {
        let (state, diagnostics) = self.try_apply(state).await;
        assert!(!diagnostics.has_errors(), "{}", text(&diagnostics));
        self.assert_settled(&state).await;
        state
    }

    pub async fn assert_settled(&self, state: &State) {
        assert_eq!(self.planned(state).await.0.pending(), Vec::<&str>::new(), "the second plan is not empty");
    }

    /// `terraform apply FILE`.
    pub async fn apply_plan(&self, plan: Plan, config: &Config) -> (State, Diagnostics) {
        apply(plan, config).await
    }
}

async fn apply(plan: Plan, config: &Config) -> (State, Diagnostics) {
    Apply::start(plan, config).await.unwrap().finish().await
}

/// Makes sure that something was refused, in these words.
pub fn assert_refused<T>(answer: Result<T, Diagnostics>, words: &str) {
    match answer {
        Ok(_) => panic!("not refused: {words}"),
        Err(errors) => assert_says(&errors, words),
    }
}

/// Makes sure that an error says so.
pub fn assert_says(diagnostics: &Diagnostics, words: &str) {
    let said = text(diagnostics);
    assert!(diagnostics.has_errors() && said.contains(words), "no error says {words:?}:\n{said}");
}

/// The `registry` block.
pub fn source(path: &str, fallbacks: &[String]) -> Value {
    let fallbacks = match fallbacks {
        [] => Value::Null,
        paths => Value::List(paths.iter().map(|path| Value::from(path.as_str())).collect()),
    };
    let nulls = ["name", "sha256", "token", "ca_certificate", "accept_older"].map(|name| (name, Value::Null));
    Value::object([("source", Value::from(path)), ("fallbacks", fallbacks)].into_iter().chain(nulls))
}

/// The address of a service's instance.
pub fn address(service: &str) -> String {
    format!("this[{service:?}]")
}

/// Diagnostics as a person reads them.
pub fn text(diagnostics: &Diagnostics) -> String {
    diagnostics
        .iter()
        .map(|d| {
            let kind = if d.severity == Severity::Error { "Error" } else { "Warning" };
            format!("{kind}: {}\n{}\n", d.summary, d.text())
        })
        .collect()
}
