//! Mistakes in a registry whose first revision is applied, and in the arguments of resources beside it ([`leaves`]): each is
//! refused, warned about or shown by the plan, and none deletes anything or widens any access in silence.

mod access;
mod accounts;
mod entries;
mod leaves;
mod sharing;
mod structure;

use std::collections::BTreeSet;

use anu::fanout::resource::ACTS_AS;
use anu::fanout::{self, Settings};
use anu::platform::embedded::{Dump, ProjectPhase, RoleBindingDump};
use anu::registry::{LoadOptions, Problem};
use anu::sdk::{Severity, to_json};
use serde_json::{Value as Json, json};

use crate::fake_core::{Plan, State};
use crate::fixture::{Fixture, text};
use crate::rights;

/// One mistake, made in the first revision.
pub struct Mistake {
    /// What a person did.
    pub name: &'static str,
    pub edit: Edit,
    /// What the plan answers while every deletion policy is `prevent`.
    pub answer: Answer,
}

/// A change of the document. Places are JSON pointers.
pub enum Edit {
    /// Another value, or a new field or entry.
    Set(&'static str, Json),
    Remove(&'static str),
    /// A field under another name.
    Rename(&'static str, &'static str),
    /// Several at once.
    All(Vec<Edit>),
    /// A change of the text.
    Text(fn(&str) -> String),
}

/// How a plan answers.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// An error with these words.
    Refused(&'static str),
    /// A warning with these words.
    Warned(&'static str),
    /// A change of an instance in which these words stand.
    Shown(&'static str),
}

use Answer::{Refused, Shown, Warned};

/// The production environment of `pay`, of team `banking`, with a field behind it.
macro_rules! pay {
    ($field:literal) => {
        concat!("/services/0/spec/environments/0/spec", $field)
    };
}

/// The production environment of `toy`, of team `interns`, with a field behind it.
macro_rules! toy {
    ($field:literal) => {
        concat!("/services/2/spec/environments/0/spec", $field)
    };
}

pub(crate) use {pay, toy};

/// The first revision: three services, two of which share a project.
fn company(policy: &str) -> Json {
    let entry = |kind: &str, spec: Json| json!({"type": kind, "spec": spec});
    let team = |name: &str| entry("Team", json!({"name": name, "email": format!("{name}-team@example.com")}));
    let target = |cluster: &str, namespace: &str| {
        entry("Target", json!({"kind": "argo", "cluster": cluster, "namespace": namespace, "release": namespace}))
    };
    let environment = |name: &str, project: &str, rbac: Json, target: Json, quota: Json| {
        entry(
            "Environment",
            json!({"name": name, "googleProject": project, "rbac": rbac, "targets": [target], "quota": quota}),
        )
    };
    let cpu = json!({"requests.cpu": "4"});
    let robot = json!({"name": "pay-robot", "roles": ["roles/pubsub.publisher"], "kubernetesServiceAccount": "pay"});
    let ci = json!({"principal": "serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com", "reason": "CI"});
    let mut company = json!({
        "metadata": {"name": "acme", "revision": "1", "compiledAt": "2026-01-02T10:00:00Z"},
        "teams": [team("banking"), team("shop"), team("interns")],
        "clusters": [entry("Cluster", json!({"name": "c1"})), entry("Cluster", json!({"name": "c2", "googleProject": "gc-prd-clusters"}))],
        "projects": [
            entry("Project", json!({
                "id": "gc-prd-pay", "name": "pay production", "parent": "folders/1234", "owner": "pay",
                "billingAccount": "000000-AAAAAA-000000", "labels": {"tier": "1"}, "sharedWith": ["ledger"],
                "deletionPolicy": policy,
            })),
            entry("Project", json!({"id": "gc-stg-pay", "parent": "folders/1234"})),
            entry("Project", json!({"id": "gc-prd-toy", "parent": "folders/1234"})),
            entry("Project", json!({"id": "gc-prd-legacy", "existing": true})),
            entry("Project", json!({"id": "gc-prd-clusters", "existing": true})),
        ],
        "namespaces": [entry("Namespace", json!({
            "cluster": "c1", "name": "pay", "owner": "pay", "labels": {"tier": "1"}, "annotations": {"contact": "pay"},
        }))],
        "services": [
            entry("Service", json!({
                "name": "pay", "repository": "example/pay", "team": "banking", "alertsChannel": "pay-alerts",
                "googleServices": ["pubsub.googleapis.com"], "deletionPolicy": policy,
                "environments": [
                    environment(
                        "production", "gc-prd-pay",
                        json!({"viewers": ["shop"], "operators": [ci], "admins": ["banking"]}),
                        target("c1", "pay"), cpu.clone(),
                    ),
                    environment(
                        "staging", "gc-stg-pay", json!({"admins": ["banking"]}), target("c2", "pay-staging"), cpu.clone(),
                    ),
                ],
            })),
            entry("Service", json!({
                "name": "ledger", "team": "banking", "googleServices": ["storage.googleapis.com"], "deletionPolicy": policy,
                "environments": [environment(
                    "production", "gc-prd-pay", json!({"admins": ["banking"]}), target("c1", "ledger"), cpu.clone(),
                )],
            })),
            entry("Service", json!({
                "name": "toy", "team": "interns", "googleServices": ["pubsub.googleapis.com"], "deletionPolicy": policy,
                "environments": [
                    environment("production", "gc-prd-toy", json!({"admins": ["interns"]}), target("c1", "toy"), cpu.clone()),
                    environment(
                        "legacy", "gc-prd-legacy", json!({"admins": ["interns"]}), target("c2", "toy-legacy"), cpu,
                    ),
                ],
            })),
        ],
        "permissions": {
            "google": {
                "*": {"viewers": ["roles/browser"]},
                "pubsub.googleapis.com": {
                    "viewers": ["roles/pubsub.viewer"], "operators": ["roles/pubsub.editor"],
                    "admins": ["roles/pubsub.admin"],
                },
            },
            "kubernetes": {"viewers": "view", "operators": "edit", "admins": "admin"},
        },
    });
    Edit::Set(accounts::staging!(""), json!([robot])).make(&mut company);
    company
}

impl Edit {
    /// The text of the document with this change.
    fn apply(&self, company: &Json) -> String {
        let mut document = company.clone();
        document["metadata"]["revision"] = "2".into();
        self.make(&mut document);
        match self {
            Self::Text(change) => change(&serde_json::to_string_pretty(&document).unwrap()),
            _ => document.to_string(),
        }
    }

    fn make(&self, document: &mut Json) {
        match self {
            Self::Set(place, value) => {
                let (parent, field) = parent(document, place);
                match parent {
                    Json::Array(list) if field == "-" => list.push(value.clone()),
                    Json::Array(list) => list[field.parse::<usize>().unwrap()] = value.clone(),
                    parent => parent[field] = value.clone(),
                }
            }
            Self::Remove(place) => drop(remove(document, place)),
            Self::Rename(place, to) => {
                let value = remove(document, place);
                let (parent, _) = parent(document, place);
                parent[*to] = value;
            }
            Self::All(edits) => edits.iter().for_each(|edit| edit.make(document)),
            Self::Text(_) => {}
        }
    }
}

/// The value that has a place, and the place's last token.
fn parent<'d, 'p>(document: &'d mut Json, place: &'p str) -> (&'d mut Json, &'p str) {
    if place.is_empty() {
        return (document, "");
    }
    let (parent, field) = place.rsplit_once('/').unwrap();
    (document.pointer_mut(parent).unwrap_or_else(|| panic!("no place {parent}")), field)
}

fn remove(document: &mut Json, place: &str) -> Json {
    let (parent, field) = parent(document, place);
    match parent {
        Json::Array(list) => list.remove(field.parse().unwrap()),
        parent => parent.as_object_mut().unwrap().remove(field).unwrap_or_else(|| panic!("no place {place}")),
    }
}

/// An applied first revision, to be copied for each mistake.
struct Applied {
    company: Json,
    state: State,
    fixture: Fixture,
}

impl Applied {
    async fn with(policy: &str) -> Self {
        let company = company(policy);
        let fixture = Fixture::new(&company);
        let state = fixture.apply(&State::default()).await;
        Self { company, state, fixture }
    }

    /// A folder of its own with the same store, and the registry with the mistake.
    fn with_mistake(&self, edit: &Edit) -> Fixture {
        let copy = Fixture::new(&self.company);
        std::fs::copy(self.fixture.path("anu.db"), copy.path("anu.db")).unwrap();
        std::fs::write(copy.path("registry.json"), edit.apply(&self.company)).unwrap();
        copy
    }
}

/// What exists, or is planned: a line of words for each project, API, grant, account, namespace and subject of a role binding.
type Lines = BTreeSet<Vec<String>>;

fn line(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn existing(dump: &Dump) -> Lines {
    let mut lines = Lines::new();
    for (id, project) in &dump.projects {
        let id = id.as_str();
        if project.project.as_ref().is_some_and(|row| row.phase == ProjectPhase::Active) {
            lines.insert(line(&[id]));
        }
        lines.extend(project.apis.iter().map(|api| line(&[id, api.as_str()])));
        for (role, members) in &project.iam {
            lines.extend(members.iter().map(|member| line(&[id, role, member])));
        }
        for (name, account) in &project.service_accounts {
            lines.insert(line(&[id, name.as_str()]));
            lines.extend(rights::workloads(account).map(|who| line(&[id, name.as_str(), who])));
        }
    }
    for (cluster, namespaces) in &dump.clusters {
        for (namespace, content) in namespaces {
            let key = format!("{cluster}/{namespace}");
            if content.terminating.is_none() {
                lines.insert(line(&[&key]));
            }
            for (name, account) in &content.service_accounts {
                lines.insert(line(&[&key, name.as_str()]));
                let acts_as = account.annotations.get(ACTS_AS);
                lines.extend(acts_as.map(|who| line(&[&key, name.as_str(), "acts as", who])));
            }
            for (name, RoleBindingDump { binding, .. }) in &content.role_bindings {
                let role = binding.role.to_string();
                let subjects = binding.subjects.iter().map(ToString::to_string);
                lines.extend(subjects.map(|subject| line(&[&key, name, &role, &subject])));
            }
        }
    }
    lines
}

/// The same lines from the values of a resource, as a plan prints them.
fn managed(value: &Json) -> Lines {
    let fields = |value: &Json| value.as_object().cloned().unwrap_or_default();
    let texts = |value: &Json| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let mut lines = Lines::new();
    for (key, _) in fields(&value["projects"]).iter().chain(&fields(&value["namespaces"])) {
        lines.insert(line(&[key]));
    }
    for (id, apis) in fields(&value["apis"]) {
        lines.extend(texts(&apis).iter().map(|api| line(&[&id, api])));
    }
    for (id, grants) in fields(&value["iam"]) {
        for (role, members) in fields(&grants) {
            lines.extend(texts(&members).iter().map(|member| line(&[&id, &role, member])));
        }
    }
    for (id, accounts) in fields(&value["service_accounts"]) {
        lines.extend(fields(&accounts).keys().map(|name| line(&[&id, name])));
    }
    for (id, accounts) in fields(&value["workload_identity"]) {
        for (name, who) in fields(&accounts) {
            lines.extend(texts(&who).iter().map(|who| line(&[&id, &name, who])));
        }
    }
    for (key, accounts) in fields(&value["kubernetes_service_accounts"]) {
        for (name, account) in fields(&accounts) {
            lines.insert(line(&[&key, &name]));
            let who = account["google_service_account"].as_str().unwrap_or_default();
            lines.insert(line(&[&key, &name, "acts as", who]));
        }
    }
    for (key, bindings) in fields(&value["role_bindings"]) {
        for (name, binding) in fields(&bindings) {
            let role = binding["role"].as_str().unwrap_or_default();
            lines.extend(texts(&binding["subjects"]).iter().map(|subject| line(&[&key, &name, role, subject])));
        }
    }
    // `anu_project`, `anu_project_iam` and `anu_namespace`.
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    if value.get("billing_account").is_some() {
        lines.insert(line(&[&text(&value["project_id"])]));
    }
    lines.extend(texts(&value["apis"]).iter().map(|api| line(&[&text(&value["project_id"]), api])));
    for (role, members) in fields(&value["members"]) {
        lines.extend(texts(&members).iter().map(|member| line(&[&text(&value["project_id"]), &role, member])));
    }
    if value.get("cluster").is_some() {
        let key = format!("{}/{}", text(&value["cluster"]), text(&value["name"]));
        lines.insert(line(&[&key]));
        for binding in value["role_binding"].as_array().into_iter().flatten() {
            let (name, role) = (text(&binding["name"]), text(&binding["role"]));
            lines.extend(texts(&binding["subjects"]).iter().map(|subject| line(&[&key, &name, &role, subject])));
        }
    }
    lines
}

/// What a plan tells a person.
struct Told {
    before: Lines,
    after: Lines,
    /// The values of the changed instances, to find words in.
    changes: String,
    /// The registry's warnings and the plan's.
    warnings: String,
}

impl Told {
    fn by(plan: &Plan, registry: &[Problem]) -> Self {
        let mut told = Self {
            before: Lines::new(),
            after: Lines::new(),
            changes: String::new(),
            warnings: registry.iter().map(|problem| format!("{problem}\n")).collect(),
        };
        for change in plan.changes.values() {
            let (before, after) = (to_json(&change.before), to_json(&change.after));
            told.before.extend(managed(&before));
            told.after.extend(managed(&after));
            if before != after {
                told.changes += &format!("{after}\n");
            }
        }
        let warnings = plan.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning);
        told.warnings += &text(&warnings.cloned().collect());
        told
    }

    /// Whether the plan shows that this is lost. A whole resource is in a warning too, since core's own output shows a map's
    /// lost key easily overlooked.
    fn shows_loss(&self, gone: &[String]) -> bool {
        let removed = self.before.contains(gone) && !self.after.contains(gone);
        let is_subject = gone.len() == 4;
        removed && (is_subject || gone.iter().all(|word| self.warnings.contains(word.as_str())))
    }

    fn shows_gain(&self, new: &[String]) -> bool {
        self.after.contains(new)
    }
}

/// Plans what is wrong now, and applies it if the plan permits. The errors of the plan, or what it told; an error if anything
/// happened in silence.
async fn check(fixture: &Fixture, state: &State) -> Result<Result<Told, String>, String> {
    let before = existing(&fixture.dump());
    let (plan, config) = match fixture.plan(state).await {
        Err(errors) if existing(&fixture.dump()) == before => return Ok(Err(text(&errors))),
        Err(errors) => return Err(format!("the refused plan changed something:\n{}", text(&errors))),
        Ok(planned) => planned,
    };
    let document = std::fs::read(fixture.path("registry.json")).unwrap();
    let options = LoadOptions { version: semver::Version::new(0, 1, 0), allow_empty: false, name: None };
    let (_, warnings) = fanout::load(&document, &options, &Settings::default()).unwrap();
    let told = Told::by(&plan, &warnings);
    // Whether the apply fails is not the question here: what it did must have been in the plan.
    let _ = fixture.apply_plan(plan, &config).await;
    let after = existing(&fixture.dump());
    let lost = before.difference(&after).find(|gone| !told.shows_loss(gone)).map(|line| ("deleted", line));
    let silent =
        lost.or_else(|| after.difference(&before).find(|new| !told.shows_gain(new)).map(|line| ("added", line)));
    match silent {
        Some((what, line)) => {
            Err(format!("{what} in silence: {line:?}; the plan said\n{}\n{}", told.warnings, told.changes))
        }
        None => Ok(Ok(told)),
    }
}

/// Whether the plan answers as the list says; if not, what it answered.
fn answers(expected: &Answer, answer: &Result<Told, String>) -> Result<(), String> {
    let (said, is_right) = match (answer, expected) {
        (Err(errors), Refused(words)) => (errors.clone(), errors.contains(words)),
        (Err(errors), _) => (errors.clone(), false),
        (Ok(told), Warned(words)) => (told.warnings.clone(), told.warnings.contains(words)),
        (Ok(told), Shown(words)) => (told.changes.clone(), told.changes.contains(words)),
        (Ok(told), Refused(_)) => (format!("{}\n{}", told.warnings, told.changes), false),
    };
    if is_right { Ok(()) } else { Err(format!("expected {expected:?}, got\n{said}")) }
}

#[tokio::test]
async fn no_mistake_deletes_or_widens_in_silence() {
    let mistakes: Vec<Mistake> =
        [structure::mistakes(), entries::mistakes(), accounts::mistakes(), sharing::mistakes(), access::mistakes()]
            .into_iter()
            .flatten()
            .collect();
    let names: BTreeSet<&str> = mistakes.iter().map(|mistake| mistake.name).collect();
    assert_eq!(names.len(), mistakes.len(), "each mistake is listed once");
    assert!(mistakes.len() >= 150, "{} mistakes", mistakes.len());
    let (protected, deletable) = (Applied::with("prevent").await, Applied::with("delete").await);
    let mut wrong = Vec::new();
    for mistake in &mistakes {
        let answer = check(&protected.with_mistake(&mistake.edit), &protected.state).await;
        let answered = answer.and_then(|answer| answers(&mistake.answer, &answer));
        // With a policy that permits deletion only the rule counts: whatever happens is in the plan.
        let deletable = check(&deletable.with_mistake(&mistake.edit), &deletable.state).await.map(drop);
        for (policy, result) in [("prevent", answered), ("delete", deletable)] {
            wrong.extend(result.err().map(|why| format!("{} ({policy}): {why}", mistake.name)));
        }
    }
    let of = |refused| mistakes.iter().filter(|m| matches!(m.answer, Refused(_)) == refused).count();
    println!("{} mistakes: {} refused, {} warned about or shown", mistakes.len(), of(true), of(false));
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}
