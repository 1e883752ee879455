//! Service accounts, and who may act as them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use google_cloud_iam_admin_v1::model::ServiceAccount;
use google_cloud_iam_v1::model::{Binding, GetPolicyOptions, Policy};
use google_cloud_wkt::FieldMask;
use tokio::time::Instant;

use super::Google;
use super::error::Attempt;
use super::policy::VERSION;
use crate::connect::RetryPolicy;
use crate::connect::google::{Api, Call, CallError, Called, Kind};
use crate::fanout::resource::{ServiceAccountSettings, WORKLOAD_IDENTITY_ROLE};
use crate::platform::{
    Error, OwnerLabel, OwnershipPolicy, RequestContext, Result, ServiceAccountView, ServiceAccounts,
    WorkloadIdentityChange,
};
use crate::registry::names::{ProjectId, ServiceAccountName};

/// The largest page of accounts.
const PAGE: i32 = 100;
/// The longest description that IAM allows, in bytes.
const LONGEST_DESCRIPTION: usize = 256;

const PAUSES: RetryPolicy = RetryPolicy {
    first_pause: Duration::from_millis(50),
    longest_pause: Duration::from_secs(5),
    longest_retry_after: Duration::ZERO,
};

fn what(id: &ProjectId, name: &ServiceAccountName) -> String {
    format!("service account `{id}/{name}`")
}

fn resource(id: &ProjectId, name: &ServiceAccountName) -> String {
    format!("projects/{id}/serviceAccounts/{}", name.email(id))
}

fn settings(account: &ServiceAccount) -> ServiceAccountSettings {
    ServiceAccountSettings { display_name: account.display_name.clone(), description: account.description.clone() }
}

fn owner(account: &ServiceAccount) -> OwnerLabel {
    OwnerLabel::of_text(&account.description)
}

fn is_not_found(error: &CallError) -> bool {
    matches!(error, CallError::Failed(failure) if failure.kind == Kind::NotFound)
}

/// Whether the API of service accounts is not enabled, so that the project has none that a registry can contain.
fn is_disabled(error: &CallError) -> bool {
    let CallError::Failed(failure) = error else { return false };
    failure.kind == Kind::Refused
        && ["SERVICE_DISABLED", "has not been used in project"].iter().any(|text| failure.text.contains(text))
}

/// The error of a request about accounts, for people.
fn failed<'a>(what: &'a str, permission: &'a str) -> impl Fn(&ProjectId, CallError) -> Error + 'a {
    move |id, error| Attempt { project: id, what, permission }.failed(error)
}

impl Google {
    fn account_call(&self, id: &ProjectId, write: bool, method: &'static str, path: String) -> Call {
        let call = if write { Call::write(Api::Iam, method, path) } else { Call::read(Api::Iam, method, path) };
        call.settles(self.known.get(id).settles())
    }

    async fn list_accounts(&self, ctx: &RequestContext, id: &ProjectId) -> Called<Vec<ServiceAccount>> {
        let parent = format!("projects/{id}");
        let call = self.account_call(id, false, "GET", format!("v1/{parent}/serviceAccounts"));
        let (mut accounts, mut token) = (Vec::new(), String::new());
        loop {
            let page = self.apis.call(ctx, &call, |clients, options| {
                let request = clients.iam.list_service_accounts().set_name(&parent).set_page_size(PAGE);
                request.set_page_token(&token).with_options(options).send()
            });
            let page = page.await?;
            accounts.extend(page.accounts);
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(accounts);
            }
        }
    }

    /// One account; none if it does not exist. An account that does not exist in a new project is not waited for.
    async fn get_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
    ) -> Result<Option<ServiceAccount>> {
        let resource = resource(id, name);
        let call = Call::read(Api::Iam, "GET", format!("v1/{resource}"));
        let read = self.apis.call(ctx, &call, |clients, options| {
            clients.iam.get_service_account().set_name(&resource).with_options(options).send()
        });
        match read.await {
            Ok(account) => Ok(Some(account)),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => {
                let cannot = failed("its service accounts cannot be read", "iam.serviceAccounts.get");
                Err(self.refused(ctx, id, error, cannot).await)
            }
        }
    }

    /// Creates an account; none if it exists by now.
    async fn create_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        settings: &ServiceAccountSettings,
    ) -> Result<Option<()>> {
        let parent = format!("projects/{id}");
        let call = self.account_call(id, true, "POST", format!("v1/{parent}/serviceAccounts"));
        let created = self.apis.call(ctx, &call, |clients, options| {
            let account =
                ServiceAccount::new().set_display_name(&settings.display_name).set_description(&settings.description);
            let request = clients.iam.create_service_account().set_name(&parent).set_account_id(name.as_str());
            request.set_service_account(account).with_options(options).send()
        });
        match created.await {
            Ok(_) => {
                self.known.get(id).created_account(name.email(id));
                tracing::info!(project = %id, account = %name, "service account created");
                Ok(Some(()))
            }
            Err(CallError::Failed(failure)) if failure.kind == Kind::Exists => Ok(None),
            Err(error) => {
                let cannot = failed("the service account cannot be created", "iam.serviceAccounts.create");
                Err(self.refused(ctx, id, error, cannot).await)
            }
        }
    }

    async fn account_policy(&self, ctx: &RequestContext, id: &ProjectId, name: &ServiceAccountName) -> Called<Policy> {
        let resource = resource(id, name);
        let settles = self.known.get(id).account_settles(&name.email(id));
        let call = Call::read(Api::Iam, "POST", format!("v1/{resource}:getIamPolicy")).settles(settles);
        let read = self.apis.call(ctx, &call, |clients, options| {
            let version = GetPolicyOptions::new().set_requested_policy_version(VERSION);
            let request = clients.iam.get_iam_policy().set_resource(&resource).set_options(version);
            request.with_options(options).send()
        });
        read.await
    }

    async fn set_account_policy(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        policy: &Policy,
    ) -> Called<Policy> {
        let resource = resource(id, name);
        let settles = self.known.get(id).account_settles(&name.email(id));
        let call = Call::write(Api::Iam, "POST", format!("v1/{resource}:setIamPolicy")).settles(settles);
        let written = self.apis.call(ctx, &call, |clients, options| {
            let request = clients.iam.set_iam_policy().set_resource(&resource).set_policy(policy.clone());
            request.with_options(options).send()
        });
        written.await
    }
}

