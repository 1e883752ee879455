//! One cluster: requests with retries, and the errors of responses.

use std::fmt::Debug;
use std::future::Future;
use std::io::ErrorKind;
use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use kube::Resource;
use kube::api::{Api, ListParams, ObjectList};
use kube::core::Status;

use crate::connect::kubernetes::{Client, ConnectError};
use crate::connect::{AttemptError, RetryError, RetryPolicy, find_cause, root_cause};
use crate::platform::{Error, RequestContext, Result};
use crate::printable::excerpt;
use crate::registry::names::{ClusterName, NamespaceKey};

/// Attempts at a request that fails for a temporary reason: about 15 seconds in all.
const MAX_ATTEMPTS: u32 = 8;
/// Attempts where the server refuses connections: about 2 seconds in all, since one run sends many requests to a cluster.
const MAX_REFUSED_ATTEMPTS: u32 = 4;
/// Attempts where connections time out: each takes as long as the timeout.
const MAX_SILENT_ATTEMPTS: u32 = 2;
/// The pauses between attempts. A longer `Retry-After` is cut to `longest_retry_after`.
const PAUSES: RetryPolicy = RetryPolicy {
    first_pause: Duration::from_millis(250),
    longest_pause: Duration::from_secs(6),
    longest_retry_after: Duration::from_secs(20),
};
/// The pauses between writes that lost a race.
const RACES: RetryPolicy = RetryPolicy { longest_pause: Duration::from_millis(250), ..PAUSES };
/// Attempts at a write that other clients precede, before it is a conflict.
pub(super) const MAX_CONFLICT_RETRIES: u32 = 5;
/// The most objects in one page of a list: a few megabytes. Ten thousand role bindings are two requests.
const PAGE: u32 = 5_000;

/// A cluster, connected.
#[derive(Clone)]
pub(super) struct Cluster {
    name: ClusterName,
    client: Client,
}

impl Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cluster").field(&self.name).finish()
    }
}

/// Why a request failed.
#[derive(Debug)]
pub(super) enum ApiError {
    /// The server's error response, for callers that handle its code.
    Answer(Box<Status>),
    /// Any other failure.
    Error(Error),
}

impl ApiError {
    /// Whether the answer is this code.
    pub(super) fn is(&self, code: u16) -> bool {
        matches!(self, Self::Answer(status) if status.code == code)
    }

    /// Whether something was refused because the namespace is being deleted.
    pub(super) fn terminating(&self) -> bool {
        matches!(self, Self::Answer(status) if status.details.as_ref().is_some_and(|details| {
            details.causes.iter().any(|cause| cause.reason == "NamespaceTerminating")
        }))
    }

    /// The fields of other managers, each with its manager.
    pub(super) fn conflicts(&self) -> Vec<FieldConflict> {
        let Self::Answer(status) = self else { return Vec::new() };
        let causes = status.details.iter().flat_map(|details| &details.causes);
        causes
            .filter(|cause| cause.reason == "FieldManagerConflict")
            .map(|cause| FieldConflict { field: cause.field.clone(), manager: manager(&cause.message) })
            .collect()
    }
}

/// A field that another field manager owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldConflict {
    /// `.metadata.labels.team`
    pub(super) field: String,
    /// `kubectl-edit`
    pub(super) manager: String,
}

/// The name in `conflict with "kubectl-edit" using v1`.
fn manager(message: &str) -> String {
    message.split('"').nth(1).unwrap_or(message).to_owned()
}

impl Cluster {
    pub(super) fn new(name: ClusterName, client: Client) -> Self {
        Self { name, client }
    }

