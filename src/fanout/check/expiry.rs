//! Access that ends, on Google: where a condition is impossible, and where it has no effect.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::fanout::limits::MOST_CONDITIONS;
use crate::fanout::people::People;
use crate::fanout::resource::Condition;
use crate::fanout::table::Table;
use crate::registry::names::{IamRole, Principal, ProjectId};
use crate::registry::problem::{Problems, rules};
use crate::registry::{AccessLevel, Environment, Expiry, Registry, Service};

/// One entry with `expires` in an environment with a project.
struct Timed<'r> {
    service: &'r Service,
    environment: &'r Environment,
    project: &'r ProjectId,
    level: AccessLevel,
    principal: Principal,
    expires: Expiry,
    pointer: String,
}

/// Reports entries whose access cannot end.
pub(super) fn check(registry: &Registry, table: &Table, people: &People, problems: &mut Problems) {
    let timed = timed(registry, people);
    for of_service in timed.chunk_by(|a, b| std::ptr::eq(a.service, b.service)) {
        basic_roles(of_service, table, problems);
    }
    too_many(&timed, table, problems);
    // A product of roles and principals: only of a registry within its limits.
    if !timed.is_empty() && !problems.has_errors() {
        without_effect(registry, &timed, table, people, problems);
    }
    problems.belong_to(None, None);
}

fn timed<'r>(registry: &'r Registry, people: &People) -> Vec<Timed<'r>> {
    let mut all = Vec::new();
    for (position, service) in registry.services.iter().enumerate() {
        for (place, environment) in service.environments.iter().enumerate() {
            let Some(project) = &environment.google_project else { continue };
            for (level, index, entry) in environment.access.entries() {
                let Some(expires) = entry.expires() else { continue };
                let Some(member) = people.google(entry) else { continue };
                let principal = member.principal;
                let pointer = format!("/services/{position}/spec/environments/{place}/spec/rbac/{level}/{index}");
                all.push(Timed { service, environment, project, level, principal, expires, pointer });
            }
        }
    }
    all
}

fn basic_roles(of_service: &[Timed<'_>], table: &Table, problems: &mut Problems) {
    let Some(service) = of_service.first().map(|entry| entry.service) else { return };
    let mut roles = Vec::new();
    let basic = AccessLevel::ALL.map(|level| {
        table.roles(&service.google_services, level, &mut roles);
        roles.iter().find(|role| Condition::is_refused_for(role.as_str())).copied()
    });
    for entry in of_service {
        let Some(role) = basic[entry.level as usize] else { continue };
        let detail = format!(
            "The access of `{}` ends, which is a condition on Google, and `{}` includes the basic role `{role}`, for which \
             Google refuses conditions. Replace it in the permissions table by predefined roles, or remove `expires`.",
            entry.principal, entry.level
        );
        problems.belong_to_entry(&service.name, &entry.environment.name);
        problems.report(rules::BASIC_ROLE_EXPIRES, format!("{}/expires", entry.pointer), detail);
    }
}

/// Counts the ends of each role of a principal in a project, if it has that many at all.
fn too_many(timed: &[Timed<'_>], table: &Table, problems: &mut Problems) {
    let mut by_principal: HashMap<(&ProjectId, &Principal), Vec<&Timed<'_>>> = HashMap::new();
    for entry in timed {
        by_principal.entry((entry.project, &entry.principal)).or_default().push(entry);
    }
    let mut over: Vec<(&str, String, &Timed<'_>)> = Vec::new();
    for entries in by_principal.into_values().filter(|entries| entries.len() > MOST_CONDITIONS) {
        let mut ends: HashMap<&IamRole, BTreeSet<Expiry>> = HashMap::new();
        let mut roles = Vec::new();
        // The same end of one access level counts once: of a service, twenty of each level are enough.
        let mut seen = HashSet::new();
        for entry in &entries {
            if !seen.insert((&entry.service.name, entry.level, entry.expires)) {
                continue;
            }
            table.roles(&entry.service.google_services, entry.level, &mut roles);
            for role in &roles {
                let ends = ends.entry(role).or_default();
                if ends.len() <= MOST_CONDITIONS {
                    ends.insert(entry.expires);
                }
            }
        }
        let role = ends.iter().filter(|(_, ends)| ends.len() > MOST_CONDITIONS).map(|(role, _)| role.as_str()).min();
        over.extend(role.map(|role| (entries[0].pointer.as_str(), role.to_owned(), entries[0])));
    }
    over.sort_by_key(|(pointer, ..)| *pointer);
    for (pointer, role, entry) in over {
        let detail = format!(
            "The role `{role}` would be granted to `{}` in project `{}` with more than {MOST_CONDITIONS} different ends, the limit \
             of Google. Remove those that have passed, or use one end for several entries.",
            entry.principal, entry.project
        );
        problems.belong_to_entry(&entry.service.name, &entry.environment.name);
        problems.report(rules::TOO_MANY_EXPIRIES, format!("{pointer}/expires"), detail);
    }
}

/// What a principal has in a project without an end: the roles, and the first place.
struct Endless<'r> {
    roles: HashSet<&'r IamRole>,
    pointer: String,
}

/// Reports entries whose principal has all their roles in the project without an end as well.
fn without_effect<'t>(
    registry: &Registry,
    timed: &[Timed<'_>],
    table: &'t Table,
    people: &People,
    problems: &mut Problems,
) {
    let wanted: HashSet<(&ProjectId, &Principal)> =
        timed.iter().map(|entry| (entry.project, &entry.principal)).collect();
    let mut endless: HashMap<(&ProjectId, Principal), Endless<'t>> = HashMap::new();
    let mut roles = Vec::new();
    for (position, service) in registry.services.iter().enumerate() {
        for (place, environment) in service.environments.iter().enumerate() {
            let Some(project) = &environment.google_project else { continue };
            for (level, index, entry) in environment.access.entries() {
                let Some(member) = people.google(entry).filter(|member| member.expires.is_none()) else { continue };
                if !wanted.contains(&(project, &member.principal)) {
                    continue;
                }
                table.roles(&service.google_services, level, &mut roles);
                let found = endless.entry((project, member.principal)).or_insert_with(|| Endless {
                    roles: HashSet::new(),
                    pointer: format!("/services/{position}/spec/environments/{place}/spec/rbac/{level}/{index}"),
                });
                found.roles.extend(&roles);
            }
        }
    }
    for entry in timed {
        let Some(found) = endless.get(&(entry.project, entry.principal.clone())) else { continue };
        table.roles(&entry.service.google_services, entry.level, &mut roles);
        if roles.is_empty() || !roles.iter().all(|role| found.roles.contains(*role)) {
            continue;
        }
        let detail = format!(
            "The access of `{}` in `{}` would end at `{}`, and the same principal has all its roles in project `{}` without an end \
             (`{}`), so nothing ends. Remove one of the two.",
            entry.principal, entry.level, entry.expires, entry.project, found.pointer
        );
        problems.belong_to_entry(&entry.service.name, &entry.environment.name);
        problems.report(rules::EXPIRY_WITHOUT_EFFECT, format!("{}/expires", entry.pointer), detail);
    }
}
