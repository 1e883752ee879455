//! Access that is won, widened, narrowed and lost, by principal.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;

use crate::registry::AccessLevel;
use crate::registry::names::{EnvironmentName, NamespaceKey, ServiceName, TeamName};
use crate::registry::references::Reference;

use super::super::FanOut;
use super::pairs::{EnvironmentPair, ServicePair, Used, scopes};
use super::reach::{self, Access, AccessStep, Place};

/// A change of the access of one principal to one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessChange {
    /// The principal, as Google spells it: `group:shop-team@example.com`. A group that only Kubernetes has: `Group:NAME`.
    pub principal: String,
    /// The team by which the access list names it.
    pub team: Option<TeamName>,
    /// The service, by its name now.
    pub service: ServiceName,
    /// The environment, by its name now.
    pub environment: EnvironmentName,
    /// How it changes.
    pub change: AccessStep,
    /// What the principal reached nothing of before, of access that is won.
    pub first: Option<First>,
    /// The project or namespace, `CLUSTER/NAMESPACE`, if only its use by the environment changes the access to it.
    pub scope: Option<String>,
    /// The levels before, the highest first; the roles of a service account.
    pub before: Vec<String>,
    /// The levels and roles by now.
    pub after: Vec<String>,
    /// The place in the new document, as a JSON pointer.
    pub pointer: Option<String>,
}

/// What a principal reaches for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum First {
    /// Anything that the registry gives access to.
    Anything,
    /// An environment of this name, of whatever service: `production`.
    Environment,
}

/// An environment whose last admin is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastAdmin {
    /// The service.
    pub service: ServiceName,
    /// The environment.
    pub environment: EnvironmentName,
    /// Those who were its admins.
    pub admins: Vec<String>,
    /// The place in the new document, as a JSON pointer.
    pub pointer: String,
}

/// Every service with its environments, before and after.
pub(super) type Pairs<'r> = [(ServicePair<'r>, Vec<EnvironmentPair<'r>>)];

/// All changes of access, by principal; and the environments that lose their last admin.
pub(super) fn changes(old: &FanOut, new: &FanOut, pairs: &Pairs<'_>) -> (Vec<AccessChange>, Vec<LastAdmin>) {
    let mut names: HashMap<(usize, usize), (&ServiceName, &EnvironmentName)> = HashMap::new();
    let mut places: HashMap<(&ServiceName, &EnvironmentName), String> = HashMap::new();
    for (service, environments) in pairs {
        for environment in environments {
            let (Some(service_name), Some(name)) = (service.name(), environment.name()) else { continue };
            if let (Some(service), Some(environment)) = (service.old, environment.old) {
                names.insert((service.position, environment.position), (service_name, name));
            }
            if let (Some(service), Some(environment)) = (service.new, environment.new) {
                let pointer = format!("/services/{}/spec/environments/{}", service.position, environment.position);
                places.insert((service_name, name), pointer);
            }
        }
    }
    let before = reach::of(old, |service, environment| names.get(&(service, environment)).copied());
    let services = &new.registry.services;
    let after = reach::of(new, |service, environment| {
        let service = &services[service];
        Some((&service.name, &service.environments[environment].name))
    });
    let known: HashSet<&str> = before.keys().map(|place| place.principal.as_str()).collect();
    let known_in: HashSet<(&str, &str)> =
        before.keys().map(|place| (place.principal.as_str(), place.environment.as_str())).collect();

    let mut changes = Vec::new();
    let all: BTreeSet<&Place> = before.keys().chain(after.keys()).collect();
    for place in all {
        let (from, to) = (before.get(place), after.get(place));
        let Some(change) = Access::step(from, to) else { continue };
        let first = match change {
            AccessStep::Won if !to.is_some_and(Access::is_of_people) => None,
            AccessStep::Won if !known.contains(place.principal.as_str()) => Some(First::Anything),
            AccessStep::Won if !known_in.contains(&(place.principal.as_str(), place.environment.as_str())) => {
                Some(First::Environment)
            }
            _ => None,
        };
        let pointer = places.get(&(&place.service, &place.environment)).map(|pointer| format!("{pointer}/spec/rbac"));
        changes.push(change_of(place.clone(), change, first, None, from, to, pointer));
    }
    through_scopes(old, new, pairs, &mut changes);
    let order = |change: &AccessChange| {
        (change.principal.clone(), change.service.clone(), change.environment.clone(), change.scope.clone())
    };
    changes.sort_by_cached_key(order);
    (changes, last_admins(&before, &after, &places))
}

