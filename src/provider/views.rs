//! The registry and its fan-out as typed values: shared by data sources and functions, so that both hand out one shape.

use std::collections::BTreeMap;

use crate::fanout::ByService;
use crate::fanout::resource::Member;
use crate::registry::{AccessEntry, AccessLevel, Environment, Extra, Registry, Service, ServiceAccount, Target};
use crate::sdk::{Attribute, JsonError, Type, Value, from_json};

crate::model! {
    /// A service.
    pub struct ServiceView {
        pub repository: Option<String>,
        pub team: Option<String>,
        pub alerts_channel: Option<String>,
        pub google_services: Vec<String>,
        pub environments: BTreeMap<String, EnvironmentView>,
        pub links: BTreeMap<String, String>,
        pub extra: Option<String>,
    }

    /// An environment of a service.
    pub struct EnvironmentView {
        pub google_project: Option<String>,
        pub viewers: Vec<String>,
        pub operators: Vec<String>,
        pub admins: Vec<String>,
        pub targets: Vec<TargetView>,
        pub service_accounts: BTreeMap<String, ServiceAccountView>,
        pub role_bindings: Vec<BoundRoleView>,
        pub quota: BTreeMap<String, String>,
        pub links: BTreeMap<String, String>,
        pub extra: Option<String>,
    }

    /// A service account of an environment.
    pub struct ServiceAccountView {
        pub email: Option<String>,
        pub roles: Vec<String>,
        pub kubernetes_service_account: Option<String>,
    }

    /// A role binding of an environment.
    pub struct BoundRoleView {
        pub role: String,
        pub subjects: Vec<String>,
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
        pub services: Vec<String>,
        pub extra: Option<String>,
    }

    /// A cluster.
    pub struct ClusterView {
        pub google_project: Option<String>,
        pub location: Option<String>,
        pub gke: Option<GkeView>,
        pub links: BTreeMap<String, String>,
        pub extra: Option<String>,
    }

    /// A cluster of Google Kubernetes Engine.
    pub struct GkeView {
        pub groups: bool,
        pub cluster_viewer: bool,
    }

    /// A project entry.
    pub struct ProjectView {
        pub name: Option<String>,
        pub parent: Option<String>,
        pub billing_account: Option<String>,
        pub labels: BTreeMap<String, String>,
        pub owner: Option<String>,
        pub shared_with: Vec<String>,
        pub shared_with_teams: Vec<String>,
        pub existing: bool,
        pub extra: Option<String>,
    }
}

fn computed(attributes: Vec<Attribute>) -> Vec<Attribute> {
    attributes.into_iter().map(Attribute::computed).collect()
}

fn extra() -> Attribute {
    Attribute::string("extra").describe("Fields that anu does not know, as JSON; null if there are none.")
}

fn links() -> Attribute {
    Attribute::of("links", Type::map(Type::String))
        .describe("Addresses by name, with placeholders such as `{namespace}`, as the entry has them.")
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

fn service_account() -> Vec<Attribute> {
    computed(vec![
        Attribute::string("email").describe("Its address."),
        strings("roles").describe("Roles that it is granted on the project."),
        Attribute::string("kubernetes_service_account")
            .describe("The Kubernetes service account in each of the environment's namespaces that acts as it."),
    ])
}

fn bound_role() -> Vec<Attribute> {
    computed(vec![
        Attribute::string("role").describe("A ClusterRole, or `Role:NAME` for a Role of the namespace."),
        strings("subjects").describe("What it is granted to."),
    ])
}

fn environment() -> Vec<Attribute> {
    computed(vec![
        Attribute::string("google_project").describe("Google project id."),
        strings("viewers").describe("Who may view: teams, or principals."),
        strings("operators").describe("Who may operate."),
        strings("admins").describe("Who may administer."),
        Attribute::list("targets", target()).describe("Where it runs."),
        Attribute::map("service_accounts", service_account()).describe("Google service accounts by name."),
        Attribute::list("role_bindings", bound_role())
            .describe("Role bindings in each of its namespaces, beside the access lists."),
        Attribute::of("quota", Type::map(Type::String)).describe("Quota of each of its namespaces."),
        links(),
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
        links(),
        extra(),
    ])
}

/// `services`, `teams`, `clusters`, `projects`: maps by name.
pub fn registry_attributes() -> Vec<Attribute> {
    let team = computed(vec![
        Attribute::string("email").describe("The team's group."),
        Attribute::string("google").describe("Its principal in Google IAM, if it differs."),
        Attribute::string("kubernetes").describe("Its group's name in Kubernetes, if it differs."),
        strings("services").describe("Services that use what is shared with the team."),
        extra(),
    ]);
    let gke = computed(vec![
        Attribute::bool("groups").describe("Whether it is confirmed that the cluster knows the members of groups."),
        Attribute::bool("cluster_viewer").describe(
            "Whether everyone with access on the cluster is granted `roles/container.clusterViewer` in its project.",
        ),
    ]);
    let cluster = computed(vec![
        Attribute::string("google_project").describe("Google project the cluster runs in."),
        Attribute::string("location").describe("Region or zone."),
        Attribute::single("gke", gke).describe("For a cluster of Google Kubernetes Engine; null for others."),
        links(),
        extra(),
    ]);
    let project = computed(vec![
        Attribute::string("name").describe("Display name."),
        Attribute::string("parent").describe("`folders/N` or `organizations/N`."),
        Attribute::string("billing_account").describe("Billing account."),
        Attribute::of("labels", Type::map(Type::String)).describe("Labels."),
        Attribute::string("owner").describe("Owning service."),
        strings("shared_with").describe("Services it is shared with."),
        strings("shared_with_teams").describe("Teams it is shared with."),
        Attribute::bool("existing").describe("True if the project exists and anu must not create it."),
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
            AccessEntry::Principal { principal, expires, .. } => {
                Member { principal: principal.clone(), expires: *expires }.to_string()
            }
        };
        environment.access.level(level).iter().map(name).collect()
    };
    EnvironmentView {
        google_project: text(&environment.google_project),
        viewers: level(AccessLevel::Viewers),
        operators: level(AccessLevel::Operators),
        admins: level(AccessLevel::Admins),
        targets: environment.targets.iter().filter(|t| target(t)).map(target_view).collect(),
        service_accounts: environment
            .service_accounts
            .iter()
            .map(|account| (account.name.to_string(), service_account_view(environment, account)))
            .collect(),
        role_bindings: environment
            .role_bindings
            .iter()
            .map(|bound| BoundRoleView { role: bound.role.to_string(), subjects: texts(&bound.subjects) })
            .collect(),
        quota: environment.quota.clone().unwrap_or_default().into_iter().collect(),
        links: environment.links.clone(),
        extra: json(&environment.extra),
    }
}

fn service_account_view(environment: &Environment, account: &ServiceAccount) -> ServiceAccountView {
    ServiceAccountView {
        email: environment.google_project.as_ref().map(|project| account.name.email(project)),
        roles: texts(&account.roles),
        kubernetes_service_account: text(&account.kubernetes_service_account),
    }
}

/// One service, with the selected environments and targets.
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
        links: service.links.clone(),
        extra: json(&service.extra),
    }
}