/// Unconditional members by role.
fn grants(policy: &Policy) -> BTreeMap<String, BTreeSet<String>> {
    let mut grants = BTreeMap::<String, BTreeSet<String>>::new();
    for binding in policy.bindings.iter().filter(|binding| binding.condition.is_none()) {
        grants.entry(binding.role.clone()).or_default().extend(binding.members.iter().cloned());
    }
    grants
}

/// The policy after a change; none where it is that already.
fn changed(policy: &Policy, change: &WorkloadIdentityChange) -> Option<Policy> {
    let mut after = policy.clone();
    let ours = |binding: &&mut Binding| binding.role == WORKLOAD_IDENTITY_ROLE && binding.condition.is_none();
    let remove: BTreeSet<String> = change.remove.iter().map(|member| member.member()).collect();
    for binding in after.bindings.iter_mut().filter(ours) {
        binding.members.retain(|member| !remove.contains(member));
    }
    let found = grants(&after).remove(WORKLOAD_IDENTITY_ROLE).unwrap_or_default();
    let add: Vec<String> =
        change.add.iter().map(|member| member.member()).filter(|member| !found.contains(member)).collect();
    if !add.is_empty() {
        match after.bindings.iter_mut().find(ours) {
            Some(binding) => binding.members.extend(add),
            None => after.bindings.push(Binding::new().set_role(WORKLOAD_IDENTITY_ROLE).set_members(add)),
        }
    }
    after.bindings.retain(|binding| !binding.members.is_empty());
    after.version = VERSION;
    (grants(&after) != grants(policy)).then_some(after)
}

#[async_trait]
impl ServiceAccounts for Google {
    async fn read_service_accounts(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        with_policies: &BTreeSet<ServiceAccountName>,
    ) -> Result<BTreeMap<ServiceAccountName, ServiceAccountView>> {
        let accounts = match self.list_accounts(ctx, id).await {
            Ok(accounts) => accounts,
            Err(error) if is_disabled(&error) => return Ok(BTreeMap::new()),
            Err(error) => {
                let cannot = failed("its service accounts cannot be read", "iam.serviceAccounts.list");
                return match self.refused(ctx, id, error, cannot).await {
                    Error::NotFound(_) | Error::PendingDeletion { .. } => Ok(BTreeMap::new()),
                    error => Err(error),
                };
            }
        };
        let mut views = BTreeMap::new();
        for account in accounts {
            let Some(name) = ServiceAccountName::of_email(&account.email, id) else { continue };
            let grants = if with_policies.contains(&name) {
                match self.account_policy(ctx, id, &name).await {
                    Ok(policy) => Some(grants(&policy)),
                    // Deleted since it was listed.
                    Err(error) if is_not_found(&error) => continue,
                    Err(error) => {
                        let what = format!("the policy of its service account `{name}` cannot be read");
                        return Err(failed(&what, "iam.serviceAccounts.getIamPolicy")(id, error));
                    }
                }
            } else {
                None
            };
            let (settings, owner) = (settings(&account), owner(&account));
            views.insert(name, ServiceAccountView { settings, owner, unique_id: account.unique_id, grants });
        }
        Ok(views)
    }

