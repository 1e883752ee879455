//! One company's life: random edits, published one after the other, and two states that plan and apply in turns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use anu::fanout::FanOut;
use anu::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use anu::platform::embedded::{Dump, Faults, ProjectPhase};
use anu::registry::names::EnvironmentName;
use anu::sdk::{Diagnostics, Severity, Value};

use crate::edits::{self, Edit, Removed};
use crate::fake_core::{self, Apply, Config, Plan, Process, State};
use crate::fixture::{Fixture, address, text};
use crate::generator::{Company, POLICY};
use crate::rights::{self, Rights};
use crate::seeded_rng::SeededRng;

#[derive(Clone, Copy, PartialEq)]
pub enum Discipline {
    /// Every state applies every revision.
    Every,
    /// States skip revisions, and the registry changes between a plan and its apply.
    Skipping,
}

/// What the observer of the store knows.
#[derive(Default)]
pub struct Watch {
    /// Rights that were given by an apply, and that every registry since has asked for.
    held: Rights,
    first_names: BTreeMap<String, String>,
    pub lost: BTreeSet<String>,
}

/// The story, for when it ends badly.
struct Story(Vec<String>);

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.0.join("\n"));
        }
    }
}

/// Where a state is in its round.
enum Phase {
    Idle,
    Planned(Box<(Plan, Config)>),
    Applying(Box<Apply>),
    Done,
}

pub struct Simulation {
    pub discipline: Discipline,
    pub rng: SeededRng,
    pub fixture: Fixture,
    /// As it will be published next.
    company: Company,
    /// As it is published, and what follows from it.
    published: Company,
    fan_out: FanOut,
    states: [State; 2],
    /// Renames that are not published yet.
    moved: Vec<(String, String)>,
    pub watch: Arc<Mutex<Watch>>,
    graveyard: Vec<Removed>,
    /// Every project and namespace that was ever asked for.
    pub projects: BTreeSet<String>,
    pub namespaces: BTreeSet<String>,
    /// Whether the registry has changed under a plan of this state.
    overtaken: [bool; 2],
    /// The revision that each state applied last.
    applied: [u32; 2],
    story: Story,
    pub runs: u64,
    /// Applies of a state while another one refuses a removal.
    pub attempts: u64,
}

impl Simulation {
    pub async fn begin(seed: u64, discipline: Discipline) -> Self {
        let mut rng = SeededRng::new(seed);
        let policy = (discipline == Discipline::Skipping).then_some(POLICY);
        let company = edits::company(&mut rng, policy);
        let mut fixture = Fixture::open(&company.document(), Faults::none()).await;
        fixture.newer_core = seed % 2 == 1;
        fixture.now = Some(company.now());
        let watch = Arc::new(Mutex::new(Watch::default()));
        let watching = watch.clone();
        fixture.store().observe(move |store| {
            let mut watch = watching.lock().unwrap();
            let given = rights::given(&store.dump().unwrap(), &watch.first_names);
            let lost: Vec<String> = watch.held.difference(&given).cloned().collect();
            watch.lost.extend(lost);
        });
        Self {
            discipline,
            rng,
            fan_out: company.fan_out(),
            published: company.clone(),
            company,
            fixture,
            states: Default::default(),
            moved: Vec::new(),
            watch,
            graveyard: Vec::new(),
            projects: BTreeSet::new(),
            namespaces: BTreeSet::new(),
            overtaken: [false; 2],
            applied: [0; 2],
            story: Story(vec![format!("ANU_LAWS_SEED={seed}")]),
            runs: 0,
            attempts: 0,
        }
    }

    /// The company as it is published.
    pub fn published(&self) -> &Company {
        &self.published
    }

    fn tell(&mut self, line: impl Into<String>) {
        self.story.0.push(line.into());
    }

