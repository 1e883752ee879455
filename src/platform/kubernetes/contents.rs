//! What a namespace holds that anu did not make.
//!
//! Deleting a namespace deletes everything in it, of every kind the server knows. So every kind is asked for, and as long as
//! one of them cannot be looked at, nobody can tell.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use kube::api::{Api, DynamicObject, ListParams, ObjectMeta, PartialObjectMeta};
use kube::core::discovery::v2::{APIGroupDiscovery, APIResourceDiscovery, APIVersionDiscovery};
use kube::discovery::{ApiResource, verbs};

use super::cluster::Cluster;
use super::objects::{QUOTA, mark};
use crate::platform::{Claim, Cx, Error, Result};
use crate::registry::names::NamespaceKey;

/// What discovery calls an API whose server it has no word from.
const STALE: &str = "Stale";
/// Kinds asked for at the same time.
const AT_ONCE: usize = 8;
/// What a namespace has from birth, by kind and name.
const FROM_BIRTH: [(&str, &str); 2] = [("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")];
/// What only reports on other objects and comes and goes with them.
const REPORTS: [&str; 4] = ["Event", "Endpoints", "PodMetrics", "LocalSubjectAccessReview"];

/// One line for each thing in a namespace that was not made for this registry, by kind.
pub(super) async fn not_made_by(cx: &Cx, cluster: &Cluster, key: &NamespaceKey, claim: &Claim) -> Result<Vec<String>> {
    let kinds = kinds(cx, cluster).await.map_err(|error| cannot_tell(key, error))?;
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

/// Every kind of which a namespace can hold objects.
async fn kinds(cx: &Cx, cluster: &Cluster) -> Result<Vec<ApiResource>> {
    let client = cluster.client();
    let core = cluster.request(cx, || client.list_core_api_versions_aggregated());
    let groups = cluster.request(cx, || client.list_api_groups_aggregated());
    let (core, groups) = futures_util::try_join!(core, groups).map_err(|refusal| cluster.error(refusal))?;
    // Who does not know this form of the question answers in another, in which there is nothing to be found.
    if core.items.is_empty() || groups.items.is_empty() {
        return Err(Error::Invalid(format!(
            "cluster `{}` does not list the kinds it has. Aggregated discovery does that, which Kubernetes has from 1.26 on",
            cluster.name()
        )));
    }
    let mut kinds = Vec::new();
    for group in core.items.into_iter().chain(groups.items) {
        of_group(cluster, group, &mut kinds)?;
    }
    Ok(kinds)
}

/// The kinds of one group, each in the first version that has it: not all need be in the group's preferred one.
fn of_group(cluster: &Cluster, group: APIGroupDiscovery, kinds: &mut Vec<ApiResource>) -> Result<()> {
    let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for APIVersionDiscovery { version, resources, freshness } in group.versions {
        let version = version.unwrap_or_default();
        let api_version = if name.is_empty() { version.clone() } else { format!("{name}/{version}") };
        if freshness.as_deref() == Some(STALE) {
            return Err(Error::Unavailable(format!(
                "cluster `{}` has an API `{api_version}` whose server does not answer, without which Kubernetes itself \
                 deletes no namespace: have that server repaired, or its APIService removed",
                cluster.name()
            )));
        }
        for resource in resources.into_iter().filter(can_hold) {
            let plural = resource.resource.unwrap_or_default();
            let kind = resource.response_kind.and_then(|kind| kind.kind).unwrap_or_else(|| plural.clone());
            if seen.insert(plural.clone()) {
                let (group, version, api_version) = (name.clone(), version.clone(), api_version.clone());
                kinds.push(ApiResource { group, version, api_version, kind, plural });
            }
        }
    }
    Ok(())
}

fn can_hold(resource: &APIResourceDiscovery) -> bool {
    let kind = resource.response_kind.as_ref().and_then(|kind| kind.kind.as_deref());
    resource.scope.as_deref() == Some("Namespaced")
        && resource.verbs.iter().any(|verb| verb == verbs::LIST)
        && !kind.is_some_and(|kind| REPORTS.contains(&kind))
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use kube::Client;
    use kube::client::Body;

    use super::*;

    /// A server that answers every question with this.
    fn answering(text: &'static str) -> Cluster {
        let server = tower::service_fn(move |_: http::Request<Body>| async move {
            Ok::<_, Infallible>(http::Response::new(Body::from(text.as_bytes().to_vec())))
        });
        Cluster::new("compute".parse().expect("a name"), Client::new(server, "default"))
    }

    #[tokio::test]
    async fn a_server_that_does_not_list_its_kinds_does_not_hold_nothing() {
        let key = "compute/shop".parse().expect("a key");
        let claim = Claim { registry: "acme".parse().expect("a name"), adopt: false };
        let old = answering(r#"{"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": "apps"}]}"#);
        let told = not_made_by(&Cx::default(), &old, &key, &claim).await.expect_err("not told");
        insta::assert_snapshot!(told, @"nobody can tell what namespace `compute/shop` holds, so it is not deleted: cluster `compute` does not list the kinds it has. Aggregated discovery does that, which Kubernetes has from 1.26 on");
    }
}
