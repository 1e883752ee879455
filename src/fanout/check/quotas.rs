//! The fence for quotas: none is larger than `fences.max_quota`, and no namespace is without a limit that the fence has.

use crate::fanout::fences::Fences;
use crate::registry::names::NamespaceKey;
use crate::registry::pointer::push_key;
use crate::registry::problem::{Problems, rules};
use crate::registry::quote::quote;
use crate::registry::references::Reference;
use crate::registry::{Quota, Registry, quota};

pub(super) fn check(registry: &Registry, fences: &Fences, problems: &mut Problems) {
    let max = &fences.max_quota;
    if max.is_empty() {
        return;
    }
    for (position, namespace) in registry.namespaces.iter().enumerate() {
        if let Some(quota) = &namespace.quota {
            too_large(quota, max, &format!("/namespaces/{position}/spec/quota"), problems);
        }
    }
    for (place, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            problems.belong_to_entry(&service.name, &environment.name);
            let spec = format!("/services/{place}/spec/environments/{index}/spec");
            if let Some(quota) = &environment.quota {
                too_large(quota, max, &format!("{spec}/quota"), problems);
            }
        }
    }
    unlimited(registry, max, problems);
    problems.belong_to(None, None);
}

/// Namespaces without a quota for a resource that the fence limits: a limit must not be passed by leaving it out.
fn unlimited(registry: &Registry, max: &Quota, problems: &mut Problems) {
    let mut namespaces: Vec<(&NamespaceKey, &Vec<Reference>)> = registry.references.namespaces.iter().collect();
    // The map has no order.
    namespaces.sort_by_key(|(_, references)| (references[0].service, references[0].environment, references[0].target));
    for (key, references) in namespaces {
        let position = registry.namespaces.position(&key.to_string());
        let entry = position.map(|position| &registry.namespaces[position]);
        let owner = entry.and_then(|entry| entry.owner.as_ref());
        // The owner's environments set the quota.
        let sets_quota =
            |reference: &&Reference| owner.is_none_or(|owner| *owner == reference.service(&registry.services).name);
        let of_owner = references.iter().filter(sets_quota);
        let of_environment =
            || of_owner.clone().find_map(|reference| reference.environment(&registry.services).quota.as_ref());
        let quota = entry.and_then(|entry| entry.quota.as_ref()).or_else(of_environment);
        let reference = of_owner.clone().next().unwrap_or(&references[0]);
        let (service, environment) = (reference.service(&registry.services), reference.environment(&registry.services));
        problems.belong_to_entry(&service.name, &environment.name);
        let pointer =
            position.map_or_else(|| reference.target_pointer(), |position| format!("/namespaces/{position}/spec"));
        missing(quota, max, &key.to_string(), &pointer, problems);
    }
}

fn too_large(quota: &Quota, max: &Quota, pointer: &str, problems: &mut Problems) {
    for (resource, limit, most) in quota::excess(quota, max) {
        let detail = format!(
            "The quota {} of `{resource}` exceeds {}, the limit in `fences.max_quota` of the provider block. Write at most that, \
             or ask the maintainer of the provider block to raise the limit.",
            quote(limit),
            quote(most)
        );
        let mut pointer = pointer.to_owned();
        push_key(&mut pointer, resource);
        problems.report(rules::QUOTA_TOO_LARGE, pointer, detail);
    }
}

fn missing(quota: Option<&Quota>, max: &Quota, namespace: &str, pointer: &str, problems: &mut Problems) {
    let missing: Vec<String> = max
        .iter()
        .filter(|(resource, _)| !quota.is_some_and(|quota| quota::limits(quota, resource)))
        .map(|(resource, most)| quote(&format!("\"{resource}\": \"{most}\"")))
        .collect();
    if !missing.is_empty() {
        let detail = format!(
            "Namespace `{namespace}` has no quota for what `fences.max_quota` of the provider block limits, so it would have no \
             limit. Add to the quota at most {}.",
            missing.join(", ")
        );
        problems.report(rules::QUOTA_MISSING, pointer, detail);
    }
}
