//! Service accounts of environments: each exists once, in a project that the service owns, and each Kubernetes ServiceAccount is
//! that of one account.

use std::collections::HashMap;

use super::super::entries::{Cluster, Environment, Service, ServiceAccount};
use super::super::model::Registry;
use super::super::names::{ClusterName, KubernetesServiceAccountName, Name, NamespaceKey, ProjectId};
use super::super::problem::{Presumes, Problems, rules};

/// The ServiceAccount that every pod without one of its own has.
const DEFAULT: &str = "default";

/// What was seen so far, with its pointer in the document.
#[derive(Default)]
struct Seen<'r> {
    accounts: HashMap<(&'r ProjectId, &'r str), String>,
    kubernetes: HashMap<(NamespaceKey, &'r str), (usize, usize, usize)>,
    clusters: Vec<&'r ClusterName>,
}

pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    let mut seen = Seen::default();
    for (place, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            if environment.service_accounts.is_empty() {
                continue;
            }
            problems.belong_to_entry(&service.name, &environment.name);
            project(registry, service, environment, (place, index), problems);
            for (position, account) in environment.service_accounts.iter().enumerate() {
                // Of two entries for one account, the second is one problem.
                if unique(environment, account, (place, index, position), &mut seen, problems) {
                    kubernetes(registry, environment, account, (place, index, position), &mut seen, problems);
                }
            }
        }
    }
    problems.belong_to(None, None);
}

fn pointer((service, environment, account): (usize, usize, usize)) -> String {
    format!("/services/{service}/spec/environments/{environment}/spec/serviceAccounts/{account}")
}

/// The project of the accounts: of a shared one the service must be the owner. A permissions table limits what the users of a shared
/// project are granted in it, and an account has any role.
fn project(
    registry: &Registry,
    service: &Service,
    environment: &Environment,
    (place, index): (usize, usize),
    problems: &mut Problems,
) {
    let pointer = || format!("/services/{place}/spec/environments/{index}/spec/serviceAccounts");
    let Some(id) = &environment.google_project else {
        let detail = format!(
            "Environment `{}` has service accounts and no `googleProject`, the project in which they are created. Add it, or \
             remove `serviceAccounts`.",
            environment.name
        );
        let presumes = Presumes::place(format!("/services/{place}/spec/environments/{index}/spec/googleProject"));
        return problems.report_presuming(presumes, rules::SERVICE_ACCOUNT_WITHOUT_PROJECT, pointer(), detail);
    };
    let owner = registry.projects.get(id.as_str()).and_then(|entry| entry.owner.as_ref());
    if let Some(owner) = owner.filter(|owner| **owner != service.name && !owner.is_reported()) {
        let detail = format!(
            "Project `{id}` is owned by `{owner}`. Only the owner of a shared project may have service accounts in it, because their \
             roles apply to the whole project. Move the accounts to an environment of `{owner}`, or give this environment a \
             project of its own."
        );
        let entry = registry.projects.position(id.as_str()).unwrap_or_default();
        let places = vec![format!("/projects/{entry}/spec/owner"), format!("/services/{place}/spec/name")];
        problems.report_presuming(Presumes::Places(places), rules::SERVICE_ACCOUNT_NOT_OWNER, pointer(), detail);
    }
}

/// A project has one account of a name. Two environments with one account would have one identity.
fn unique<'r>(
    environment: &'r Environment,
    account: &'r ServiceAccount,
    place: (usize, usize, usize),
    seen: &mut Seen<'r>,
    problems: &mut Problems,
) -> bool {
    let Some(project) = environment.google_project.as_ref().filter(|id| !id.is_reported()) else { return true };
    if account.name.is_reported() {
        return true;
    }
    let at = pointer(place);
    let first = seen.accounts.entry((project, account.name.as_str())).or_insert_with(|| at.clone());
    let is_first = *first == at;
    if !is_first {
        let detail = format!(
            "The service account `{}` of project `{project}` is already defined at `{first}`. Remove one of the two, or give \
             it another name: each environment has identities of its own.",
            account.name
        );
        problems.report(rules::DUPLICATE_SERVICE_ACCOUNT, format!("{at}/name"), detail);
    }
    is_first
}

