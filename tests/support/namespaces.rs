//! An estate of namespaces of any size, in the style of public repositories of namespaces: one cluster that all share, a namespace for
//! each service and stage, groups of GitHub teams, and labels and annotations with the company's domain. No project on Google.

use crate::document::{
    Access, Cluster, Document, Entry, Environment, Metadata, Namespace, Service, Target, Team, teams, texts,
};

/// The cluster.
pub const CLUSTER: &str = "live";
/// The domain of labels and annotations.
const DOMAIN: &str = "cloud-platform.justice.gov.uk";
/// The stages of an application, by the ends of the names of its namespaces.
const STAGES: [&str; 4] = ["dev", "staging", "preprod", "prod"];
/// The units of the company, as annotations have them.
const UNITS: [&str; 6] = ["HMPPS", "LAA", "HMCTS", "OPG", "CICA", "Central Digital"];

/// The registry of `services` services, one namespace each, whose names end in `suffix`.
pub fn registry(services: usize, suffix: &str) -> Document {
    let groups = services.div_ceil(12).max(2);
    let team = |nth: usize| Team::in_kubernetes(&name_of_team(nth), &format!("github:{}", name_of_team(nth)));
    Document {
        metadata: Metadata { name: format!("namespaces{suffix}"), ..Metadata::default() },
        teams: (0..groups).map(|nth| team(nth).into()).collect(),
        clusters: vec![Cluster { name: CLUSTER.to_owned(), ..Cluster::default() }.into()],
        namespaces: (0..services).map(|nth| namespace(nth, groups, suffix).into()).collect(),
        services: (0..services).map(|nth| service(nth, groups, suffix).into()).collect(),
        ..Document::default()
    }
}

fn name_of_team(nth: usize) -> String {
    format!("{}-team-{nth:03}", UNITS[nth % UNITS.len()].to_lowercase().replace(' ', "-"))
}

/// `calculate-release-0012-dev`.
fn name(nth: usize, suffix: &str) -> String {
    const WHAT: [&str; 5] = ["calculate-release", "apply-for-aid", "book-a-visit", "court-data", "track-a-case"];
    let application = nth / STAGES.len();
    format!("{}-{application:04}-{}{suffix}", WHAT[application % WHAT.len()], STAGES[nth % STAGES.len()])
}

fn owner(nth: usize, groups: usize) -> usize {
    nth / STAGES.len() % groups
}

fn namespace(nth: usize, groups: usize, suffix: &str) -> Namespace {
    let team = owner(nth, groups);
    let (application, stage) = (nth / STAGES.len(), STAGES[nth % STAGES.len()]);
    let key = |name: &str| format!("{DOMAIN}/{name}");
    Namespace {
        cluster: CLUSTER.to_owned(),
        name: name(nth, suffix),
        labels: texts([
            (key("is-production"), (stage == "prod").to_string()),
            (key("environment-name"), stage.to_owned()),
            ("pod-security.kubernetes.io/enforce".to_owned(), "restricted".to_owned()),
        ]),
        annotations: texts([
            (key("business-unit"), UNITS[team % UNITS.len()].to_owned()),
            (key("slack-channel"), format!("ask-{}", name_of_team(team))),
            (key("application"), format!("Application {application}: finds, books & keeps – every day")),
            (key("owner"), format!("Team {team}: {}@digital.example.com", name_of_team(team))),
            (key("source-code"), format!("https://github.com/example/app-{application:04}.git")),
            (key("team-name"), name_of_team(team)),
            (key("review-after"), "2027-06-01".to_owned()),
        ]),
        ..Namespace::default()
    }
}

fn service(nth: usize, groups: usize, suffix: &str) -> Service {
    let team = owner(nth, groups);
    let others = nth.is_multiple_of(3).then(|| name_of_team((team + 1) % groups));
    let environment = Environment {
        name: STAGES[nth % STAGES.len()].to_owned(),
        rbac: Access {
            viewers: others.as_deref().map(|other| teams(&[other])).unwrap_or_default(),
            admins: teams(&[&name_of_team(team)]),
            ..Access::default()
        },
        targets: vec![Target::without_release("helm", CLUSTER, &name(nth, suffix)).into()],
        quota: texts([("pods", "50"), ("count/secrets", "100")]),
        ..Environment::default()
    };
    Service {
        name: name(nth, ""),
        team: name_of_team(team),
        environments: vec![Entry::from(environment)],
        ..Service::default()
    }
}