fn change_of(
    place: Place,
    change: AccessStep,
    first: Option<First>,
    scope: Option<String>,
    from: Option<&Access>,
    to: Option<&Access>,
    pointer: Option<String>,
) -> AccessChange {
    let words = |access: Option<&Access>| access.map(Access::words).unwrap_or_default();
    AccessChange {
        principal: place.principal,
        team: to.or(from).and_then(|access| access.team.clone()),
        service: place.service,
        environment: place.environment,
        change,
        first,
        scope,
        before: words(from),
        after: words(to),
        pointer,
    }
}

/// An environment that begins to use a project or namespace that was there before brings its people with it: an environment
/// `staging` that moves into the project of `production` changes no access list.
fn through_scopes(old: &FanOut, new: &FanOut, pairs: &Pairs<'_>, changes: &mut Vec<AccessChange>) {
    let mut people_before: HashMap<Used<'_>, BTreeMap<String, Access>> = HashMap::new();
    let mut found = Vec::new();
    for (service, environments) in pairs {
        for pair in environments {
            let (Some(at), Some(to), Some(from)) = (service.new, pair.new, pair.old) else { continue };
            let earlier: BTreeSet<Used<'_>> = scopes(from.entry).collect();
            let begun: BTreeSet<Used<'_>> = scopes(to.entry).filter(|scope| !earlier.contains(scope)).collect();
            for scope in begun {
                let references = references(old, scope);
                if references.is_empty() {
                    continue;
                }
                let before = people_before.entry(scope).or_insert_with(|| people_of(old, references));
                for (principal, after) in reach::of_environment(&new.rules.people, to.entry) {
                    let from = before.get(&principal);
                    let step = Access::step(from, Some(&after));
                    if !matches!(step, Some(AccessStep::Won | AccessStep::Widened)) {
                        continue;
                    }
                    let (service, environment) = (at.entry.name.clone(), to.entry.name.clone());
                    let pointer = format!("/services/{}/spec/environments/{}", at.position, to.position);
                    let place = Place { principal, service, environment };
                    let change = step.unwrap_or(AccessStep::Won);
                    found.push(change_of(place, change, None, Some(text(scope)), from, Some(&after), Some(pointer)));
                }
            }
        }
    }
    let reported: HashSet<(String, ServiceName, EnvironmentName)> = changes
        .iter()
        .filter(|change| matches!(change.change, AccessStep::Won | AccessStep::Widened))
        .map(|change| (change.principal.clone(), change.service.clone(), change.environment.clone()))
        .collect();
    found.retain(|change| {
        !reported.contains(&(change.principal.clone(), change.service.clone(), change.environment.clone()))
    });
    changes.append(&mut found);
}

fn references<'f>(fan_out: &'f FanOut, scope: Used<'_>) -> &'f [Reference] {
    let references = &fan_out.registry.references;
    match scope {
        Used::Project(id) => references.of_project(id),
        Used::Namespace(cluster, namespace) => {
            let key = NamespaceKey { cluster: cluster.clone(), namespace: namespace.clone() };
            references.of_namespace(&key)
        }
    }
}

fn text(scope: Used<'_>) -> String {
    match scope {
        Used::Project(id) => id.to_string(),
        Used::Namespace(cluster, namespace) => format!("{cluster}/{namespace}"),
    }
}

/// Who had access to a project or namespace, through all environments that used it.
fn people_of(fan_out: &FanOut, references: &[Reference]) -> BTreeMap<String, Access> {
    let mut all: BTreeMap<String, Access> = BTreeMap::new();
    let mut seen = HashSet::new();
    for reference in references.iter().filter(|reference| seen.insert((reference.service, reference.environment))) {
        let environment = reference.environment(&fan_out.registry.services);
        for (principal, access) in reach::of_environment(&fan_out.rules.people, environment) {
            all.entry(principal).or_default().merge(access);
        }
    }
    all
}

fn last_admins(
    before: &BTreeMap<Place, Access>,
    after: &BTreeMap<Place, Access>,
    places: &HashMap<(&ServiceName, &EnvironmentName), String>,
) -> Vec<LastAdmin> {
    fn admins(all: &BTreeMap<Place, Access>) -> BTreeMap<(&ServiceName, &EnvironmentName), Vec<&str>> {
        let mut admins: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (place, _) in all.iter().filter(|(_, access)| access.has(AccessLevel::Admins)) {
            admins.entry((&place.service, &place.environment)).or_default().push(&place.principal);
        }
        admins
    }
    let remaining = admins(after);
    let lost = admins(before).into_iter().filter(|(at, _)| !remaining.contains_key(at));
    let lost = lost.filter_map(|(at, admins)| {
        let pointer = format!("{}/spec/rbac/admins", places.get(&at)?);
        let admins = admins.into_iter().map(str::to_owned).collect();
        Some(LastAdmin { service: at.0.clone(), environment: at.1.clone(), admins, pointer })
    });
    lost.collect()
}