/// Teams by name.
pub fn teams(registry: &Registry) -> BTreeMap<String, TeamView> {
    let view = |team: &crate::registry::Team| TeamView {
        email: text(&team.email),
        google: text(&team.principals.google),
        kubernetes: team.principals.kubernetes.clone(),
        services: texts(&team.services),
        extra: json(&team.extra),
    };
    registry.teams.iter().map(|team| (team.name.to_string(), view(team))).collect()
}

/// Clusters by name.
pub fn clusters(registry: &Registry) -> BTreeMap<String, ClusterView> {
    let view = |cluster: &crate::registry::Cluster| ClusterView {
        google_project: text(&cluster.google_project),
        location: cluster.location.clone(),
        gke: cluster.gke.as_ref().map(|gke| GkeView { groups: gke.groups, cluster_viewer: gke.cluster_viewer }),
        links: cluster.links.clone(),
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
        shared_with_teams: texts(&project.shared_with_teams),
        existing: project.existing,
        extra: json(&project.extra),
    };
    registry.projects.iter().map(|project| (project.id.to_string(), view(project))).collect()
}

fn kind(name: &str, description: &str, fields: &[(&str, Type)]) -> Attribute {
    let entry = Type::object(fields.iter().map(|(name, ty)| (*name, ty.clone())));
    Attribute::of(name, Type::map(Type::map(entry)))
        .computed()
        .describe(format!("{description}, as `map(service => map(resource key => entry))`."))
}

/// One map per kind of the fan-out: the attributes of [`ByService`], typed.
pub fn fan_out_attributes() -> Vec<Attribute> {
    let string = || Type::String;
    let map = || Type::map(Type::String);
    vec![
        kind(
            "projects",
            "Projects to create",
            &[
                ("project", string()),
                ("display_name", string()),
                ("parent", string()),
                ("billing_account", string()),
                ("labels", map()),
                ("deletion_policy", string()),
            ],
        ),
        kind("enabled_apis", "APIs to enable", &[("project", string()), ("api", string())]),
        kind(
            "iam_members",
            "IAM members",
            &[
                ("project", string()),
                ("role", string()),
                ("member", string()),
                ("expires", string()),
                ("condition", Type::object([("title", string()), ("expression", string())])),
            ],
        ),
        kind(
            "service_accounts",
            "Google service accounts to create",
            &[
                ("project", string()),
                ("name", string()),
                ("email", string()),
                ("display_name", string()),
                ("description", string()),
                ("deletion_policy", string()),
            ],
        ),
        kind(
            "workload_identity",
            "Members of service accounts' own IAM policies",
            &[("project", string()), ("name", string()), ("role", string()), ("member", string())],
        ),
        kind(
            "namespaces",
            "Namespaces",
            &[
                ("cluster", string()),
                ("namespace", string()),
                ("labels", map()),
                ("annotations", map()),
                ("deletion_policy", string()),
            ],
        ),
        kind("quotas", "ResourceQuotas", &[("cluster", string()), ("namespace", string()), ("hard", map())]),
        kind(
            "kubernetes_service_accounts",
            "Kubernetes service accounts to create",
            &[
                ("cluster", string()),
                ("namespace", string()),
                ("name", string()),
                ("annotations", map()),
                ("google_service_account", string()),
                ("deletion_policy", string()),
            ],
        ),
        kind(
            "role_bindings",
            "RoleBindings",
            &[
                ("cluster", string()),
                ("namespace", string()),
                ("name", string()),
                ("role", string()),
                ("subjects", Type::list(Type::String)),
            ],
        ),
        kind("alert_routes", "Where alerts go", &[("service", string()), ("team", string()), ("channel", string())]),
    ]
}

/// A fan-out as an object of [`fan_out_attributes`].
///
/// # Errors
/// When the two differ: a bug.
pub fn fan_out(view: &ByService) -> Result<BTreeMap<String, Value>, JsonError> {
    let json = serde_json::to_value(view).unwrap_or_default();
    fan_out_attributes()
        .into_iter()
        .map(|attribute| {
            let part = json.get(&attribute.name).unwrap_or(&serde_json::Value::Null);
            Ok((attribute.name.clone(), from_json(part, &attribute.ty())?))
        })
        .collect()
}
