//! A company as its registry describes it: the model that random registries are generated from.

use std::collections::{BTreeMap, BTreeSet};

use anu::fanout::resource::ResourceSet;
use anu::fanout::{FanOut, Settings};
use anu::platform::embedded::{Dump, ProjectDump};
use anu::registry::LoadOptions;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::document::{self, Document, Grantee, texts};

pub const REGISTRY: &str = "acme";
pub const CLUSTERS: [&str; 3] = ["compute-a", "compute-b", "compute-c"];
/// The project of all clusters.
pub const CLUSTER_PROJECT: &str = "the-clusters";
pub const APIS: [&str; 3] = ["pubsub.googleapis.com", "storage.googleapis.com", "redis.googleapis.com"];
pub const POLICY: &str = "delete";

/// `CLUSTER` and `NAMESPACE`.
pub type Place = (String, String);

#[derive(Debug, Clone, Default)]
pub struct Company {
    /// Counts revisions; `compiledAt` follows it.
    pub revision: u32,
    /// E-mail addresses by team.
    pub teams: BTreeMap<String, String>,
    pub projects: BTreeMap<String, Entry>,
    pub namespaces: BTreeMap<Place, Entry>,
    pub services: BTreeMap<String, Service>,
    /// Clusters whose project grants its view to everyone with access on them.
    pub shown: BTreeSet<String>,
    /// What viewers get: a row of `permissions`, by a number that edits change.
    pub row: u32,
    /// The first name of every service that was ever renamed.
    pub first_names: BTreeMap<String, String>,
    /// How many days have passed.
    pub day: u32,
    /// So that no name is ever used twice.
    pub names: u32,
}

/// An entry of `projects` or `namespaces`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    pub labels: BTreeMap<String, String>,
    pub owner: Option<String>,
    pub shared_with: BTreeSet<String>,
    pub policy: Option<String>,
    /// Projects only.
    pub existing: bool,
    /// Namespaces only.
    pub quota: Option<u32>,
}

#[derive(Debug, Clone, Default)]
pub struct Service {
    pub team: String,
    pub apis: BTreeSet<String>,
    pub policy: Option<String>,
    pub environments: Vec<Environment>,
    /// Which of the two states has it.
    pub home: usize,
    /// This environment is in its home state, all others in the other one.
    pub split: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Environment {
    pub name: String,
    pub project: Option<String>,
    /// Viewers, operators, admins: teams, `KIND:EMAIL` and `KIND:EMAIL until TIME`.
    pub access: [BTreeSet<String>; 3],
    pub targets: BTreeSet<Place>,
    pub quota: Option<u32>,
    pub policy: Option<String>,
    pub accounts: BTreeMap<String, Account>,
}

/// A service account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub roles: BTreeSet<String>,
    /// Whether a Kubernetes service account of its name acts as it.
    pub workload: bool,
}

/// An environment with these admins.
pub fn environment(name: &str, project: &str, targets: &[&str], admins: &[&str]) -> Environment {
    let place = |text: &&str| text.split_once('/').map(|(c, n)| (c.to_owned(), n.to_owned())).unwrap();
    let mut environment = Environment {
        name: name.to_owned(),
        project: Some(project.to_owned()).filter(|id| !id.is_empty()),
        targets: targets.iter().map(place).collect(),
        ..Environment::default()
    };
    environment.access[2] = admins.iter().map(|&who| who.to_owned()).collect();
    environment
}

impl Environment {
    /// With a service account that has these roles, and is that of its workloads.
    pub fn with_account(mut self, name: &str, roles: &[&str]) -> Self {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        self.accounts.insert(name.to_owned(), Account { roles, workload: true });
        self
    }
}

