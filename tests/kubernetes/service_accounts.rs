//! Service accounts on a real cluster: what of an object is anu's, and the permission for them.

use std::collections::BTreeSet;

use anu::fanout::resource::{ACTS_AS, Labels, NamespaceSettings};
use anu::platform::kubernetes::{Kubernetes, Settings};
use anu::platform::{Clusters as _, Error, KubernetesServiceAccounts as _, OwnershipPolicy, RequestContext};
use anu::registry::names::NamespaceKey;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::clusters::Clusters;
use crate::rights;

const ADDRESS: &str = "web@gc-prd-web.iam.gserviceaccount.com";

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name")
}

fn ownership() -> OwnershipPolicy {
    OwnershipPolicy::of(name("accounts"))
}

/// The platform as this user reaches it, with a namespace made.
async fn made(clusters: &Clusters, user: &str, key: &NamespaceKey) -> Kubernetes {
    rights::grant(clusters).await;
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, clusters.kubeconfig(user)).expect("written");
    let platform = Kubernetes::new(Settings { kubeconfig: Some(kubeconfig), ..Settings::default() });
    let settings = NamespaceSettings { labels: Labels::new(), annotations: Labels::new() };
    platform.ensure_namespace(&RequestContext::default(), key, &settings, &ownership()).await.expect("made");
    platform
}

/// All that is not anu's, as a chart wrote it.
fn theirs(account: &ServiceAccount) -> Value {
    let mut value = serde_json::to_value(account).expect("an object");
    let metadata = value["metadata"].as_object_mut().expect("metadata");
    metadata.retain(|key, _| ["labels", "annotations", "finalizers"].contains(&key.as_str()));
    for (map, ours) in [("labels", vec!["managed-by", "anu-registry"]), ("annotations", vec![ACTS_AS])] {
        metadata[map].as_object_mut().expect("a map").retain(|key, _| !ours.contains(&key.as_str()));
    }
    value
}

#[tokio::test]
async fn of_a_charts_account_only_one_annotation_and_the_ownership_label_are_ours() {
    let Some(clusters) = Clusters::shared() else { return };
    let key: NamespaceKey = name("cluster-1/accounts-of-a-chart");
    let platform = made(&clusters, rights::PROVIDER, &key).await;
    let human = clusters.client("cluster-1", "human").await;
    let api = Api::<ServiceAccount>::namespaced(human, key.namespace.as_str());
    let chart = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {
            "name": "web", "labels": {"app.kubernetes.io/managed-by": "Helm"},
            "annotations": {"meta.helm.sh/release-name": "web", ACTS_AS: "old@gc-prd-web.iam.gserviceaccount.com"},
        },
        "imagePullSecrets": [{"name": "registry"}], "automountServiceAccountToken": false,
    });
    let chart: ServiceAccount = serde_json::from_value(chart).expect("an account");
    let before = theirs(&api.create(&PostParams::default(), &chart).await.expect("created"));
    let ctx = RequestContext::default();
    let put = async |ownership: &OwnershipPolicy| {
        platform.put_kubernetes_service_account(&ctx, &key, &name("web"), ADDRESS, ownership).await
    };
    let refused = put(&ownership()).await;
    insta::assert_snapshot!(refused.expect_err("the chart's"), @"Kubernetes service account `cluster-1/accounts-of-a-chart/web` exists and has no ownership label of registry `accounts`");
    assert_eq!(put(&OwnershipPolicy { adopt: true, ..ownership() }).await, Ok(()));
    let now = api.get("web").await.expect("an account");
    assert_eq!(theirs(&now), before);
    assert_eq!(now.metadata.annotations.expect("annotations")[ACTS_AS], ADDRESS);

    // Another field manager takes the annotation. What the state records is written again, as its plan has shown.
    let other = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "web", "annotations": {ACTS_AS: "other@gc-prd-web.iam.gserviceaccount.com"}},
    });
    api.patch("web", &PatchParams::apply("helm").force(), &Patch::Apply(&other)).await.expect("written");
    let conflict = put(&ownership()).await;
    insta::assert_snapshot!(conflict.expect_err("a conflict"), @"Kubernetes service account `cluster-1/accounts-of-a-chart/web` has fields managed by others: `.metadata.annotations.iam.gke.io/gcp-service-account` by `helm`. Remove them from that manager or from the configuration of anu, or overwrite them with `force_conflicts = true` in the provider's `kubernetes` block");
    assert_eq!(put(&OwnershipPolicy { recorded: true, ..ownership() }).await, Ok(()));
    assert_eq!(theirs(&api.get("web").await.expect("an account")), before);
}

/// A registry without service accounts needs no permission for them.
#[tokio::test]
async fn without_the_permission_everything_else_works_and_the_message_names_it() {
    let Some(clusters) = Clusters::shared() else { return };
    rights::grant(&clusters).await;
    let admin = clusters.client("cluster-1", "admin").await;
    rights::bind(&admin, "anu", "anu-of-other", "other").await;
    let key: NamespaceKey = name("cluster-1/accounts-not-permitted");
    let platform = made(&clusters, "other", &key).await;
    let ctx = RequestContext::default();
    let namespaces = BTreeSet::from([key.namespace.clone()]);
    platform.cluster_snapshot(&ctx, &key.cluster, &ownership().registry).await.expect("a snapshot");
    assert_eq!(platform.read_namespaces(&ctx, &key.cluster, &namespaces).await.map(|found| found.len()), Ok(1));
    let refused = platform.read_kubernetes_service_accounts(&ctx, &key.cluster, &namespaces).await;
    insta::assert_snapshot!(refused.expect_err("no permission"), @r#"cluster `cluster-1`: permission denied (403): serviceaccounts is forbidden: User "other" cannot list resource "serviceaccounts" in API group "" in the namespace "accounts-not-permitted". The provider needs the rights of the ClusterRole in its Kubernetes guide"#);
    let refused = platform.put_kubernetes_service_account(&ctx, &key, &name("web"), ADDRESS, &ownership()).await;
    assert!(matches!(refused, Err(Error::PermissionDenied(_))), "{refused:?}");
    assert_eq!(platform.delete_namespace(&ctx, &key, true, &ownership()).await, Ok(()));
}
