//! The read-modify-write of a policy.
//!
//! The policy is read, changed, and written with its etag. Where another writer was faster (409), all of it is repeated. A
//! principal that does not exist makes Google refuse the whole policy: then the rest is written without it.

use std::collections::BTreeSet;
use std::time::Duration;

use google_cloud_iam_v1::model::{GetPolicyOptions, Policy};
use tokio::time::Instant;

use super::Google;
use super::error::Attempt;
use super::policy::{VERSION, apply, check, members_of, pairs, without};
use super::project::{refuse_pending, what};
use crate::connect::RetryPolicy;
use crate::connect::google::{Api, Call, CallError, Called, Kind};
use crate::platform::{Error, PolicyChange, RequestContext, Result};
use crate::registry::names::{IamRole, Principal, ProjectId};

/// The pauses after a conflict: short, because the next attempt is a new one; with jitter, because others pause as well.
const PAUSES: RetryPolicy = RetryPolicy {
    first_pause: Duration::from_millis(50),
    longest_pause: Duration::from_secs(2),
    longest_retry_after: Duration::ZERO,
};

const OWNER: &str = "roles/owner";

impl Google {
    /// The policy, with its conditions.
    pub(super) async fn policy(&self, ctx: &RequestContext, id: &ProjectId) -> Called<Policy> {
        let resource = format!("projects/{id}");
        let call = Call::read(Api::ResourceManager, "POST", format!("v3/{resource}:getIamPolicy"));
        let call = call.settles(self.known.get(id).settles());
        self.apis
            .call(ctx, &call, |clients, options| {
                let version = GetPolicyOptions::new().set_requested_policy_version(VERSION);
                let request = clients.projects.get_iam_policy().set_resource(&resource).set_options(version);
                request.with_options(options).send()
            })
            .await
    }

    /// The error of reading it, for people.
    pub(super) fn cannot_read_policy(id: &ProjectId, error: CallError) -> Error {
        let permission = "resourcemanager.projects.getIamPolicy";
        Attempt { project: id, what: "its IAM policy cannot be read", permission }.failed(error)
    }

    async fn set_policy(&self, ctx: &RequestContext, id: &ProjectId, policy: &Policy) -> Called<Policy> {
        let resource = format!("projects/{id}");
        let call = Call::write(Api::ResourceManager, "POST", format!("v3/{resource}:setIamPolicy"));
        let call = call.settles(self.known.get(id).settles());
        self.apis
            .call(ctx, &call, |clients, options| {
                let request = clients.projects.set_iam_policy().set_resource(&resource).set_policy(policy.clone());
                request.with_options(options).send()
            })
            .await
    }

    /// Makes a change of the policy, whatever others do meanwhile.
    pub(super) async fn change_policy(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        change: &PolicyChange,
    ) -> Result<()> {
        check(id, change)?;
        let adds = pairs(&change.add).next().is_some();
        if !adds && pairs(&change.remove).next().is_none() {
            return Ok(());
        }
        match self.edit_policy(ctx, id, change).await {
            // Nothing is granted on a project that is not there.
            Err(Error::NotFound(_) | Error::PendingDeletion { .. }) if !adds => Ok(()),
            done => done,
        }
    }

