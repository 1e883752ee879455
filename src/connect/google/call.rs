//! A request to Google: within the quotas, repeated, cancelled, logged.

use google_cloud_gax::options::RequestOptions;
use tokio::time::Instant;

use super::super::context::{Cancelled, RequestContext};
use super::super::request_log::RequestLog;
use super::super::retry::{AttemptError, RetryError};
use super::clients::{Clients, GoogleApis};
use super::credentials;
use super::failure::{CallError, Called, Failure, Judged, Kind, PAUSES, judge};
use super::settings::Api;

/// What a request is, beside its contents.
#[derive(Debug, Clone)]
pub struct Call {
    api: Api,
    method: &'static str,
    path: String,
    write: bool,
    cost: u32,
    settles: Option<Instant>,
}

impl Call {
    /// A request that changes nothing: `GET`, or a `POST` that only reads. The path has no slash at its beginning.
    pub fn read(api: Api, method: &'static str, path: impl Into<String>) -> Self {
        Self { api, method, path: path.into(), write: false, cost: 1, settles: None }
    }

    /// A request that changes something.
    pub fn write(api: Api, method: &'static str, path: impl Into<String>) -> Self {
        Self { write: true, ..Self::read(api, method, path) }
    }

    /// What the request costs of the quota.
    #[must_use]
    pub fn costs(self, cost: u32) -> Self {
        Self { cost, ..self }
    }

    /// About an object that is so new that Google's servers may not all know it, or who may use it: until then "no permission"
    /// and "not found" are repeated.
    #[must_use]
    pub fn settles(self, until: Option<Instant>) -> Self {
        Self { settles: until, ..self }
    }
}

impl GoogleApis {
    /// Makes a request until it is answered, refused for good, or there is no time left.
    ///
    /// # Errors
    /// Google's, of the last attempt.
    pub async fn call<T, F>(
        &self,
        ctx: &RequestContext,
        call: &Call,
        send: impl Fn(&Clients, RequestOptions) -> F + Send + Sync,
    ) -> Called<T>
    where
        F: Future<Output = google_cloud_gax::Result<T>> + Send,
    {
        let deadline = Instant::now() + self.retry_budget();
        let attempt = || self.attempt(ctx, call, &send);
        PAUSES.run(ctx, Some(deadline), attempt).await.map_err(|error| match error {
            RetryError::Cancelled => CallError::Cancelled,
            RetryError::Failed { error: None, .. } => CallError::Cancelled,
            RetryError::Failed { error: Some(mut failure), attempts, retry_after } => {
                if failure.kind == Kind::Unavailable {
                    let times = if attempts == 1 { String::new() } else { format!(" on {attempts} attempts") };
                    let wait = retry_after.map(|wait| format!(", to be tried again in {} s", wait.as_secs()));
                    failure.text = format!(
                        "Google's {} API: {}{times}{}",
                        call.api.name(),
                        failure.text,
                        wait.unwrap_or_default()
                    );
                }
                CallError::Failed(failure)
            }
        })
    }

    /// One attempt. Without a failure, the run was cancelled.
    async fn attempt<T, F>(
        &self,
        ctx: &RequestContext,
        call: &Call,
        send: &(impl Fn(&Clients, RequestOptions) -> F + Send + Sync),
    ) -> Result<T, AttemptError<Option<Failure>>>
    where
        F: Future<Output = google_cloud_gax::Result<T>> + Send,
    {
        let clients = self.clients(ctx).await.map_err(|Cancelled| AttemptError::Final(None))?;
        let clients = clients.map_err(|failure| AttemptError::Final(Some(failure)))?;
        let admitted = self.limits().admit(ctx, call.api, call.write, call.cost).await;
        admitted.map_err(|_| AttemptError::Final(None))?;
        let log = RequestLog::begin(call.method, &format!("{}/{}", clients.address(call.api), call.path));
        match send(&clients, self.options()).await {
            Ok(answer) => {
                log.answered(200);
                Ok(answer)
            }
            Err(error) => {
                let mut judged = judge(&error);
                if judged.status == Some(401) {
                    judged.failure.text = credentials::rejected(&judged.failure.message, self.access());
                }
                match judged.status {
                    Some(status) => log.answered(status),
                    None => log.failed(&judged.failure.text),
                }
                Err(temporary(call, judged))
            }
        }
    }
}

fn temporary(call: &Call, judged: Judged) -> AttemptError<Option<Failure>> {
    let Judged { failure, attempts, retry_after, .. } = judged;
    let settling = call.settles.is_some_and(|until| Instant::now() < until)
        && matches!(failure.kind, Kind::NoPermission | Kind::NotFound);
    match attempts.or(settling.then_some(u32::MAX)) {
        Some(max_attempts) => AttemptError::Temporary { error: Some(failure), max_attempts, retry_after },
        None => AttemptError::Final(Some(failure)),
    }
}
