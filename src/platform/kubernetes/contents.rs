//! What a namespace holds that anu did not make.
//!
//! Deleting a namespace deletes everything in it, of every kind the server knows. So every kind is asked for, and one that
//! cannot be looked at counts as full.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use kube::api::{Api, DynamicObject, ListParams, ObjectMeta, PartialObjectMeta};
use kube::core::discovery::{ApiCapabilities, Scope};
use kube::discovery::{ApiResource, Discovery, verbs};

use super::cluster::Cluster;
use super::objects::{QUOTA, mark};
use crate::platform::{Claim, Cx, Error, Result};
use crate::registry::names::NamespaceKey;

/// Kinds asked for at the same time.
const AT_ONCE: usize = 8;
/// What a namespace has from birth, by kind and name.
const FROM_BIRTH: [(&str, &str); 2] = [("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")];
/// What only reports on other objects and comes and goes with them.
const REPORTS: [&str; 4] = ["Event", "Endpoints", "PodMetrics", "LocalSubjectAccessReview"];

/// One line for each thing in a namespace that was not made for this registry, by kind.
pub(super) async fn not_made_by(cx: &Cx, cluster: &Cluster, key: &NamespaceKey, claim: &Claim) -> Result<Vec<String>> {
    let discovery = cluster.request(cx, || Discovery::new(cluster.client().clone()).run_aggregated()).await;
    let discovery = discovery.map_err(|refusal| cannot_tell(key, cluster.error(refusal)))?;
    let kinds: Vec<ApiResource> = discovery
        .groups()
        .flat_map(|group| group.recommended_resources())
        .filter(|(kind, abilities)| can_hold(kind, abilities))
        .map(|(kind, _)| kind)
        .collect();
    let found: Vec<Vec<(String, ObjectMeta)>> = stream::iter(kinds)
        .map(|kind| async move { objects(cx, cluster, key, &kind).await })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let found: Vec<(String, ObjectMeta)> = found.into_iter().flatten().collect();
    let there: BTreeSet<&str> = found.iter().filter_map(|(_, metadata)| metadata.uid.as_deref()).collect();
    let counts = |(kind, metadata): &&(String, ObjectMeta)| {
        let name = metadata.name.as_deref().unwrap_or_default();
        let ours = matches!(kind.as_str(), "ResourceQuota" | "RoleBinding") && claim.may_delete(&mark(metadata));
        let ours = ours && (kind == "RoleBinding" || name == QUOTA);
        // What belongs to something that is listed itself says nothing new: the Pods of a Deployment.
        let owned = metadata.owner_references.iter().flatten().any(|owner| there.contains(owner.uid.as_str()));
        !ours && !owned && !FROM_BIRTH.contains(&(kind.as_str(), name))
    };
    let lines = found
        .iter()
        .filter(counts)
        .map(|(kind, metadata)| format!("{kind} {}", metadata.name.as_deref().unwrap_or_default()));
    Ok(lines.collect::<BTreeSet<String>>().into_iter().collect())
}

fn can_hold(kind: &ApiResource, abilities: &ApiCapabilities) -> bool {
    abilities.scope == Scope::Namespaced
        && abilities.supports_operation(verbs::LIST)
        && !REPORTS.contains(&kind.kind.as_str())
}

async fn objects(
    cx: &Cx,
    cluster: &Cluster,
    key: &NamespaceKey,
    kind: &ApiResource,
) -> Result<Vec<(String, ObjectMeta)>> {
    let api: Api<DynamicObject> = Api::namespaced_with(cluster.client().clone(), key.namespace.as_str(), kind);
    let api = &api;
    let listed =
        cluster.list(cx, &ListParams::default(), |params| async move { api.list_metadata(&params).await }).await;
    let listed = match listed {
        // A kind that has gone since it was announced.
        Err(Error::NotFound(_)) => return Ok(Vec::new()),
        listed => listed.map_err(|error| cannot_tell(key, error))?,
    };
    let named = |object: PartialObjectMeta<DynamicObject>| (kind.kind.clone(), object.metadata);
    Ok(listed.into_iter().map(named).collect())
}

/// Why it is not known what a namespace holds. The kind of the refusal stays.
fn cannot_tell(key: &NamespaceKey, error: Error) -> Error {
    let say = |text: String| format!("nobody can tell what namespace `{key}` holds, so it is not deleted: {text}");
    match error {
        Error::PermissionDenied(text) => Error::PermissionDenied(say(text)),
        Error::Unavailable(text) => Error::Unavailable(say(text)),
        Error::Invalid(text) => Error::Invalid(say(text)),
        error => error,
    }
}
