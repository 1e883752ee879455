//! The checks of a registry that depend on the provider block.

mod accounts;
mod clusters;
mod expiry;
mod gke;
mod labels;
mod metadata;
mod places;
mod principals;
mod quotas;
mod role_bindings;
mod workloads;

use crate::registry::problem::Problems;
use crate::registry::{Environment, Registry};

use super::context::ExpansionContext;
use super::expand;
use super::gke::ClusterViewers;
use super::limits;
use super::people::People;
use super::settings::Settings;
use super::shared_with::Owners;
use super::table::Table;

/// Combines the provider block with this registry and reports every conflict. Values of the registry that were reported
/// before are skipped.
pub(crate) fn prepare(registry: &Registry, settings: &Settings, problems: &mut Problems) -> ExpansionContext {
    problems.belong_to(None, None);
    labels::check(registry, settings, problems);
    let table = Table::of(registry, settings, problems);
    let cluster_viewers = ClusterViewers::of(registry);
    let needs_google = |environment: &Environment| {
        environment.google_project.is_some() || !cluster_viewers.projects(environment).is_empty()
    };
    let people = People::of(registry, settings.member_template.as_deref(), needs_google, problems);
    clusters::check(registry, settings, problems);
    places::check(registry, settings, problems);
    principals::check(registry, &people, settings, problems);
    workloads::check(registry, problems);
    accounts::check(registry, &settings.fences, problems);
    role_bindings::check(registry, &settings.fences, problems);
    metadata::check(registry, settings, problems);
    quotas::check(registry, &settings.fences, problems);
    let rules = ExpansionContext {
        table,
        people,
        labels: settings.labels.clone(),
        project_defaults: settings.project_defaults.clone(),
        cluster_viewers,
        owned: expand::owned(registry),
        owners: Owners::of(registry),
    };
    gke::check(registry, &rules, &settings.fences, problems);
    limits::check(registry, &rules, problems);
    expiry::check(registry, &rules.table, &rules.people, problems);
    problems.belong_to(None, None);
    rules
}
