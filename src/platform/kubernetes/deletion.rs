//! A namespace that is being deleted: what blocks the deletion, and waiting for its end.
//!
//! The API server only sets a deletion timestamp. The namespace controller then deletes the contents, kind by kind, and at last
//! the namespace. An object with a finalizer waits for the controller that set it, for seconds or without end.

use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use tokio::time::Instant;

use super::cluster::Cluster;
use super::connections::Kubernetes;
use crate::connect::RetryPolicy;
use crate::platform::{Error, RequestContext, Result};
use crate::printable::excerpt;
use crate::registry::names::NamespaceKey;

/// The pauses between reads of the namespace.
const PAUSES: RetryPolicy = RetryPolicy {
    first_pause: Duration::from_millis(100),
    longest_pause: Duration::from_secs(2),
    longest_retry_after: Duration::from_secs(2),
};

/// The state of a deletion that has begun; none where none has.
pub(super) fn detail(namespace: &Namespace) -> Option<String> {
    let terminating = namespace.status.as_ref().is_some_and(|status| status.phase.as_deref() == Some("Terminating"));
    let since = namespace.metadata.deletion_timestamp.as_ref();
    if since.is_none() && !terminating {
        return None;
    }
    let mut parts = Vec::new();
    let finalizers = namespace.metadata.finalizers.iter().flatten();
    let finalizers: Vec<String> = finalizers.map(|name| format!("`{name}`")).collect();
    if !finalizers.is_empty() {
        let (s, by) = if finalizers.len() == 1 { ("", "its controller") } else { ("s", "their controllers") };
        parts.push(format!("finalizer{s} {} must be removed by {by}", excerpt(&finalizers.join(", "))));
    }
    let conditions = namespace.status.iter().flat_map(|status| status.conditions.iter().flatten());
    for condition in conditions.filter(|condition| condition.status == "True") {
        let message = excerpt(condition.message.as_deref().unwrap_or(&condition.type_));
        parts.push(message.trim_end_matches('.').to_owned());
    }
    if parts.is_empty() {
        parts.push("its contents are being deleted".to_owned());
    }
    let since = since.map_or_else(String::new, |time| format!(" (since {})", time.0));
    Some(format!("{}{since}", parts.join("; ")))
}

/// The error for a namespace that is being deleted.
pub(super) fn pending(key: &NamespaceKey, detail: String) -> Error {
    Error::PendingDeletion { what: format!("namespace `{key}`"), detail }
}

impl Kubernetes {
    /// Waits until the namespace with this uid is deleted, up to the deletion timeout.
    pub(super) async fn wait_until_gone(
        &self,
        ctx: &RequestContext,
        cluster: &Cluster,
        key: &NamespaceKey,
        uid: Option<&str>,
    ) -> Result<()> {
        let until = Instant::now() + self.settings.deletion_timeout;
        let mut nth = 1;
        loop {
            let api = cluster.all::<Namespace>();
            let found = cluster.request(ctx, || api.get_opt(key.namespace.as_str())).await;
            let found = found.map_err(|api_error| cluster.error(api_error))?;
            let Some(namespace) = found.filter(|namespace| namespace.metadata.uid.as_deref() == uid) else {
                return Ok(());
            };
            if Instant::now() >= until {
                let detail = detail(&namespace).unwrap_or_else(|| "Kubernetes reports no reason".to_owned());
                let waited = self.settings.deletion_timeout.as_secs();
                return Err(pending(key, format!("{detail}. Waited for {waited} s")));
            }
            let pause = PAUSES.pause(nth, None).unwrap_or_default();
            ctx.sleep(pause.min(until - Instant::now())).await?;
            nth += 1;
        }
    }
}
