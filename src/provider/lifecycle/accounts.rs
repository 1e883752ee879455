//! Service accounts as they are.

use std::collections::{BTreeMap, BTreeSet};

use super::whose::{Whose, whose};
use crate::fanout::resource::{Key, ResourceSet, ServiceAccount, ServiceAccountSettings, WORKLOAD_IDENTITY_ROLE};
use crate::platform::{OwnerLabel, OwnershipPolicy, Projects, RequestContext, Result, ServiceAccountView};
use crate::registry::names::{ProjectId, ServiceAccountName, WorkloadIdentity};

/// Makes the service accounts of one project in `managed` what they are; those that no longer exist are removed from it.
pub async fn observe(
    ctx: &RequestContext,
    platform: &dyn Projects,
    ownership: &OwnershipPolicy,
    managed: &mut ResourceSet,
    id: &ProjectId,
) -> Result<()> {
    let accounts = managed.service_accounts.get(id).into_iter().flat_map(BTreeMap::keys);
    let members = managed.workload_identity.get(id).into_iter().flat_map(BTreeMap::keys);
    let names: BTreeSet<ServiceAccountName> = accounts.chain(members).cloned().collect();
    if names.is_empty() {
        return Ok(());
    }
    let found = platform.read_service_accounts(ctx, id, &names).await?;
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
    Ok(())
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