    pub(super) fn name(&self) -> &ClusterName {
        &self.name
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// All objects of a kind.
    pub(super) fn all<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = ()>,
    {
        Api::all(self.client.clone())
    }

    /// Objects of a kind in one namespace.
    pub(super) fn within<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// Sends an idempotent request until it is answered, the attempts are used up, or the user stops the run.
    pub(super) async fn request<T, F>(
        &self,
        ctx: &RequestContext,
        request: impl Fn() -> F,
    ) -> std::result::Result<T, ApiError>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let attempt = || async {
            request().await.map_err(|error| {
                let (max_attempts, retry_after) = worth(&error);
                if max_attempts > 1 {
                    AttemptError::Temporary { error, max_attempts, retry_after }
                } else {
                    AttemptError::Final(error)
                }
            })
        };
        PAUSES.run(ctx, None, attempt).await.map_err(|error| match error {
            RetryError::Cancelled => ApiError::Error(Error::Cancelled),
            RetryError::Failed { error: kube::Error::Api(status), .. } => ApiError::Answer(status),
            RetryError::Failed { error, .. } => ApiError::Error(self.unanswered(&error)),
        })
    }

    /// The same for a write without a resource version: a conflict only means that another client wrote first, so it is
    /// repeated.
    pub(super) async fn write<T, F>(
        &self,
        ctx: &RequestContext,
        request: impl Fn() -> F,
    ) -> std::result::Result<T, ApiError>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let attempt = || async {
            self.request(ctx, &request).await.map_err(|error| match &error {
                lost if lost.is(409) && lost.conflicts().is_empty() => {
                    AttemptError::Temporary { error, max_attempts: MAX_CONFLICT_RETRIES, retry_after: None }
                }
                _ => AttemptError::Final(error),
            })
        };
        RACES.run(ctx, None, attempt).await.map_err(|error| match error {
            RetryError::Cancelled => ApiError::Error(Error::Cancelled),
            RetryError::Failed { error, .. } => error,
        })
    }

    /// Everything a list has, page by page. The pages are of one revision. When the server has dropped that
    /// revision before the last page (410), the list starts again.
    pub(super) async fn list<K, F>(
        &self,
        ctx: &RequestContext,
        params: &ListParams,
        page: impl Fn(ListParams) -> F,
    ) -> Result<Vec<K>>
    where
        K: Clone,
        F: Future<Output = kube::Result<ObjectList<K>>>,
    {
        const MOST: usize = 3;
        for _ in 0..MOST {
            match self.pages(ctx, params, &page).await {
                Err(api_error) if api_error.is(410) => {}
                read => return read.map_err(|api_error| self.error(api_error)),
            }
        }
        let name = &self.name;
        let expired = format!("cluster `{name}`: the list expired (410) before its last page, on {MOST} attempts");
        Err(Error::Unavailable(expired.into()))
    }

    async fn pages<K, F>(
        &self,
        ctx: &RequestContext,
        params: &ListParams,
        page: &impl Fn(ListParams) -> F,
    ) -> std::result::Result<Vec<K>, ApiError>
    where
        K: Clone,
        F: Future<Output = kube::Result<ObjectList<K>>>,
    {
        let mut all = Vec::new();
        let mut params = params.clone().limit(PAGE);
        loop {
            let read = self.request(ctx, || page(params.clone())).await?;
            all.extend(read.items);
            match read.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => params = params.continue_token(&token),
                None => return Ok(all),
            }
        }
    }

    /// The platform error for a failed request.
    pub(super) fn error(&self, api_error: ApiError) -> Error {
        let status = match api_error {
            ApiError::Error(error) => return error,
            ApiError::Answer(status) => status,
        };
        let (cluster, code) = (&self.name, status.code);
        let says = if status.message.is_empty() { "no message".to_owned() } else { excerpt(&status.message) };
        match code {
            401 => Error::Unauthenticated(
                format!(
                    "cluster `{cluster}`: authentication required (401): {says}. Log in again, or correct the token or the \
                     credential plugin of `cluster \"{cluster}\"` in the provider block"
                )
                .into(),
            ),
            403 => Error::PermissionDenied(format!(
                "cluster `{cluster}`: permission denied (403): {says}. The provider needs the rights of the ClusterRole in its \
                 Kubernetes guide"
            )),
            404 => Error::NotFound(format!("cluster `{cluster}`: not found (404): {says}")),
            409 => Error::Conflict(format!("cluster `{cluster}`: conflict (409): {says}")),
            429 => Error::Unavailable(format!("cluster `{cluster}`: too many requests (429): {says}").into()),
            500.. => Error::Unavailable(format!("cluster `{cluster}`: server error ({code}): {says}").into()),
            _ => Error::Invalid(format!("cluster `{cluster}` refuses the request ({code}): {says}")),
        }
    }

    /// The same for an object in a namespace. `what` is the object in messages.
    pub(super) fn error_within(&self, key: &NamespaceKey, what: &str, api_error: ApiError) -> Error {
        if api_error.is(404) {
            return Error::NotFound(format!("namespace `{}` not found on cluster `{}`", key.namespace, key.cluster));
        }
        let conflicts = api_error.conflicts();
        if conflicts.is_empty() { self.error(api_error) } else { conflict(what, &conflicts) }
    }

    fn unanswered(&self, error: &kube::Error) -> Error {
        let cluster = &self.name;
        if let Some(error) = find_cause::<ConnectError>(error) {
            return error.clone().into();
        }
        match error {
            kube::Error::SerdeError(error) => Error::Unavailable(
                format!(
                    "the response of cluster `{cluster}` is not one of a Kubernetes API server ({}): check the \
                     cluster's address",
                    excerpt(&error.to_string())
                )
                .into(),
            ),
            error => {
                let why = excerpt(&root_cause(error));
                let hint = if why.contains("UnknownIssuer") {
                    ". Set `ca_certificate` to the authority that signed its certificate"
                } else {
                    ""
                };
                Error::Unavailable(format!("cluster `{cluster}` is unreachable: {why}{hint}").into())
            }
        }
    }
}

