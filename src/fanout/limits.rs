//! Limits for what a registry fans out into: Google's for one policy, and anu's for one service.
//!
//! A fan-out is a product (roles times people, clusters times people), so a small document can describe millions of resources.
//! Everything here counts without making them, and stops at the limit.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::registry::names::{IamRole, ProjectId};
use crate::registry::problem::{Problems, rules};
use crate::registry::references::Reference;
use crate::registry::{AccessLevel, Environment, Registry, Service};

use super::accounts;
use super::context::ExpansionContext;
use super::gke::{CLUSTER_VIEWER, viewed_project};
use super::policy_size::{MOST_GROUPS, MOST_PRINCIPALS, PolicySize};
use super::resource::Member;

/// The limit of conditions under which one role is granted to one principal (IAM quotas). An end is a condition.
pub const MOST_CONDITIONS: usize = 20;
/// The limit of resources of one service. The largest services have hundreds.
const MOST_RESOURCES: usize = 100_000;

/// Reports services and projects over a limit.
pub(crate) fn check(registry: &Registry, context: &ExpansionContext, problems: &mut Problems) {
    let mut too_large = HashSet::new();
    for (position, service) in registry.services.iter().enumerate() {
        let count = resources(service, context);
        if count > MOST_RESOURCES {
            too_large.insert(position as u32);
            problems.belong_to_service(&service.name);
            let detail = format!(
                "Service `{}` would have up to {count} resources: APIs and IAM members of projects, namespaces, quotas and \
                 subjects of role bindings. The limit is {MOST_RESOURCES}. Give access to groups instead of single principals, \
                 or split the service.",
                service.name
            );
            problems.report(rules::TOO_MANY_RESOURCES, format!("/services/{position}/spec"), detail);
        }
    }
    policies(registry, context, &too_large, problems);
}

/// An upper bound for the resources of a service. Exact, if the bound that is faster to compute exceeds the limit.
fn resources(service: &Service, context: &ExpansionContext) -> usize {
    let apis = service.google_services.len();
    let count = |roles: [usize; 3]| {
        let environments = service.environments.iter().map(|environment| {
            let people = AccessLevel::ALL.map(|level| environment.access.level(level).len());
            let grants: usize = people.iter().zip(roles).map(|(people, roles)| people.saturating_mul(roles)).sum();
            let project = environment.google_project.as_ref().map_or(0, |_| 1 + grants);
            let people: usize = people.iter().sum();
            let viewers = context.cluster_viewers.projects(environment).len().saturating_mul(people);
            let bound: usize = environment.role_bindings.iter().map(|bound| bound.subjects.len()).sum();
            let per_target = 2 + people + bound;
            let accounts = environment.service_accounts.iter().map(|account| {
                let identities = account.kubernetes_service_account.as_ref().map_or(0, |_| environment.targets.len());
                1 + account.roles.len() + 2 * identities
            });
            let accounts = accounts.fold(0_usize, usize::saturating_add);
            let in_namespaces = environment.targets.len().saturating_mul(per_target);
            project.saturating_add(in_namespaces).saturating_add(accounts).saturating_add(viewers)
        });
        environments.fold(0_usize, usize::saturating_add)
    };
    let with_project = service.environments.iter().filter_map(|environment| environment.google_project.as_ref());
    let at_most = (apis + 1).saturating_mul(context.table.widest_row());
    let bound = count([at_most; 3]).saturating_add(with_project.clone().count().saturating_mul(apis));
    if bound <= MOST_RESOURCES {
        return bound;
    }
    let mut roles = Vec::new();
    let roles = AccessLevel::ALL.map(|level| {
        context.table.roles(&service.google_services, level, &mut roles);
        roles.len()
    });
    let projects: HashSet<&ProjectId> = with_project.collect();
    count(roles).saturating_add(projects.len().saturating_mul(apis))
}

