//! Google service accounts and their own policies: the trait, and what its verbs read and write.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::ownership::OwnershipPolicy;
use super::{RequestContext, Result};
use crate::fanout::resource::ServiceAccountSettings;
use crate::registry::names::{ProjectId, ServiceAccountName, WorkloadIdentity};
use crate::registry::owner_label::OwnerLabel;

/// Google service accounts and their own policies.
#[async_trait]
pub trait ServiceAccounts: Send + Sync {
    /// The service accounts of a project whose names a registry can contain; those that `with_policies` names with their own
    /// policy. A project that does not exist has none.
    async fn read_service_accounts(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        with_policies: &BTreeSet<ServiceAccountName>,
    ) -> Result<BTreeMap<ServiceAccountName, ServiceAccountView>>;

    /// Makes sure the service account exists with these settings: creates it with the ownership text in its description, updates
    /// one of ours, or adopts what `ownership` permits. What others wrote in its description stays. On a project that is being
    /// deleted: [`Error::PendingDeletion`](super::Error::PendingDeletion). An account that was deleted is not restored: the new one
    /// is another identity.
    async fn put_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        settings: &ServiceAccountSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Deletes a service account of ours. None of that name is success, and so is a project that does not exist or is being
    /// deleted; one that is not ours is refused.
    async fn delete_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()>;

    /// Adds and removes members in the role [`WORKLOAD_IDENTITY_ROLE`](crate::fanout::resource::WORKLOAD_IDENTITY_ROLE) of the service
    /// account's own policy, in one read-modify-write like [`Projects::modify_policy`](super::Projects::modify_policy). Other roles, conditional bindings and members
    /// not named stay. Adding on an account that does not exist is [`Error::NotFound`](super::Error::NotFound), removing is success.
    async fn modify_workload_identity(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        change: &WorkloadIdentityChange,
    ) -> Result<()>;
}

/// A service account as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccountView {
    /// Settings as they are, with the whole description.
    pub settings: ServiceAccountSettings,
    /// Its ownership text.
    pub owner: OwnerLabel,
    /// The number that Google gave it: another one, if it is deleted and created again.
    pub unique_id: String,
    /// Unconditional members by role of its own policy, if it was read.
    pub grants: Option<BTreeMap<String, BTreeSet<String>>>,
}

/// A change to who may act as a service account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkloadIdentityChange {
    /// Members to add.
    pub add: BTreeSet<WorkloadIdentity>,
    /// Members to remove.
    pub remove: BTreeSet<WorkloadIdentity>,
}