fn kubernetes<'r>(
    registry: &'r Registry,
    environment: &'r Environment,
    account: &'r ServiceAccount,
    place: (usize, usize, usize),
    seen: &mut Seen<'r>,
    problems: &mut Problems,
) {
    let name = account.kubernetes_service_account.as_ref().filter(|name| !name.is_reported());
    let Some(name) = name else { return };
    let at = || format!("{}/kubernetesServiceAccount", pointer(place));
    if name.as_str() == DEFAULT {
        let detail = "`default` is the Kubernetes service account of every pod that names none: each of them would act as this \
                      Google service account. Choose another name, and set it as `serviceAccountName` of the pods.";
        problems.report(rules::RESERVED_SERVICE_ACCOUNT, at(), detail);
    }
    if environment.targets.is_empty() {
        let detail = format!(
            "Environment `{}` has no targets, so the Kubernetes service account `{name}` is created nowhere. Add a target, or \
             remove `kubernetesServiceAccount`.",
            environment.name
        );
        let presumes = Presumes::place(format!("/services/{}/spec/environments/{}/spec/targets", place.0, place.1));
        problems.report_presuming(presumes, rules::SERVICE_ACCOUNT_WITHOUT_TARGET, at(), detail);
    }
    let targets =
        environment.targets.iter().filter(|target| !target.cluster.is_reported() && !target.namespace.is_reported());
    for target in targets {
        cluster_project(registry, &target.cluster, name, at(), seen, problems);
        let key = target.key();
        let first = *seen.kubernetes.entry((key.clone(), name.as_str())).or_insert(place);
        if first != place {
            let detail = format!(
                "The Kubernetes service account `{name}` in namespace `{key}` is already that of the Google service account at \
                 `{}`. A Kubernetes service account acts as one Google service account: choose another name.",
                pointer(first)
            );
            problems.report(rules::DUPLICATE_SERVICE_ACCOUNT, at(), detail);
        }
    }
}

/// The workload identity pool is that of the cluster's project.
fn cluster_project<'r>(
    registry: &'r Registry,
    cluster: &'r ClusterName,
    name: &KubernetesServiceAccountName,
    at: String,
    seen: &mut Seen<'r>,
    problems: &mut Problems,
) {
    let position = registry.clusters.position(cluster.as_str());
    let remedy = match position {
        Some(position) => match &registry.clusters[position] {
            Cluster { google_project: Some(_), .. } => return,
            _ => format!("Add `\"googleProject\": \"…\"` to `/clusters/{position}`"),
        },
        // An unknown cluster was reported.
        None if registry.clusters.is_declared() => return,
        None => format!(
            "Add an entry to `clusters`: `{{\"type\": \"Cluster\", \"spec\": {{\"name\": \"{cluster}\", \"googleProject\": \
             \"…\"}}}}`"
        ),
    };
    // One missing field is one problem, however many accounts need it.
    if seen.clusters.contains(&cluster) {
        return;
    }
    seen.clusters.push(cluster);
    let detail = format!(
        "The project of cluster `{cluster}` is unknown, and with it the workload identity pool (`PROJECT.svc.id.goog`) through \
         which the Kubernetes service account `{name}` acts as a Google service account. {remedy}, or remove \
         `kubernetesServiceAccount`."
    );
    let presumes = match position {
        Some(position) => Presumes::place(format!("/clusters/{position}/spec/googleProject")),
        None => Presumes::List("clusters", cluster.to_string()),
    };
    problems.report_presuming(presumes, rules::CLUSTER_WITHOUT_PROJECT, at, detail);
}
