//! The registry and its fan-out as typed values: shared by data sources and functions, so that both hand out one shape.

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::resource::{Asks, Labels, RoleBinding};
use crate::fanout::{AlertRoute, FanOut};
use crate::registry::names::{NamespaceKey, ServiceName};
use crate::registry::{AccessEntry, AccessLevel, Environment, Extra, Registry, Service, Target};
use crate::sdk::{Attribute, Field, Type, Value};

crate::model! {
    /// A service.
    pub struct ServiceView {
        pub repository: Option<String>,
        pub team: Option<String>,
        pub alerts_channel: Option<String>,
        pub google_services: Vec<String>,
        pub environments: BTreeMap<String, EnvironmentView>,
        pub extra: Option<String>,
    }

    /// An environment of a service.
    pub struct EnvironmentView {
        pub google_project: Option<String>,
        pub viewers: Vec<String>,
        pub operators: Vec<String>,
        pub admins: Vec<String>,
        pub targets: Vec<TargetView>,
        pub quota: BTreeMap<String, String>,
        pub extra: Option<String>,
    }

    /// Where an environment runs.
    pub struct TargetView {
        pub kind: Option<String>,
        pub cluster: String,
        pub namespace: String,
        pub release: Option<String>,
        pub extra: Option<String>,
    }

    /// A team.
    pub struct TeamView {
        pub email: Option<String>,
        pub google: Option<String>,
        pub kubernetes: Option<String>,
        pub extra: Option<String>,
    }

    /// A cluster.
    pub struct ClusterView {
        pub google_project: Option<String>,
        pub location: Option<String>,
        pub extra: Option<String>,
    }

    /// A project entry.
    pub struct ProjectView {
        pub name: Option<String>,
        pub parent: Option<String>,
        pub billing_account: Option<String>,
        pub labels: BTreeMap<String, String>,
        pub owner: Option<String>,
        pub shared_with: Vec<String>,
        pub existing: bool,
        pub extra: Option<String>,
    }
}

fn computed(attributes: Vec<Attribute>) -> Vec<Attribute> {
    attributes.into_iter().map(Attribute::computed).collect()
}

fn extra() -> Attribute {
    Attribute::string("extra").describe("Fields anu does not know, as JSON; null when there are none.")
}

fn strings(name: &str) -> Attribute {
    Attribute::of(name, Type::list(Type::String))
}

fn target() -> Vec<Attribute> {
    computed(vec![
        Attribute::string("kind").describe("How it is deployed: `argo`, `helm`, …"),
        Attribute::string("cluster").describe("Cluster."),
        Attribute::string("namespace").describe("Namespace."),
        Attribute::string("release").describe("Release."),
        extra(),
    ])
}

fn environment() -> Vec<Attribute> {
    computed(vec![
        Attribute::string("google_project").describe("Google project id."),
        strings("viewers").describe("Who may view: teams, or principals written out."),
        strings("operators").describe("Who may operate."),
        strings("admins").describe("Who may administer."),
        Attribute::list("targets", target()).describe("Where it runs."),
        Attribute::of("quota", Type::map(Type::String)).describe("Quota of each of its namespaces."),
        extra(),
    ])
}

/// Attributes of one service.
pub fn service() -> Vec<Attribute> {
    computed(vec![
        Attribute::string("repository").describe("Source repository."),
        Attribute::string("team").describe("Owning team."),
        Attribute::string("alerts_channel").describe("Where its alerts go."),
        strings("google_services").describe("Google services it uses."),
        Attribute::map("environments", environment()).describe("Environments by name."),
        extra(),
    ])
}