impl Company {
    pub fn fresh(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}-{}", self.names)
    }

    /// With one more service, owned by `team-1`.
    pub fn with(mut self, name: &str, policy: Option<&str>, environments: &[Environment]) -> Self {
        for team in ["team-1", "team-2"] {
            self.teams.insert(team.to_owned(), format!("{team}@example.com"));
        }
        let service = Service {
            team: "team-1".to_owned(),
            apis: BTreeSet::from([APIS[0].to_owned()]),
            policy: policy.map(str::to_owned),
            environments: environments.to_vec(),
            ..Service::default()
        };
        self.services.insert(name.to_owned(), service);
        self.settle();
        self
    }

    /// With a project listed, or its entry replaced.
    pub fn listed(mut self, id: &str, owner: &str, labels: &[&str]) -> Self {
        self.projects.insert(id.to_owned(), entry(owner, labels));
        self.settle();
        self
    }

    /// With an entry for a namespace.
    pub fn declared(mut self, place: &str, owner: &str, labels: &[&str]) -> Self {
        let (cluster, name) = place.split_once('/').unwrap();
        self.namespaces.insert((cluster.to_owned(), name.to_owned()), entry(owner, labels));
        self.settle();
        self
    }

    /// A later revision of the same.
    pub fn next(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }

    /// A service's first name: what stays the same through renames.
    pub fn first_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.first_names.get(name).map_or(name, String::as_str)
    }

    pub fn users_of_project(&self, id: &str) -> Vec<String> {
        self.users(|environment| environment.project.as_deref() == Some(id))
    }

    pub fn users_of_namespace(&self, place: &Place) -> Vec<String> {
        self.users(|environment| environment.targets.contains(place))
    }

    fn users(&self, references: impl Fn(&Environment) -> bool) -> Vec<String> {
        let users = self.services.iter().filter(|(_, service)| service.environments.iter().any(&references));
        users.map(|(name, _)| name.clone()).collect()
    }

    /// The environments of an instance in this state: all of them is `None`; no instance at all is an empty list.
    pub fn filter(&self, name: &str, state: usize) -> Option<Vec<String>> {
        let service = &self.services[name];
        let Some(at_home) = &service.split else {
            return (service.home != state).then(Vec::new);
        };
        let names = service.environments.iter().map(|environment| environment.name.clone());
        Some(names.filter(|name| (name == at_home) == (service.home == state)).collect())
    }

    /// Makes any edit a valid registry: sharing is declared, owners are users, and nothing is listed without a user.
    pub fn settle(&mut self) {
        let mut projects = std::mem::take(&mut self.projects);
        let used = self.services.values().flat_map(|s| &s.environments).filter_map(|e| e.project.clone());
        for id in used.collect::<BTreeSet<_>>() {
            if self.users_of_project(&id).len() > 1 {
                // Not listed: the project exists, and only its sharing is declared.
                projects.entry(id).or_insert_with(|| Entry { existing: true, ..Entry::default() });
            }
        }
        projects.retain(|id, entry| settle_entry(entry, &self.users_of_project(id)));
        if !projects.is_empty() {
            // A list of projects is complete.
            let used = self.services.values().flat_map(|s| &s.environments).filter_map(|e| e.project.clone());
            for id in used {
                projects.entry(id).or_insert_with(|| Entry { existing: true, ..Entry::default() });
            }
        }
        self.projects = projects;
        for (name, service) in &mut self.services {
            for environment in &mut service.environments {
                // Only the owner of a project has accounts in it.
                let owner = environment.project.as_ref().map(|id| self.projects.get(id).and_then(|e| e.owner.as_ref()));
                if owner.is_none_or(|owner| owner.is_some_and(|owner| owner != name)) {
                    environment.accounts.clear();
                }
            }
        }
        let mut namespaces = std::mem::take(&mut self.namespaces);
        let used = self.services.values().flat_map(|s| &s.environments).flat_map(|e| e.targets.clone());
        for place in used.collect::<BTreeSet<_>>() {
            if self.users_of_namespace(&place).len() > 1 {
                namespaces.entry(place).or_default();
            }
        }
        namespaces.retain(|place, entry| settle_entry(entry, &self.users_of_namespace(place)));
        self.namespaces = namespaces;
        for service in self.services.values_mut() {
            for environment in &mut service.environments {
                let in_kubernetes = !environment.targets.is_empty();
                environment.access.iter_mut().for_each(|level| settle_access(level, in_kubernetes));
            }
            // Two environments in one namespace must not set different quotas.
            let targets: Vec<&Place> = service.environments.iter().flat_map(|e| &e.targets).collect();
            if targets.iter().collect::<BTreeSet<_>>().len() < targets.len() {
                let quota = service.environments[0].quota;
                service.environments.iter_mut().for_each(|environment| environment.quota = quota);
            }
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.in_days(0)
    }

    /// The time in so many days.
    pub fn in_days(&self, days: u32) -> Timestamp {
        let begin: Timestamp = "2035-01-01T00:00:00Z".parse().unwrap();
        begin + SignedDuration::from_hours(24 * i64::from(self.day + days))
    }

    /// Resources without the grants that have ended.
    pub fn lasting(&self, resources: &ResourceSet) -> ResourceSet {
        let mut lasting = resources.clone();
        for members in lasting.iam.values_mut().flat_map(|grants| grants.values_mut()) {
            members.retain(|member| !member.expires.is_some_and(|end| end.has_passed(self.now())));
        }
        lasting.prune();
        lasting
    }

    /// What the store holds once all of it is applied.
    pub fn expected(&self) -> Dump {
        self.expected_of(&self.fan_out())
    }

    /// The same, of a fan-out that is computed already.
    pub fn expected_of(&self, fan_out: &FanOut) -> Dump {
        let lasting: Vec<ResourceSet> =
            fan_out.services().map(|(_, service)| self.lasting(&service.resources)).collect();
        Dump::expected(fan_out.registry().name().expect("a name"), &lasting)
    }

    /// What the store holds, without what may be left of earlier registries: the APIs of service accounts stay enabled where the last
    /// account was removed.
    pub fn found(expected: &Dump, store: Dump) -> Dump {
        let mut found = store.active();
        for (id, project) in &mut found.projects {
            let desired = expected.projects.get(id).map(|project| &project.apis);
            project.apis.retain(|api| !anu::fanout::stays_enabled(api) || desired.is_some_and(|all| all.contains(api)));
        }
        found.projects.retain(|_, project| *project != ProjectDump::default());
        found
    }

    pub fn fan_out(&self) -> FanOut {
        let options = LoadOptions { version: anu::version(), allow_empty: true, name: None };
        match anu::fanout::load(self.document().to_string().as_bytes(), &options, &Settings::default()) {
            Ok((fan_out, _)) => fan_out,
            Err(problems) => {
                let errors = problems.iter().filter(|problem| problem.is_error()).map(ToString::to_string);
                panic!("the generator made a bad registry:\n{}", errors.collect::<Vec<_>>().join("\n"));
            }
        }
    }

    pub fn document(&self) -> Json {
        let (hours, minutes) = (self.revision / 60, self.revision % 60);
        let mut services: Vec<document::Entry<document::Service>> =
            self.services.iter().map(|(name, service)| written(name, service).into()).collect();
        if self.revision % 2 == 1 {
            // The order of entries means nothing.
            services.reverse();
        }
        let cluster = |name: &str| document::Cluster {
            name: name.to_owned(),
            google_project: Some(CLUSTER_PROJECT.to_owned()),
            gke: Some(document::Gke { groups: true, cluster_viewer: self.shown.contains(name) }),
            ..document::Cluster::default()
        };
        let mut projects = self.projects.clone();
        if !projects.is_empty() {
            projects.insert(CLUSTER_PROJECT.to_owned(), Entry { existing: true, ..Entry::default() });
        }
        let document = Document {
            metadata: document::Metadata {
                name: REGISTRY.to_owned(),
                compiled_at: Some(format!("2026-11-20T{hours:02}:{minutes:02}:00Z")),
                ..document::Metadata::default()
            },
            teams: self.teams.iter().map(|(name, email)| document::Team::of(name, email).into()).collect(),
            clusters: CLUSTERS.map(|name| cluster(name).into()).into(),
            projects: projects.iter().map(|(id, entry)| project_entry(id, entry).into()).collect(),
            namespaces: self.namespaces.iter().map(|(place, entry)| namespace_entry(place, entry).into()).collect(),
            services,
            permissions: Some(self.permissions()),
            ..Document::default()
        };
        document.json()
    }

    fn permissions(&self) -> document::Permissions {
        let viewers = ["roles/storage.objectViewer", "roles/storage.bucketViewer"][self.row as usize % 2];
        let every: &[_] = if self.row % 3 == 2 { &[("viewers", "roles/browser")] } else { &[] };
        let storage =
            [("viewers", viewers), ("operators", "roles/storage.objectUser"), ("admins", "roles/storage.objectAdmin")];
        let roles =
            |row: &[(&str, &str)]| row.iter().map(|(level, role)| ((*level).into(), vec![(*role).into()])).collect();
        let cluster = ["view", "see-all"][self.row as usize / 2 % 2];
        document::Permissions {
            builtin: None,
            google: [("*".into(), roles(every)), ("storage.googleapis.com".into(), roles(&storage))].into(),
            kubernetes: texts([("viewers", cluster)]),
        }
    }
}

