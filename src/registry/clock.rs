//! Comparing a registry with the time. The time is an argument: it is read once, where the registry is loaded.

use jiff::{SignedDuration, Timestamp};

use super::access::AccessEntry;
use super::model::Registry;
use super::problem::{Problem, Problems, rules};
use super::quote::quote;

/// An expiry later than this is more likely a wrong year.
const DISTANT: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// Warnings about access that has ended by now, and about access that ends in the distant future.
pub fn clock_warnings(registry: &Registry, now: Timestamp) -> Vec<Problem> {
    let mut problems = Problems::default();
    for (position, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            for (level, entry_index, entry) in environment.access.entries() {
                let AccessEntry::Principal { principal, reason, expires: Some(expires) } = entry else { continue };
                let reason = reason.as_ref().map(|reason| format!(" (reason: {})", quote(reason))).unwrap_or_default();
                let (rule, detail) = if expires.has_passed(now) {
                    let detail = format!(
                        "The access of `{principal}` in `{level}` ended at `{expires}`{reason}. Grants of it that still exist give \
                         no access, and a plan removes them. Remove the entry, or set a later `expires`."
                    );
                    (rules::EXPIRED_ACCESS, detail)
                } else if expires.is_beyond(now, DISTANT) {
                    let detail = format!(
                        "The access of `{principal}` in `{level}` ends at `{expires}`{reason}, in more than ten years. Correct the \
                         year, or remove `expires` if the access does not end."
                    );
                    (rules::DISTANT_EXPIRY, detail)
                } else {
                    continue;
                };
                problems.belong_to_entry(&service.name, &environment.name);
                let pointer =
                    format!("/services/{position}/spec/environments/{index}/spec/rbac/{level}/{entry_index}/expires");
                problems.report(rule, pointer, detail);
            }
        }
    }
    problems.into_vec()
}