/// `services`, `teams`, `clusters`, `projects`: maps by name.
pub fn registry_attributes() -> Vec<Attribute> {
    let team = computed(vec![
        Attribute::string("email").describe("The team's group."),
        Attribute::string("google").describe("Its principal in Google's IAM, if it differs."),
        Attribute::string("kubernetes").describe("Its group's name in Kubernetes, if it differs."),
        extra(),
    ]);
    let cluster = computed(vec![
        Attribute::string("google_project").describe("Google project the cluster runs in."),
        Attribute::string("location").describe("Region or zone."),
        extra(),
    ]);
    let project = computed(vec![
        Attribute::string("name").describe("Display name."),
        Attribute::string("parent").describe("`folders/N` or `organizations/N`."),
        Attribute::string("billing_account").describe("Billing account."),
        Attribute::of("labels", Type::map(Type::String)).describe("Labels."),
        Attribute::string("owner").describe("Owning service."),
        strings("shared_with").describe("Services and teams it is shared with."),
        Attribute::bool("existing").describe("True where the project is not anu's to create."),
        extra(),
    ]);
    computed(vec![
        Attribute::map("services", service()).describe("Services by name."),
        Attribute::map("teams", team).describe("Teams by name."),
        Attribute::map("clusters", cluster).describe("Clusters by name."),
        Attribute::map("projects", project).describe("Entries under `projects` by id."),
    ])
}

fn json(extra: &Extra) -> Option<String> {
    (!extra.is_empty()).then(|| serde_json::to_string(extra).unwrap_or_default())
}

fn text<T: ToString>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn target_view(target: &Target) -> TargetView {
    TargetView {
        kind: target.kind.clone(),
        cluster: target.cluster.to_string(),
        namespace: target.namespace.to_string(),
        release: target.release.clone(),
        extra: json(&target.extra),
    }
}

fn environment_view(environment: &Environment, target: impl Fn(&Target) -> bool) -> EnvironmentView {
    let level = |level: AccessLevel| -> Vec<String> {
        let name = |entry: &AccessEntry| match entry {
            AccessEntry::Team(team) => team.to_string(),
            AccessEntry::Principal { principal, .. } => principal.to_string(),
        };
        environment.access.level(level).iter().map(name).collect()
    };
    EnvironmentView {
        google_project: text(&environment.google_project),
        viewers: level(AccessLevel::Viewers),
        operators: level(AccessLevel::Operators),
        admins: level(AccessLevel::Admins),
        targets: environment.targets.iter().filter(|t| target(t)).map(target_view).collect(),
        quota: environment.quota.clone().unwrap_or_default().into_iter().collect(),
        extra: json(&environment.extra),
    }
}

/// One service; of its environments and targets those that are wanted.
pub fn service_view(
    service: &Service,
    environment: impl Fn(&Environment) -> bool,
    target: impl Fn(&Target) -> bool,
) -> ServiceView {
    ServiceView {
        repository: service.repository.clone(),
        team: text(&service.team),
        alerts_channel: service.alerts_channel.clone(),
        google_services: texts(&service.google_services),
        environments: service
            .environments
            .iter()
            .filter(|e| environment(e))
            .map(|e| (e.name.to_string(), environment_view(e, &target)))
            .collect(),
        extra: json(&service.extra),
    }
}

/// Teams by name.
pub fn teams(registry: &Registry) -> BTreeMap<String, TeamView> {
    let view = |team: &crate::registry::Team| TeamView {
        email: text(&team.email),
        google: text(&team.principals.google),
        kubernetes: team.principals.kubernetes.clone(),
        extra: json(&team.extra),
    };
    registry.teams.iter().map(|team| (team.name.to_string(), view(team))).collect()
}

/// Clusters by name.
pub fn clusters(registry: &Registry) -> BTreeMap<String, ClusterView> {
    let view = |cluster: &crate::registry::Cluster| ClusterView {
        google_project: text(&cluster.google_project),
        location: cluster.location.clone(),
        extra: json(&cluster.extra),
    };
    registry.clusters.iter().map(|cluster| (cluster.name.to_string(), view(cluster))).collect()
}

