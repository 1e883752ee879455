//! Sharing that is won and lost: services that begin or stop to use what another service owns, and permissions to do so.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::registry::names::{ServiceName, SharerName};

use super::super::FanOut;
use super::access::Pairs;

/// A change of who may use, or uses, a project or namespace of another service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SharingChange {
    /// The project, or `CLUSTER/NAMESPACE`.
    pub key: String,
    /// The service that owns it.
    pub owner: ServiceName,
    /// The service, or the team whose services may use it.
    pub with: String,
    /// Whether `with` is a team.
    pub is_team: bool,
    /// Whether it is used; otherwise it may be used.
    pub is_used: bool,
    /// Whether it is won; otherwise it is lost.
    pub is_won: bool,
}

/// The changes, by key.
pub(super) fn changes(old: &FanOut, new: &FanOut, pairs: &Pairs<'_>) -> Vec<SharingChange> {
    let mut names: HashMap<&ServiceName, &ServiceName> = HashMap::new();
    for (pair, _) in pairs {
        if let (Some(old), Some(new)) = (pair.old, pair.new) {
            names.insert(&old.entry.name, &new.entry.name);
        }
    }
    let same = |name: &ServiceName| name.clone();
    let by_now = |name: &ServiceName| names.get(name).map_or_else(|| name.clone(), |name| (*name).clone());
    let (before, after) = (sharing(old, by_now), sharing(new, same));
    let change = |is_won| {
        move |Shared { key, owner, with, is_team, is_used }: &Shared| SharingChange {
            key: key.clone(),
            owner: owner.clone(),
            with: with.clone(),
            is_team: *is_team,
            is_used: *is_used,
            is_won,
        }
    };
    let won = after.difference(&before).map(change(true));
    let mut changes: Vec<SharingChange> = won.chain(before.difference(&after).map(change(false))).collect();
    // What is used may be used.
    let used: BTreeSet<(String, String, bool)> = changes
        .iter()
        .filter(|change| change.is_used)
        .map(|change| (change.key.clone(), change.with.clone(), change.is_won))
        .collect();
    changes.retain(|change| {
        change.is_used || change.is_team || !used.contains(&(change.key.clone(), change.with.clone(), change.is_won))
    });
    changes.sort();
    changes
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shared {
    key: String,
    owner: ServiceName,
    with: String,
    is_team: bool,
    is_used: bool,
}

fn sharing(fan_out: &FanOut, name: impl Fn(&ServiceName) -> ServiceName) -> BTreeSet<Shared> {
    let registry = &fan_out.registry;
    let mut all = BTreeSet::new();
    for (position, service) in registry.services.iter().enumerate() {
        for (key, users) in fan_out.rules.owners.shared_with(position as u32, None) {
            for user in users {
                let (owner, with) = (name(&service.name), name(&user).to_string());
                all.insert(Shared { key: key.clone(), owner, with, is_team: false, is_used: true });
            }
        }
    }
    let mut permit = |key: String, owner: &Option<ServiceName>, services: &[SharerName], teams: &[SharerName]| {
        let Some(owner) = owner else { return };
        for (with, is_team) in
            services.iter().map(|service| (service, false)).chain(teams.iter().map(|team| (team, true)))
        {
            let with = match with.as_str().parse::<ServiceName>() {
                Ok(service) if !is_team => name(&service).to_string(),
                _ => with.to_string(),
            };
            all.insert(Shared { key: key.clone(), owner: name(owner), with, is_team, is_used: false });
        }
    };
    for entry in &registry.projects {
        permit(entry.id.to_string(), &entry.owner, &entry.shared_with, &entry.shared_with_teams);
    }
    for entry in &registry.namespaces {
        permit(entry.key().to_string(), &entry.owner, &entry.shared_with, &entry.shared_with_teams);
    }
    all
}
