//! Who has which access to which environment: the access lists and service accounts of one registry, by principal.

use std::collections::{BTreeMap, BTreeSet};

use crate::registry::names::{EnvironmentName, IamRole, KubernetesRole, ServiceName, TeamName};
use crate::registry::{AccessEntry, AccessLevel, Environment, Expiry};

use super::super::FanOut;
use super::super::accounts;
use super::super::people::People;

/// A principal in one environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) principal: String,
    pub(super) service: ServiceName,
    pub(super) environment: EnvironmentName,
}

/// The access of one principal to one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Access {
    /// The levels, and when each ends.
    levels: BTreeMap<AccessLevel, Option<Expiry>>,
    /// The roles of a service account of the environment.
    roles: BTreeSet<IamRole>,
    /// The roles that the environment's own role bindings grant.
    bound: BTreeSet<KubernetesRole>,
    /// The team, if the access list names one.
    pub(super) team: Option<TeamName>,
}

/// How access changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AccessStep {
    /// Access where there was none.
    Won,
    /// A higher level than before, another one beside it, a later end, or more roles.
    Widened,
    /// A lower level than before, one of several less, an earlier end, or fewer roles.
    Narrowed,
    /// No access any more.
    Lost,
}

impl Access {
    /// Adds a line of an access list. Of two lines for one level, the later end counts.
    pub(super) fn add(&mut self, level: AccessLevel, entry: &AccessEntry) {
        let expires = entry.expires();
        let end = self.levels.entry(level).or_insert(expires);
        *end = end.zip(expires).map(|(one, other)| one.max(other));
        if let AccessEntry::Team(team) = entry {
            self.team.get_or_insert_with(|| team.clone());
        }
    }

    /// Adds the access to another environment.
    pub(super) fn merge(&mut self, other: Self) {
        for (level, expires) in other.levels {
            let end = self.levels.entry(level).or_insert(expires);
            *end = end.zip(expires).map(|(one, other)| one.max(other));
        }
        self.roles.extend(other.roles);
        self.bound.extend(other.bound);
        self.team = self.team.take().or(other.team);
    }

    /// Whether it is a person's or a team's: an account of a service is always new with the service.
    pub(super) fn is_of_people(&self) -> bool {
        !self.levels.is_empty()
    }

    /// Whether it includes a level, for some time at least.
    pub(super) fn has(&self, level: AccessLevel) -> bool {
        self.levels.contains_key(&level)
    }

    /// In words: `admins`, `viewers until 2027-01-31T00:00:00Z`, `roles/pubsub.publisher`. The highest level is the first.
    pub(super) fn words(&self) -> Vec<String> {
        let level = |(level, end): (&AccessLevel, &Option<Expiry>)| match end {
            None => level.to_string(),
            Some(end) => format!("{level} until {end}"),
        };
        let roles = self.roles.iter().map(ToString::to_string);
        let bound = self.bound.iter().map(ToString::to_string);
        self.levels.iter().rev().map(level).chain(roles).chain(bound).collect()
    }

    /// How this becomes another one. `None`: it stays.
    pub(super) fn step(before: Option<&Self>, after: Option<&Self>) -> Option<AccessStep> {
        let (before, after) = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => return Some(AccessStep::Won),
            (Some(_), None) => return Some(AccessStep::Lost),
            (Some(before), Some(after)) => (before, after),
        };
        if before.levels == after.levels && before.roles == after.roles && before.bound == after.bound {
            return None;
        }
        let highest = |access: &Self| access.levels.keys().next_back().copied();
        if highest(after) != highest(before) {
            return Some(if highest(after) > highest(before) { AccessStep::Widened } else { AccessStep::Narrowed });
        }
        let longer = |(level, end): (&AccessLevel, &Option<Expiry>)| match before.levels.get(level) {
            None => true,
            Some(None) => false,
            Some(Some(earlier)) => end.is_none_or(|end| end > *earlier),
        };
        let more = !after.roles.is_subset(&before.roles) || !after.bound.is_subset(&before.bound);
        let wider = more || after.levels.iter().any(longer);
        Some(if wider { AccessStep::Widened } else { AccessStep::Narrowed })
    }
}

/// The access of every principal to every environment. `name` has what each is called by now.
pub(super) fn of<'f>(
    fan_out: &'f FanOut,
    name: impl Fn(usize, usize) -> Option<(&'f ServiceName, &'f EnvironmentName)>,
) -> BTreeMap<Place, Access> {
    let mut all: BTreeMap<Place, Access> = BTreeMap::new();
    for (position, service) in fan_out.registry.services.iter().enumerate() {
        for (index, environment) in service.environments.iter().enumerate() {
            let Some((service, environment_name)) = name(position, index) else { continue };
            let place =
                |principal| Place { principal, service: service.clone(), environment: environment_name.clone() };
            for (principal, access) in of_environment(&fan_out.rules.people, environment) {
                all.insert(place(principal), access);
            }
            for bound in environment.role_bindings.iter().filter(|_| !environment.targets.is_empty()) {
                for subject in &bound.subjects {
                    let access = all.entry(place(subject.to_string())).or_default();
                    access.bound.insert(bound.role.clone());
                }
            }
            let Some(project) = &environment.google_project else { continue };
            for account in environment.service_accounts.iter().filter(|account| !account.roles.is_empty()) {
                let Some(member) = accounts::member(account, project) else { continue };
                let access = all.entry(place(member.principal.to_string())).or_default();
                access.roles.extend(account.roles.iter().cloned());
            }
        }
    }
    all
}

/// The access lists of one environment, by principal. Without a project and a target they give no access.
pub(super) fn of_environment(people: &People, environment: &Environment) -> BTreeMap<String, Access> {
    let mut all: BTreeMap<String, Access> = BTreeMap::new();
    if environment.google_project.is_none() && environment.targets.is_empty() {
        return all;
    }
    for (level, _, entry) in environment.access.entries() {
        for principal in principals(people, environment, entry) {
            all.entry(principal).or_default().add(level, entry);
        }
    }
    all
}

/// The principals of a line of an access list on the platforms of its environment: one, or two where a team has different names
/// on Google and on Kubernetes.
fn principals(people: &People, environment: &Environment, entry: &AccessEntry) -> Vec<String> {
    let google = people.google(entry).map(|member| member.principal.to_string());
    // A workload has one name on both.
    let kubernetes = people.kubernetes(entry, None).filter(|_| !environment.targets.is_empty());
    let name = |text: &str| text.split_once(':').map_or_else(|| text.to_owned(), |(_, name)| name.to_lowercase());
    let is_same = |subject: &String| {
        google.as_ref().is_some_and(|google| name(subject) == name(google) || name(subject) == google.to_lowercase())
    };
    let other = kubernetes.as_ref().filter(|subject| !is_same(subject)).cloned();
    let one = google.clone().filter(|_| environment.google_project.is_some() || other.is_none());
    one.into_iter().chain(other).collect()
}
