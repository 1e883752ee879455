//! What is looked at before a namespace is deleted: every kind the server knows, whatever its version, or nothing is deleted.

use anu::fanout::resource::{Labels, NamespaceSettings};
use anu::platform::kubernetes::{Kubernetes, Settings};
use anu::platform::{Clusters as _, Error, OwnershipPolicy, RequestContext};
use anu::registry::names::NamespaceKey;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::api::{Api, ApiResource, DynamicObject, PostParams};
use serde_json::json;

use crate::clusters::Clusters;
use crate::{eventually, rights};

fn ownership() -> OwnershipPolicy {
    OwnershipPolicy::of("acme".parse().expect("a name"))
}

/// The provider's platform, with a namespace made.
async fn made(clusters: &Clusters, key: &NamespaceKey) -> Kubernetes {
    rights::grant(clusters).await;
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, clusters.kubeconfig(rights::PROVIDER)).expect("written");
    let platform = Kubernetes::new(Settings {
        kubeconfig: Some(kubeconfig),
        deletion_timeout: Settings::DELETION_TIMEOUT,
        ..Settings::default()
    });
    let settings = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
    platform.ensure_namespace(&RequestContext::default(), key, &settings, &ownership()).await.expect("made");
    platform
}

/// Of each group the server lists: its name, and its versions with their freshness.
async fn versions(client: &kube::Client, group: &str) -> Vec<(String, String)> {
    let groups = client.list_api_groups_aggregated().await.expect("the groups").items;
    let named = groups.into_iter().find(|each| each.metadata.as_ref().and_then(|m| m.name.as_deref()) == Some(group));
    let versions = named.into_iter().flat_map(|group| group.versions);
    versions.map(|each| (each.version.unwrap_or_default(), each.freshness.unwrap_or_default())).collect()
}

/// The kinds of one group need not all be in its preferred version: those of the Gateway API are not.
#[tokio::test]
async fn a_kind_that_only_another_version_has_counts() {
    const GROUP: &str = "kinds.anu.example.com";
    let Some(clusters) = Clusters::shared() else { return };
    let human = clusters.client("cluster-3", "human").await;
    for (plural, kind, version) in [("gadgets", "Gadget", "v1"), ("relics", "Relic", "v1alpha1")] {
        let definition = json!({
            "metadata": {"name": format!("{plural}.{GROUP}")},
            "spec": {
                "group": GROUP, "scope": "Namespaced", "names": {"plural": plural, "kind": kind},
                "versions": [{"name": version, "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}],
            },
        });
        let definition: CustomResourceDefinition = serde_json::from_value(definition).expect("a definition");
        Api::all(human.clone()).create(&PostParams::default(), &definition).await.expect("created");
    }
    eventually("both versions are there", async || {
        (versions(&human, GROUP).await.iter().map(|(version, _)| version.as_str()).eq(["v1", "v1alpha1"])).then_some(())
    })
    .await;

    let key: NamespaceKey = "cluster-3/holds-a-relic".parse().expect("a key");
    let platform = made(&clusters, &key).await;
    let relic =
        ApiResource::from_gvk_with_plural(&kube::api::GroupVersionKind::gvk(GROUP, "v1alpha1", "Relic"), "relics");
    let relics = Api::<DynamicObject>::namespaced_with(human, key.namespace.as_str(), &relic);
    relics.create(&PostParams::default(), &DynamicObject::new("old", &relic)).await.expect("created");
    let deleted = platform.delete_namespace(&RequestContext::default(), &key, false, &ownership()).await;
    let Err(Error::NotEmpty { contents, .. }) = deleted else { panic!("a relic is something: {deleted:?}") };
    assert_eq!(contents, ["Relic old"]);
    relics.delete("old", &Default::default()).await.expect("deleted");
    platform.delete_namespace(&RequestContext::default(), &key, false, &ownership()).await.expect("deleted");
}

/// An aggregated API whose server is down: what it holds cannot be seen, and Kubernetes could not delete the namespace.
#[tokio::test]
async fn while_an_api_does_not_answer_nothing_is_deleted() {
    const GROUP: &str = "nowhere.anu.example.com";
    let Some(clusters) = Clusters::alone() else { return };
    let key: NamespaceKey = "cluster-1/cannot-be-told".parse().expect("a key");
    let platform = made(&clusters, &key).await;
    let human = clusters.client("cluster-1", "human").await;
    let name = format!("v1.{GROUP}");
    let service = json!({
        "metadata": {"name": name},
        "spec": {
            "group": GROUP, "version": "v1", "groupPriorityMinimum": 1000, "versionPriority": 15, "insecureSkipTLSVerify": true,
            "service": {"namespace": "default", "name": "nowhere"},
        },
    });
    let service: APIService = serde_json::from_value(service).expect("a service");
    let services = Api::<APIService>::all(human.clone());
    services.create(&PostParams::default(), &service).await.expect("created");
    let listed = async |wanted: &[(&str, &str)]| {
        let found = versions(&human, GROUP).await;
        found
            .iter()
            .map(|(version, freshness)| (version.as_str(), freshness.as_str()))
            .eq(wanted.iter().copied())
            .then_some(())
    };
    eventually("the API is listed", async || listed(&[("v1", "Stale")]).await).await;
    let deleted = platform.delete_namespace(&RequestContext::default(), &key, false, &ownership()).await;
    insta::assert_snapshot!(deleted.expect_err("not deleted"), @"the contents of namespace `cluster-1/cannot-be-told` cannot be listed, so it is not deleted: cluster `cluster-1`: the server of API `nowhere.anu.example.com/v1` does not respond, and Kubernetes deletes no namespace without it. Repair that server, or remove its APIService");
    services.delete(&name, &Default::default()).await.expect("deleted");
    eventually("the API is gone", async || listed(&[]).await).await;
    platform.delete_namespace(&RequestContext::default(), &key, false, &ownership()).await.expect("deleted");
}
