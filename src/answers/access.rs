//! Who may do what, and what a principal may do.

use schemars::JsonSchema;
use serde::Serialize;

use super::line::Line;
use crate::fanout::resource::Key;
use crate::fanout::{FanOut, Grant};
use crate::registry::names::{EnvironmentName, Principal, TeamName};

/// `anu access who` and `anu access can`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccessReport {
    /// What was asked about: a service, a resource key, a principal or a team.
    pub subject: String,
    /// The grants, by place, role and principal.
    pub grants: Vec<GrantLine>,
}

/// One role of one principal in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GrantLine {
    /// The principal as the platform has it: `group:x@example.com` on Google, `Group:NAME` in a cluster.
    pub principal: String,
    /// The team whose principal it is, if the registry lists the team there.
    pub team: Option<String>,
    /// The role on Google, or the ClusterRole.
    pub role: String,
    /// The project, the service account or the namespace in which it is granted.
    pub on: String,
    /// `google` or `kubernetes`.
    pub platform: String,
    /// The resource key of the grant.
    pub key: String,
    /// When it ends; null if it does not.
    pub expires: Option<String>,
    /// The lines of the registry that it results from.
    pub lines: Vec<Line>,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Who has access to a service, or to one of its environments.
    Service(String, Option<EnvironmentName>),
    /// Who has access to a project or namespace.
    Scope(Key),
    /// What a principal may do.
    Principal(Principal),
    /// What a subject of role bindings may do: `Group:NAME`, `User:NAME`.
    Kubernetes(String),
    /// What a team may do.
    Team(TeamName),
}

impl AccessReport {
    /// The grants that concern a subject.
    pub fn of(fan_out: &FanOut, shown: &str, subject: &Subject) -> Self {
        let mut grants = match subject {
            Subject::Service(service, None) => fan_out.grants_of(service, None),
            Subject::Service(service, Some(environment)) => {
                fan_out.grants_of(service, Some(&[environment.clone()].into()))
            }
            Subject::Scope(scope) => {
                let users = fan_out.users_of_scope(scope);
                let grants = users.into_iter().flat_map(|user| fan_out.grants_of(user.as_str(), None));
                grants.filter(|grant| grant.key.scope() == *scope).collect()
            }
            Subject::Principal(_) | Subject::Kubernetes(_) | Subject::Team(_) => {
                let names = principals(fan_out, subject);
                // Each service is fanned out and forgotten: all of them at once would be a hundred megabytes.
                let services = fan_out.registry().services.iter();
                let grants = services.flat_map(|service| {
                    let environments = service.environments.iter().map(|each| each.name.clone()).collect();
                    fan_out.grants_of(service.name.as_str(), Some(&environments))
                });
                grants.filter(|grant| names.contains(&grant.principal)).collect()
            }
        };
        grants.sort_by(|one, other| order(one).cmp(&order(other)));
        grants.dedup();
        let lines = grants.iter().map(|grant| GrantLine::of(fan_out, grant));
        Self { subject: shown.to_owned(), grants: lines.filter(|line| !line.lines.is_empty()).collect() }
    }

    /// Every line of the registry that it is based on.
    pub fn lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.grants.iter_mut().flat_map(|grant| &mut grant.lines)
    }
}

/// The names that a principal or team has on the platforms.
fn principals(fan_out: &FanOut, subject: &Subject) -> Vec<String> {
    match subject {
        Subject::Principal(principal) => {
            let text = principal.as_google().to_string();
            // What Google calls `group:x@example.com` is `Group:x@example.com` in a cluster.
            let same = text.split_once(':').and_then(|(kind, name)| match kind {
                "group" => Some(format!("Group:{name}")),
                "user" | "serviceAccount" => Some(format!("User:{name}")),
                _ => None,
            });
            let teams = fan_out.teams_of(&principal.as_google());
            let groups = teams.into_iter().filter_map(|team| fan_out.team_principals(team)?.kubernetes);
            std::iter::once(text).chain(same).chain(groups).collect()
        }
        Subject::Kubernetes(name) => vec![name.clone()],
        Subject::Team(team) => {
            let found = fan_out.team_principals(team);
            let google = found.as_ref().and_then(|found| found.google.as_ref());
            let google = google.map(|principal| principal.as_google().to_string());
            google.into_iter().chain(found.and_then(|found| found.kubernetes)).collect()
        }
        Subject::Service(..) | Subject::Scope(_) => Vec::new(),
    }
}

fn order(grant: &Grant) -> (bool, Key, &str, &str) {
    let in_cluster = matches!(grant.key, Key::RoleBinding(..));
    (in_cluster, grant.key.scope(), &grant.principal, &grant.role)
}

impl GrantLine {
    fn of(fan_out: &FanOut, grant: &Grant) -> Self {
        let lines: Vec<_> =
            fan_out.reasons_of(grant).iter().map(|origin| Line::of(fan_out.registry(), origin)).collect();
        let on = match &grant.key {
            Key::WorkloadIdentity(project, account, _) => account.email(project),
            key => key.scope().to_string(),
        };
        Self {
            principal: grant.principal.clone(),
            team: lines.iter().find_map(|line| line.team.clone()),
            role: grant.role.clone(),
            on,
            platform: if matches!(grant.key, Key::RoleBinding(..)) { "kubernetes" } else { "google" }.to_owned(),
            key: grant.key.to_string(),
            expires: grant.expires.map(|expires| expires.to_string()),
            lines,
        }
    }
}
