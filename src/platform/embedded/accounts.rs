//! The verbs for service accounts.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use rusqlite::Transaction;

use super::project_rows::resource;
use super::store::Author;
use super::{Embedded, account_rows};
use crate::fanout::resource::{Key, ServiceAccountSettings};
use crate::platform::{
    OwnershipPolicy, RequestContext, Result, ServiceAccountView, ServiceAccounts, WorkloadIdentityChange,
};
use crate::registry::names::{ProjectId, ServiceAccountName};

#[async_trait]
impl ServiceAccounts for Embedded {
    async fn read_service_accounts(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        with_policies: &BTreeSet<ServiceAccountName>,
    ) -> Result<BTreeMap<ServiceAccountName, ServiceAccountView>> {
        self.travel(ctx).await?;
        let (id, with_policies) = (id.clone(), with_policies.clone());
        self.step(ctx, move |store, cancel| {
            store.read(cancel, |snapshot| account_rows::views(snapshot, &id, &with_policies))
        })
        .await
    }

    async fn put_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        settings: &ServiceAccountSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (id, name, settings, ownership) = (id.clone(), name.clone(), settings.clone(), ownership.clone());
        let key = Key::ServiceAccount(id.clone(), name.clone());
        let put =
            move |transaction: &Transaction<'_>| account_rows::put(transaction, &id, &name, &settings, &ownership);
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || resource(&key), put)).await
    }

    async fn delete_service_account(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.travel(ctx).await?;
        let (id, name, ownership) = (id.clone(), name.clone(), ownership.clone());
        let key = Key::ServiceAccount(id.clone(), name.clone());
        let delete = move |transaction: &Transaction<'_>| account_rows::delete(transaction, &id, &name, &ownership);
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || resource(&key), delete)).await
    }

    async fn modify_workload_identity(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        name: &ServiceAccountName,
        change: &WorkloadIdentityChange,
    ) -> Result<()> {
        self.travel(ctx).await?;
        account_rows::check(id, name, change)?;
        let (id, name, change) = (id.clone(), name.clone(), change.clone());
        let names = account_rows::names(&id, &name, &change);
        let modify = move |transaction: &Transaction<'_>| account_rows::modify(transaction, &id, &name, &change);
        self.step(ctx, move |store, cancel| store.write(Author::Anu, cancel, || names, modify)).await
    }
}
