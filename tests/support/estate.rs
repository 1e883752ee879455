//! A registry of any size with realistic proportions, for benchmarks and tests of scale.

use std::collections::BTreeMap;

use serde_json::json;

use crate::document::{
    Access, Cluster, Document, Entry, Environment, Grantee, Metadata, Namespace, Project, Service, Target, Team, texts,
};

/// The JSON of a registry of `services` services, about 2 kB each: two environments, two targets in production, a
/// project per environment (production's is created, staging's exists), one or two Google services, a team for every twenty services, and a
/// shared namespace for every hundred.
pub fn registry(services: usize) -> String {
    let size = Size { teams: services.div_ceil(20), clusters: 20.min(services.div_ceil(50) + 1) };
    let document = Document {
        metadata: Metadata {
            name: "estate".to_owned(),
            revision: Some("4f2c91e".to_owned()),
            compiled_at: Some("2026-11-20T10:00:00Z".to_owned()),
            requires: texts([("anu", ">=0.1.0, <1.0.0")]),
        },
        teams: entries(size.teams, team),
        clusters: entries(size.clusters, cluster),
        projects: projects(services, &size),
        namespaces: entries(services.div_ceil(100), |shared| namespace(shared, services)),
        services: entries(services, |nth| service(nth, &size)),
        ..Document::default()
    };
    // Text with an escape costs a parser more: real registries have some.
    document.text().replace("\"#", "\"\\u0023")
}

struct Size {
    teams: usize,
    clusters: usize,
}

fn entries<T>(count: usize, entry: impl Fn(usize) -> T) -> Vec<Entry<T>>
where
    Entry<T>: From<T>,
{
    (0..count).map(|nth| entry(nth).into()).collect()
}

fn team(team: usize) -> Team {
    let name = format!("team-{team:04}");
    Team { slack: Some(format!("#{name}")), ..Team::of(&name, &format!("{name}@example.com")) }
}

fn cluster(cluster: usize) -> Cluster {
    Cluster {
        name: format!("compute-{cluster:02}"),
        google_project: Some(format!("gc-prd-compute-{cluster:02}")),
        location: Some("europe-west4".to_owned()),
        ..Cluster::default()
    }
}

fn projects(services: usize, size: &Size) -> Vec<Entry<Project>> {
    let existing =
        |id: String, owner: Option<String>| Project { id, existing: Some(true), owner, ..Project::default() }.into();
    let mut all = entries(services, project);
    all.extend((0..services).map(|nth| existing(format!("gc-prd-s{nth:05}-stag"), Some(format!("service-{nth:05}")))));
    all.extend((0..size.clusters).map(|nth| existing(format!("gc-prd-compute-{nth:02}"), None)));
    all
}

fn project(service: usize) -> Project {
    Project {
        id: format!("gc-prd-s{service:05}-prod"),
        name: Some(format!("service {service:05} production")),
        parent: Some("folders/1234".to_owned()),
        labels: texts([("tier", (service % 3).to_string())]),
        owner: Some(format!("service-{service:05}")),
        ..Project::default()
    }
}

fn namespace(shared: usize, services: usize) -> Namespace {
    let owner = shared * 100;
    let last = (owner + 4).min(services - 1);
    Namespace {
        cluster: "compute-00".to_owned(),
        name: format!("shared-{shared:04}"),
        owner: Some(format!("service-{owner:05}")),
        shared_with: (owner + 1..=last).map(|service| format!("service-{service:05}")).collect(),
        labels: texts([("shared", "yes")]),
        deletion_policy: Some("prevent".to_owned()),
        ..Namespace::default()
    }
}

fn service(service: usize, size: &Size) -> Service {
    let name = format!("service-{service:05}");
    let apis: &[&str] = [
        &["pubsub.googleapis.com"][..],
        &["pubsub.googleapis.com", "sqladmin.googleapis.com"],
        &["run.googleapis.com", "logging.googleapis.com"],
    ][service % 3];
    let extra = BTreeMap::from([
        (
            "description",
            json!(format!(
                "The service that does what number {service} is known for, as its owners would put it: with care, in time, and every day of the week."
            )),
        ),
        ("runbook", json!(format!("https://runbooks.example.com/services/{name}/what-to-do-when-it-is-on-fire"))),
        ("dashboards", json!([format!("https://dashboards.example.com/d/{name}")])),
    ]);
    Service {
        repository: Some(format!("example/{name}")),
        team: format!("team-{:04}", service % size.teams),
        alerts_channel: Some(format!("{name}-alerts")),
        extra: extra.into_iter().map(|(field, value)| (field.to_owned(), value)).collect(),
        google_services: apis.iter().map(|api| (*api).to_owned()).collect(),
        environments: entries(2, |position| environment(service, position, size)),
        name,
        ..Service::default()
    }
}

fn environment(service: usize, position: usize, size: &Size) -> Environment {
    let (team, other) = (service % size.teams, (service + 1) % size.teams);
    let (name, short) = [("staging", "stag"), ("production", "prod")][position];
    let cluster = format!("compute-{:02}", (service + position) % size.clusters);
    let (namespace, release) = (format!("service-{service:05}-{short}"), format!("service-{service:05}"));
    let mut targets = vec![Target::of("argo", &cluster, &namespace, &release).into()];
    if position == 1 && service % 100 < 5 {
        targets.push(Target::of("helm", "compute-00", &format!("shared-{:04}", service / 100), &release).into());
    }
    // A quota has no effect on a namespace of another owner, and this registry has no warnings.
    let shares = position == 1 && (1..5).contains(&(service % 100));
    let quota = [("requests.cpu", "32"), ("requests.memory", "32Gi"), ("limits.memory", "64Gi"), ("pods", "100")];
    let group = |team: usize| Grantee::Team(format!("team-{team:04}"));
    let delivery = Grantee::Principal {
        principal: "serviceAccount:deployer@gc-prd-ci.iam.gserviceaccount.com".to_owned(),
        reason: "continuous delivery".to_owned(),
        expires: None,
    };
    Environment {
        name: name.to_owned(),
        google_project: Some(format!("gc-prd-s{service:05}-{short}")),
        rbac: Access {
            viewers: vec![group(other)],
            operators: vec![group(other), delivery],
            admins: vec![group(team)],
        },
        targets,
        quota: if shares { BTreeMap::new() } else { texts(quota) },
        ..Environment::default()
    }
}
