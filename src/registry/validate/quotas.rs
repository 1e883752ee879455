//! Quotas: at most one per namespace.

use std::collections::HashMap;

use super::super::entries::{Quota, Service};
use super::super::model::Registry;
use super::super::names::{Name, NamespaceKey};
use super::super::problem::{Presumes, Problems, rules};

/// The quotas that earlier environments of the service set on its namespaces: each one, and the first that differs from it,
/// with the index of the environment.
type Earlier<'r> = HashMap<NamespaceKey, Vec<(usize, &'r Quota)>>;

/// The quotas of one service's environments.
pub(super) fn service(registry: &Registry, service: &Service, place: usize, problems: &mut Problems) {
    let mut earlier = Earlier::new();
    for (index, environment) in service.environments.iter().enumerate() {
        if environment.quota.is_none() {
            continue;
        }
        problems.belong_to_entry(&service.name, &environment.name);
        let pointer = || format!("/services/{place}/spec/environments/{index}/spec/quota");
        if environment.targets.is_empty() {
            let detail = format!(
                "Environment `{}` has a quota but no targets, so the quota applies to no namespace. Add a target, or remove \
                 the quota.",
                environment.name
            );
            let presumes = Presumes::place(format!("/services/{place}/spec/environments/{index}/spec/targets"));
            problems.report_presuming(presumes, rules::QUOTA_WITHOUT_EFFECT, pointer(), detail);
            continue;
        }
        environment_quota(registry, place, index, &mut earlier, pointer, problems);
    }
}

fn environment_quota<'r>(
    registry: &'r Registry,
    place: usize,
    index: usize,
    earlier: &mut Earlier<'r>,
    pointer: impl Fn() -> String,
    problems: &mut Problems,
) {
    let service = &registry.services[place];
    let environment = &service.environments[index];
    let Some(quota) = &environment.quota else { return };
    for target in &environment.targets {
        let key = target.key();
        if target.cluster.is_reported() || target.namespace.is_reported() {
            continue;
        }
        let entry = if registry.namespaces.is_empty() { None } else { registry.namespaces.get(&key.to_string()) };
        let owner = entry.and_then(|entry| entry.owner.as_ref());
        if let Some(owner) = owner.filter(|owner| **owner != service.name) {
            let detail = format!(
                "Namespace `{key}` is owned by `{owner}`, and only the owner's entry sets its quota, so this quota has no \
                 effect on it. Remove it, or set it in the entry of `{owner}`."
            );
            problems.report(rules::QUOTA_WITHOUT_EFFECT, pointer(), detail);
            continue;
        }
        if entry.is_some_and(|entry| entry.quota.is_some()) {
            let detail = format!(
                "The entry of namespace `{key}` under `namespaces` has a quota, which overrides this one. Remove one of the \
                 two."
            );
            problems.report(rules::QUOTA_WITHOUT_EFFECT, pointer(), detail);
            continue;
        }
        if service.environments.len() == 1 {
            continue;
        }
        // Two environments of one service in one namespace: find the first with another quota.
        let quotas = earlier.entry(key.clone()).or_default();
        let other = quotas.iter().find(|(earlier, other)| *earlier < index && *other != quota).map(|(index, _)| *index);
        if quotas.len() < 2 && quotas.iter().all(|(_, known)| *known != quota) {
            quotas.push((index, quota));
        }
        if let Some(other) = other {
            let detail = format!(
                "Environments `{}` and `{}` both run in namespace `{key}` and set different quotas. A namespace has one quota: \
                 write the same in both, or one quota under `namespaces`.",
                service.environments[other].name, environment.name
            );
            problems.report(rules::CONFLICTING_QUOTA, pointer(), detail);
        }
    }
}