/// Project entries by id.
pub fn projects(registry: &Registry) -> BTreeMap<String, ProjectView> {
    let view = |project: &crate::registry::Project| ProjectView {
        name: text(&project.name),
        parent: text(&project.parent),
        billing_account: text(&project.billing_account),
        labels: project.labels.clone(),
        owner: text(&project.owner),
        shared_with: texts(&project.shared_with),
        existing: project.existing,
        extra: json(&project.extra),
    };
    registry.projects.iter().map(|project| (project.id.to_string(), view(project))).collect()
}

/// The pseudo-service under which keys stand that several services ask for.
pub const SHARED: &str = "_shared";

/// Entries of one kind: service, then resource key.
type ByService = BTreeMap<String, BTreeMap<String, Value>>;

/// The fan-out as data: one map per kind.
#[derive(Default)]
pub struct FanOutView {
    projects: ByService,
    enabled_apis: ByService,
    iam_members: ByService,
    namespaces: ByService,
    quotas: ByService,
    role_bindings: ByService,
    alert_routes: ByService,
}

fn kind(name: &str, description: &str, fields: &[(&str, Type)]) -> Attribute {
    let entry = Type::object(fields.iter().map(|(name, ty)| (*name, ty.clone())));
    Attribute::of(name, Type::map(Type::map(entry)))
        .computed()
        .describe(format!("{description}, as `map(service => map(resource key => entry))`."))
}

/// The attributes of [`FanOutView`].
pub fn fan_out_attributes() -> Vec<Attribute> {
    let (string, map) = (Type::String, Type::map(Type::String));
    vec![
        kind(
            "projects",
            "Projects to create",
            &[
                ("project", string.clone()),
                ("display_name", string.clone()),
                ("parent", string.clone()),
                ("billing_account", string.clone()),
                ("labels", map.clone()),
            ],
        ),
        kind("enabled_apis", "APIs to enable", &[("project", string.clone()), ("api", string.clone())]),
        kind(
            "iam_members",
            "IAM members",
            &[("project", string.clone()), ("role", string.clone()), ("member", string.clone())],
        ),
        kind(
            "namespaces",
            "Namespaces",
            &[
                ("cluster", string.clone()),
                ("namespace", string.clone()),
                ("labels", map.clone()),
                ("annotations", map.clone()),
            ],
        ),
        kind(
            "quotas",
            "ResourceQuotas",
            &[("cluster", string.clone()), ("namespace", string.clone()), ("hard", map.clone())],
        ),
        kind(
            "role_bindings",
            "RoleBindings",
            &[
                ("cluster", string.clone()),
                ("namespace", string.clone()),
                ("name", string.clone()),
                ("role", string.clone()),
                ("subjects", Type::list(string.clone())),
            ],
        ),
        kind("alert_routes", "Where alerts go", &[("environment", string.clone()), ("channel", string)]),
    ]
}

fn entry<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::object(fields)
}

fn put(into: &mut ByService, service: &str, key: String, value: Value) {
    into.entry(service.to_owned()).or_default().insert(key, value);
}

fn labels(labels: &Labels) -> Value {
    labels.clone().into_value()
}

fn optional(value: &Option<String>) -> Value {
    value.clone().into_value()
}

impl FanOutView {
    /// The fan-out of some services. Keys that several services of the *whole* registry ask for stand under [`SHARED`],
    /// with the settings of their owner, so that no two module instances manage one thing.
    pub fn of<'s>(
        fan_out: &FanOut,
        services: impl IntoIterator<Item = (&'s ServiceName, &'s Asks, &'s [AlertRoute])>,
    ) -> Self {
        let mut view = Self::default();
        for (service, asks, routes) in services {
            // Every service stands in every kind, if with nothing: `iam_members[each.key]` must not fail.
            for kind in view.kinds() {
                kind.entry(service.to_string()).or_default();
            }
            view.add(fan_out, service.as_str(), asks);
            for route in routes {
                let value = entry([
                    ("environment", route.environment.to_string().into()),
                    ("channel", route.channel.clone().into()),
                ]);
                put(&mut view.alert_routes, service.as_str(), format!("{service}/{}", route.environment), value);
            }
        }
        view
    }

