//! Enabled APIs.

use std::collections::BTreeSet;
use std::time::Duration;

use google_cloud_longrunning::model::Operation;
use tokio::time::Instant;

use super::Google;
use super::error::Attempt;
use crate::connect::RetryPolicy;
use crate::connect::google::{Api, Call, CallError, Called, Kind};
use crate::platform::{Error, RequestContext, Result};
use crate::registry::names::{GoogleService, ProjectId};

/// The most APIs of one batch, and what it costs of the quota for writes: as much as five of one API. Fewer are enabled one
/// after the other: the quota, 60 a minute, is what a run of many projects waits for.
const BATCH: usize = 20;
const BATCH_COST: u32 = 5;
/// The largest page of APIs.
const PAGE: i32 = 200;
/// Pauses while other changes of a project's APIs are going on.
const PAUSES: RetryPolicy = RetryPolicy {
    first_pause: Duration::from_secs(1),
    longest_pause: Duration::from_secs(10),
    longest_retry_after: Duration::ZERO,
};

/// The requests for at most [`BATCH`] APIs: one for all, or one for each where these cost less.
fn cheapest(apis: &[String]) -> std::slice::Chunks<'_, String> {
    apis.chunks(if apis.len() < BATCH_COST as usize { 1 } else { BATCH })
}

