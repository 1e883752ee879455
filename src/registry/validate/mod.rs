//! What no entry shows by itself: names that stand twice, references to nothing, sharing that nobody declared.
//!
//! Every check sees the whole registry, bad entries included, and passes over the values that were reported when they
//! were read: one mistake is one problem.

mod duplicates;
mod quotas;
mod references;
mod sharing;

use super::model::Registry;
use super::problem::Problems;

/// Reports everything that is wrong between entries.
pub(crate) fn registry(registry: &Registry, problems: &mut Problems) {
    duplicates::check(registry, problems);
    references::check(registry, problems);
    sharing::check(registry, problems);
    // One service after the other through all that concerns it alone, while it is at hand: ten thousand of them do not
    // fit into any cache.
    for (position, service) in registry.services.iter().enumerate() {
        problems.belong_to_service(&service.name);
        duplicates::service(service, position, problems);
        problems.belong_to_service(&service.name);
        references::service(registry, service, position, problems);
        quotas::service(registry, service, position, problems);
    }
    problems.belong_to(None, None);
}