/// The message for fields of other managers.
pub(super) fn conflict(what: &str, conflicts: &[FieldConflict]) -> Error {
    const MOST: usize = 10;
    let field =
        |conflict: &FieldConflict| format!("`{}` by `{}`", excerpt(&conflict.field), excerpt(&conflict.manager));
    let mut fields: Vec<String> = conflicts.iter().take(MOST).map(field).collect();
    if let Some(more) = conflicts.len().checked_sub(MOST).filter(|more| *more > 0) {
        fields.push(format!("and {more} others"));
    }
    Error::Conflict(format!(
        "{what} has fields managed by others: {}. Remove them from that manager or from the configuration of anu, or \
         overwrite them with `force_conflicts = true` in the provider's `kubernetes` block",
        fields.join(", ")
    ))
}

/// How many attempts a failure is worth, and the `Retry-After` of the server.
fn worth(error: &kube::Error) -> (u32, Option<Duration>) {
    match error {
        kube::Error::Api(status) if matches!(status.code, 429 | 500 | 502 | 503 | 504) => {
            (MAX_ATTEMPTS, retry_after(status))
        }
        // The request was not made, because there are no credentials for it.
        error if find_cause::<ConnectError>(error).is_some() => (1, None),
        error @ (kube::Error::Service(_) | kube::Error::HyperError(_)) => {
            let most = match find_cause::<std::io::Error>(error).map(std::io::Error::kind) {
                Some(ErrorKind::ConnectionRefused) => MAX_REFUSED_ATTEMPTS,
                Some(ErrorKind::TimedOut) => MAX_SILENT_ATTEMPTS,
                _ => MAX_ATTEMPTS,
            };
            (most, None)
        }
        _ => (1, None),
    }
}