    /// Makes one random edit to the company; it is not published yet.
    pub fn edit(&mut self) -> Option<Edit> {
        let (company, edit) = (0..8).find_map(|_| {
            let mut company = self.company.clone();
            let edit = edits::edit(&mut company, &mut self.rng, &self.graveyard)?;
            Some((company, edit))
        })?;
        self.company = company;
        if self.discipline == Discipline::Skipping {
            // A state that skips revisions cannot be led through two steps.
            let kinds = [POLICY, POLICY, POLICY, "delete-with-contents", "abandon"];
            for service in self.company.services.values_mut().filter(|service| service.policy.is_none()) {
                service.policy = Some(kinds[self.rng.below(kinds.len())].to_owned());
            }
        }
        self.tell(format!("edit: {}", edit.text));
        if let Some((old, new)) = &edit.renamed {
            self.moved.push((address(old), address(new)));
        }
        self.graveyard.extend(edit.removed.clone());
        Some(edit)
    }

    /// Publishes what the company has become, in two steps where something is to go that is protected, and applies it.
    pub async fn round(&mut self, edits: &[Edit], last: bool) {
        let next = self.company.fan_out();
        // The way back from an attempt must not be refused as well.
        let returns = protected(&next, &self.fan_out).is_empty();
        let protected = protected(&self.fan_out, &next);
        if !protected.is_empty() {
            if self.moved.is_empty() && returns && self.rng.percent(80) {
                self.attempt().await;
            }
            self.unlock(&protected).await;
        }
        self.publish(self.company.clone());
        if let ([Edit { added: Some(added), .. }], Discipline::Every) = (edits, self.discipline) {
            self.check_addition(added).await;
        }
        let take_part = match self.discipline {
            Discipline::Skipping if !last => [self.rng.percent(60), self.rng.percent(60)],
            _ => [true; 2],
        };
        self.apply(take_part, last).await;
        if self.discipline == Discipline::Every {
            self.check_equal();
            if self.rng.percent(15) {
                self.lose_a_state().await;
            }
        }
    }

    /// Without the first of the two steps: what its owner protects stays, whatever the policies of those it is shared with, and
    /// whichever state can be applied.
    async fn attempt(&mut self) {
        let before = self.published.clone();
        let after = self.company.fan_out();
        let mut scopes = BTreeSet::new();
        for (_, service) in self.fan_out.services() {
            let keys = service.resources.keys().into_iter();
            scopes.extend(keys.filter(|key| service.resources.deletion_policy(key) == Some(DeletionPolicy::Prevent)));
        }
        scopes.retain(|key| after.users_of(key).is_empty());
        self.tell(format!("attempt to remove {scopes:?}"));
        self.publish(self.company.clone());
        for state in 0..2 {
            match self.plan(state).await {
                Err(errors) => assert!(text(&errors).contains("is refused"), "{}", text(&errors)),
                Ok((plan, config)) => {
                    let (left, errors) = self.fixture.apply_plan(plan, &config).await;
                    assert!(!errors.has_errors(), "state {state}:\n{}", text(&errors));
                    self.states[state] = left;
                    self.attempts += 1;
                }
            }
        }
        let there = rights::given(&self.fixture.dump(), &BTreeMap::new());
        let gone: Vec<&Key> = scopes.iter().filter(|key| !there.contains(&rights::named(key))).collect();
        assert!(gone.is_empty(), "their owners protect these, and they were deleted: {gone:?}");
        self.publish(before);
        self.apply([true; 2], true).await;
        self.check_equal();
    }

    /// A state is lost, and the next apply takes over all that is there without a change to it.
    async fn lose_a_state(&mut self) {
        let state = self.rng.below(2);
        self.tell(format!("state {state} is lost"));
        self.states[state] = State::default();
        let said = text(&self.planned(state).await.0.diagnostics);
        assert!(!said.contains("changed by apply"), "{said}");
        let mut take_part = [false; 2];
        take_part[state] = true;
        self.apply(take_part, true).await;
        self.check_equal();
    }

    /// The first of the two steps: the policy becomes `delete`, and is applied.
    async fn unlock(&mut self, protected: &BTreeSet<String>) {
        self.tell(format!("unlock {protected:?}"));
        let mut company = self.published.clone();
        for (_, service) in company.services.iter_mut().filter(|(name, _)| protected.contains(*name)) {
            service.policy = Some(POLICY.to_owned());
        }
        for entry in company.projects.values_mut().chain(company.namespaces.values_mut()) {
            entry.policy = Some(POLICY.to_owned());
        }
        let moved = std::mem::take(&mut self.moved);
        self.publish(company);
        self.moved = moved;
        self.apply([true; 2], true).await;
        self.check_equal();
    }

