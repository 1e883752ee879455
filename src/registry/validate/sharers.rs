//! Who may use a shared project or namespace: the services of `sharedWith`, and the services that the teams of
//! `sharedWithTeams` list in their own entries.
//!
//! The two kinds of names have separate lists, and a service's own entry decides nothing here: neither its name nor its `team`
//! can open what belongs to another service.

use std::collections::{HashMap, HashSet};

use super::super::entries::{Service, Team};
use super::super::model::Registry;
use super::super::names::{Name, ServiceName, SharerName, TeamName};
use super::super::problem::{Presumes, Problems, rules};
use super::shared::Shared;

/// The services that may use it, besides its owner.
pub(super) struct Sharers<'n> {
    services: HashSet<&'n str>,
    teams: Vec<&'n HashSet<&'n str>>,
    /// Names of teams in `sharedWith` are reported as such. Their services are not reported again.
    misplaced_teams: HashSet<&'n str>,
    /// A name of the lists was reported: it may be any service's.
    unknown: bool,
}

impl<'n> Sharers<'n> {
    pub(super) fn of(names: &'n Names<'n>, shared: &Shared<'n>) -> Self {
        let text = |list: &'n [SharerName]| list.iter().map(SharerName::as_str);
        let is_service = |name: &&str| names.registry.services.position(name).is_some();
        let teams: Vec<_> = text(shared.shared_with_teams).filter_map(|team| names.services_of.get(team)).collect();
        // A service in the list of teams is reported as such, and not again where it is used.
        let misplaced_services = text(shared.shared_with_teams).filter(is_service);
        let reported = |list: &[SharerName]| list.iter().any(Name::is_reported);
        Self {
            services: text(shared.shared_with).chain(misplaced_services).collect(),
            misplaced_teams: text(shared.shared_with).filter(|name| !is_service(name)).collect(),
            unknown: reported(shared.shared_with)
                || reported(shared.shared_with_teams)
                || teams.iter().any(|services| services.contains("")),
            teams,
        }
    }

    pub(super) fn include(&self, service: &Service) -> bool {
        let name = service.name.as_str();
        let misplaced = |team: &TeamName| self.misplaced_teams.contains(team.as_str());
        self.unknown
            || service.name.is_reported()
            || self.services.contains(name)
            || self.teams.iter().any(|services| services.contains(name))
            || service.team.as_ref().is_some_and(misplaced)
    }
}

/// The names of services and teams, to tell in which list a name belongs.
pub(super) struct Names<'r> {
    registry: &'r Registry,
    /// The listed teams. Without a list, the teams that services name as their own.
    teams: HashSet<&'r str>,
    /// The services that the entries of teams list. Once for all that is shared, because a team may share a thousand projects.
    services_of: HashMap<&'r str, HashSet<&'r str>>,
}

impl<'r> Names<'r> {
    pub(super) fn of(registry: &'r Registry) -> Self {
        let services = |team: &'r Team| team.services.iter().map(ServiceName::as_str).collect();
        let listed = registry.teams.iter().map(|team| team.name.as_str());
        let named = registry.services.iter().filter_map(|service| service.team.as_ref()).map(TeamName::as_str);
        Self {
            registry,
            teams: if registry.teams.is_declared() { listed.collect() } else { named.collect() },
            services_of: registry.teams.iter().map(|team| (team.name.as_str(), services(team))).collect(),
        }
    }

    /// Reports every name of the two lists that is in the wrong one, of two kinds, or of none.
    pub(super) fn check(&self, shared: &Shared<'r>, entry: &str, problems: &mut Problems) {
        for (index, name) in shared.shared_with.iter().enumerate() {
            let place = Place { shared, name, list: "sharedWith", pointer: format!("{entry}/spec/sharedWith/{index}") };
            self.name(&place, problems);
        }
        for (index, name) in shared.shared_with_teams.iter().enumerate() {
            let pointer = format!("{entry}/spec/sharedWithTeams/{index}");
            let place = Place { shared, name, list: "sharedWithTeams", pointer };
            if self.name(&place, problems) {
                self.team(&place, problems);
            }
        }
    }

