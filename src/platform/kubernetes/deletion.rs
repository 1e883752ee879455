//! A namespace on its way out: what holds it, and waiting until it is gone.
//!
//! Deleting a namespace only marks it. Its controller then removes what is in it, kind by kind, and lets go of it at last;
//! anything with a finalizer waits for whoever put that there. All of this can take seconds, or for ever.

use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use tokio::time::Instant;

use super::cluster::Cluster;
use super::connections::Kubernetes;
use crate::connect::RetryPolicy;
use crate::platform::{Error, RequestContext, Result};
use crate::registry::names::NamespaceKey;

/// How long to wait between looks at it.
const PAUSES: RetryPolicy = RetryPolicy {
    first_pause: Duration::from_millis(100),
    longest_pause: Duration::from_secs(2),
    longest_retry_after: Duration::from_secs(2),
};

/// What is known of a deletion that has begun; none where none has.
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
        let s = if finalizers.len() == 1 { "" } else { "s" };
        parts.push(format!("its finalizer{s} {} must be taken off by whoever put it there", finalizers.join(", ")));
    }
    let conditions = namespace.status.iter().flat_map(|status| status.conditions.iter().flatten());
    for condition in conditions.filter(|condition| condition.status == "True") {
        parts.push(condition.message.as_deref().unwrap_or(&condition.type_).trim_end_matches('.').to_owned());
    }
    if parts.is_empty() {
        parts.push("what it holds is being removed".to_owned());
    }
    let since = since.map_or_else(String::new, |time| format!(" (since {})", time.0));
    Some(format!("{}{since}", parts.join("; ")))
}

/// The refusal for a namespace that is on its way out.
pub(super) fn pending(key: &NamespaceKey, detail: String) -> Error {
    Error::PendingDeletion { what: format!("namespace `{key}`"), detail }
}

impl Kubernetes {
    /// Waits until this very namespace is gone, for as long as the settings say.
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
                let detail = detail(&namespace).unwrap_or_else(|| "it does not say what holds it".to_owned());
                let waited = self.settings.deletion_timeout.as_secs();
                return Err(pending(key, format!("{detail}. Waited for {waited} s")));
            }
            let pause = PAUSES.pause(nth, None).unwrap_or_default();
            ctx.sleep(pause.min(until - Instant::now())).await?;
            nth += 1;
        }
    }
}
