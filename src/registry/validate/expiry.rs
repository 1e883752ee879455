//! Access that ends: not in Kubernetes, and not for a principal whose access in the same list does not end then.

use std::collections::HashMap;

use super::super::access::{AccessEntry, AccessLevel};
use super::super::entries::{Environment, Service};
use super::super::expiry::Expiry;
use super::super::names::{Name, Principal};
use super::super::problem::{Problems, rules};

/// The entries with `expires` of one service.
pub(super) fn service(service: &Service, position: usize, problems: &mut Problems) {
    for (index, environment) in service.environments.iter().enumerate() {
        let timed = |(_, _, entry): (_, _, &AccessEntry)| entry.expires().is_some();
        if !environment.access.entries().any(timed) {
            continue;
        }
        problems.belong_to_entry(&service.name, &environment.name);
        let rbac = format!("/services/{position}/spec/environments/{index}/spec/rbac");
        if !environment.targets.is_empty() {
            kubernetes(environment, &rbac, problems);
        }
        for level in AccessLevel::ALL {
            contradictions(environment, level, &rbac, problems);
        }
    }
}

fn kubernetes(environment: &Environment, rbac: &str, problems: &mut Problems) {
    for (level, index, entry) in environment.access.entries() {
        let AccessEntry::Principal { principal, expires: Some(_), .. } = entry else { continue };
        let next = match &environment.google_project {
            Some(id) => format!(
                "To grant access that ends on Google only, move the entry to an environment of this service that has the same \
                 `googleProject` (`{id}`) and no `targets`"
            ),
            None => "Access that ends is possible on Google only, in an environment with a `googleProject`".to_owned(),
        };
        let detail = format!(
            "The access of `{principal}` ends, and environment `{}` has targets: there, `{level}` are subjects of a role \
             binding, and Kubernetes RBAC has no expiry. {next}; or remove `expires`.",
            environment.name
        );
        problems.report(rules::EXPIRES_ON_KUBERNETES, format!("{rbac}/{level}/{index}/expires"), detail);
    }
}

/// One principal in one list with different ends: only the latest would count.
fn contradictions(environment: &Environment, level: AccessLevel, rbac: &str, problems: &mut Problems) {
    let mut first: HashMap<Principal, (usize, Option<Expiry>)> = HashMap::new();
    for (index, entry) in environment.access.level(level).iter().enumerate() {
        let AccessEntry::Principal { principal, expires, .. } = entry else { continue };
        if principal.is_reported() {
            continue;
        }
        let (other, earlier) = *first.entry(principal.as_google()).or_insert((index, *expires));
        if earlier == *expires {
            continue;
        }
        let how = match earlier.and(*expires) {
            Some(_) => "with another `expires`, and only the later one would count",
            None => "once with `expires` and once without, so its access would not end",
        };
        let detail = format!(
            "The principal `{principal}` is twice in `{level}` of environment `{}`, {how}. The other entry is at \
             `{rbac}/{level}/{other}`. Remove one of the two.",
            environment.name
        );
        problems.report(rules::CONTRADICTORY_EXPIRY, format!("{rbac}/{level}/{index}"), detail);
    }
}
