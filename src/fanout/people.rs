//! From entries of access lists to principals: the group of a team, in the spelling of each platform.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::registry::names::{Name, Principal, ProjectId, TeamName};
use crate::registry::nfc::nfc;
use crate::registry::problem::{Presumes, Problems, rules};
use crate::registry::quote::quote;
use crate::registry::{AccessEntry, Environment, Registry, Team};

use super::resource::Member;

/// A principal in the spelling of each platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The member of an IAM policy, in lower case: Google ignores the case of addresses and returns them in lower case.
    /// None for a team of which only a group in Kubernetes is known.
    pub(crate) google: Option<Principal>,
    /// The subject of a role binding: `Group:NAME` or `User:NAME`, in the registry's spelling, because Kubernetes compares
    /// names case-sensitively.
    pub(crate) kubernetes: String,
}

/// The principals of all teams in access lists.
#[derive(Debug, Default)]
pub(crate) struct People {
    teams: HashMap<TeamName, Person>,
}

impl People {
    /// Resolves every team with access to its principal. A team without a principal, or without one on Google where its access
    /// `needs_google`, is one problem, however many services use it.
    pub(crate) fn of(
        registry: &Registry,
        template: Option<&str>,
        needs_google: impl Fn(&Environment) -> bool,
        problems: &mut Problems,
    ) -> Self {
        let template = template.map(|template| nfc(Cow::Borrowed(template)));
        let template = template.as_deref().and_then(|template| check_template(template, problems));
        let mut people = Self::default();
        let mut unresolved: HashSet<&TeamName> = HashSet::new();
        for (service_place, service) in registry.services.iter().enumerate() {
            for (place, environment) in service.environments.iter().enumerate() {
                if environment.google_project.is_none() && environment.targets.is_empty() {
                    continue;
                }
                for (level, index, entry) in environment.access.entries() {
                    let AccessEntry::Team(name) = entry else { continue };
                    if name.is_reported() || unresolved.contains(name) {
                        continue;
                    }
                    let team = registry.teams.get(name.as_str());
                    let resolved = match people.teams.get(name) {
                        Some(_) => Ok(true),
                        None => resolve(name, team, template)
                            .map(|person| person.map(|person| people.teams.insert(name.clone(), person)).is_some()),
                    };
                    let lacks_google = people.teams.get(name).is_some_and(|person| person.google.is_none());
                    match resolved {
                        Ok(true) if !lacks_google || !needs_google(environment) => continue,
                        // An unknown team was reported already.
                        Ok(_) if registry.teams.is_declared() && team.is_none() => {}
                        // So was an invalid address.
                        Ok(_) if team.and_then(|team| team.email.as_ref()).is_some_and(Name::is_reported) => {}
                        Ok(known) => {
                            problems.belong_to(Some(service.name.as_str()), Some(environment.name.as_str()));
                            let pointer = format!(
                                "/services/{service_place}/spec/environments/{place}/spec/rbac/{level}/{index}"
                            );
                            let presumes = match registry.teams.position(name.as_str()) {
                                Some(position) => Presumes::place(format!("/teams/{position}")),
                                None => Presumes::List("teams", name.to_string()),
                            };
                            let detail = unresolved_detail(name, registry, known);
                            problems.report_presuming(presumes, rules::UNRESOLVED_TEAM, pointer, detail);
                        }
                        Err(detail) => problems.report(rules::BAD_MEMBER_TEMPLATE, "", detail),
                    }
                    unresolved.insert(name);
                }
            }
        }
        problems.belong_to(None, None);
        people
    }

    /// The teams whose principal comes from the template, with the principal, by name.
    pub(crate) fn of_template(&self, registry: &Registry) -> Vec<(&TeamName, &Principal)> {
        let has_own = |name: &TeamName| {
            registry
                .teams
                .get(name.as_str())
                .is_some_and(|team| team.email.is_some() || team.principals.google.is_some())
        };
        let teams = self.teams.iter().filter(|(name, _)| !has_own(name));
        let mut teams: Vec<_> = teams.filter_map(|(name, person)| Some((name, person.google.as_ref()?))).collect();
        teams.sort();
        teams
    }

    /// The teams whose principal on Google this is, by name.
    pub(crate) fn teams_of(&self, principal: &Principal) -> Vec<&TeamName> {
        let teams = self.teams.iter().filter(|(_, person)| person.google.as_ref() == Some(principal));
        let mut teams: Vec<_> = teams.map(|(name, _)| name).collect();
        teams.sort();
        teams
    }

    /// The IAM member for an entry. `None` only if a problem was reported for it, or if it has no access on Google.
    pub(crate) fn google(&self, entry: &AccessEntry) -> Option<Member> {
        match entry {
            AccessEntry::Team(team) => self.teams.get(team)?.google.clone().map(Member::from),
            AccessEntry::Principal { principal, .. } if principal.is_reported() => None,
            AccessEntry::Principal { principal, expires, .. } => {
                Some(Member { principal: principal.as_google(), expires: *expires })
            }
        }
    }

