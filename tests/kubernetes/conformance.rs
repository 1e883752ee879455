//! The suite that every platform passes, unchanged, on real clusters.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anu::fanout::resource::{Labels, NamespaceSettings, Quota, RoleBinding as Binding};
use anu::platform::conformance::{self, Ability, ClusterFixture};
use anu::platform::kubernetes::{Kubernetes, Settings};
use anu::registry::names::{ClusterName, KubernetesServiceAccountName, NamespaceKey, NamespaceName};
use async_trait::async_trait;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, ResourceQuota, ServiceAccount};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::clusters::Clusters;
use crate::rights;

/// Longer than a namespace's controller takes to empty it; what a finalizer holds costs the suite this much each time.
const DELETION_TIMEOUT: Duration = Duration::from_secs(9);

/// Another user, with kubectl.
struct External<'c> {
    clusters: &'c Clusters,
    names: AtomicU32,
}

impl External<'_> {
    async fn client(&self, key: &NamespaceKey) -> kube::Client {
        self.clusters.client(key.cluster.as_str(), "human").await
    }

    async fn create<K>(&self, api: Api<K>, object: serde_json::Value) -> Ability
    where
        K: Clone + Serialize + DeserializeOwned + std::fmt::Debug,
    {
        let object: K = serde_json::from_value(object).expect("an object");
        api.create(&PostParams::default(), &object).await.expect("created");
        Ok(())
    }

    async fn edit(&self, key: &NamespaceKey, patch: serde_json::Value) -> Ability {
        let namespaces = Api::<Namespace>::all(self.client(key).await);
        let params = PatchParams { field_manager: Some("kubectl-edit".into()), ..PatchParams::default() };
        namespaces.patch(key.namespace.as_str(), &params, &Patch::Merge(patch)).await.expect("edited");
        Ok(())
    }
}

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name")
}

#[async_trait]
impl ClusterFixture for External<'_> {
    fn clusters(&self) -> [ClusterName; 2] {
        [name("cluster-1"), name("cluster-2")]
    }

    fn fresh_namespace(&self) -> NamespaceName {
        name(&format!("conformance-{:04}", self.names.fetch_add(1, Ordering::Relaxed)))
    }

    async fn foreign_namespace(&self, key: &NamespaceKey, labels: &Labels) -> Ability {
        let object = json!({"metadata": {"name": key.namespace.as_str(), "labels": labels}});
        self.create(Api::<Namespace>::all(self.client(key).await), object).await
    }

    async fn edit_namespace(&self, key: &NamespaceKey, add: &NamespaceSettings) -> Ability {
        self.edit(key, json!({"metadata": {"labels": add.labels, "annotations": add.annotations}})).await
    }

    async fn foreign_contents(&self, key: &NamespaceKey) -> Ability<String> {
        let api = Api::<ConfigMap>::namespaced(self.client(key).await, key.namespace.as_str());
        self.create(api, json!({"metadata": {"name": "settings"}, "data": {"theirs": "yes"}})).await?;
        Ok("ConfigMap settings".to_owned())
    }

    async fn foreign_role_binding(
        &self,
        key: &NamespaceKey,
        name: &str,
        labels: &Labels,
        binding: &Binding,
    ) -> Ability {
        let subjects: Vec<_> = binding
            .subjects
            .iter()
            .map(|subject| {
                let (kind, name) = subject.split_once(':').expect("KIND:NAME");
                json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name})
            })
            .collect();
        let object = json!({
            "metadata": {"name": name, "labels": labels},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": binding.role.as_str()},
            "subjects": subjects,
        });
        let api = Api::<RoleBinding>::namespaced(self.client(key).await, key.namespace.as_str());
        self.create(api, object).await
    }

    async fn foreign_quota(&self, key: &NamespaceKey, labels: &Labels, quota: &Quota) -> Ability {
        let object = json!({"metadata": {"name": "anu", "labels": labels}, "spec": {"hard": quota}});
        let api = Api::<ResourceQuota>::namespaced(self.client(key).await, key.namespace.as_str());
        self.create(api, object).await
    }

    async fn foreign_kubernetes_service_account(
        &self,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
        labels: &Labels,
        annotations: &Labels,
    ) -> Ability {
        let object = json!({"metadata": {"name": name.as_str(), "labels": labels, "annotations": annotations}});
        let api = Api::<ServiceAccount>::namespaced(self.client(key).await, key.namespace.as_str());
        self.create(api, object).await
    }

    async fn kubernetes_service_account_annotations(
        &self,
        key: &NamespaceKey,
        name: &KubernetesServiceAccountName,
    ) -> Ability<Labels> {
        let api = Api::<ServiceAccount>::namespaced(self.client(key).await, key.namespace.as_str());
        Ok(api.get(name.as_str()).await.expect("an account").metadata.annotations.unwrap_or_default())
    }

    async fn set_finalizer(&self, key: &NamespaceKey, finalizer: &str, held: bool) -> Ability {
        let finalizers: &[&str] = if held { &[finalizer] } else { &[] };
        self.edit(key, json!({"metadata": {"finalizers": finalizers}})).await
    }
}

#[tokio::test]
async fn kubernetes_conforms() {
    let Some(clusters) = Clusters::shared() else { return };
    rights::grant(&clusters).await;
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, clusters.kubeconfig(rights::PROVIDER)).expect("written");
    let platform = Kubernetes::new(Settings {
        kubeconfig: Some(kubeconfig),
        deletion_timeout: DELETION_TIMEOUT,
        ..Settings::default()
    });
    let fixture = External { clusters: &clusters, names: AtomicU32::new(0) };
    let report = conformance::clusters(&platform, &fixture).await;
    assert_eq!((report.passed.len(), report.skipped), (23, vec![]), "a platform that can play every part skips none");
    let report = conformance::kubernetes_service_accounts(&platform, &fixture).await;
    assert_eq!((report.passed.len(), report.skipped), (11, vec![]), "a platform that can play every part skips none");
}