impl Google {
    /// The APIs that are enabled.
    pub(super) async fn enabled(&self, ctx: &RequestContext, id: &ProjectId) -> Called<BTreeSet<GoogleService>> {
        let parent = format!("projects/{id}");
        let call =
            Call::read(Api::ServiceUsage, "GET", format!("v1/{parent}/services")).settles(self.known.get(id).settles());
        let (mut enabled, mut token) = (BTreeSet::new(), String::new());
        loop {
            let page = self.apis.call(ctx, &call, |clients, options| {
                let request = clients.service_usage.list_services().set_parent(&parent).set_filter("state:ENABLED");
                request.set_page_size(PAGE).set_page_token(&token).with_options(options).send()
            });
            let page = page.await?;
            let names = page.services.iter().filter_map(|service| service.name.rsplit('/').next());
            // What no registry can spell is of no interest.
            enabled.extend(names.filter_map(|name| name.parse::<GoogleService>().ok()));
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(enabled);
            }
        }
    }

    /// The error of reading them, for people.
    pub(super) fn cannot_list(id: &ProjectId, error: CallError) -> Error {
        Attempt { project: id, what: "its APIs cannot be read", permission: "serviceusage.services.list" }.failed(error)
    }

    /// Enables what is not enabled yet.
    pub(super) async fn enable(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        apis: &BTreeSet<GoogleService>,
    ) -> Result<()> {
        if apis.is_empty() {
            return Ok(());
        }
        let missing: Vec<String> = match self.enabled(ctx, id).await {
            Ok(enabled) => apis.difference(&enabled).map(ToString::to_string).collect(),
            Err(error) => return Err(self.refused(ctx, id, error, Self::cannot_list).await),
        };
        for batch in missing.chunks(BATCH).flat_map(cheapest) {
            let enabled = self.while_busy(ctx, id, || self.enable_batch(ctx, id, batch)).await;
            if let Err(error) = enabled {
                let cannot = |id: &ProjectId, error| {
                    let what = format!("`{}` cannot be enabled", batch.join("`, `"));
                    Attempt { project: id, what: &what, permission: "serviceusage.services.enable" }.failed(error)
                };
                return Err(self.refused(ctx, id, error, cannot).await);
            }
        }
        Ok(())
    }

    async fn enable_batch(&self, ctx: &RequestContext, id: &ProjectId, batch: &[String]) -> Called<()> {
        let (parent, settles) = (format!("projects/{id}"), self.known.get(id).settles());
        let operation = if let [api] = batch {
            let name = format!("{parent}/services/{api}");
            let call = Call::write(Api::ServiceUsage, "POST", format!("v1/{name}:enable")).settles(settles);
            let enabled = self.apis.call(ctx, &call, |clients, options| {
                clients.service_usage.enable_service().set_name(&name).with_options(options).send()
            });
            enabled.await?
        } else {
            let call = Call::write(Api::ServiceUsage, "POST", format!("v1/{parent}/services:batchEnable"));
            let call = call.costs(BATCH_COST).settles(settles);
            let enabled = self.apis.call(ctx, &call, |clients, options| {
                let request = clients.service_usage.batch_enable_services().set_parent(&parent);
                request.set_service_ids(batch.iter().cloned()).with_options(options).send()
            });
            enabled.await?
        };
        self.changed(ctx, operation).await
    }

    /// Disables what is enabled.
    pub(super) async fn disable(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        apis: &BTreeSet<GoogleService>,
    ) -> Result<()> {
        if apis.is_empty() {
            return Ok(());
        }
        let gone = |error| match error {
            Error::NotFound(_) | Error::PendingDeletion { .. } => Ok(()),
            error => Err(error),
        };
        let enabled = match self.enabled(ctx, id).await {
            Ok(enabled) => enabled,
            Err(error) => return gone(self.refused(ctx, id, error, Self::cannot_list).await),
        };
        for api in apis.intersection(&enabled) {
            if let Err(error) = self.while_busy(ctx, id, || self.disable_one(ctx, id, api)).await {
                let cannot = |id: &ProjectId, error| {
                    let what = format!("`{api}` cannot be disabled");
                    Attempt { project: id, what: &what, permission: "serviceusage.services.disable" }.failed(error)
                };
                return gone(self.refused(ctx, id, error, cannot).await);
            }
        }
        Ok(())
    }

    async fn disable_one(&self, ctx: &RequestContext, id: &ProjectId, api: &GoogleService) -> Called<()> {
        let name = format!("projects/{id}/services/{api}");
        let call = Call::write(Api::ServiceUsage, "POST", format!("v1/{name}:disable"));
        let disabled = self.apis.call(ctx, &call, |clients, options| {
            clients.service_usage.disable_service().set_name(&name).with_options(options).send()
        });
        self.changed(ctx, disabled.await?).await
    }

    async fn changed(&self, ctx: &RequestContext, operation: Operation) -> Called<()> {
        self.apis.finish(ctx, Api::ServiceUsage, operation).await.map(drop)
    }

    /// Repeats a change of APIs while another one is going on, ours of a run that was cut short or that of others.
    async fn while_busy<F: Future<Output = Called<()>>>(
        &self,
        ctx: &RequestContext,
        id: &ProjectId,
        change: impl Fn() -> F,
    ) -> Called<()> {
        let end = Instant::now() + self.apis.retry_budget();
        for attempt in 1.. {
            match change().await {
                Err(CallError::Failed(failure))
                    if matches!(failure.kind, Kind::Precondition | Kind::Conflict | Kind::Invalid)
                        && failure.message.contains("activation")
                        && failure.message.contains("in progress")
                        && Instant::now() < end =>
                {
                    tracing::debug!(project = %id, attempt, "another change of its APIs is going on");
                    ctx.sleep(PAUSES.pause(attempt, None).unwrap_or_default()).await?;
                }
                done => return done,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apis_are_enabled_at_the_lowest_cost() {
        let requests = |number: usize| -> Vec<usize> {
            let apis = vec![String::new(); number];
            apis.chunks(BATCH).flat_map(cheapest).map(<[String]>::len).collect()
        };
        assert_eq!(requests(1), [1]);
        assert_eq!(requests(4), [1, 1, 1, 1]);
        assert_eq!(requests(5), [5]);
        assert_eq!(requests(20), [20]);
        assert_eq!(requests(22), [20, 1, 1]);
        assert_eq!(requests(45), [20, 20, 5]);
    }
}