/// A service as it stands in the document.
fn written(name: &str, service: &Service) -> document::Service {
    let environments = service.environments.iter().map(|environment| {
        let [viewers, operators, admins] = environment.access.each_ref().map(access);
        let release = format!("{name}-{}", environment.name);
        let target = |(cluster, namespace): &Place| document::Target::of("argo", cluster, namespace, &release).into();
        document::Environment {
            name: environment.name.clone(),
            google_project: environment.project.clone(),
            rbac: document::Access { viewers, operators, admins },
            targets: environment.targets.iter().map(target).collect(),
            service_accounts: environment
                .accounts
                .iter()
                .map(|(name, account)| service_account(name, account))
                .collect(),
            role_bindings: Vec::new(),
            quota: quota(environment.quota),
            deletion_policy: environment.policy.clone(),
        }
    });
    document::Service {
        name: name.to_owned(),
        team: service.team.clone(),
        google_services: service.apis.clone(),
        deletion_policy: service.policy.clone(),
        environments: environments.map(document::Entry::from).collect(),
        ..document::Service::default()
    }
}

/// Access does not end in Kubernetes, and a principal is in a list once.
fn settle_access(level: &mut BTreeSet<String>, in_kubernetes: bool) {
    let mut seen = BTreeSet::new();
    for entry in std::mem::take(level) {
        let (principal, _) = who(&entry);
        if seen.insert(principal.to_owned()) {
            level.insert(if in_kubernetes { principal.to_owned() } else { entry });
        }
    }
}

