//! Fences for service accounts: the roles they are granted, and the accounts as principals.

use std::collections::HashMap;

use crate::fanout::accounts::member;
use crate::fanout::fences::Fences;
use crate::fanout::table::unknown_role;
use crate::registry::google_roles;
use crate::registry::names::{IamRole, Name};
use crate::registry::problem::{Problems, rules};
use crate::registry::quote::quote;
use crate::registry::{Registry, ServiceAccount};

/// What is known of a role.
struct Known {
    refused: Option<String>,
    unknown: bool,
}

pub(super) fn check(registry: &Registry, fences: &Fences, problems: &mut Problems) {
    let mut roles: HashMap<&IamRole, Known> = HashMap::new();
    for (place, service) in registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            for (position, account) in environment.service_accounts.iter().enumerate() {
                problems.belong_to_entry(&service.name, &environment.name);
                let at = format!("/services/{place}/spec/environments/{index}/spec/serviceAccounts/{position}");
                account_roles(account, fences, &mut roles, &at, problems);
                // Its domain is that of its project, which `allowed_projects` limits.
                let member = environment.google_project.as_ref().and_then(|project| member(account, project));
                let Some(member) = member else { continue };
                if let Some(fence) = fences.forbids_principal(member.principal.as_str()) {
                    let detail = format!(
                        "The service account {} is forbidden: {fence}. Choose another name, or ask the maintainer of the \
                         provider block to change the fence.",
                        quote(member.principal.as_str())
                    );
                    problems.report(rules::FORBIDDEN_PRINCIPAL, format!("{at}/name"), detail);
                }
            }
        }
    }
    problems.belong_to(None, None);
}

fn account_roles<'r>(
    account: &'r ServiceAccount,
    fences: &Fences,
    known: &mut HashMap<&'r IamRole, Known>,
    at: &str,
    problems: &mut Problems,
) {
    for (index, role) in account.roles.iter().enumerate().filter(|(_, role)| !role.is_reported()) {
        let text = role.as_str();
        let known = known.entry(role).or_insert_with(|| Known {
            refused: fences.refuses_role(text),
            unknown: text.starts_with(google_roles::PREFIX) && !google_roles::is_known(text),
        });
        let pointer = || format!("{at}/roles/{index}");
        if let Some(why) = &known.refused {
            let detail = format!("The role `{role}` of service account `{}` {why}", account.name);
            problems.report(rules::FORBIDDEN_ROLE, pointer(), detail);
        } else if std::mem::take(&mut known.unknown) {
            // Once for all accounts that have it.
            let nearest = google_roles::nearest(text);
            let place = format!("service account `{}`", account.name);
            problems.report(rules::UNKNOWN_ROLE, pointer(), unknown_role(text, &place, nearest.as_deref()));
        }
    }
}
