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
    quotas::check(registry, problems);
}
