//! Service accounts, of Google and of Kubernetes: from the entries of an environment to their resources.

use crate::registry::names::{
    GoogleService, KubernetesServiceAccountName, Name, Principal, ProjectId, ServiceAccountName, WorkloadIdentity,
};
use crate::registry::owner_label::OwnerLabel;
use crate::registry::{DeletionPolicy, Environment, Registry, Service, ServiceAccount};

use super::resource::{self, Member, ResourceSet, ServiceAccountSettings};

/// The API that creates service accounts.
const ACCOUNTS_API: &str = "iam.googleapis.com";
/// The API that gives tokens of a service account to workloads.
const CREDENTIALS_API: &str = "iamcredentials.googleapis.com";

/// APIs that service accounts imply. They are never disabled: other APIs and every other identity of the project depend on them.
const STAYS_ENABLED: [&str; 2] = [ACCOUNTS_API, CREDENTIALS_API];

/// The longest display name that IAM allows.
const LONGEST_DISPLAY_NAME: usize = 100;

/// Adds the service accounts of one environment, in its project: the accounts, the APIs that they need, their roles, and the
/// Kubernetes service accounts in its namespaces that act as them.
pub(super) fn expand(registry: &Registry, service: &Service, environment: &Environment, resources: &mut ResourceSet) {
    let Some(project) = environment.google_project.as_ref().filter(|_| !environment.service_accounts.is_empty()) else {
        return;
    };
    let needed = apis(environment).filter_map(|api| api.parse().ok());
    resources.apis.entry(project.clone()).or_default().extend(needed);
    for account in environment.service_accounts.iter().filter(|account| !account.name.is_reported()) {
        let accounts = resources.service_accounts.entry(project.clone()).or_default();
        accounts.insert(account.name.clone(), desired(registry, service, environment));
        if let Some(member) = member(account, project) {
            let grants = resources.iam.entry(project.clone()).or_default();
            for role in account.roles.iter().filter(|role| !role.is_reported()) {
                grants.entry(role.clone()).or_default().insert(member.clone());
            }
        }
        let identities: Vec<WorkloadIdentity> = identities(registry, environment, account).collect();
        if !identities.is_empty() {
            let accounts = resources.workload_identity.entry(project.clone()).or_default();
            accounts.entry(account.name.clone()).or_default().extend(identities);
        }
        kubernetes(service, environment, account, project, resources);
    }
    if resources.iam.get(project).is_some_and(|grants| grants.is_empty()) {
        resources.iam.remove(project);
    }
}

fn desired(registry: &Registry, service: &Service, environment: &Environment) -> resource::ServiceAccount {
    let mut display_name = format!("{} {}", service.name, environment.name);
    display_name.truncate(LONGEST_DISPLAY_NAME);
    // An unnamed registry creates nothing, so what is read of it has no ownership text.
    let description = registry.name().map(OwnerLabel::text).unwrap_or_default();
    let settings = ServiceAccountSettings { display_name, description };
    resource::ServiceAccount { settings, deletion_policy: deletion_policy(service, environment) }
}

/// What the removal of an account does, of Google or of Kubernetes: the policy of its environment.
fn deletion_policy(service: &Service, environment: &Environment) -> DeletionPolicy {
    environment.deletion_policy.or(service.deletion_policy).unwrap_or_default()
}

/// The Kubernetes service account that acts as an account, in each namespace of the environment.
fn kubernetes(
    service: &Service,
    environment: &Environment,
    account: &ServiceAccount,
    project: &ProjectId,
    resources: &mut ResourceSet,
) {
    let name = account.kubernetes_service_account.as_ref().filter(|name| !name.is_reported());
    let Some(name) = name else { return };
    let desired = resource::KubernetesServiceAccount {
        google_service_account: account.name.email(project),
        deletion_policy: deletion_policy(service, environment),
    };
    for target in &environment.targets {
        let accounts = resources.kubernetes_service_accounts.entry(target.key()).or_default();
        accounts.insert(name.clone(), desired.clone());
    }
}

/// The Kubernetes service accounts that may act as an account: one for each namespace of the environment.
fn identities<'r>(
    registry: &'r Registry,
    environment: &'r Environment,
    account: &'r ServiceAccount,
) -> impl Iterator<Item = WorkloadIdentity> + 'r {
    let name = account.kubernetes_service_account.as_ref().filter(|name| !name.is_reported());
    environment.targets.iter().filter_map(move |target| {
        let cluster = registry.clusters.get(target.cluster.as_str())?;
        Some(WorkloadIdentity::of(cluster.google_project.as_ref()?, &target.namespace, name?))
    })
}

/// Whether an API is one of those that are never disabled.
pub fn stays_enabled(api: &GoogleService) -> bool {
    STAYS_ENABLED.contains(&api.as_str())
}

/// The APIs that the accounts of an environment need.
pub(super) fn apis(environment: &Environment) -> impl Iterator<Item = &'static str> {
    let accounts = &environment.service_accounts;
    let is_used = |account: &ServiceAccount| account.kubernetes_service_account.is_some();
    let credentials = !environment.targets.is_empty() && accounts.iter().any(is_used);
    let accounts = (!accounts.is_empty()).then_some(ACCOUNTS_API);
    accounts.into_iter().chain(credentials.then_some(CREDENTIALS_API))
}

/// The accounts of an environment whose Kubernetes service account has this name, with their places. There is one, unless a problem
/// was reported.
pub(super) fn acted_as_by<'e>(
    environment: &'e Environment,
    name: &'e KubernetesServiceAccountName,
) -> impl Iterator<Item = (usize, &'e ServiceAccount)> {
    let accounts = environment.service_accounts.iter().enumerate();
    accounts.filter(move |(_, account)| account.kubernetes_service_account.as_ref() == Some(name))
}

/// The accounts of an environment with this name, with their places. There is one, unless a problem was reported.
pub(super) fn named<'e>(
    environment: &'e Environment,
    name: &'e ServiceAccountName,
) -> impl Iterator<Item = (usize, &'e ServiceAccount)> {
    environment.service_accounts.iter().enumerate().filter(move |(_, account)| account.name == *name)
}

/// The account as the member of a policy.
pub(super) fn member(account: &ServiceAccount, project: &ProjectId) -> Option<Member> {
    if account.name.is_reported() { None } else { principal(project, &account.name).map(Member::from) }
}

/// Whether the member of a policy is this account.
pub(super) fn is_member(account: &ServiceAccount, project: &ProjectId, member: &Member) -> bool {
    self::member(account, project).as_ref() == Some(member)
}

/// The member of a policy that stands for an account.
pub(super) fn principal(project: &ProjectId, name: &ServiceAccountName) -> Option<Principal> {
    format!("serviceAccount:{}", name.email(project)).parse().ok()
}
