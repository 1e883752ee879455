//! Service accounts as they are.

use std::collections::{BTreeMap, BTreeSet};

use super::whose::{Whose, whose};
use crate::fanout::resource::{Key, ResourceSet, ServiceAccount, ServiceAccountSettings, WORKLOAD_IDENTITY_ROLE};
use crate::platform::{
    Error, Lifecycle, OwnerLabel, OwnershipPolicy, ProjectState, Projects, RequestContext, ServiceAccountView,
};
use crate::registry::names::{ProjectId, ServiceAccountName, WorkloadIdentity};

/// A project, and service accounts of it; none of a project that is being deleted, with which they are.
///
/// # Errors
/// What cannot be read, and why.
pub async fn read_project(
    ctx: &RequestContext,
    platform: &dyn Projects,
    id: &ProjectId,
    names: &BTreeSet<ServiceAccountName>,
) -> Result<(ProjectState, BTreeMap<ServiceAccountName, ServiceAccountView>), (String, Error)> {
    let state = platform.read_project(ctx, id).await;
    let state = state.map_err(|error| (format!("project `{id}`"), error))?;
    let pending = state.project.as_ref().is_some_and(|view| view.lifecycle != Lifecycle::Active);
    if names.is_empty() || pending {
        return Ok((state, BTreeMap::new()));
    }
    let accounts = platform.read_service_accounts(ctx, id, names).await;
    let accounts = accounts.map_err(|error| (format!("service accounts of project `{id}`"), error))?;
    Ok((state, accounts))
}

/// The service accounts of one project that are managed, or whose policies are.
pub fn managed(managed: &ResourceSet, id: &ProjectId) -> BTreeSet<ServiceAccountName> {
    let accounts = managed.service_accounts.get(id).into_iter().flat_map(BTreeMap::keys);
    let members = managed.workload_identity.get(id).into_iter().flat_map(BTreeMap::keys);
    accounts.chain(members).cloned().collect()
}

/// Makes the service accounts of one project in `managed` what was found; those that no longer exist are removed from it.
pub fn observe(
    ownership: &OwnershipPolicy,
    managed: &mut ResourceSet,
    id: &ProjectId,
    found: &BTreeMap<ServiceAccountName, ServiceAccountView>,
) {
    let mut accounts = managed.service_accounts.remove(id).unwrap_or_default();
    accounts.retain(|name, account| {
        let view = found.get(name).filter(|view| !matches!(whose(ownership, &view.owner), Whose::Others));
        view.is_some_and(|view| {
            *account = as_it_is(account, view);
            true
        })
    });
    let mut members = managed.workload_identity.remove(id).unwrap_or_default();
    for (name, members) in &mut members {
        let there = found.get(name).map(identities).unwrap_or_default();
        members.retain(|member| there.contains(member.member().as_str()));
    }
    managed.service_accounts.insert(id.clone(), accounts);
    managed.workload_identity.insert(id.clone(), members);
}

/// Of its description the ownership text is ours: what else is in it is not in the state.
fn as_it_is(desired: &ServiceAccount, view: &ServiceAccountView) -> ServiceAccount {
    let description = match &view.owner {
        OwnerLabel::Registry(name) => OwnerLabel::text(name),
        OwnerLabel::Missing => String::new(),
    };
    let settings = ServiceAccountSettings { display_name: view.settings.display_name.clone(), description };
    ServiceAccount { settings, ..desired.clone() }
}

/// Who may act as an account, as members of its policy.
fn identities(view: &ServiceAccountView) -> BTreeSet<&str> {
    let grants = view.grants.as_ref().and_then(|grants| grants.get(WORKLOAD_IDENTITY_ROLE));
    grants.into_iter().flatten().map(String::as_str).collect()
}

/// The service accounts of one project that these keys are about.
pub fn named<'k>(id: &ProjectId, keys: impl IntoIterator<Item = &'k Key>) -> BTreeSet<ServiceAccountName> {
    let name = |key: &Key| match key {
        Key::ServiceAccount(project, name) | Key::WorkloadIdentity(project, name, _) if project == id => {
            Some(name.clone())
        }
        _ => None,
    };
    keys.into_iter().filter_map(name).collect()
}

/// Whether a member of an account's policy exists already.
pub fn may_act(view: &ServiceAccountView, member: &WorkloadIdentity) -> bool {
    identities(view).contains(member.member().as_str())
}
