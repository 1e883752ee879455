//! Properties of `anu_project` and `anu_project_iam`, together with a service of the registry on the same projects: random edits,
//! drift, transfers to the registry, writes that fail and states that are lost.
//!
//! `ANU_LAWS_RUNS` and `ANU_LAWS_SEED` as in [`crate::properties`].

use std::collections::{BTreeMap, BTreeSet};

use anu::fanout::resource::{DeletionPolicy, Grants, ProjectSettings, ResourceSet, Scope};
use anu::platform::embedded::{Dump, Faults, ProjectDump};
use anu::registry::names::ProjectId;
use anu::sdk::{Value, to_json};

use crate::fake_core::{Process, State};
use crate::fixture::{Fixture, assert_refused, text};
use crate::generator::{APIS, Company, environment};
use crate::leaves::list;
use crate::rights;
use crate::runner::simulate;
use crate::seeded_rng::SeededRng;

const ROUNDS: usize = 12;
const SERVICE: &str = "pay";
/// The first is granted by the service as well.
const ROLES: [&str; 3] = ["roles/pubsub.admin", "roles/logging.viewer", "roles/browser"];
/// Those of the first two are granted by the service as well.
const MEMBERS: [&str; 4] = [
    "group:team-1@example.com",
    "group:team-2@example.com",
    "user:c@example.com",
    "user:d@example.com until 2099-01-31T00:00:00Z",
];
const POLICIES: [&str; 3] = ["prevent", "abandon", "delete"];
/// What another user grants.
const THEIRS: (&str, &str) = ("roles/logging.viewer", "user:theirs@example.com");

/// One `anu_project` as its configuration has it.
#[derive(Debug, Clone, PartialEq)]
struct Project {
    id: String,
    name: Option<&'static str>,
    parent: &'static str,
    labels: BTreeMap<String, String>,
    apis: BTreeSet<&'static str>,
    policy: &'static str,
}

impl Project {
    fn resources(&self) -> ResourceSet {
        let id: ProjectId = self.id.parse().unwrap();
        let settings = ProjectSettings {
            display_name: self.name.unwrap_or(&self.id).to_owned(),
            parent: Some(self.parent.to_owned()),
            billing_account: None,
            labels: self.labels.clone(),
        };
        let deletion_policy = DeletionPolicy::parse(self.policy).unwrap();
        let apis = self.apis.iter().map(|api| api.parse().unwrap()).collect();
        ResourceSet {
            projects: [(id.clone(), Scope { settings, shared: false, deletion_policy })].into(),
            apis: [(id, apis)].into(),
            ..ResourceSet::default()
        }
    }

    fn configuration(&self, rng: &mut SeededRng) -> Value {
        let mut apis: Vec<&str> = self.apis.iter().copied().collect();
        if rng.percent(50) {
            apis.reverse(); // Their order means nothing.
        }
        let labels = self.labels.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
        let empty = self.labels.is_empty() && rng.percent(50);
        Value::object([
            ("project_id", Value::from(self.id.as_str())),
            ("display_name", self.name.map_or(Value::Null, Value::from)),
            ("parent", Value::from(self.parent)),
            ("labels", if empty { Value::Null } else { Value::Map(labels.collect()) }),
            ("apis", list(&apis)),
            ("deletion_policy", Value::from(self.policy)),
        ])
    }
}

/// One `anu_project_iam`: members by role.
#[derive(Debug, Clone, PartialEq)]
struct Iam {
    id: String,
    members: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

impl Iam {
    fn resources(&self) -> ResourceSet {
        let role = |(role, members): (&&str, &BTreeSet<&str>)| {
            (role.parse().unwrap(), members.iter().map(|member| member.parse().unwrap()).collect())
        };
        let grants: Grants = self.members.iter().map(role).collect();
        ResourceSet { iam: [(self.id.parse().unwrap(), grants)].into(), ..ResourceSet::default() }
    }

