//! Laws of `anu_namespace`: random namespaces, random edits, drift, transfers to services and back, writes that fail and states
//! that are lost.
//!
//! `ANU_LAWS_RUNS` and `ANU_LAWS_SEED` as in [`crate::properties`].

use std::collections::{BTreeMap, BTreeSet};

use anu::fanout::resource::{DeletionPolicy, NamespaceSettings, ResourceSet, RoleBinding, Scope};
use anu::platform::embedded::{Dump, Faults, NamespaceDump};
use anu::registry::names::NamespaceKey;
use anu::sdk::{Value, to_json};
use serde_json::Value as Json;

use crate::fake_core::{Process, State};
use crate::fixture::{Fixture, assert_refused, assert_says, text};
use crate::generator::{CLUSTERS, Company, REGISTRY, environment};
use crate::killed;
use crate::rights;
use crate::runner::simulate;
use crate::seeded_rng::SeededRng;

const ROUNDS: usize = 12;
const SERVICE: &str = "pay";
const ROLES: [&str; 3] = ["view", "edit", "admin"];
const SUBJECTS: [&str; 4] = ["Group:a@example.com", "Group:b@example.com", "User:c", "ServiceAccount:ci/d"];
const POLICIES: [&str; 4] = ["prevent", "abandon", "delete", "delete-with-contents"];

type Texts = BTreeMap<String, String>;

/// One resource as its configuration has it.
#[derive(Debug, Clone, PartialEq)]
struct Namespace {
    key: NamespaceKey,
    labels: Texts,
    annotations: Texts,
    quota: Texts,
    bindings: BTreeMap<String, (String, BTreeSet<String>)>,
    policy: &'static str,
}

impl Namespace {
    fn resources(&self) -> ResourceSet {
        let mut resources = ResourceSet::default();
        let settings = NamespaceSettings { labels: self.labels.clone(), annotations: self.annotations.clone() };
        let deletion_policy = DeletionPolicy::parse(self.policy).unwrap();
        resources.namespaces.insert(self.key.clone(), Scope { settings, shared: false, deletion_policy });
        if !self.quota.is_empty() {
            resources.quotas.insert(self.key.clone(), self.quota.clone());
        }
        let binding = |(role, subjects): &(String, BTreeSet<String>)| RoleBinding {
            role: role.parse().unwrap(),
            subjects: subjects.clone(),
        };
        if !self.bindings.is_empty() {
            let bindings = self.bindings.iter().map(|(name, each)| (name.clone(), binding(each))).collect();
            resources.role_bindings.insert(self.key.clone(), bindings);
        }
        resources
    }

    /// Its configuration. What is empty is left out by half of them.
    fn configuration(&self, rng: &mut SeededRng) -> Value {
        let mut texts = |texts: &Texts| match texts.is_empty() && rng.percent(50) {
            true => Value::Null,
            false => Value::Map(texts.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect()),
        };
        let (labels, annotations, quota) = (texts(&self.labels), texts(&self.annotations), texts(&self.quota));
        let binding = |(name, (role, subjects)): (&String, &(String, BTreeSet<String>))| {
            let mut subjects: Vec<Value> = subjects.iter().map(|subject| Value::from(subject.as_str())).collect();
            // Their order means nothing.
            subjects.rotate_left(role.len() % 2);
            Value::object([
                ("name", Value::from(name.as_str())),
                ("role", Value::from(role.as_str())),
                ("subjects", Value::List(subjects)),
            ])
        };
        let mut bindings: Vec<Value> = self.bindings.iter().map(binding).collect();
        if rng.percent(50) {
            bindings.reverse(); // Nor does theirs.
        }
        Value::object([
            ("cluster", Value::from(self.key.cluster.as_str())),
            ("name", Value::from(self.key.namespace.as_str())),
            ("labels", labels),
            ("annotations", annotations),
            ("quota", quota),
            ("role_binding", Value::List(bindings)),
            ("deletion_policy", Value::from(self.policy)),
        ])
    }
}

