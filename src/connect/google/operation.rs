//! Long-running operations: polled with pauses that grow, until they are done.

use std::time::Duration;

use google_cloud_gax::error::rpc::Status;
use google_cloud_longrunning::model::Operation;
use google_cloud_longrunning::model::operation::Result as Outcome;
use google_cloud_wkt::Any;
use tokio::time::Instant;

use super::super::context::RequestContext;
use super::call::Call;
use super::clients::GoogleApis;
use super::failure::{CallError, Called, Failure, Kind};
use super::settings::Api;

/// The longest pause between two polls. Polls count as requests.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// How long an operation is waited for. Most take seconds.
const LONGEST: Duration = Duration::from_secs(600);

impl GoogleApis {
    /// Waits until an operation has ended, and returns what it resulted in, if anything.
    ///
    /// # Errors
    /// The operation's own; or it did not end in time.
    pub async fn finish(&self, ctx: &RequestContext, api: Api, operation: Operation) -> Called<Option<Any>> {
        let (mut operation, name) = (operation.clone(), operation.name);
        let ((mut pause, growth), end) = (self.limits().polling(api), Instant::now() + LONGEST);
        while !operation.done {
            if Instant::now() >= end {
                let text = format!("operation `{name}` has not ended after {} minutes", LONGEST.as_secs() / 60);
                return Err(CallError::Failed(Failure::new(Kind::Unavailable, text)));
            }
            ctx.sleep(pause).await?;
            pause = (pause * growth).min(LONGEST_PAUSE);
            operation = self.poll(ctx, api, &name).await?;
        }
        match operation.result {
            None => Ok(None),
            Some(Outcome::Response(any)) => Ok(Some(*any)),
            Some(Outcome::Error(status)) => Err(CallError::Failed(Failure::of_operation(&Status::from(&*status)))),
            Some(_) => {
                let text = format!("operation `{name}` has a result of an unknown kind");
                Err(CallError::Failed(Failure::new(Kind::Unavailable, text)))
            }
        }
    }

    async fn poll(&self, ctx: &RequestContext, api: Api, name: &str) -> Called<Operation> {
        let version = if api == Api::ResourceManager { "v3" } else { "v1" };
        let call = Call::read(api, "GET", format!("{version}/{name}"));
        if api == Api::ServiceUsage {
            return self
                .call(ctx, &call, |clients, options| {
                    clients.service_usage.get_operation().set_name(name).with_options(options).send()
                })
                .await;
        }
        self.call(ctx, &call, |clients, options| {
            clients.projects.get_operation().set_name(name).with_options(options).send()
        })
        .await
    }
}