    fn configuration(&self, rng: &mut SeededRng) -> Value {
        let mut role = |(role, members): (&&str, &BTreeSet<&str>)| {
            let mut members: Vec<String> = members.iter().map(|&member| member.to_owned()).collect();
            if rng.percent(50) {
                members.reverse();
                members[0] = members[0].replace("example.com", "Example.com");
            }
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            ((*role).to_owned(), list(&members))
        };
        let members = self.members.iter().map(&mut role).collect();
        Value::object([("project_id", Value::from(self.id.as_str())), ("members", Value::Map(members))])
    }
}

struct Simulation {
    rng: SeededRng,
    fixture: Fixture,
    state: State,
    company: Company,
    /// By address.
    projects: BTreeMap<String, Project>,
    /// By address; at most one for a project.
    iam: BTreeMap<String, Iam>,
    /// What was abandoned, as it was.
    left: BTreeMap<ProjectId, ProjectDump>,
    /// Projects on which others have granted something, and set a label.
    foreign: BTreeSet<ProjectId>,
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
            projects: BTreeMap::new(),
            iam: BTreeMap::new(),
            left: BTreeMap::new(),
            foreign: BTreeSet::new(),
            story: vec![format!("seed {seed}")],
            runs: 0,
        };
        simulation.declare();
        simulation.apply().await;
        simulation
    }

    async fn round(&mut self) {
        match self.rng.below(12) {
            0..5 => {
                for _ in 0..1 + self.rng.below(3) {
                    self.edit();
                }
                if self.rng.percent(40) {
                    self.interfere();
                }
            }
            5 | 6 => self.service_edit(),
            7 => self.give_to_the_service(),
            8 => self.take_from_the_service(),
            9 => drop(self.iam.pop_first()),
            _ => self.leave().await,
        }
        self.apply().await;
    }

    // --- what people write ---

    fn declare(&mut self) {
        let address = self.company.fresh("anu_project.p");
        let project = Project {
            id: self.company.fresh("proj-of"),
            name: None,
            parent: "folders/1",
            labels: BTreeMap::new(),
            apis: BTreeSet::from([APIS[1]]),
            policy: self.rng.pick(POLICIES).unwrap(),
        };
        self.story.push(format!("{address} is {project:?}"));
        self.projects.insert(address, project);
    }

    /// Projects that grants may be on: managed here, of the service, or of others.
    fn grantable(&self) -> Vec<String> {
        let managed = self.projects.values().map(|project| project.id.clone());
        managed.chain(self.service_project()).chain(["proj-of-others".to_owned()]).collect()
    }

    fn edit(&mut self) {
        match self.rng.below(10) {
            0..4 => self.edit_iam(),
            4 if self.projects.len() < 4 => self.declare(),
            _ => self.edit_project(),
        }
    }

    fn edit_iam(&mut self) {
        let Some(id) = self.rng.pick(self.grantable()) else { return };
        let address = self.iam.iter().find(|(_, iam)| iam.id == id).map(|(address, _)| address.clone());
        let address = address.unwrap_or_else(|| self.company.fresh("anu_project_iam.i"));
        let mut iam = self.iam.remove(&address).unwrap_or(Iam { id, members: BTreeMap::new() });
        let role = self.rng.pick(ROLES).unwrap();
        let members: BTreeSet<&str> = MEMBERS.into_iter().filter(|_| self.rng.percent(40)).collect();
        match members.is_empty() {
            true => drop(iam.members.remove(role)),
            false => drop(iam.members.insert(role, members)),
        }
        self.story.push(format!("{address} is {iam:?}"));
        self.iam.insert(address, iam);
    }

    fn edit_project(&mut self) {
        let Some((address, mut project)) = self.any() else { return self.declare() };
        self.projects.remove(&address);
        let mut now = address.clone();
        match self.rng.below(6) {
            0 => {
                let labels = ["tier", "team"].into_iter().filter(|_| self.rng.percent(50)).collect::<Vec<_>>();
                let value = self.rng.pick(["a", "b"]).unwrap();
                project.labels = labels.into_iter().map(|key| (key.to_owned(), value.to_owned())).collect();
            }
            1 => project.apis = APIS.into_iter().filter(|_| self.rng.percent(50)).collect(),
            2 => project.parent = self.rng.pick(["folders/1", "folders/2"]).unwrap(),
            3 => project.name = self.rng.pick([None, Some("one name"), Some("another")]).unwrap(),
            4 => project.policy = self.rng.pick(POLICIES).unwrap(),
            _ => {
                now = self.company.fresh("anu_project.p");
                self.fixture.moved.push((address, now.clone()));
            }
        }
        self.story.push(format!("{now} is {project:?}"));
        self.projects.insert(now, project);
    }

    fn any(&mut self) -> Option<(String, Project)> {
        self.rng.pick(&self.projects).map(|(address, project)| (address.clone(), project.clone()))
    }

    // --- what the service does ---

    fn environment(&mut self) -> &mut crate::generator::Environment {
        &mut self.company.services.get_mut(SERVICE).unwrap().environments[0]
    }

    fn service_project(&self) -> Option<String> {
        self.company.services[SERVICE].environments[0].project.clone()
    }

    /// Whether the service creates its project.
    fn is_listed(&self, id: &str) -> bool {
        self.company.projects.get(id).is_some_and(|entry| !entry.existing)
    }

    fn publish(&mut self) {
        self.company.settle();
        self.company = self.company.next();
        self.fixture.publish(&self.company.document());
    }

    /// The service uses a project that is managed here, or none, and grants to another team.
    fn service_edit(&mut self) {
        let team = self.rng.pick(["team-1", "team-2"]).unwrap();
        self.environment().access[2] = [team.to_owned()].into();
        if !self.service_project().is_some_and(|id| self.is_listed(&id)) {
            let ids: Vec<_> = self.projects.values().map(|project| Some(project.id.clone())).chain([None]).collect();
            let project = self.rng.pick(ids).unwrap();
            self.story.push(format!("the service uses {project:?}, for {team}"));
            self.environment().project = project.clone();
            self.company.projects.clear();
            if let (Some(id), true) = (project, self.rng.percent(50)) {
                let entry = crate::generator::Entry { existing: true, ..Default::default() };
                self.company.projects.insert(id, entry);
            }
        }
        self.publish();
    }

    /// The registry lists a project from now on, and its resource is removed in the same change, whatever its policy. Its grants may
    /// stay.
    fn give_to_the_service(&mut self) {
        let Some((address, project)) = self.any() else { return };
        if self.service_project().is_some_and(|id| self.is_listed(&id)) {
            return;
        }
        self.story.push(format!("{address} gives {} to the service", project.id));
        self.projects.remove(&address);
        self.environment().project = Some(project.id.clone());
        self.company.projects = BTreeMap::new();
        self.company = std::mem::take(&mut self.company).listed(&project.id, SERVICE, &[]);
        self.publish();
    }

    /// The service does without its project, and deletes it if it was its own.
    fn take_from_the_service(&mut self) {
        let Some(id) = self.service_project() else { return };
        self.story.push(format!("the service leaves {id}"));
        if self.is_listed(&id) {
            self.forget(&id);
        }
        self.environment().project = None;
        self.publish();
    }

    /// A project is deleted or abandoned: grants on it leave with it.
    fn forget(&mut self, id: &str) {
        self.iam.retain(|_, iam| iam.id != id);
        self.foreign.remove(id);
    }

    /// A project leaves its resource, which is removed or moves to another project, as its policy says.
    async fn leave(&mut self) {
        let Some((address, mut project)) = self.any() else { return };
        let to = self.rng.percent(50).then(|| self.company.fresh("proj-of"));
        let after = |project: &Project| to.clone().map(|id| Project { id, ..project.clone() });
        self.story.push(format!("{address} leaves {} for {to:?}", project.id));
        if project.policy == "prevent" {
            self.put(&address, after(&project));
            self.configure();
            assert_refused(self.fixture.plan(&self.state).await, "deletion is refused");
            project.policy = self.rng.pick(&POLICIES[1..]).unwrap();
            self.story.push(format!("first step: {} becomes `{}`", project.id, project.policy));
            self.put(&address, Some(project.clone()));
            self.apply().await;
        }
        if self.service_project().as_deref() == Some(&project.id) {
            if project.policy == "delete" {
                self.put(&address, after(&project));
                self.configure();
                assert_refused(self.fixture.plan(&self.state).await, "cannot be deleted while in use");
                self.put(&address, Some(project.clone()));
            }
            self.take_from_the_service();
            self.apply().await;
        }
        self.put(&address, after(&project));
        let id: ProjectId = project.id.parse().unwrap();
        if project.policy == "abandon" {
            let mut found = self.fixture.dump().projects.remove(&id).expect("it is there");
            found.iam.clear();
            if self.foreign.contains(&id) {
                found.iam.insert(THEIRS.0.to_owned(), [THEIRS.1.to_owned()].into());
            }
            self.left.insert(id, found);
        }
        self.forget(&project.id);
    }

    fn put(&mut self, address: &str, project: Option<Project>) {
        match project {
            Some(project) => drop(self.projects.insert(address.to_owned(), project)),
            None => drop(self.projects.remove(address)),
        }
    }

    // --- what others do ---

    fn interfere(&mut self) {
        let there = self.fixture.dump().active();
        let active = |project: &Project| there.projects.contains_key(project.id.as_str());
        let ours: Vec<Project> = self.projects.values().filter(|project| active(project)).cloned().collect();
        let Some(project) = self.rng.pick(ours) else { return };
        let id: ProjectId = project.id.parse().unwrap();
        let store = self.fixture.store();
        let what = self.rng.below(7);
        self.story.push(format!("drift number {what} of {id}"));
        match what {
            0 => store.delete_project_by_hand(&id).unwrap(),
            1 => store.edit_project(&id, |project| project.display_name = "drifted".into()).unwrap(),
            2 => store.edit_project(&id, |project| project.labels.retain(|key, _| key != "tier")).unwrap(),
            3 => store.edit_project(&id, |project| drop(project.labels.remove("managed-by"))).unwrap(),
            4 => project.apis.iter().for_each(|api| store.remove_api(&id, &api.parse().unwrap()).unwrap()),
            5 => {
                store.foreign_member(&id, THEIRS.0, THEIRS.1).unwrap();
                store.edit_project(&id, |project| drop(project.labels.insert("theirs".into(), "yes".into()))).unwrap();
                self.foreign.insert(id);
            }
            _ => {
                let Some(iam) = self.iam.values().find(|iam| iam.id == project.id) else { return };
                let Some((role, members)) = self.rng.pick(&iam.members) else { return };
                members.iter().for_each(|member| store.remove_member(&id, role, member).unwrap());
            }
        }
    }

    // --- what must hold ---

    fn configure(&mut self) {
        let rng = &mut self.rng;
        let projects = self.projects.iter().map(|(address, project)| (address.clone(), project.configuration(rng)));
        self.fixture.others = projects.collect();
        self.fixture.others.extend(self.iam.iter().map(|(address, iam)| (address.clone(), iam.configuration(rng))));
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
        let (state, errors) = self.fixture.try_apply(&self.state).await;
        assert!(!errors.has_errors(), "{}", text(&errors));
        // Nothing is taken from a service.
        let given = rights::given(&self.fixture.dump(), &BTreeMap::new());
        let fan_out = self.company.fan_out();
        let asked = rights::asked(&fan_out.service(SERVICE).expect("the service").resources, SERVICE);
        let missing: Vec<&String> = asked.difference(&given).collect();
        assert!(missing.is_empty(), "the service has lost {missing:?}");
        // A service knows of no grants and APIs outside the registry: what it withdraws is drift here, once.
        self.state = self.fixture.apply(&state).await;
        self.runs += 2;
        let (expected, found) = (self.expected(), self.fixture.dump().active());
        let json = |dump: &Dump| serde_json::to_value(dump).unwrap();
        let differences = rights::differences(&json(&expected), &json(&found));
        assert!(expected == found, "not the desired resources:\n{differences}");
    }

    fn expected(&self) -> Dump {
        let fan_out = self.company.fan_out();
        let projects = self.projects.values().map(Project::resources);
        let own: Vec<ResourceSet> = projects.chain(self.iam.values().map(Iam::resources)).collect();
        let all = fan_out.services().map(|(_, service)| &service.resources).chain(&own);
        let mut expected = Dump::expected(fan_out.registry().name().expect("a name"), all);
        for id in &self.foreign {
            let found = expected.projects.get_mut(id).expect("a project of ours");
            found.iam.entry(THEIRS.0.to_owned()).or_default().insert(THEIRS.1.to_owned());
            let settings = &mut found.project.as_mut().expect("a project").settings;
            settings.labels.insert("theirs".into(), "yes".into());
        }
        expected.projects.extend(self.left.clone());
        expected
    }

    /// What a state says after an apply that failed is so, except what the service may have changed on its project, and what is on
    /// a project that another resource has deleted.
    async fn assert_true(&self, state: &State) {
        let process = Process::start(&self.fixture.block()).await.unwrap();
        let (all, active) = (self.fixture.dump(), self.fixture.dump().active());
        for (address, object) in &state.0 {
            assert!(!object.tainted, "{address}");
            let found = process.of(address).refresh(object).await;
            let (found, _) = found.unwrap_or_else(|errors| panic!("{}", text(&errors)));
            let says = to_json(&object.value);
            let Some(found) = found.filter(|_| address.starts_with("anu_project")) else { continue };
            let id = says["project_id"].as_str().unwrap();
            let deleted = all.projects.contains_key(id) && !active.projects.contains_key(id);
            if !deleted && self.service_project().as_deref() != Some(id) {
                let lies = rights::differences(&says, &to_json(&found.value));
                assert!(lies.is_empty(), "what the state of {address} says is not true:\n{lies}");
            }
        }
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
fn projects_and_grants_beside_a_service() {
    simulate(0, 4, async |seed| {
        let mut simulation = Simulation::begin(seed).await;
        for _ in 0..ROUNDS {
            simulation.round().await;
        }
        simulation.runs
    });
}
