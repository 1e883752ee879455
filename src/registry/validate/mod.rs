//! Checks between entries: duplicate names, unknown references, undeclared sharing, conflicting quotas.
//!
//! Every check reads the whole registry, invalid entries included, and skips values that were reported when they were read:
//! one mistake is one problem.

mod accounts;
mod domains;
mod duplicates;
mod expiry;
mod quotas;
mod references;
mod role_bindings;
mod shared;
mod sharers;
mod sharing;

use super::model::Registry;
use super::problem::Problems;

/// Reports all problems between entries.
pub(crate) fn registry(registry: &Registry, problems: &mut Problems) {
    duplicates::check(registry, problems);
    domains::check(registry, problems);
    references::check(registry, problems);
    sharing::check(registry, problems);
    accounts::check(registry, problems);
    role_bindings::check(registry, problems);
    // All checks of one service run before the next service: ten thousand services do not fit into the processor's cache.
    for (position, service) in registry.services.iter().enumerate() {
        problems.belong_to_service(&service.name);
        duplicates::service(service, position, problems);
        problems.belong_to_service(&service.name);
        references::service(registry, service, position, problems);
        expiry::service(service, position, problems);
        quotas::service(registry, service, position, problems);
    }
    problems.belong_to(None, None);
}
