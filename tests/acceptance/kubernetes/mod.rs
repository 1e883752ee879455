//! The example on real clusters, run by real cores: what is there in the end is asked of the clusters themselves.
//!
//! All tests share three clusters, so each has a registry of its own: its own name, and its own namespaces.

mod access;
mod adopt;
mod company;
mod drift;
mod estate;
mod example;
mod faults;
mod gke_guide;
mod google;
mod killed;
mod manifests;
mod namespace;
mod new_cluster;
mod outage;
mod removal;
mod requests;
mod together;
mod two_names;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use k8s_openapi::NamespaceResourceScope;
use kube::api::{Api, ListParams, Patch, PatchParams};
use kube::{Resource, ResourceExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use super::clusters::Clusters;
use super::document::{Document, Service};
use super::proxy::Proxy;
use super::rights;
use super::support::{Core, Workspace, example};

/// The example's clusters, on ours.
const CONTEXTS: [(&str, &str); 3] =
    [("compute-banking", "cluster-1"), ("compute-shop", "cluster-2"), ("compute-staging", "cluster-3")];

/// The context of a cluster of the registry.
fn context(cluster: &str) -> &'static str {
    CONTEXTS.iter().find(|(name, _)| *name == cluster).expect("a cluster of the example").1
}

/// A working folder with an example's registry, as the provider with the documented rights works on it.
struct Fixture<'c> {
    clusters: &'c Clusters,
    workspace: Workspace,
    /// Ends the registry's name and those of its namespaces.
    suffix: String,
}

impl<'c> Fixture<'c> {
    /// With the registry of `examples/kubernetes`.
    fn new(core: &Core, clusters: &'c Clusters) -> Self {
        Self::of(core, clusters, "kubernetes")
    }

    /// With the registry of `examples/NAME`.
    fn of(core: &Core, clusters: &'c Clusters, name: &str) -> Self {
        wait(rights::grant(clusters));
        Self::reached_by(core, clusters, name, &clusters.kubeconfig(rights::PROVIDER))
    }

    /// With the registry of `examples/kubernetes`, and a proxy between the provider and its clusters, to which it logs in as
    /// this user of a kubeconfig.
    fn behind(core: &Core, clusters: &'c Clusters, proxy: &Proxy, user: &str) -> Self {
        Self::reached_by(core, clusters, "kubernetes", &proxy.kubeconfig(user))
    }

    fn reached_by(core: &Core, clusters: &'c Clusters, name: &str, kubeconfig: &str) -> Self {
        let fixture = Self::without_core(core, clusters, name, kubeconfig);
        fixture.workspace.init();
        fixture
    }

    /// The folder alone: no core has run in it.
    fn without_core(core: &Core, clusters: &'c Clusters, name: &str, kubeconfig: &str) -> Self {
        let suffix = Self::next_suffix();
        let workspace = Workspace::new(core);
        workspace.copy(&example("kubernetes"), "");
        let text = std::fs::read_to_string(example(name).join("registry.json")).expect("a registry");
        let mut registry = Document::parse(&text);
        rename(&mut registry, &suffix);
        workspace.registry(&registry);
        workspace.write("kubeconfig", kubeconfig);
        let kubeconfig = workspace.path().join("kubeconfig");
        let contexts: BTreeMap<&str, &str> = CONTEXTS.into();
        let variables = json!({"kubeconfig": kubeconfig, "contexts": contexts});
        workspace.write("terraform.tfvars.json", &variables.to_string());
        Self { clusters, workspace, suffix }
    }

    /// One that no other test of this process has.
    fn next_suffix() -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        format!("-t{}", COUNT.fetch_add(1, Ordering::Relaxed))
    }

    /// A namespace's name in this registry.
    fn namespace(&self, name: &str) -> String {
        format!("{name}{}", self.suffix)
    }

    /// The key of a namespace.
    fn key(&self, cluster: &str, name: &str) -> String {
        format!("{cluster}/{}", self.namespace(name))
    }

    /// Changes one service in the registry.
    #[track_caller]
    fn edit(&self, service: &str, edit: impl FnOnce(&mut Service)) {
        self.workspace.edit_registry(|registry| edit(registry.service_mut(service)));
    }

    /// A client of an administrator who does not use the provider.
    fn human(&self, cluster: &str) -> kube::Client {
        wait(self.clusters.client(context(cluster), "human"))
    }

    /// Every object of a kind that carries this registry's mark, by cluster, namespace and name.
    fn marked<K>(&self) -> BTreeMap<String, K>
    where
        K: Resource<DynamicType = ()> + Clone + DeserializeOwned + std::fmt::Debug,
    {
        self.marked_on(&CONTEXTS.map(|(cluster, _)| cluster))
    }

    /// The same, on these clusters.
    fn marked_on<K>(&self, clusters: &[&str]) -> BTreeMap<String, K>
    where
        K: Resource<DynamicType = ()> + Clone + DeserializeOwned + std::fmt::Debug,
    {
        let ours = ListParams::default().labels(&format!("managed-by=anu,anu-registry=acme{}", self.suffix));
        let mut found = BTreeMap::new();
        for cluster in clusters {
            let listed = wait(Api::<K>::all(self.human(cluster)).list(&ours)).expect("a list");
            found.extend(listed.items.into_iter().map(|object| {
                let place = object.namespace().map_or_else(String::new, |namespace| format!("{namespace}/"));
                (format!("{cluster}/{place}{}", object.name_any()), object)
            }));
        }
        found
    }

    /// Objects of a kind in one namespace.
    fn within<K>(&self, cluster: &str, namespace: &str) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.human(cluster), &self.namespace(namespace))
    }
}

/// A proxy before the clusters, which does nothing yet.
fn proxy(clusters: &Clusters) -> Proxy {
    wait(async {
        rights::grant(clusters).await;
        let mut all = Vec::new();
        for name in clusters.names() {
            all.push((name.to_owned(), clusters.client(name, rights::PROVIDER).await));
        }
        Proxy::start(all).await
    })
}

/// How thorough to be where every run adds something: the number that a variable says.
fn thoroughness(variable: &str) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

fn rename(registry: &mut Document, suffix: &str) {
    registry.metadata.name.push_str(suffix);
    for namespace in &mut registry.namespaces {
        namespace.name.push_str(suffix);
    }
    for service in &mut registry.services {
        for environment in &mut service.environments {
            for target in &mut environment.targets {
                target.namespace.push_str(suffix);
            }
        }
    }
}

/// What `kubectl edit` does: a merge patch under its own name.
fn edit<K>(api: &Api<K>, name: &str, patch: Json)
where
    K: Clone + DeserializeOwned + std::fmt::Debug,
{
    let params = PatchParams { field_manager: Some("kubectl-edit".to_owned()), ..PatchParams::default() };
    wait(api.patch(name, &params, &Patch::Merge(patch))).expect("edited");
}

/// What `kubectl create` does.
fn create<K>(api: &Api<K>, object: Json)
where
    K: Clone + DeserializeOwned + Serialize + std::fmt::Debug,
{
    let object: K = serde_json::from_value(object).expect("an object");
    wait(api.create(&Default::default(), &object)).expect("created");
}

/// The address of a service's instance.
fn address(service: &str) -> String {
    format!("anu_registry_service.this[\"{service}\"]")
}

/// Waits for work of ours. On one runtime for all, since a client's connections live on that which made it.
fn wait<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    RUNTIME.block_on(work)
}
