//! The fences of the provider block for what this resource sets itself: they are the same as for the registry.

use super::messages;
use super::model::NamespaceModel;
use crate::codes;
use crate::fanout::Fences;
use crate::provider::leaf::messages::forbidden;
use crate::registry::quota;
use crate::sdk::{Attr, Diagnostics, Path};

/// Checks every known value.
pub(super) fn check(config: &NamespaceModel, fences: &Fences, refused: &mut Diagnostics) {
    for (attribute, all) in [("labels", &config.labels), ("annotations", &config.annotations)] {
        for (key, value) in all.known().into_iter().flatten() {
            let value = value.known().map_or("", String::as_str);
            if let Some(why) = fences.refuses_metadata(key, value) {
                refused.push(messages::metadata(key, &why, &Path::attribute(attribute).key(key)));
            }
        }
    }
    let known = |(resource, limit): (&String, &Attr<String>)| Some((resource.clone(), limit.known()?.clone()));
    let limits = config.quota.known().into_iter().flatten().filter_map(known).collect();
    // The keys of a quota are known before its values.
    let keys =
        config.quota.known().into_iter().flatten().map(|(resource, _)| (resource.clone(), String::new())).collect();
    for (resource, limit, most) in quota::excess(&limits, &fences.max_quota) {
        refused.push(messages::quota(resource, limit, most, &Path::attribute("quota").key(resource)));
    }
    let missing: Vec<(&String, &String)> =
        fences.max_quota.iter().filter(|(resource, _)| !quota::limits(&keys, resource)).collect();
    if !missing.is_empty() && !config.quota.is_unknown() {
        refused.push(messages::quota_missing(&missing));
    }
    for (position, binding) in config.role_binding.known().into_iter().flatten().enumerate() {
        let Some(binding) = binding.known() else { continue };
        let path = Path::attribute("role_binding").index(position);
        if let Some(role) = binding.role.known()
            && let Some(why) = fences.refuses_role(role)
        {
            refused.push(forbidden(codes::FORBIDDEN_ROLE, "role", role, &why, &path.clone().then("role")));
        }
        for (position, subject) in binding.subjects.known().into_iter().flatten().enumerate() {
            let Some(subject) = subject.known() else { continue };
            if let Some(why) = fences.refuses_principal(subject) {
                let path = path.clone().then("subjects").index(position);
                refused.push(forbidden(codes::FORBIDDEN_PRINCIPAL, "subject", subject, &why, &path));
            }
        }
    }
}