    fn publish(&mut self, mut company: Company) {
        company.revision = self.published.revision + 1;
        self.fixture.publish(&company.document());
        self.fixture.now = Some(company.now());
        self.fan_out = company.fan_out();
        self.fixture.moved.append(&mut self.moved);
        let mut asked = Rights::new();
        for (name, service) in self.fan_out.services() {
            asked.extend(rights::asked(&company.lasting(&service.resources), company.first_name(name.as_str())));
            for key in service.resources.keys() {
                match key.scope() {
                    Key::Project(id) => drop(self.projects.insert(id.to_string())),
                    scope => drop(self.namespaces.insert(scope.to_string())),
                }
            }
        }
        let mut watch = self.watch.lock().unwrap();
        watch.held.retain(|right| asked.contains(right));
        watch.first_names.clone_from(&company.first_names);
        drop(watch);
        self.published = company;
        self.clear_deleted();
    }

    /// Deleted projects that are desired again come back with the labels that they had, which are removed by hand.
    fn clear_deleted(&mut self) {
        let store = self.fixture.store();
        let asked = self.expected();
        for (id, project) in store.dump().unwrap().projects {
            let deleted = project.project.as_ref().is_some_and(|row| row.phase == ProjectPhase::DeleteRequested);
            let Some(asked) = asked.projects.get(&id).filter(|_| deleted) else { continue };
            let labels = asked.project.as_ref().map(|row| row.settings.labels.clone()).unwrap_or_default();
            store.edit_project(&id, |settings| settings.labels.retain(|key, _| labels.contains_key(key))).unwrap();
        }
    }

    /// The configuration of one state, as a module with `for_each` over its part of the registry gives it.
    async fn config(&self, process: &Process, state: usize) -> Result<Config, Diagnostics> {
        let company = &self.published;
        let filters: BTreeMap<&String, _> = company.services.keys().map(|n| (n, company.filter(n, state))).collect();
        let names = filters.iter().filter(|(_, f)| f.as_ref().is_none_or(|f| !f.is_empty()));
        let names: BTreeSet<String> = names.map(|(name, _)| (*name).clone()).collect();
        let mut config = self.fixture.config(process, Some(&names)).await?;
        for name in names {
            let Some(environments) = &filters[&name] else { continue };
            let environments = environments.iter().map(|name| Value::from(name.as_str())).collect();
            let Some(Value::Map(instance)) = config.resources.get_mut(&address(&name)) else { continue };
            instance.insert("environments".to_owned(), Value::List(environments));
        }
        Ok(config)
    }

    async fn plan(&self, state: usize) -> Result<(Plan, Config), Diagnostics> {
        let process = Process::start(&self.fixture.block()).await?;
        let config = self.config(&process, state).await?;
        Ok((fake_core::plan_in(&process, &self.states[state], &config).await?, config))
    }

    pub async fn planned(&self, state: usize) -> (Plan, Config) {
        self.plan(state).await.unwrap_or_else(|errors| panic!("state {state} cannot plan:\n{}", text(&errors)))
    }

