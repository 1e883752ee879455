//! Role bindings of environments: they need a namespace, and the service must be its owner. In a namespace that is shared, a permissions
//! table limits what its users are granted, and a role binding grants any role.

use super::super::entries::{Environment, Service};
use super::super::model::Registry;
use super::super::names::ServiceName;
use super::super::problem::{Presumes, Problems, rules};

pub(super) fn check(registry: &Registry, problems: &mut Problems) {
    for (place, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            if environment.role_bindings.is_empty() {
                continue;
            }
            problems.belong_to_entry(&service.name, &environment.name);
            let spec = format!("/services/{place}/spec/environments/{index}/spec");
            let pointer = format!("{spec}/roleBindings");
            if environment.targets.is_empty() {
                let detail = format!(
                    "Environment `{}` has no `targets`, so there is no namespace for these role bindings. Add a target, or remove \
                     `roleBindings`.",
                    environment.name
                );
                let presumes = Presumes::place(format!("{spec}/targets"));
                problems.report_presuming(presumes, rules::ROLE_BINDINGS_WITHOUT_EFFECT, pointer, detail);
            } else {
                owner(registry, service, environment, &pointer, problems);
            }
        }
    }
    problems.belong_to(None, None);
}

fn owner(registry: &Registry, service: &Service, environment: &Environment, pointer: &str, problems: &mut Problems) {
    for target in &environment.targets {
        let key = target.key();
        let owner = registry.namespaces.get(&key.to_string()).and_then(|entry| entry.owner.as_ref());
        // An owner that is no service was reported.
        let is_other =
            |owner: &&ServiceName| **owner != service.name && registry.services.get(owner.as_str()).is_some();
        let Some(owner) = owner.filter(is_other) else { continue };
        let detail = format!(
            "Namespace `{key}` is owned by `{owner}`. Only the owner of a shared namespace may have role bindings in it beside the access \
             lists, because they grant any role. Move them to an environment of `{owner}`, or give this environment a namespace of \
             its own."
        );
        // One namespace is enough: the remedy is the same for all.
        return problems.report(rules::ROLE_BINDING_NOT_OWNER, pointer.to_owned(), detail);
    }
}
