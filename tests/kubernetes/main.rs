//! That the clusters tests run against are real, and apart from each other.

mod cancellation;
#[path = "../support/kubernetes.rs"]
mod clusters;
mod commands;
mod config_map;
mod conformance;
mod contents;
#[path = "../support/proxy.rs"]
mod proxy;
mod quotas;
mod reaching;
mod rights;
mod service_accounts;
#[path = "../support/signer.rs"]
mod signer;
#[path = "../support/tools.rs"]
mod tools;

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::ClusterRole;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;

use clusters::Clusters;

/// Waits until what is asked for is so. Namespaces are the slowest: their controller waits five seconds before it begins.
async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The reason the API server gives for refusing.
fn reason<T: std::fmt::Debug>(result: kube::Result<T>) -> String {
    match result {
        Err(kube::Error::Api(status)) => status.reason,
        other => panic!("should have been refused: {other:?}"),
    }
}

fn namespace(name: &str) -> Namespace {
    serde_json::from_value(json!({ "metadata": { "name": name } })).expect("a namespace")
}

#[tokio::test]
async fn three_clusters_have_nothing_in_common_but_their_version() {
    let Some(clusters) = Clusters::shared() else { return };
    assert_eq!(clusters.names(), ["cluster-1", "cluster-2", "cluster-3"]);
    let mut seen = Vec::new();
    for cluster in clusters.all() {
        let client = clusters.client(&cluster.name, "admin").await;
        assert_eq!(client.apiserver_version().await.expect("a version").git_version, clusters.version);
        let system = Api::<Namespace>::all(client).get("kube-system").await.expect("kube-system");
        seen.extend([system.metadata.uid.expect("an id"), cluster.endpoint.clone(), cluster.ca_certificate.clone()]);
        seen.extend(cluster.tokens.values().cloned());
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((seen.len(), count), (3 * (3 + 5), 3 * (3 + 5)));
}

#[tokio::test]
async fn a_namespace_is_in_its_own_cluster_only_and_goes_when_deleted() {
    let Some(clusters) = Clusters::shared() else { return };
    let here = clusters.client("cluster-1", "admin").await;
    let there = Api::<Namespace>::all(clusters.client("cluster-2", "admin").await);
    let namespaces = Api::<Namespace>::all(here.clone());
    let uid = namespaces.create(&Default::default(), &namespace("apart")).await.expect("created").metadata.uid;
    assert!(there.get_opt("apart").await.expect("an answer").is_none());
    assert_eq!(reason(namespaces.create(&Default::default(), &namespace("apart")).await), "AlreadyExists");

    // Server-side apply, then a controller that fills in the status.
    let quotas = Api::<ResourceQuota>::namespaced(here, "apart");
    let quota = json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "quota" }, "spec": { "hard": { "count/configmaps": "5" } } });
    let applied = quotas.patch("quota", &PatchParams::apply("test"), &Patch::Apply(quota)).await.expect("applied");
    assert_eq!(applied.metadata.managed_fields.expect("managed fields")[0].manager.as_deref(), Some("test"));
    let used = eventually("the quota counts what is there", async || {
        let status = quotas.get_status("quota").await.expect("a quota").status?;
        status.used?.remove("count/configmaps").map(|used| used.0)
    });
    assert_eq!(used.await, "1", "every namespace has the cluster's certificate in a config map");

    namespaces.delete("apart", &Default::default()).await.expect("deleted");
    let phase = namespaces.get("apart").await.expect("still there").status.and_then(|status| status.phase);
    assert_eq!(phase.as_deref(), Some("Terminating"));
    eventually("the namespace goes", async || {
        let found = namespaces.get_opt("apart").await.expect("an answer");
        if let Some(found) = &found {
            assert_eq!(found.metadata.uid, uid);
        }
        found.is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn users_may_do_what_they_are_granted_and_nothing_else() {
    let Some(clusters) = Clusters::shared() else { return };
    let nobody = clusters.client("cluster-1", "nobody").await;
    assert_eq!(reason(Api::<Namespace>::all(nobody).list(&Default::default()).await), "Forbidden");

    // Who may write roles may still not give away more than they have.
    let admin = clusters.client("cluster-2", "admin").await;
    let roles = Api::<ClusterRole>::all(admin.clone());
    let role = json!({
        "metadata": { "name": "writes-roles" },
        "rules": [{ "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["create", "delete"] }],
    });
    roles.create(&Default::default(), &serde_json::from_value(role).expect("a role")).await.expect("created");
    let binding = json!({
        "metadata": { "name": "writes-roles" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "writes-roles" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "other" }],
    });
    let binding = serde_json::from_value(binding).expect("a binding");
    Api::<k8s_openapi::api::rbac::v1::ClusterRoleBinding>::all(admin)
        .create(&Default::default(), &binding)
        .await
        .expect("bound");

    let other = Api::<ClusterRole>::all(clusters.client("cluster-2", "other").await);
    let role = |verb: &str| -> ClusterRole {
        let rules =
            json!([{ "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": [verb] }]);
        serde_json::from_value(json!({ "metadata": { "name": format!("may-{verb}") }, "rules": rules }))
            .expect("a role")
    };
    eventually("the grant is in force", async || other.create(&Default::default(), &role("create")).await.ok()).await;
    assert_eq!(reason(other.create(&Default::default(), &role("get")).await), "Forbidden");
    let elsewhere = Api::<ClusterRole>::all(clusters.client("cluster-3", "other").await);
    assert_eq!(reason(elsewhere.create(&Default::default(), &role("create")).await), "Forbidden");
}

#[tokio::test]
async fn a_cluster_goes_down_alone_and_comes_back_with_all_it_had() {
    let Some(mut clusters) = Clusters::alone() else { return };
    let names = ["cluster-1", "cluster-2"];
    for name in names {
        let namespaces = Api::<Namespace>::all(clusters.client(name, "human").await);
        namespaces.create(&Default::default(), &namespace("kept")).await.expect("created");
    }

    clusters.stop("cluster-2");
    let down = Api::<Namespace>::all(clusters.client("cluster-2", "admin").await).get("kept").await;
    assert!(matches!(down, Err(kube::Error::HyperError(_) | kube::Error::Service(_))), "{down:?}");
    Api::<Namespace>::all(clusters.client("cluster-1", "admin").await).get("kept").await.expect("the other is up");

    clusters.start("cluster-2");
    let namespaces = Api::<Namespace>::all(clusters.client("cluster-2", "admin").await);
    namespaces.delete("kept", &Default::default()).await.expect("kept");
    eventually("the namespace goes", async || {
        namespaces.get_opt("kept").await.expect("an answer").is_none().then_some(())
    })
    .await;
}