/// A company with one service, and namespaces beside it.
struct Simulation {
    rng: SeededRng,
    fixture: Fixture,
    state: State,
    company: Company,
    /// By address.
    all: BTreeMap<String, Namespace>,
    /// What was abandoned, as it was.
    left: BTreeMap<NamespaceKey, NamespaceDump>,
    /// Namespaces with a label of another manager.
    labelled: BTreeSet<NamespaceKey>,
    story: Vec<String>,
    runs: u64,
}

impl Simulation {
    async fn begin(seed: u64) -> Self {
        let production = environment("production", "", &["compute-a/own"], &["team-1"]);
        let company = Company::default().with(SERVICE, Some("delete"), &[production]);
        let mut simulation = Self {
            rng: SeededRng::new(seed),
            fixture: Fixture::open(&company.document(), Faults::none()).await,
            state: State::default(),
            company,
            all: BTreeMap::new(),
            left: BTreeMap::new(),
            labelled: BTreeSet::new(),
            story: vec![format!("seed {seed}")],
            runs: 0,
        };
        simulation.declare();
        simulation.apply().await;
        simulation
    }

    async fn round(&mut self) {
        match self.rng.below(10) {
            0..5 => {
                for _ in 0..1 + self.rng.below(3) {
                    self.edit();
                }
                if self.rng.percent(40) {
                    self.interfere();
                }
            }
            5 => self.take_up(),
            6 => self.give_to_the_service(),
            7 => self.take_from_the_service(),
            _ => self.leave().await,
        }
        self.apply().await;
    }

    // --- what people write ---

    fn declare(&mut self) {
        let address = self.company.fresh("anu_namespace.n");
        let namespace = Namespace {
            key: self.fresh_key(),
            labels: self.texts(&["team", "tier"], &["a", "b"]),
            annotations: self.texts(&["example.com/note"], &["x", "y"]),
            quota: self.texts(&["pods", "requests.cpu"], &["1", "2"]),
            bindings: BTreeMap::new(),
            policy: self.policy(),
        };
        self.story.push(format!("{address} is {namespace:?}"));
        self.all.insert(address, namespace);
        for _ in 0..self.rng.below(3) {
            self.edit();
        }
    }

    /// What was abandoned is declared as it is, and found by its ownership label.
    fn take_up(&mut self) {
        let Some(key) = self.rng.pick(self.left.keys().cloned().collect::<Vec<_>>()) else { return };
        let found = self.left.remove(&key).unwrap();
        let mut labels = found.settings.labels;
        labels.retain(|label, _| !["managed-by", "anu-registry", "theirs"].contains(&label.as_str()));
        let binding = |binding: RoleBinding| (binding.role.to_string(), binding.subjects);
        let bindings = found.role_bindings.into_iter().map(|(name, each)| (name, binding(each.binding)));
        let namespace = Namespace {
            key,
            labels,
            annotations: found.settings.annotations,
            quota: found.quota.unwrap_or_default(),
            bindings: bindings.collect(),
            policy: self.policy(),
        };
        let address = self.company.fresh("anu_namespace.n");
        self.story.push(format!("{address} takes up {namespace:?}"));
        self.all.insert(address, namespace);
    }

    fn fresh_key(&mut self) -> NamespaceKey {
        let cluster = self.rng.pick(CLUSTERS).unwrap();
        format!("{cluster}/{}", self.company.fresh("ns")).parse().unwrap()
    }

