//! Quotas: at most one per namespace.

use super::super::entries::Service;
use super::super::model::Registry;
use super::super::problem::{Problems, rules};
use super::super::references::Reference;

/// The quotas of one service's environments.
pub(super) fn service(registry: &Registry, service: &Service, place: usize, problems: &mut Problems) {
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
            problems.report(rules::QUOTA_WITHOUT_EFFECT, pointer(), detail);
            continue;
        }
        environment_quota(registry, place, index, pointer, problems);
    }
}

fn environment_quota(
    registry: &Registry,
    place: usize,
    index: usize,
    pointer: impl Fn() -> String,
    problems: &mut Problems,
) {
    let service = &registry.services[place];
    let environment = &service.environments[index];
    for target in &environment.targets {
        let key = target.key();
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
        // Two environments of one service in one namespace: find an earlier one with another quota.
        let earlier =
            |reference: &&Reference| reference.service as usize == place && (reference.environment as usize) < index;
        let alone = service.environments.len() == 1;
        if alone {
            continue;
        }
        let other = registry.references.of_namespace(&key).iter().filter(earlier).find(|reference| {
            let quota = &reference.environment(&registry.services).quota;
            quota.is_some() && *quota != environment.quota
        });
        if let Some(other) = other {
            let detail = format!(
                "Environments `{}` and `{}` both run in namespace `{key}` and set different quotas. A namespace has one quota: \
                 write the same in both, or one quota under `namespaces`.",
                other.environment(&registry.services).name,
                environment.name
            );
            problems.report(rules::CONFLICTING_QUOTA, pointer(), detail);
        }
    }
}