    async fn put_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        settings: &ServiceAccountSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let found = match self.get_account(ctx, id, name).await? {
            Some(found) => found,
            None => {
                let new = ownership.with_owner_text("", settings);
                if self.create_account(ctx, id, name, &new).await?.is_some() {
                    return Ok(());
                }
                let found = self.get_account(ctx, id, name).await?;
                found.ok_or_else(|| Error::Conflict(format!("{} was created and deleted meanwhile", what(id, name))))?
            }
        };
        if !ownership.may_change(&owner(&found)) {
            return Err(ownership.not_owned(what(id, name)));
        }
        let desired = ownership.with_owner_text(&found.description, settings);
        if self::settings(&found) == desired {
            return Ok(());
        }
        if desired.description.len() > LONGEST_DESCRIPTION {
            return Err(Error::Invalid(format!(
                "{}: its description has no room for the ownership text `{}` ({LONGEST_DESCRIPTION} bytes): shorten it",
                what(id, name),
                OwnerLabel::text(&ownership.registry)
            )));
        }
        let resource = resource(id, name);
        let call = Call::write(Api::Iam, "PATCH", format!("v1/{resource}"));
        let patched = self.apis.call(ctx, &call, |clients, options| {
            let account = ServiceAccount::new()
                .set_name(&resource)
                .set_display_name(&desired.display_name)
                .set_description(&desired.description);
            let mask = FieldMask::default().set_paths(["display_name", "description"]);
            let request = clients.iam.patch_service_account().set_service_account(account).set_update_mask(mask);
            request.with_options(options).send()
        });
        match patched.await {
            Ok(_) => Ok(()),
            Err(error) => {
                let cannot = failed("the service account cannot be changed", "iam.serviceAccounts.update");
                Err(self.refused(ctx, id, error, cannot).await)
            }
        }
    }

    async fn delete_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let found = match self.get_account(ctx, id, name).await {
            Ok(Some(found)) => found,
            Ok(None) | Err(Error::NotFound(_) | Error::PendingDeletion { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        if !ownership.may_delete(&owner(&found)) {
            return Err(ownership.not_owned(what(id, name)));
        }
        let resource = resource(id, name);
        let call = Call::write(Api::Iam, "DELETE", format!("v1/{resource}"));
        let deleted = self.apis.call(ctx, &call, |clients, options| {
            clients.iam.delete_service_account().set_name(&resource).with_options(options).send()
        });
        match deleted.await {
            Ok(()) => Ok(()),
            Err(error) if is_not_found(&error) => Ok(()),
            Err(error) => {
                let cannot = failed("the service account cannot be deleted", "iam.serviceAccounts.delete");
                match self.refused(ctx, id, error, cannot).await {
                    Error::NotFound(_) | Error::PendingDeletion { .. } => Ok(()),
                    error => Err(error),
                }
            }
        }
    }

    async fn modify_workload_identity(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        change: &WorkloadIdentityChange,
    ) -> Result<()> {
        if let Some(member) = change.add.intersection(&change.remove).next() {
            return Err(Error::Invalid(format!("`{member}` is both added to and removed from {}", what(id, name))));
        }
        if change.add.is_empty() && change.remove.is_empty() {
            return Ok(());
        }
        let end = Instant::now() + self.apis.retry_budget();
        for attempt in 1.. {
            let cannot =
                failed("the policy of its service account cannot be changed", "iam.serviceAccounts.setIamPolicy");
            let done = match self.account_policy(ctx, id, name).await {
                Ok(before) => match changed(&before, change) {
                    None => return Ok(()),
                    Some(after) => {
                        let written = self.set_account_policy(ctx, id, name, &after).await;
                        written.map(|written| changed(&written, change).is_none())
                    }
                },
                Err(error) => Err(error),
            };
            match done {
                Ok(true) => return Ok(()),
                // Google's answer is the policy as it is stored.
                Ok(false) if Instant::now() < end => {}
                Ok(false) => {
                    let why = "Google accepted its policy, but does not return what was granted in it";
                    return Err(Error::Conflict(format!("{}: {why}", what(id, name))));
                }
                Err(CallError::Failed(failure)) if failure.kind == Kind::Conflict && Instant::now() < end => {
                    tracing::debug!(project = %id, account = %name, attempt, "another writer of the policy was faster");
                }
                Err(error) if is_not_found(&error) && change.add.is_empty() => return Ok(()),
                Err(error) if is_not_found(&error) => {
                    return Err(Error::NotFound(format!("there is no {}", what(id, name))));
                }
                Err(error) => {
                    return match self.refused(ctx, id, error, cannot).await {
                        Error::NotFound(_) | Error::PendingDeletion { .. } if change.add.is_empty() => Ok(()),
                        error => Err(error),
                    };
                }
            }
            ctx.sleep(PAUSES.pause(attempt, None).unwrap_or_default()).await?;
        }
        Ok(())
    }
}