    /// Both states plan and apply, as far as they take part, each step at random. Some plan just to look.
    async fn apply(&mut self, take_part: [bool; 2], settled: bool) {
        self.overtaken = [false; 2];
        let mut phases = take_part.map(|yes| if yes { Phase::Idle } else { Phase::Done });
        loop {
            let open = (0..2).filter(|state| !matches!(phases[*state], Phase::Done));
            let Some(state) = self.rng.pick(open.collect::<Vec<_>>()) else { break };
            if self.rng.percent(5) {
                let other = 1 - state;
                if !matches!(phases[other], Phase::Applying(_)) {
                    self.planned(other).await;
                }
            }
            let phase = std::mem::replace(&mut phases[state], Phase::Done);
            phases[state] = self.advance(state, phase).await;
            let quiet = phases.iter().all(|phase| !matches!(phase, Phase::Applying(_)));
            let planned = phases.iter().any(|phase| matches!(phase, Phase::Planned(_)));
            if self.discipline == Discipline::Skipping && !settled && quiet && planned && self.rng.percent(15) {
                self.tell("the registry changes between plan and apply");
                self.edit();
                if !self.fixture.newer_core {
                    // A create whose grants end in between is refused by an older core.
                    self.company.day = self.published.day;
                }
                self.publish(self.company.clone());
                self.overtaken = [0, 1].map(|state| matches!(phases[state], Phase::Planned(_)));
            }
        }
        for state in (0..2).filter(|state| self.applied[*state] == self.published.revision) {
            self.check_settled(state).await;
        }
    }

    async fn advance(&mut self, state: usize, phase: Phase) -> Phase {
        match phase {
            Phase::Idle => {
                let (plan, config) = self.planned(state).await;
                self.tell(format!("state {state} plans {:?}", plan.pending()));
                Phase::Planned(Box::new((plan, config)))
            }
            Phase::Planned(planned) => {
                let (plan, config) = *planned;
                Phase::Applying(Box::new(Apply::start(plan, &config).await.expect("an apply starts")))
            }
            Phase::Applying(mut apply) if !apply.is_done() => {
                apply.step().await;
                Phase::Applying(apply)
            }
            Phase::Applying(apply) => {
                self.states[state] = apply.state;
                self.tell(format!("state {state} has applied"));
                if self.overtaken[state] {
                    // What was refused, and why, is the checklist's business; here only that nothing breaks.
                    return Phase::Idle.done_if_refused(&apply.diagnostics);
                }
                assert!(!apply.diagnostics.has_errors(), "state {state}:\n{}", text(&apply.diagnostics));
                self.runs += 1;
                self.applied[state] = self.published.revision;
                self.hold(state);
                self.check_settled(state).await;
                Phase::Done
            }
            Phase::Done => Phase::Done,
        }
    }

    /// From now on no one may lose what this state has granted, as long as the registry lists it.
    fn hold(&mut self, state: usize) {
        let mut watch = self.watch.lock().unwrap();
        for name in self.published.services.keys() {
            let environments = self.published.filter(name, state);
            let resources = self.resources(name, environments);
            watch.held.extend(rights::asked(&self.published.lasting(&resources), self.published.first_name(name)));
        }
    }

    fn resources(&self, name: &str, environments: Option<Vec<String>>) -> ResourceSet {
        match environments {
            None => self.fan_out.service(name).map(|service| service.resources.clone()).unwrap_or_default(),
            Some(names) => {
                let names: BTreeSet<EnvironmentName> = names.iter().map(|name| name.parse().unwrap()).collect();
                self.fan_out.select(name, &names)
            }
        }
    }

    pub fn expected(&self) -> Dump {
        self.published.expected_of(&self.fan_out)
    }
}

impl Phase {
    /// An apply that was overtaken by an edit is done, refused or not.
    fn done_if_refused(self, diagnostics: &Diagnostics) -> Self {
        for refusal in diagnostics.iter().filter(|d| d.severity == Severity::Error) {
            assert!(REFUSALS.iter().any(|words| refusal.summary.contains(words)), "{}", text(diagnostics));
        }
        Self::Done
    }
}

/// What an apply may say when the registry has changed since its plan.
const REFUSALS: [&str; 6] = [
    "changed in the registry after planning",
    "was registered after planning",
    "in use since planning",
    "more than planned would be deleted",
    "is not in the registry",
    "has no environment",
];

/// The services that block `after`: they use protected projects or namespaces that it no longer lists.
fn protected(before: &FanOut, after: &FanOut) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, service) in before.services() {
        let protected = service.resources.keys().into_iter().any(|key| {
            service.resources.deletion_policy(&key) == Some(DeletionPolicy::Prevent) && after.users_of(&key).is_empty()
        });
        if protected {
            names.insert(name.to_string());
        }
    }
    names
}
