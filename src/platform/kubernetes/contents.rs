//! The objects in a namespace that anu did not create.
//!
//! Deleting a namespace deletes everything in it, of every kind the server knows. So every kind is listed, and if one of them
//! cannot be listed, the contents are unknown and the namespace is not deleted.

use std::collections::{BTreeSet, HashSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use kube::api::{Api, DynamicObject, ListParams, ObjectMeta, PartialObjectMeta};
use kube::core::discovery::v2::{APIGroupDiscovery, APIResourceDiscovery, APIVersionDiscovery};
use kube::discovery::{ApiResource, verbs};

use super::cluster::Cluster;
use super::objects::{QUOTA, RBAC, owner};
use crate::platform::{Error, OwnershipPolicy, RequestContext, Result};
use crate::printable::excerpt;
use crate::registry::names::NamespaceKey;

/// How discovery reports an API whose server does not respond.
const STALE: &str = "Stale";
/// Kinds listed at the same time.
const AT_ONCE: usize = 8;
/// Objects that controllers create in every namespace, by group, kind and name. The last is Istio's.
const AUTOMATIC: [(&str, &str, &str); 3] =
    [("", "ServiceAccount", "default"), ("", "ConfigMap", "kube-root-ca.crt"), ("", "ConfigMap", "istio-ca-root-cert")];
/// Kinds that only report on other objects, by group and kind.
const REPORTS: [(&str, &str); 2] = [("", "Event"), ("events.k8s.io", "Event")];

/// An object in a namespace.
struct Found {
    group: String,
    kind: String,
    metadata: ObjectMeta,
}

/// One line for each object in a namespace that was not created for this registry, by kind.
pub(super) async fn not_created_by(
    ctx: &RequestContext,
    cluster: &Cluster,
    key: &NamespaceKey,
    ownership: &OwnershipPolicy,
) -> Result<Vec<String>> {
    let kinds = kinds(ctx, cluster).await.map_err(|error| unknown_contents(key, error))?;
    let found: Vec<Vec<Found>> = stream::iter(kinds)
        .map(|kind| async move { objects(ctx, cluster, key, &kind).await })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let theirs: Vec<Found> =
        found.into_iter().flatten().filter(|object| !object.is_ours_or_automatic(ownership)).collect();
    Ok(lines(&theirs).into_iter().collect())
}

impl Found {
    fn name(&self) -> &str {
        self.metadata.name.as_deref().unwrap_or_default()
    }

    fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }

    /// Whether it is ours, or created by a controller in every namespace.
    fn is_ours_or_automatic(&self, ownership: &OwnershipPolicy) -> bool {
        let ours = self.is("", "ResourceQuota") && self.name() == QUOTA
            || self.is(RBAC, "RoleBinding")
            || self.is("", "ServiceAccount");
        ours && ownership.may_delete(&owner(&self.metadata))
            || AUTOMATIC.iter().any(|(group, kind, name)| self.is(group, kind) && self.name() == *name)
    }
}

/// The objects of others to report: those that own the rest, as a Deployment owns Pods and a Service owns Endpoints. At least
/// one is reported where there are any.
fn lines(theirs: &[Found]) -> BTreeSet<String> {
    let all: HashSet<&str> = theirs.iter().filter_map(|object| object.metadata.uid.as_deref()).collect();
    let services: HashSet<&str> = theirs.iter().filter(|object| object.is("", "Service")).map(Found::name).collect();
    let belongs = |object: &&Found| {
        let mut owners = object.metadata.owner_references.iter().flatten().map(|owner| owner.uid.as_str());
        owners.any(|uid| all.contains(uid) && object.metadata.uid.as_deref() != Some(uid))
            || object.is("", "Endpoints") && services.contains(object.name())
    };
    let line = |object: &Found| excerpt(&format!("{} {}", object.kind, object.name()));
    let heads: BTreeSet<String> = theirs.iter().filter(|object| !belongs(object)).map(line).collect();
    // Owner references can form a circle.
    if heads.is_empty() { theirs.iter().map(line).collect() } else { heads }
}

/// Every kind of object that a namespace can contain.
async fn kinds(ctx: &RequestContext, cluster: &Cluster) -> Result<Vec<ApiResource>> {
    let client = cluster.client();
    let core = cluster.request(ctx, || client.list_core_api_versions_aggregated());
    let groups = cluster.request(ctx, || client.list_api_groups_aggregated());
    let (core, groups) = futures_util::try_join!(core, groups).map_err(|api_error| cluster.error(api_error))?;
    // A server without aggregated discovery answers in the older form, which reads as empty here.
    if core.items.is_empty() || groups.items.is_empty() {
        return Err(Error::Invalid(format!(
            "cluster `{}` does not support aggregated discovery, which anu needs to list all kinds: Kubernetes 1.26 or later is required",
            cluster.name()
        )));
    }
    let mut kinds = Vec::new();
    for group in core.items.into_iter().chain(groups.items) {
        of_group(cluster, group, &mut kinds)?;
    }
    Ok(kinds)
}