    async fn edit_policy(&self, ctx: &RequestContext, id: &ProjectId, change: &PolicyChange) -> Result<()> {
        let known = self.known.get(id);
        let _turn = ctx.run(known.policy_turn.lock()).await?;
        let end = Instant::now() + self.apis.retry_budget();
        let mut unknown = BTreeSet::new();
        // What was read before in this run may be out of date: then Google refuses its etag. It does not show that there is
        // nothing to do.
        let mut policy =
            known.take_policy().filter(|policy| apply(id, change, policy).is_ok_and(|after| after.is_some()));
        for attempt in 1.. {
            let before = match policy.take() {
                Some(policy) => policy,
                None => self.policy_to_change(ctx, id, attempt == 1).await?,
            };
            let wanted = without(change, &unknown);
            let Some(after) = apply(id, &wanted, &before)? else {
                known.keep_policy(before);
                break;
            };
            match self.set_policy(ctx, id, &after).await {
                Ok(written) if apply(id, &wanted, &written)?.is_none() => {
                    known.keep_policy(written);
                    break;
                }
                // Google's answer is the policy as it is stored. Without our members in it, only another reading is the truth.
                Ok(_) if Instant::now() < end => {
                    tracing::warn!(project = %id, "the policy that Google returned is not the one that was written");
                    ctx.sleep(PAUSES.pause(attempt, None).unwrap_or_default()).await?;
                }
                Ok(_) => {
                    return Err(Error::Conflict(format!(
                        "project `{id}`: Google accepted its IAM policy, but does not return what was granted in it"
                    )));
                }
                Err(CallError::Failed(failure)) if failure.kind == Kind::Conflict && Instant::now() < end => {
                    tracing::debug!(project = %id, attempt, "another writer of the policy was faster");
                    ctx.sleep(PAUSES.pause(attempt, None).unwrap_or_default()).await?;
                }
                Err(CallError::Failed(failure)) if failure.kind == Kind::Invalid || failure.kind == Kind::NotFound => {
                    let named = not_known(&wanted, &failure.message);
                    if named.is_empty() {
                        let error = CallError::Failed(failure);
                        return Err(self.refused(ctx, id, error, cannot_write).await);
                    }
                    tracing::debug!(project = %id, principals = ?named, "principals that Google does not know");
                    policy = Some(before);
                    // A policy may know a service account later than the one who has created it.
                    if named.iter().all(|principal| known.is_new_account(principal)) && Instant::now() < end {
                        ctx.sleep(PAUSES.pause(attempt, None).unwrap_or_default()).await?;
                    } else {
                        unknown.extend(named);
                    }
                }
                Err(error) => return Err(self.refused(ctx, id, error, cannot_write).await),
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        Err(Error::UnknownPrincipals { what: what(id), principals: unknown })
    }

    /// The policy of a project that is not being deleted: Google would change it, too.
    async fn policy_to_change(&self, ctx: &RequestContext, id: &ProjectId, first: bool) -> Result<Policy> {
        let policy = if first {
            let (project, policy) = tokio::join!(self.get(ctx, id), self.policy(ctx, id));
            // Who may change the policy need not be permitted to read the project.
            project?.map_or(Ok(()), |project| refuse_pending(id, &project))?;
            policy
        } else {
            self.policy(ctx, id).await
        };
        match policy {
            Ok(policy) => Ok(policy),
            Err(error) => Err(self.refused(ctx, id, error, Self::cannot_read_policy).await),
        }
    }

    /// Removes `roles/owner` from the creator of a project: of a new project, its only owner. If there are several, who of them has
    /// created it is not known, and they are noted.
    pub(super) async fn remove_owner(&self, ctx: &RequestContext, id: &ProjectId) -> Result<()> {
        let Some((owner, owners)) = self.owners(ctx, id).await? else { return Ok(()) };
        let creator = match owners.iter().map(|member| member.parse::<Principal>()).collect::<Vec<_>>().as_slice() {
            [] => return Ok(()),
            [Ok(creator)] => creator.clone(),
            _ => {
                self.known.get(id).note_owners(owners);
                return Ok(());
            }
        };
        tracing::info!(project = %id, %creator, role = OWNER, "the creator's role is removed");
        let remove = [(owner, BTreeSet::from([creator.into()]))].into();
        self.change_policy(ctx, id, &PolicyChange { remove, ..PolicyChange::default() }).await
    }

    /// Notes who has `roles/owner` on a new project: its creator. A creation does not fail because of this.
    pub(super) async fn note_owner(&self, ctx: &RequestContext, id: &ProjectId) {
        match self.owners(ctx, id).await {
            Ok(Some((_, owners))) => self.known.get(id).note_owners(owners),
            Ok(None) => {}
            Err(error) => tracing::warn!(project = %id, %error, "the owners of a new project are not known"),
        }
    }

    /// `roles/owner`, and its members. The policy that is read for it is where the next change begins.
    async fn owners(&self, ctx: &RequestContext, id: &ProjectId) -> Result<Option<(IamRole, BTreeSet<String>)>> {
        let Ok(owner) = OWNER.parse::<IamRole>() else { return Ok(None) };
        let policy = self.policy(ctx, id).await.map_err(|error| Self::cannot_read_policy(id, error))?;
        let owners = members_of(&policy, &owner);
        self.known.get(id).keep_policy(policy);
        Ok(Some((owner, owners)))
    }
}

fn cannot_write(id: &ProjectId, error: CallError) -> Error {
    let permission = "resourcemanager.projects.setIamPolicy";
    Attempt { project: id, what: "its IAM policy cannot be changed", permission }.failed(error)
}

/// The added principals that a refusal is about: Google names one at a time.
fn not_known(change: &PolicyChange, message: &str) -> BTreeSet<Principal> {
    let message = message.to_ascii_lowercase();
    if !message.contains("does not exist") && !message.contains("not found") && !message.contains("invalid") {
        return BTreeSet::new();
    }
    let words: BTreeSet<&str> =
        message.split(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '\'' | '(' | ')' | ',')).collect();
    let named = |member: &&Principal| {
        let member = member.as_str().to_ascii_lowercase();
        let name = member.split_once(':').map_or(member.as_str(), |(_, name)| name);
        words.iter().any(|word| {
            let word = word.trim_end_matches('.');
            word == member || word == name
        })
    };
    pairs(&change.add).map(|(_, member)| &member.principal).filter(named).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_principal_that_does_not_exist() {
        let members =
            ["serviceAccount:one@p.iam.gserviceaccount.com", "group:one@example.com", "user:someone@example.com"];
        let add = [(
            "roles/viewer".parse().expect("a role"),
            members.iter().map(|member| member.parse().expect("a principal")).collect(),
        )];
        let change = PolicyChange { add: add.into(), ..PolicyChange::default() };
        let named = |message: &str| -> Vec<String> {
            not_known(&change, message).into_iter().map(|member| member.to_string()).collect()
        };
        assert_eq!(named("Service account one@p.iam.gserviceaccount.com does not exist."), [members[0]]);
        assert_eq!(named("Group one@example.com does not exist."), [members[1]]);
        assert_eq!(named("User Someone@Example.com does not exist."), [members[2]]);
        assert_eq!(named("The member group:one@example.com does not exist."), [members[1]]);
        assert!(named("User one@example.com.au does not exist.").is_empty(), "a longer address");
        assert!(named("Role roles/nope does not exist.").is_empty());
        assert!(named("user:someone@example.com is an owner").is_empty(), "another refusal");
    }
}