    /// The subject of role bindings for an entry, in a cluster of this project. `None` for one that expires, which is an error where there
    /// are targets, and for a workload of a cluster in another project: the ServiceAccount of that name is another one here.
    pub(crate) fn kubernetes(&self, entry: &AccessEntry, cluster_project: Option<&ProjectId>) -> Option<String> {
        match entry {
            AccessEntry::Team(team) => self.teams.get(team).map(|person| person.kubernetes.clone()),
            AccessEntry::Principal { principal, .. } if principal.is_reported() => None,
            AccessEntry::Principal { expires: Some(_), .. } => None,
            AccessEntry::Principal { principal, .. } => match principal.workload_identity() {
                Some((project, account)) => cluster_project
                    .is_some_and(|of_cluster| of_cluster.as_str() == &*project)
                    .then(|| format!("ServiceAccount:{account}")),
                None => Some(subject(principal)),
            },
        }
    }
}

/// What to do about a team without a principal; or, if its group in Kubernetes is `known`, without one on Google.
fn unresolved_detail(name: &TeamName, registry: &Registry, known: bool) -> String {
    if known {
        let entry = registry.teams.position(name.as_str()).unwrap_or_default();
        return format!(
            "The team `{name}` has access on Google here, and only its group in Kubernetes is known (`principals.kubernetes`). Add \
             `principals.google` to `/teams/{entry}`, for example `group:{name}@example.com`, or an `email`; or set `member_template` in \
             the provider block."
        );
    }
    let entry = match registry.teams.position(name.as_str()) {
        Some(position) => format!("Add an `email` to `/teams/{position}`"),
        None => format!(
            "Add it to `teams` with its `email` (`{{\"type\": \"Team\", \"spec\": {{\"name\": \"{name}\", \"email\": \"…\"}}}}`)"
        ),
    };
    format!(
        "The team `{name}` has access here, and its group is unknown. {entry}, or set `member_template` in the provider block, \
         for example `group:{{team}}-team@example.com`."
    )
}

fn resolve(name: &TeamName, team: Option<&Team>, template: Option<&str>) -> Result<Option<Person>, String> {
    let email = team.and_then(|team| team.email.as_ref()).filter(|email| !email.is_reported());
    let own = team.map(|team| &team.principals);
    let google: Option<Principal> = match (own.and_then(|own| own.google.clone()), email, template) {
        (Some(principal), ..) => Some(principal),
        (None, Some(email), _) => format!("group:{email}").parse().ok(),
        (None, None, Some(template)) => Some(from_template(template, name)?),
        (None, None, None) => None,
    };
    let kubernetes = match (own.and_then(|own| own.kubernetes.as_ref()), email, &google) {
        (Some(group), ..) => format!("Group:{group}"),
        (None, Some(email), _) => format!("Group:{email}"),
        (None, None, Some(principal)) => subject(principal),
        (None, None, None) => return Ok(None),
    };
    Ok(Some(Person { google: google.as_ref().map(Principal::as_google), kubernetes }))
}

fn from_template(template: &str, team: &TeamName) -> Result<Principal, String> {
    let text = template.replace("{team}", team.as_str());
    text.parse().map_err(|error: crate::registry::names::NameError| {
        format!(
            "`member_template` produces {} for the team `{team}`, which is not a principal: {}. Correct the template, or add \
             an `email` to the team.",
            quote(&text),
            error.rule
        )
    })
}

/// The template if it produces principals. Otherwise reports a problem.
fn check_template<'t>(template: &'t str, problems: &mut Problems) -> Option<&'t str> {
    let detail = if !template.contains("{team}") {
        "It does not contain `{team}`, the placeholder for the team's name, so all teams would have the same principal. \
         Example: `group:{team}-team@example.com`."
    } else if template.replace("{team}", "team").parse::<Principal>().is_err() {
        "The result would not be a principal: `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `principal://…` or \
         `principalSet://…`. Example: `group:{team}-team@example.com`."
    } else {
        return Some(template);
    };
    problems.report(
        rules::BAD_MEMBER_TEMPLATE,
        "",
        format!("{} is not a `member_template`. {detail}", quote(template)),
    );
    None
}

/// The spelling of a principal in a role binding.
fn subject(principal: &Principal) -> String {
    match principal.as_str().split_once(':') {
        Some(("group", email)) => format!("Group:{email}"),
        Some(("user" | "serviceAccount", email)) => format!("User:{email}"),
        Some(("principal", _)) => format!("User:{principal}"),
        _ => format!("Group:{principal}"),
    }
}