/// The kinds of one group, each in the first version that has it: the preferred version may lack some.
fn of_group(cluster: &Cluster, group: APIGroupDiscovery, kinds: &mut Vec<ApiResource>) -> Result<()> {
    let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for APIVersionDiscovery { version, resources, freshness } in group.versions {
        let version = version.unwrap_or_default();
        let api_version = if name.is_empty() { version.clone() } else { format!("{name}/{version}") };
        if freshness.as_deref() == Some(STALE) {
            let unanswered = format!(
                "cluster `{}`: the server of API `{api_version}` does not respond, and Kubernetes deletes no namespace \
                 without it. Repair that server, or remove its APIService",
                cluster.name()
            );
            return Err(Error::Unavailable(unanswered.into()));
        }
        for resource in resources.into_iter().filter(|resource| can_contain(&name, resource)) {
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

/// Whether deleting a namespace deletes objects of a kind. Kinds without the verb `delete` (metrics, packages of a catalogue) are
/// skipped, as Kubernetes' namespace controller does (namespaced_resources_deleter.go).
fn can_contain(group: &str, resource: &APIResourceDiscovery) -> bool {
    let kind = resource.response_kind.as_ref().and_then(|kind| kind.kind.as_deref());
    let can = |verb: &str| resource.verbs.iter().any(|each| each == verb);
    resource.scope.as_deref() == Some("Namespaced")
        && can(verbs::LIST)
        && can(verbs::DELETE)
        && !kind.is_some_and(|kind| REPORTS.contains(&(group, kind)))
}

async fn objects(
    ctx: &RequestContext,
    cluster: &Cluster,
    key: &NamespaceKey,
    kind: &ApiResource,
) -> Result<Vec<Found>> {
    let api: Api<DynamicObject> = Api::namespaced_with(cluster.client().clone(), key.namespace.as_str(), kind);
    let api = &api;
    let listed =
        cluster.list(ctx, &ListParams::default(), |params| async move { api.list_metadata(&params).await }).await;
    let listed = match listed {
        // A kind that was removed after discovery.
        Err(Error::NotFound(_)) => return Ok(Vec::new()),
        listed => listed.map_err(|error| unknown_contents(key, error))?,
    };
    let found = |object: PartialObjectMeta<DynamicObject>| {
        let (group, kind) = (kind.group.clone(), kind.kind.clone());
        Found { group, kind, metadata: object.metadata }
    };
    Ok(listed.into_iter().map(found).collect())
}

/// The error for a namespace with unknown contents, of the same variant.
fn unknown_contents(key: &NamespaceKey, error: Error) -> Error {
    let unknown = format!("the contents of namespace `{key}` cannot be listed, so it is not deleted");
    let say = |text: String| format!("{unknown}: {text}");
    match error {
        Error::PermissionDenied(text) => Error::PermissionDenied(say(text)),
        Error::Unavailable(outage) => Error::Unavailable(outage.of(&unknown)),
        Error::Unauthenticated(outage) => Error::Unauthenticated(outage.of(&unknown)),
        Error::Misconfigured(outage) => Error::Misconfigured(outage.of(&unknown)),
        Error::Invalid(text) => Error::Invalid(say(text)),
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
    use kube::Client;
    use kube::client::Body;
    use serde_json::json;

    use super::*;
    use crate::fanout::resource::Labels;

    /// A server that answers every request with this text.
    fn answering(text: &'static str) -> Cluster {
        let server = tower::service_fn(move |_: http::Request<Body>| async move {
            Ok::<_, Infallible>(http::Response::new(Body::from(text.as_bytes().to_vec())))
        });
        Cluster::new("compute".parse().expect("a name"), Client::new(server, "default"))
    }

    fn object(group: &str, kind: &str, name: &str, owners: &[&str]) -> Found {
        let owner = |uid: &&str| OwnerReference { uid: (*uid).to_owned(), ..OwnerReference::default() };
        let metadata = ObjectMeta {
            name: Some(name.to_owned()),
            uid: Some(format!("uid-of-{name}")),
            owner_references: Some(owners.iter().map(owner).collect()),
            ..ObjectMeta::default()
        };
        Found { group: group.to_owned(), kind: kind.to_owned(), metadata }
    }

    #[test]
    fn an_object_whose_owner_is_reported_is_not() {
        let theirs = [
            object("apps", "Deployment", "web", &[]),
            object("apps", "ReplicaSet", "web-1", &["uid-of-web"]),
            object("", "Pod", "web-1-a", &["uid-of-web-1"]),
            object("", "Service", "shop", &[]),
            object("", "Endpoints", "shop", &[]),
            object("", "Endpoints", "by-hand", &[]),
            object("", "Secret", "of-another-owner", &["uid-of-nothing-here"]),
        ];
        let reported: Vec<String> = lines(&theirs).into_iter().collect();
        assert_eq!(reported, ["Deployment web", "Endpoints by-hand", "Secret of-another-owner", "Service shop"]);
        assert_eq!(lines(&[]), BTreeSet::new());
    }

    #[test]
    fn objects_that_own_each_other_are_reported() {
        let own = [object("", "Secret", "own", &["uid-of-own"])];
        assert_eq!(lines(&own), ["Secret own".to_owned()].into());
        let circle = [object("", "Secret", "a", &["uid-of-b"]), object("", "Secret", "b", &["uid-of-a"])];
        assert_eq!(lines(&circle), ["Secret a".to_owned(), "Secret b".to_owned()].into());
    }

    #[test]
    fn automatic_objects_and_ours_are_not_contents() {
        let ownership = OwnershipPolicy { adopt: true, ..OwnershipPolicy::of("acme".parse().expect("a name")) };
        let ignored = |group, kind, name, owned: bool| {
            let mut object = object(group, kind, name, &[]);
            object.metadata.labels = owned.then(|| ownership.with_owner(&Labels::new()));
            object.is_ours_or_automatic(&ownership)
        };
        assert!(ignored("", "ConfigMap", "kube-root-ca.crt", false) && ignored("", "ServiceAccount", "default", false));
        assert!(ignored("", "ResourceQuota", "anu", true) && ignored(RBAC, "RoleBinding", "anu:pay:production", true));
        assert!(ignored("", "ServiceAccount", "pay", true));
        // Another kind of the same name; ours by name or by label only.
        assert!(!ignored("example.com", "ConfigMap", "kube-root-ca.crt", false));
        assert!(!ignored("", "ResourceQuota", "anu", false) && !ignored("", "ResourceQuota", "theirs", true));
        assert!(!ignored(RBAC, "RoleBinding", "view", false) && !ignored("", "ConfigMap", "settings", true));
        assert!(!ignored("", "ServiceAccount", "pay", false));
    }

    #[tokio::test]
    async fn every_kind_is_listed_in_the_first_version_that_has_it() {
        let resource = |plural: &str, kind: &str, scope: &str, verbs: &[&str]| json!({"resource": plural, "responseKind": {"kind": kind}, "scope": scope, "verbs": verbs});
        let (all, namespaced) = (["list", "delete"], "Namespaced");
        let group = json!({"metadata": {"name": "example.com"}, "versions": [
            {"version": "v1", "freshness": "Current", "resources": [
                resource("gadgets", "Gadget", namespaced, &all),
                resource("factories", "Factory", "Cluster", &all),
                resource("readings", "Reading", namespaced, &["get", "list"]),
                resource("reviews", "Review", namespaced, &["create"]),
                resource("events", "Event", namespaced, &all),
            ]},
            {"version": "v1alpha1", "freshness": "Current", "resources": [
                resource("gadgets", "Gadget", namespaced, &all),
                resource("relics", "Relic", namespaced, &all),
            ]},
        ]});
        let (cluster, mut kinds) = (answering(""), Vec::new());
        of_group(&cluster, serde_json::from_value(group).expect("a group"), &mut kinds).expect("kinds");
        let desired: Vec<String> = kinds.iter().map(|kind| format!("{} {}", kind.api_version, kind.plural)).collect();
        assert_eq!(desired, ["example.com/v1 gadgets", "example.com/v1 events", "example.com/v1alpha1 relics"]);
    }

    #[tokio::test]
    async fn a_server_that_does_not_list_its_kinds_is_an_error() {
        let key = "compute/shop".parse().expect("a key");
        let ownership = OwnershipPolicy::of("acme".parse().expect("a name"));
        let old = answering(r#"{"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": "apps"}]}"#);
        let error =
            not_created_by(&RequestContext::default(), &old, &key, &ownership).await.expect_err("unknown contents");
        insta::assert_snapshot!(error, @"the contents of namespace `compute/shop` cannot be listed, so it is not deleted: cluster `compute` does not support aggregated discovery, which anu needs to list all kinds: Kubernetes 1.26 or later is required");
    }
}
