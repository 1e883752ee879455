//! Fences for principals, in every place where one is written: teams, access lists, and what `member_template` produces.

use std::collections::HashMap;

use crate::fanout::fences::Fences;
use crate::fanout::people::People;
use crate::fanout::settings::Settings;
use crate::registry::names::Name;
use crate::registry::problem::{Problems, rules};
use crate::registry::quote::quote;
use crate::registry::{AccessEntry, Registry};

pub(super) fn check(registry: &Registry, people: &People, settings: &Settings, problems: &mut Problems) {
    let fences = &settings.fences;
    for (position, team) in registry.teams.iter().enumerate() {
        let spec = format!("/teams/{position}/spec");
        let email = team.email.as_ref().filter(|email| !email.is_reported());
        let google = team.principals.google.as_ref().filter(|principal| !principal.is_reported());
        let kubernetes = team.principals.kubernetes.as_ref();
        for (field, principal) in [
            ("email", email.map(|email| format!("group:{email}"))),
            ("principals/google", google.map(ToString::to_string)),
            ("principals/kubernetes", kubernetes.map(|group| format!("Group:{group}"))),
        ] {
            let Some(principal) = principal else { continue };
            if let Some(why) = fences.refuses_principal(&principal) {
                let detail = format!("The principal {} of team `{}` {why}", quote(&principal), team.name);
                problems.report(rules::FORBIDDEN_PRINCIPAL, format!("{spec}/{field}"), detail);
            }
        }
    }
    access_lists(registry, fences, problems);
    if settings.member_template.is_some() {
        for (team, principal) in people.of_template(registry) {
            if let Some(why) = fences.refuses_principal(principal.as_str()) {
                let principal = quote(principal.as_str());
                let detail = format!("`member_template` produces {principal} for the team `{team}`, which {why}");
                problems.report(rules::FORBIDDEN_PRINCIPAL, "", detail);
            }
        }
    }
}

fn access_lists(registry: &Registry, fences: &Fences, problems: &mut Problems) {
    // The same few deployers are in thousands of lists.
    let mut known: HashMap<&str, Option<String>> = HashMap::new();
    for (place, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            for (level, position, entry) in environment.access.entries() {
                let AccessEntry::Principal { principal, .. } = entry else { continue };
                if principal.is_reported() {
                    continue;
                }
                let why = known.entry(principal.as_str()).or_insert_with_key(|name| {
                    let subject = principal.workload_identity().map(|(_, account)| format!("ServiceAccount:{account}"));
                    fences.refuses_principal(name).or_else(|| fences.refuses_principal(&subject?))
                });
                let Some(why) = why else { continue };
                let detail = format!("The principal {} {why}", quote(principal.as_str()));
                let pointer =
                    format!("/services/{place}/spec/environments/{index}/spec/rbac/{level}/{position}/principal");
                problems.belong_to_entry(&service.name, &environment.name);
                problems.report(rules::FORBIDDEN_PRINCIPAL, pointer, detail);
            }
        }
    }
    problems.belong_to(None, None);
}