fn retry_after(status: &Status) -> Option<Duration> {
    let seconds = status.details.as_ref().map(|details| details.retry_after_seconds).filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds.into()).min(PAUSES.longest_retry_after))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
    use kube::client::Body;

    use super::*;

    fn cluster() -> Cluster {
        let never = tower::service_fn(|_: http::Request<Body>| {
            std::future::pending::<std::result::Result<http::Response<Body>, std::convert::Infallible>>()
        });
        Cluster::new("compute".parse().expect("a name"), Client::new(never, "default"))
    }

    fn page(items: &[i32], next: Option<&str>) -> ObjectList<i32> {
        let metadata = ListMeta { continue_: next.map(str::to_owned), ..ListMeta::default() };
        ObjectList { types: kube::core::TypeMeta::default(), metadata, items: items.to_vec() }
    }

    fn expired() -> kube::Error {
        kube::Error::Api(Box::new(Status { code: 410, reason: "Expired".to_owned(), ..Status::default() }))
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_end_and_again_when_it_expired() {
        let (cluster, ctx, params, asked) =
            (cluster(), RequestContext::default(), ListParams::default(), AtomicUsize::new(0));
        let read = cluster.list(&ctx, &params, |params| {
            let nth = asked.fetch_add(1, Ordering::SeqCst);
            assert_eq!(params.limit, Some(PAGE));
            async move {
                match (params.continue_token.as_deref(), nth) {
                    (None, _) => Ok(page(&[1, 2], Some("second"))),
                    (Some("second"), 1) => Err(expired()),
                    (Some("second"), _) => Ok(page(&[3], Some(""))),
                    (other, _) => panic!("{other:?}"),
                }
            }
        });
        assert_eq!(read.await, Ok(vec![1, 2, 3]));
        assert_eq!(asked.into_inner(), 4);
    }

    /// A cluster whose server answers every request with this.
    fn answering(code: u16, body: String) -> Cluster {
        let server = tower::service_fn(move |_: http::Request<Body>| {
            let mut response = http::Response::new(Body::from(body.clone().into_bytes()));
            *response.status_mut() = http::StatusCode::from_u16(code).expect("a status");
            std::future::ready(Ok::<_, std::convert::Infallible>(response))
        });
        Cluster::new("compute".parse().expect("a name"), Client::new(server, "default"))
    }

    #[tokio::test]
    async fn an_answer_of_a_megabyte_is_an_excerpt() {
        let long = "no \u{1b}[2J\u{202e}".repeat(1 << 17);
        let causes: Vec<_> = (0..1000)
            .map(|nth| serde_json::json!({"reason": "FieldManagerConflict", "field": format!(".{nth}{long:.4000}"), "message": format!("\"{long:.4000}\"")}))
            .collect();
        let status = |code: u16, causes: &[serde_json::Value]| {
            serde_json::json!({"kind": "Status", "apiVersion": "v1", "code": code, "reason": "Nope", "message": long,
                "details": {"causes": causes}})
        };
        let key: NamespaceKey = "compute/shop".parse().expect("a key");
        let mut answers: Vec<(u16, String)> =
            vec![(200, long.clone()), (200, serde_json::json!({"metadata": long}).to_string())];
        for code in [400, 401, 403, 404, 409, 413, 422, 501] {
            answers.extend([
                (code, long.clone()),
                (code, status(code, &[]).to_string()),
                (code, status(code, &causes).to_string()),
            ]);
        }
        let mut seen = 0;
        for (code, body) in answers {
            let cluster = answering(code, body);
            let api = cluster.within::<k8s_openapi::api::core::v1::ConfigMap>("shop");
            let read = cluster.request(&RequestContext::default(), || api.get("settings")).await;
            let error = cluster.error_within(&key, "quota `anu`", read.expect_err("no object"));
            let text = error.to_string();
            assert!(text.len() <= 12 << 10, "{code}: {} bytes", text.len());
            assert!(!text.contains(crate::printable::is_hidden), "{code}: {text}");
            seen += 1;
        }
        assert_eq!(seen, 2 + 8 * 3);
    }

    #[tokio::test]
    async fn a_list_that_expires_every_time_fails() {
        let (cluster, ctx, params) = (cluster(), RequestContext::default(), ListParams::default());
        let read = cluster.list::<i32, _>(&ctx, &params, |_| async { Err(expired()) });
        insta::assert_snapshot!(read.await.expect_err("expired"), @"cluster `compute`: the list expired (410) before its last page, on 3 attempts");
    }
}