/// The limits of IAM for one policy, applied to anu's grants. What clusters grant to services that are `too_large` is not counted: it is
/// a product of people and clusters.
fn policies(registry: &Registry, context: &ExpansionContext, too_large: &HashSet<u32>, problems: &mut Problems) {
    // The exact count is computed only if an upper bound exceeds the limit, which is rare.
    let widest = context.table.widest_row();
    let at_most = |reference: &Reference| {
        let rows = reference.service(&registry.services).google_services.len() + 1;
        let people = reference.environment(&registry.services).access.entries().count();
        let accounts = &reference.environment(&registry.services).service_accounts;
        let accounts: usize = accounts.iter().map(|account| account.roles.len()).sum();
        people.saturating_mul(rows).saturating_mul(widest).saturating_add(accounts)
    };
    let views = |reference: &Reference| reference.environment(&registry.services).access.entries().count();
    let bound = |users: &Users<'_>| {
        let own = users.own.iter().map(at_most);
        own.chain(users.viewing.iter().map(views)).fold(0_usize, usize::saturating_add)
    };
    let projects: HashSet<&ProjectId> =
        registry.references.projects.keys().chain(context.cluster_viewers.all()).collect();
    let users = projects.into_iter().map(|project| {
        let viewing = context.cluster_viewers.of_project(project).iter();
        let viewing = viewing.filter(|reference| !too_large.contains(&reference.service)).copied().collect();
        Users { project, own: registry.references.of_project(project), viewing }
    });
    let mut places: Vec<Users<'_>> = users.filter(|users| bound(users) > MOST_GROUPS).collect();
    places.sort_by_key(|users| {
        let first = users.own.first().or(users.viewing.first());
        (first.map(|first| (first.service, first.environment)), users.project)
    });
    let mut roles = RolesOf { context, cached: 0, by_service: HashMap::new() };
    for users in places {
        policy(registry, &mut roles, &users, problems);
    }
}

/// The environments that grant roles in a project.
struct Users<'a> {
    project: &'a ProjectId,
    /// Those whose project it is.
    own: &'a [Reference],
    /// Those on a cluster in it whose entry grants a role to their people.
    viewing: Vec<Reference>,
}

/// The roles of services by access level: a service may have thousands of projects, and sorting its roles takes a while.
struct RolesOf<'a> {
    context: &'a ExpansionContext,
    cached: usize,
    by_service: HashMap<u32, Rc<[Vec<&'a IamRole>; 3]>>,
}

impl<'a> RolesOf<'a> {
    fn get(&mut self, position: u32, service: &Service) -> Rc<[Vec<&'a IamRole>; 3]> {
        /// The limit of roles in the cache: 8 MB.
        const MOST: usize = 1_000_000;
        if let Some(roles) = self.by_service.get(&position) {
            return Rc::clone(roles);
        }
        if self.cached > MOST {
            self.by_service.clear();
            self.cached = 0;
        }
        let roles = Rc::new(AccessLevel::ALL.map(|level| {
            let mut roles = Vec::new();
            self.context.table.roles(&service.google_services, level, &mut roles);
            roles
        }));
        self.cached += roles.iter().map(Vec::len).sum::<usize>();
        self.by_service.insert(position, Rc::clone(&roles));
        roles
    }
}

/// What one project's policy would contain, counted up to the limits.
#[derive(Default)]
struct Count<'a> {
    /// Each role of each member, so that none is counted twice.
    occurrences: HashSet<(&'a str, Member)>,
    size: PolicySize,
    /// Whether one access level alone exceeds the limit of principals. Then they are not listed.
    exceeded: bool,
    by_service: HashMap<u32, usize>,
}

impl<'a> Count<'a> {
    fn of(registry: &'a Registry, roles: &mut RolesOf<'a>, users: &Users<'_>) -> Self {
        let mut count = Self::default();
        for of_service in users.own.chunk_by(|a, b| a.service == b.service) {
            let position = of_service[0].service;
            let of_levels = roles.get(position, of_service[0].service(&registry.services));
            for level in AccessLevel::ALL {
                // All environments of a service have the same roles, so each principal counts once.
                let environments = of_service.iter().map(|reference| reference.environment(&registry.services));
                let entries = environments.flat_map(|environment| environment.access.level(level));
                let people = entries.filter_map(|entry| roles.context.people.google(entry));
                count.level(position, &people.collect(), &of_levels[level as usize]);
            }
            for reference in of_service {
                count.accounts(position, reference.environment(&registry.services), users.project);
            }
        }
        let context = roles.context;
        for of_service in users.viewing.chunk_by(|a, b| a.service == b.service) {
            let environments = of_service.iter().map(|reference| reference.environment(&registry.services));
            let entries = environments.flat_map(|environment| environment.access.entries());
            let people = entries.filter_map(|(_, _, entry)| context.people.google(entry));
            count.level(of_service[0].service, &people.collect(), &[context.cluster_viewers.role()]);
        }
        count
    }

