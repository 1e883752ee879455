//! The rules of the arguments: those of the registry. See [`arguments`](crate::provider::leaf::arguments).

use crate::codes;
use std::collections::{BTreeMap, BTreeSet};

use super::model::{ProjectIamModel, meaning};
use crate::fanout::resource::{Condition, Member};
use crate::fanout::{MOST_CONDITIONS, MOST_GROUPS, MOST_PRINCIPALS};
use crate::provider::leaf::arguments::Wrong;
use crate::provider::leaf::values::{List, items};
use crate::registry::Expiry;
use crate::registry::names::{IamRole, Principal, ProjectId};
use crate::sdk::{Diagnostics, Path};

/// Checks all arguments.
///
/// # Errors
/// For every one that breaks a rule.
pub(super) fn check(config: &ProjectIamModel) -> Result<(), Diagnostics> {
    let mut wrong = Wrong::default();
    wrong.name::<ProjectId>(&config.project_id, Path::attribute("project_id"));
    for (role, members) in config.members.known().into_iter().flatten() {
        let path = Path::attribute("members").key(role);
        wrong.parses::<IamRole>(role, &path);
        if members.known().is_some_and(Vec::is_empty) {
            wrong.error(
                codes::INVALID_VALUE,
                &path,
                " is empty, so it would grant nothing. Add a member, or remove the role.",
            );
        }
        wrong.names::<Member>("member", members, &path, meaning);
        ends(role, members, &path, &mut wrong);
        for (position, member) in members.known().into_iter().flatten().enumerate() {
            let ends = member.known().and_then(|text| text.parse::<Member>().ok()?.expires);
            if ends.is_some() && Condition::is_refused_for(role) {
                let detail = format!(
                    ": the grant ends, which is a condition on Google, and Google refuses conditions for the basic role `{role}`. \
                     Use a predefined role, or remove the end."
                );
                wrong.error(codes::BASIC_ROLE_EXPIRES, &path.clone().index(position), &detail);
            }
        }
    }
    limits(config, &mut wrong);
    wrong.finish()
}

/// Google's limit of conditions under which one member has one role. Conditions of others count as well, and only Google knows
/// them.
fn ends(role: &str, members: &List, path: &Path, wrong: &mut Wrong) {
    let mut ends = BTreeMap::<Principal, BTreeSet<Expiry>>::new();
    for member in items(members).filter_map(|text| text.parse::<Member>().ok()) {
        let of_principal = ends.entry(member.principal.as_google()).or_default();
        of_principal.extend(member.expires);
    }
    for (principal, ends) in ends.into_iter().filter(|(_, ends)| ends.len() > MOST_CONDITIONS) {
        let detail = format!(
            ": the role `{role}` would be granted to `{principal}` with {} different ends. The limit of Google is \
             {MOST_CONDITIONS}. Remove those that have passed, or all but the last one.",
            ends.len()
        );
        wrong.error(codes::TOO_MANY_ENDS, path, &detail);
    }
}

/// Google's limits for one policy. What others have granted on the project counts as well, and only Google knows it.
fn limits(config: &ProjectIamModel, wrong: &mut Wrong) {
    let lists = config.members.known().into_iter().flatten();
    let all: Vec<Member> = lists.flat_map(|(_, list)| items(list)).filter_map(|text| text.parse().ok()).collect();
    let principals = all.iter().map(|member| member.principal.as_google());
    let groups: BTreeSet<Principal> = principals.filter(|member| member.as_str().starts_with("group:")).collect();
    let path = Path::attribute("members");
    for (count, most, what) in
        [(all.len(), MOST_PRINCIPALS, "members, counted once for each role"), (groups.len(), MOST_GROUPS, "groups")]
    {
        if count > most {
            let detail = format!(
                ": the IAM policy of the project would have {count} {what}. The limit of Google is {most}. Grant roles to groups \
                 instead, or use several projects."
            );
            wrong.error(codes::TOO_MANY_MEMBERS, &path, &detail);
        }
    }
}

#[cfg(test)]
mod tests;