    fn policy(&mut self) -> &'static str {
        self.rng.pick(POLICIES).unwrap()
    }

    fn texts(&mut self, keys: &[&str], values: &[&str]) -> Texts {
        let rng = &mut self.rng;
        let mut one = |key: &&str| Some(((*key).to_owned(), (*rng.pick(values)?).to_owned()));
        let all: Vec<(String, String)> = keys.iter().filter_map(&mut one).collect();
        all.into_iter().filter(|_| self.rng.percent(60)).collect()
    }

    /// One edit in place, or one more namespace.
    fn edit(&mut self) {
        let Some(address) = self.rng.pick(self.all.keys().cloned().collect::<Vec<_>>()) else { return self.declare() };
        let fresh = self.company.fresh("b");
        let mut namespace = self.all.remove(&address).unwrap();
        let mut now = address.clone();
        match self.rng.below(9) {
            0 => namespace.labels = self.texts(&["team", "tier", "zone"], &["a", "b", "c"]),
            1 => namespace.annotations = self.texts(&["example.com/note", "example.com/more"], &["x", "y"]),
            2 => namespace.quota = self.texts(&["pods", "requests.cpu", "limits.memory"], &["1", "2", "3"]),
            3 | 4 => {
                let role = self.rng.pick(ROLES).unwrap().to_owned();
                let subjects: BTreeSet<String> =
                    SUBJECTS.iter().filter(|_| self.rng.percent(50)).map(|&who| who.to_owned()).collect();
                // Under the name of one that is there, or a new one.
                let name =
                    self.rng.pick(namespace.bindings.keys().cloned().chain([fresh]).collect::<Vec<_>>()).unwrap();
                match subjects.is_empty() {
                    true => drop(namespace.bindings.remove(&name)),
                    false => drop(namespace.bindings.insert(name, (role, subjects))),
                }
            }
            5 => namespace.policy = self.policy(),
            6 => {
                now = self.company.fresh("anu_namespace.n");
                self.fixture.moved.push((address.clone(), now.clone()));
            }
            _ if self.all.len() < 4 => {
                self.all.insert(address, namespace);
                return self.declare();
            }
            _ => {}
        }
        self.story.push(format!("{now} is {namespace:?}"));
        self.all.insert(now, namespace);
    }

    /// A namespace leaves its resource, which goes or moves to another namespace, and is removed as its policy says.
    async fn leave(&mut self) {
        let Some((address, mut namespace)) = self.any() else { return };
        let to = self.rng.percent(50).then(|| self.fresh_key());
        let refused = "deletion is refused";
        let after = |namespace: &Namespace| to.clone().map(|key| Namespace { key, ..namespace.clone() });
        self.story.push(format!("{address} leaves {} for {to:?}", namespace.key));
        if namespace.policy == "prevent" {
            self.put(&address, after(&namespace));
            self.configure();
            assert_refused(self.fixture.plan(&self.state).await, refused);
            namespace.policy = self.rng.pick(&POLICIES[1..]).unwrap();
            self.story.push(format!("first step: {} becomes `{}`", namespace.key, namespace.policy));
            self.put(&address, Some(namespace.clone()));
            self.apply().await;
        }
        self.put(&address, after(&namespace));
        let Namespace { key, policy, .. } = namespace;
        if policy == "abandon" {
            let found = self.fixture.dump().clusters.get(&key.cluster).and_then(|all| all.get(&key.namespace)).cloned();
            self.left.insert(key, found.expect("it is there"));
            return;
        }
        if self.rng.percent(30) {
            self.configure();
            let before = (policy == "delete").then_some(self.fixture.plan(&self.state).await);
            self.fixture.store().foreign_contents(&key, "Deployment", "web").unwrap();
            if let Some(before) = before {
                assert_refused(self.fixture.plan(&self.state).await, "not created by anu");
                // What has come since the plan is found by the apply.
                let (plan, config) = before.expect("a plan");
                let (state, errors) = self.fixture.apply_plan(plan, &config).await;
                assert_says(&errors, "not created by anu");
                self.assert_true(&state).await;
                self.state = state;
                self.fixture.store().remove_contents(&key, "Deployment", "web").unwrap();
            }
        }
        self.labelled.remove(&key);
    }

    fn any(&mut self) -> Option<(String, Namespace)> {
        let (address, namespace) = self.rng.pick(&self.all)?;
        Some((address.clone(), namespace.clone()))
    }

    fn put(&mut self, address: &str, namespace: Option<Namespace>) {
        match namespace {
            Some(namespace) => drop(self.all.insert(address.to_owned(), namespace)),
            None => drop(self.all.remove(address)),
        }
    }

    /// The service uses a namespace from now on, and its resource is removed in the same change, or moves to another namespace,
    /// whatever its policy.
    fn give_to_the_service(&mut self) {
        let Some((address, namespace)) = self.any() else { return };
        let to = self.rng.percent(50).then(|| self.fresh_key());
        self.story.push(format!("{address} gives {} to the service, and is {to:?}", namespace.key));
        self.put(&address, to.map(|key| Namespace { key, ..namespace.clone() }));
        let place = (namespace.key.cluster.to_string(), namespace.key.namespace.to_string());
        self.service().insert(place);
        self.publish();
    }

    /// The service does without a namespace.
    fn take_from_the_service(&mut self) {
        let targets: Vec<_> = self.service().iter().filter(|(_, name)| name != "own").cloned().collect();
        let Some(place) = self.rng.pick(targets) else { return };
        self.story.push(format!("the service leaves {place:?}"));
        self.service().remove(&place);
        self.labelled.remove(&format!("{}/{}", place.0, place.1).parse().unwrap());
        self.publish();
    }

    fn service(&mut self) -> &mut BTreeSet<(String, String)> {
        &mut self.company.services.get_mut(SERVICE).unwrap().environments[0].targets
    }

    fn publish(&mut self) {
        self.company = self.company.next();
        self.fixture.publish(&self.company.document());
    }

    // --- what others do ---

    /// Another manager changes what exists.
    fn interfere(&mut self) {
        let there = self.fixture.dump().active();
        let ours: Vec<Namespace> = self
            .all
            .values()
            .filter(|namespace| {
                there.clusters.get(&namespace.key.cluster).is_some_and(|all| all.contains_key(&namespace.key.namespace))
            })
            .cloned()
            .collect();
        let Some(Namespace { key, labels, bindings, .. }) = self.rng.pick(ours) else { return };
        let mark = [("managed-by".into(), "anu".into()), ("anu-registry".into(), REGISTRY.into())].into();
        let store = self.fixture.store();
        let found = &there.clusters[&key.cluster][&key.namespace];
        let what = self.rng.below(8);
        self.story.push(format!("drift number {what} of {key}"));
        match what {
            0 => store.remove_namespace(&key).unwrap(),
            1 => {
                let ours = self.rng.pick(labels.keys());
                store
                    .edit_namespace(&key, |settings| {
                        ours.map_or((), |label| drop(settings.labels.insert(label.clone(), "wrong".into())))
                    })
                    .unwrap();
            }
            2 => store.edit_namespace(&key, |settings| settings.annotations.clear()).unwrap(),
            3 => store.edit_namespace(&key, |settings| drop(settings.labels.remove("managed-by"))).unwrap(),
            4 => store
                .edit_namespace(&key, |settings| drop(settings.labels.insert("theirs".into(), "yes".into())))
                .unwrap(),
            5 if found.quota.is_some() => {
                let other = [("pods".to_owned(), "99".to_owned()), ("services".to_owned(), "9".to_owned())].into();
                store.foreign_quota(&key, &mark, &other).unwrap();
            }
            6 if found.quota.is_some() => store.remove_quota(&key).unwrap(),
            _ => {
                let Some(name) = self.rng.pick(bindings.keys()).filter(|name| found.role_bindings.contains_key(*name))
                else {
                    return;
                };
                if self.rng.percent(50) {
                    store.remove_role_binding(&key, name).unwrap();
                } else {
                    let role = self.rng.pick(ROLES).unwrap().parse().unwrap();
                    let other = RoleBinding { role, subjects: ["User:other".to_owned()].into() };
                    store.foreign_role_binding(&key, name, &mark, &other).unwrap();
                }
            }
        }
        match what {
            0 => drop(self.labelled.remove(&key)),
            4 => drop(self.labelled.insert(key)),
            _ => {}
        }
    }

    // --- what must hold ---

    fn configure(&mut self) {
        let all = self.all.iter().map(|(address, namespace)| (address.clone(), namespace.configuration(&mut self.rng)));
        self.fixture.others = all.collect();
    }

    /// Applies. Some applies fail at one of their writes, and of some of those nothing is kept, as when Terraform is killed.
    async fn apply(&mut self) {
        self.configure();
        if self.rng.percent(30) {
            let fault = format!("fail@{}", 1 + self.rng.below(8));
            self.fixture.reopen(fault.parse().unwrap()).await;
            let (state, errors) = self.fixture.try_apply(&self.state).await;
            self.fixture.reopen(Faults::none()).await;
            if errors.has_errors() {
                self.assert_true(&state).await;
                let lost = self.rng.percent(50);
                self.story.push(format!("{fault}, and the state is {}", if lost { "lost" } else { "kept" }));
                self.state = if lost { std::mem::take(&mut self.state) } else { state };
            } else {
                self.state = state;
            }
        }
        self.state = self.fixture.apply(&self.state).await;
        self.runs += 1;
        let (expected, found) = (self.expected(), self.fixture.dump().active());
        if expected != found {
            let json = |dump| serde_json::to_value(dump).unwrap();
            panic!("not the desired resources:\n{}", rights::differences(&json(expected), &json(found)));
        }
    }

    fn expected(&self) -> Dump {
        let fan_out = self.company.fan_out();
        let own: Vec<ResourceSet> = self.all.values().map(Namespace::resources).collect();
        let all = fan_out.services().map(|(_, service)| &service.resources).chain(&own);
        let mut expected = Dump::expected(fan_out.registry().name().expect("a name"), all);
        for key in &self.labelled {
            let found = expected.clusters.get_mut(&key.cluster).and_then(|all| all.get_mut(&key.namespace));
            if let Some(found) = found {
                found.settings.labels.insert("theirs".into(), "yes".into());
            }
        }
        for (key, found) in &self.left {
            expected.clusters.entry(key.cluster.clone()).or_default().insert(key.namespace.clone(), found.clone());
        }
        expected
    }

    /// What a state says after an apply that failed is so.
    async fn assert_true(&self, state: &State) {
        let process = Process::start(&self.fixture.block()).await.unwrap();
        for (address, object) in &state.0 {
            assert!(!object.tainted, "{address}");
            let (found, _) =
                process.of(address).refresh(object).await.unwrap_or_else(|errors| panic!("{}", text(&errors)));
            let found = found.map_or(Value::Null, |found| found.value);
            let lies = match address.starts_with("anu_namespace.") {
                true => self.lies(&object.value, &found),
                false => killed::lies(&self.fixture.dump(), &object.value, &found),
            };
            assert!(lies.is_empty(), "what the state of {address} says is not true:\n{lies:#?}");
        }
    }

    /// What the state of a namespace says that is not so.
    fn lies(&self, says: &Value, is: &Value) -> Vec<String> {
        let (says, is) = (to_json(says), to_json(is));
        // What is on a namespace that is on its way out counts no more; and by now its deletion may have ended.
        if is.is_null() || is.get("registry").is_some_and(Json::is_null) {
            return Vec::new();
        }
        let text = |name: &str| says[name].as_str().unwrap_or_default().to_owned();
        // The service may have written its own by then.
        let given = !self.company.users_of_namespace(&(text("cluster"), text("name"))).is_empty();
        let theirs = |line: &&str| given && (line.contains(" > labels") || line.contains(" > annotations"));
        rights::differences(&says, &is).lines().filter(|line| !theirs(line)).map(str::to_owned).collect()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.story.join("\n"));
        }
    }
}

#[test]
fn namespaces_that_live() {
    simulate(0, 4, async |seed| {
        let mut simulation = Simulation::begin(seed).await;
        for _ in 0..ROUNDS {
            simulation.round().await;
        }
        simulation.runs
    });
}