    /// The same roles for these people of one service.
    fn level(&mut self, service: u32, people: &HashSet<Member>, roles: &[&'a IamRole]) {
        let grants = people.len().saturating_mul(roles.len());
        if grants == 0 {
            return;
        }
        *self.by_service.entry(service).or_default() += grants;
        self.exceeded |= grants > MOST_PRINCIPALS || self.has_too_many_principals();
        for member in people {
            if self.exceeded {
                self.size.add(member.principal.as_str());
                continue;
            }
            for role in roles {
                self.occurrence(role, member.clone());
            }
        }
    }

    fn occurrence(&mut self, role: &'a IamRole, member: Member) {
        let principal = member.principal.clone();
        if self.occurrences.insert((role.as_str(), member)) {
            self.size.add(principal.as_str());
        }
    }

    /// The service accounts of one environment.
    fn accounts(&mut self, service: u32, environment: &'a Environment, project: &ProjectId) {
        for account in &environment.service_accounts {
            *self.by_service.entry(service).or_default() += account.roles.len();
            if let Some(member) = accounts::member(account, project).filter(|_| !self.exceeded) {
                account.roles.iter().for_each(|role| self.occurrence(role, member.clone()));
            }
        }
    }

    fn has_too_many_principals(&self) -> bool {
        self.exceeded || self.size.too_many_principals().is_some()
    }
}

fn policy<'a>(registry: &'a Registry, roles: &mut RolesOf<'a>, users: &Users<'_>, problems: &mut Problems) {
    let count = Count::of(registry, roles, users);
    if !count.has_too_many_principals() && !count.size.has_too_many_groups() {
        return;
    }
    let mut most: Vec<(usize, u32)> = count.by_service.iter().map(|(service, grants)| (*grants, *service)).collect();
    most.sort_by_key(|(grants, service)| (std::cmp::Reverse(*grants), *service));
    let names: BTreeSet<&str> =
        most.iter().take(5).map(|(_, service)| registry.services[*service as usize].name.as_str()).collect();
    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = if most.len() > 5 { format!(" and {} more", most.len() - 5) } else { String::new() };
    let service = most.first().map(|(_, service)| registry.services[*service as usize].name.as_str());
    problems.belong_to(service.filter(|_| most.len() == 1), None);
    let project = users.project;
    let cluster = registry.clusters.iter().position(|cluster| viewed_project(cluster) == Some(project));
    let cluster = cluster.filter(|_| !users.viewing.is_empty());
    let pointer = match (users.own.first(), cluster) {
        (Some(first), _) => first.project_pointer(),
        (None, cluster) => format!("/clusters/{}/spec/gke/clusterViewer", cluster.unwrap_or_default()),
    };
    let viewers = cluster.map_or_else(String::new, |cluster| {
        format!(
            " Among them is `{}` for everyone with access on cluster `{}`: instead of `gke.clusterViewer` in its entry, you can \
             grant that role to one group with all of them.",
            CLUSTER_VIEWER, registry.clusters[cluster].name
        )
    });
    if count.has_too_many_principals() {
        let detail = format!(
            "The IAM policy of project `{project}` would contain more than {MOST_PRINCIPALS} principals (every occurrence \
             counts), the limit of Google. They are granted by {names}{more}. Grant roles to groups instead, or use several \
             projects.{viewers}"
        );
        problems.report(rules::TOO_MANY_PRINCIPALS, pointer.clone(), detail);
    }
    if count.size.has_too_many_groups() {
        let detail = format!(
            "The IAM policy of project `{project}` would contain more than {MOST_GROUPS} groups, the limit of Google. They are \
             granted by {names}{more}. Grant roles to a group that contains the others, or use several projects.{viewers}"
        );
        problems.report(rules::TOO_MANY_GROUPS, pointer, detail);
    }
}