    fn kinds(&mut self) -> [&mut ByService; 7] {
        [
            &mut self.projects,
            &mut self.enabled_apis,
            &mut self.iam_members,
            &mut self.namespaces,
            &mut self.quotas,
            &mut self.role_bindings,
            &mut self.alert_routes,
        ]
    }

    fn add(&mut self, fan_out: &FanOut, service: &str, asks: &Asks) {
        use crate::fanout::resource::Key;
        let holder = |key: &Key| if fan_out.askers(key).len() > 1 { SHARED } else { service };
        for (id, asked) in &asks.projects {
            let settings = &asked.settings;
            let value = entry([
                ("project", id.to_string().into()),
                ("display_name", settings.display_name.clone().into()),
                ("parent", optional(&settings.parent)),
                ("billing_account", optional(&settings.billing_account)),
                ("labels", labels(&settings.labels)),
            ]);
            put(&mut self.projects, holder(&Key::Project(id.clone())), id.to_string(), value);
        }
        for (id, api) in asks.apis.iter().flat_map(|(id, apis)| apis.iter().map(move |api| (id, api))) {
            let key = Key::Api(id.clone(), api.clone());
            let value = entry([("project", id.to_string().into()), ("api", api.to_string().into())]);
            put(&mut self.enabled_apis, holder(&key), key.to_string(), value);
        }
        for (id, grants) in &asks.iam {
            for (role, member) in grants.iter().flat_map(|(role, who)| who.iter().map(move |who| (role, who))) {
                let key = Key::IamMember(id.clone(), role.clone(), member.clone());
                let value = entry([
                    ("project", id.to_string().into()),
                    ("role", role.to_string().into()),
                    ("member", member.to_string().into()),
                ]);
                put(&mut self.iam_members, holder(&key), key.to_string(), value);
            }
        }
        for (namespace, asked) in &asks.namespaces {
            let [cluster, name] = place(namespace);
            let value = entry([
                cluster,
                name,
                ("labels", labels(&asked.settings.labels)),
                ("annotations", labels(&asked.settings.annotations)),
            ]);
            put(&mut self.namespaces, holder(&Key::Namespace(namespace.clone())), namespace.to_string(), value);
        }
        for (namespace, quota) in &asks.quotas {
            let [cluster, name] = place(namespace);
            let value = entry([cluster, name, ("hard", quota.clone().into_value())]);
            put(&mut self.quotas, holder(&Key::Quota(namespace.clone())), namespace.to_string(), value);
        }
        for (namespace, bindings) in &asks.role_bindings {
            for (name, binding) in bindings {
                let key = Key::RoleBinding(namespace.clone(), name.clone());
                put(&mut self.role_bindings, holder(&key), key.to_string(), role_binding(namespace, name, binding));
            }
        }
    }

    /// The values, in the order of [`fan_out_attributes`].
    pub fn into_values(self) -> [(&'static str, Value); 7] {
        [
            ("projects", self.projects.into_value()),
            ("enabled_apis", self.enabled_apis.into_value()),
            ("iam_members", self.iam_members.into_value()),
            ("namespaces", self.namespaces.into_value()),
            ("quotas", self.quotas.into_value()),
            ("role_bindings", self.role_bindings.into_value()),
            ("alert_routes", self.alert_routes.into_value()),
        ]
    }
}

fn place(key: &NamespaceKey) -> [(&'static str, Value); 2] {
    [("cluster", key.cluster.to_string().into()), ("namespace", key.namespace.to_string().into())]
}

fn role_binding(namespace: &NamespaceKey, name: &str, binding: &RoleBinding) -> Value {
    let [cluster, place] = place(namespace);
    let subjects: BTreeSet<String> = binding.subjects.clone();
    entry([
        cluster,
        place,
        ("name", name.into()),
        ("role", binding.role.to_string().into()),
        ("subjects", subjects.into_iter().collect::<Vec<_>>().into_value()),
    ])
}