    /// Whether the name is good.
    fn name(&self, place: &Place<'_>, problems: &mut Problems) -> bool {
        let Place { shared, name, list, pointer } = place;
        if name.is_reported() {
            return false;
        }
        let name = name.as_str();
        let service = self.registry.services.position(name);
        let is_team = self.teams.contains(name);
        let services_wanted = *list == "sharedWith";
        let (rule, detail) = match (service, is_team) {
            (Some(service), true) => {
                let team = match self.registry.teams.position(name) {
                    Some(team) => format!("the team at `/teams/{team}`"),
                    None => "a team that services name in `team`".to_owned(),
                };
                let detail = format!(
                    "`{name}` is the name of the service at `/services/{service}` and of {team}, so it does not say with whom \
                     {} is shared. Rename one of the two; then write the service in `sharedWith`, or the team in \
                     `sharedWithTeams`.",
                    shared.what
                );
                (rules::AMBIGUOUS_SHARER, detail)
            }
            (Some(_), false) if services_wanted => return true,
            (None, true) if !services_wanted && self.registry.teams.is_declared() => return true,
            (Some(_), false) => {
                (rules::WRONG_SHARING_LIST, wrong_list(name, "service", "sharedWithTeams", "teams", "sharedWith"))
            }
            (None, true) if services_wanted => {
                (rules::WRONG_SHARING_LIST, wrong_list(name, "team", "sharedWith", "services", "sharedWithTeams"))
            }
            (None, _) if !services_wanted && !self.registry.teams.is_declared() => {
                let detail = format!(
                    "{} is shared with team `{name}`, and the registry has no `teams`. Sharing with a team means the services \
                     that the team's entry lists. Add the list with `{{\"type\": \"Team\", \"spec\": {{\"name\": \"{name}\", \
                     \"services\": [\"…\"]}}}}`, or write the services in `sharedWith`.",
                    shared.subject()
                );
                (rules::UNKNOWN_TEAM, detail)
            }
            (None, _) => (rules::UNKNOWN_SHARER, self.unknown(place, services_wanted, problems)),
        };
        let presumes = Presumes::List(if services_wanted { "services" } else { "teams" }, name.to_owned());
        problems.report_presuming(presumes, rule, pointer.clone(), detail);
        false
    }

    fn unknown(&self, place: &Place<'_>, services_wanted: bool, problems: &mut Problems) -> String {
        let name = place.name.as_str();
        let (kind, mut hint) = if services_wanted {
            let names = self.registry.services.iter().map(|service| service.name.as_str());
            ("service", problems.did_you_mean("services", name, names))
        } else {
            ("team", problems.did_you_mean("teams", name, self.teams.iter().copied()))
        };
        if hint.is_empty() {
            hint = format!(" Use the name of a listed {kind}, or remove it.");
        }
        format!("{} is shared with `{name}`, which is not a {kind} of the registry.{hint}", place.shared.subject())
    }

    /// A team that lists no services shares with none.
    fn team(&self, place: &Place<'_>, problems: &mut Problems) {
        let name = place.name.as_str();
        let Some(position) = self.registry.teams.position(name) else { return };
        let team: &Team = &self.registry.teams[position];
        if team.services.is_empty() {
            let detail = format!(
                "{} is shared with team `{name}`, whose entry lists no services, so no service may use it for that. Add \
                 `\"services\": [\"…\"]` to `/teams/{position}/spec`, or remove the team here.",
                place.shared.subject()
            );
            let presumes = Presumes::place(format!("/teams/{position}/spec/services"));
            problems.report_presuming(presumes, rules::SHARING_WITHOUT_EFFECT, place.pointer.clone(), detail);
        }
    }
}

/// One name of the lists.
struct Place<'p> {
    shared: &'p Shared<'p>,
    name: &'p SharerName,
    list: &'static str,
    pointer: String,
}

fn wrong_list(name: &str, kind: &str, here: &str, kinds: &str, there: &str) -> String {
    format!("`{name}` is a {kind}, and `{here}` lists {kinds}. Write it in `{there}`.")
}