fn service_account(name: &str, account: &Account) -> document::ServiceAccount {
    document::ServiceAccount {
        name: name.to_owned(),
        roles: account.roles.iter().cloned().collect(),
        kubernetes_service_account: account.workload.then(|| name.to_owned()),
    }
}

fn entry(owner: &str, labels: &[&str]) -> Entry {
    let labels = labels.iter().map(|key| ((*key).to_owned(), "yes".to_owned())).collect();
    Entry { labels, owner: Some(owner.to_owned()), ..Entry::default() }
}

/// Whether the entry is still of use.
fn settle_entry(entry: &mut Entry, users: &[String]) -> bool {
    if entry.owner.as_ref().is_some_and(|owner| !users.contains(owner)) {
        entry.owner = None;
    }
    if entry.owner.is_none() && users.len() > 1 {
        entry.owner = Some(users[0].clone());
    }
    let owner = entry.owner.clone();
    entry.shared_with = users.iter().filter(|user| users.len() > 1 && Some(*user) != owner.as_ref()).cloned().collect();
    !users.is_empty()
}

fn project_entry(id: &str, entry: &Entry) -> document::Project {
    let id = id.to_owned();
    let shared_with = entry.shared_with.clone();
    if entry.existing {
        return document::Project {
            id,
            existing: Some(true),
            owner: entry.owner.clone(),
            shared_with,
            ..document::Project::default()
        };
    }
    document::Project {
        name: entry.labels.get("a").map(|label| format!("{id} {label}")),
        id,
        parent: Some("folders/1234".to_owned()),
        billing_account: Some("000000-AAAAAA-000000".to_owned()),
        labels: entry.labels.clone(),
        owner: entry.owner.clone(),
        shared_with,
        deletion_policy: entry.policy.clone(),
        ..document::Project::default()
    }
}

fn namespace_entry((cluster, name): &Place, entry: &Entry) -> document::Namespace {
    document::Namespace {
        cluster: cluster.clone(),
        name: name.clone(),
        owner: entry.owner.clone(),
        shared_with: entry.shared_with.clone(),
        labels: entry.labels.clone(),
        annotations: texts(entry.labels.get("b").map(|label| ("note", label.clone()))),
        quota: quota(entry.quota),
        deletion_policy: entry.policy.clone(),
        ..document::Namespace::default()
    }
}

fn quota(cpu: Option<u32>) -> document::Texts {
    texts(cpu.map(|cpu| ("requests.cpu", cpu.to_string())))
}

/// An entry of an access list, and when its access ends.
fn who(entry: &str) -> (&str, Option<&str>) {
    entry.split_once(" until ").map_or((entry, None), |(who, end)| (who, Some(end)))
}

fn access(entries: &BTreeSet<String>) -> Vec<Grantee> {
    let grantee = |entry: &String| match who(entry) {
        (principal, expires) if principal.contains(':') => Grantee::Principal {
            principal: principal.to_owned(),
            reason: "a robot".to_owned(),
            expires: expires.map(str::to_owned),
        },
        (team, _) => Grantee::team(team),
    };
    entries.iter().map(grantee).collect()
}
