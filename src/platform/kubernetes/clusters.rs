//! The verbs of [`Clusters`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use async_trait::async_trait;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, DeleteParams, Patch, PatchParams, Preconditions};
use kube::{Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::cluster::{ApiError, Cluster, FieldConflict, MAX_CONFLICT_RETRIES, conflict};
use super::connections::Kubernetes;
use super::objects::{self, MANAGER, QUOTA};
use super::{contents, deletion, escalation};
use crate::fanout::resource::{self, Labels, NamespaceSettings, Quota};
use crate::platform::{
    ClusterSnapshot, Clusters, Error, NamespaceKeys, NamespaceView, OwnerLabel, OwnershipPolicy, RequestContext,
    Result, ServerId,
};
use crate::registry::names::{ClusterName, NamespaceKey, NamespaceName, RegistryName};
use crate::registry::owner_label::DELETION_LABEL;
use crate::registry::same_quantity;

/// What messages call this platform.
const PLATFORM: &str = "kubernetes";

fn what(key: &NamespaceKey) -> String {
    format!("namespace `{key}`")
}

fn missing(key: &NamespaceKey) -> Error {
    Error::NotFound(format!("namespace `{}` not found on cluster `{}`", key.namespace, key.cluster))
}

/// The desired settings of a namespace.
#[derive(Clone, Copy)]
struct Desired<'w> {
    settings: &'w NamespaceSettings,
    /// The keys we set last time.
    previous: &'w NamespaceKeys,
    ownership: &'w OwnershipPolicy,
}

impl Kubernetes {
    pub(super) async fn find(
        &self,
        ctx: &RequestContext,
        cluster: &Cluster,
        key: &NamespaceKey,
    ) -> Result<Option<Namespace>> {
        let api = cluster.all::<Namespace>();
        let found = cluster.request(ctx, || api.get_opt(key.namespace.as_str())).await;
        found.map_err(|api_error| cluster.error(api_error))
    }

    /// Why an object could not be written into a namespace; for a namespace that is being deleted, what blocks the deletion.
    pub(super) async fn refused_within(
        &self,
        ctx: &RequestContext,
        cluster: &Cluster,
        key: &NamespaceKey,
        what: &str,
        api_error: ApiError,
    ) -> Error {
        if api_error.terminating() {
            let detail = match self.find(ctx, cluster, key).await {
                Ok(Some(namespace)) => deletion::detail(&namespace),
                _ => None,
            };
            return deletion::pending(key, detail.unwrap_or_else(|| "it was deleted just now".to_owned()));
        }
        cluster.error_within(key, what, api_error)
    }

    /// Server-side apply. Fields of other managers are overwritten where `may_force` permits all of them.
    pub(super) async fn apply<K>(
        &self,
        ctx: &RequestContext,
        cluster: &Cluster,
        api: &Api<K>,
        object: &K,
        may_force: impl Fn(&FieldConflict) -> bool,
    ) -> std::result::Result<K, ApiError>
    where
        K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize,
    {
        let name = object.name_any();
        let patch = Patch::Apply(object);
        let params = PatchParams::apply(MANAGER);
        let params = if self.settings.force_conflicts { params.force() } else { params };
        // An object with a uid must still exist: the caller decides what a conflict means.
        let has_uid = object.meta().uid.is_some();
        let applied = match has_uid {
            true => cluster.request(ctx, || api.patch(&name, &params, &patch)).await,
            false => cluster.write(ctx, || api.patch(&name, &params, &patch)).await,
        };
        match applied {
            Err(api_error) => {
                let conflicts = api_error.conflicts();
                if conflicts.is_empty() || !conflicts.iter().all(may_force) {
                    return Err(api_error);
                }
                let params = params.force();
                cluster.write(ctx, || api.patch(&name, &params, &patch)).await
            }
            applied => applied,
        }
    }

    /// Removes what we set before and do not any more, where another manager owns it too: apply does not remove it then.
    async fn strip<K>(
        &self,
        ctx: &RequestContext,
        cluster: &Cluster,
        api: &Api<K>,
        name: &str,
        patch: Json,
    ) -> Result<()>
    where
        K: Clone + Debug + DeserializeOwned,
    {
        let params = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        let patch = Patch::Merge(patch);
        let done = cluster.write(ctx, || api.patch(name, &params, &patch)).await;
        done.map(drop).map_err(|api_error| cluster.error(api_error))
    }

    /// Writes the desired settings of a namespace whose owner was checked. False where another client changed it first.
    async fn settle(
        &self,
        ctx: &RequestContext,
        cluster: &Cluster,
        key: &NamespaceKey,
        found: Option<&Namespace>,
        wanted: Desired<'_>,
    ) -> Result<bool> {
        let Desired { settings, previous, ownership } = wanted;
        let desired = NamespaceSettings { labels: ownership.with_owner(&settings.labels), ..settings.clone() };
        if found.is_some_and(|found| {
            let view = objects::view(found);
            view.satisfies(&desired) && leftovers(&view.settings, &desired, previous).is_none()
        }) {
            return Ok(true);
        }
        let api = cluster.all::<Namespace>();
        let object = objects::namespace(key, settings, ownership, found.and_then(ResourceExt::uid));
        // Drift that the plan has shown and objects to adopt are overwritten; anything else is a conflict.
        let may_force =
            |conflict: &FieldConflict| ownership.adopt && (previous.is_empty() || previous.has(&conflict.field));
        let applied = match self.apply(ctx, cluster, &api, &object, may_force).await {
            Ok(applied) => applied,
            Err(api_error) => {
                let conflicts = api_error.conflicts();
                return match conflicts.as_slice() {
                    [] if api_error.is(409) || api_error.is(404) => Ok(false),
                    [] => Err(cluster.error(api_error)),
                    conflicts => Err(conflict(&what(key), conflicts)),
                };
            }
        };
        if let Some(patch) = leftovers(&objects::settings(&applied.metadata), &desired, previous) {
            self.strip(ctx, cluster, &api, key.namespace.as_str(), patch).await?;
        }
        Ok(true)
    }

    /// Deletes one object in a namespace, if it is ours. Not found is success.
    pub(super) async fn delete_within<K>(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        what: impl Fn() -> String,
        ownership: &OwnershipPolicy,
    ) -> Result<()>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
    {
        let cluster = self.cluster(ctx, &key.cluster).await?;
        let api = cluster.within::<K>(key.namespace.as_str());
        for _ in 0..MAX_CONFLICT_RETRIES {
            let found =
                cluster.request(ctx, || api.get_opt(name)).await.map_err(|api_error| cluster.error(api_error))?;
            let Some(found) = found else { return Ok(()) };
            if !ownership.may_revoke(&objects::owner(found.meta())) {
                return Err(ownership.not_owned(what()));
            }
            let exactly = exactly(&found);
            match cluster.request(ctx, || api.delete(name, &exactly)).await {
                // It was recreated in the meantime.
                Err(api_error) if api_error.is(409) => {}
                Err(api_error) if !api_error.is(404) => return Err(cluster.error(api_error)),
                _ => return Ok(()),
            }
        }
        Err(raced(&what()))
    }
}

/// Deletes the object with this uid, not one of the same name that was created later.
fn exactly<K: Resource>(found: &K) -> DeleteParams {
    DeleteParams::background().preconditions(Preconditions { uid: found.uid(), resource_version: None })
}

/// The keys we set before that exist and are not desired, as the merge patch that removes them.
fn leftovers(found: &NamespaceSettings, desired: &NamespaceSettings, previous: &NamespaceKeys) -> Option<Json> {
    let left = |found: &Labels, desired: &Labels, previous: &BTreeSet<String>| -> BTreeMap<String, Json> {
        let left = previous.iter().filter(|key| found.contains_key(*key) && !desired.contains_key(*key));
        left.map(|key| (key.clone(), Json::Null)).collect()
    };
    let mut labels = left(&found.labels, &desired.labels, &previous.labels);
    // Anu's own, so it never stays where it is not desired.
    labels.extend(left(&found.labels, &desired.labels, &BTreeSet::from([DELETION_LABEL.to_owned()])));
    let annotations = left(&found.annotations, &desired.annotations, &previous.annotations);
    let none = labels.is_empty() && annotations.is_empty();
    (!none).then(|| json!({"metadata": {"labels": labels, "annotations": annotations}}))
}

impl NamespaceKeys {
    fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.annotations.is_empty()
    }

    /// Whether a field, as a conflict names it, is one of these.
    fn has(&self, field: &str) -> bool {
        let of = |prefix: &str, keys: &BTreeSet<String>| {
            field.strip_prefix(prefix).is_some_and(|key| keys.contains(key) || OwnerLabel::has_key(key))
        };
        of(".metadata.labels.", &self.labels) || of(".metadata.annotations.", &self.annotations)
    }
}

#[async_trait]
impl Clusters for Kubernetes {
    fn platform(&self) -> &'static str {
        PLATFORM
    }

    async fn server(&self, ctx: &RequestContext, cluster: &ClusterName) -> Result<ServerId> {
        self.read_server(ctx, cluster).await
    }

    async fn cluster_snapshot(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        registry: &RegistryName,
    ) -> Result<ClusterSnapshot> {
        self.read_snapshot(ctx, cluster, registry).await
    }

    async fn cluster_roles(&self, ctx: &RequestContext, cluster: &ClusterName) -> Result<Option<BTreeSet<String>>> {
        self.read_cluster_roles(ctx, cluster).await
    }

    async fn read_namespaces(
        &self,
        ctx: &RequestContext,
        cluster: &ClusterName,
        desired: &BTreeSet<NamespaceName>,
    ) -> Result<BTreeMap<NamespaceName, NamespaceView>> {
        self.read_whole(ctx, cluster, desired).await
    }

    async fn ensure_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let cluster = self.cluster(ctx, &key.cluster).await?;
        let wanted = Desired { settings, previous: &NamespaceKeys::default(), ownership };
        for _ in 0..MAX_CONFLICT_RETRIES {
            let found = self.find(ctx, &cluster, key).await?;
            if let Some(found) = &found {
                if !ownership.may_change(&objects::owner(&found.metadata)) {
                    return Err(ownership.not_owned(what(key)));
                }
                if deletion::detail(found).is_some() {
                    self.wait_until_gone(ctx, &cluster, key, found.metadata.uid.as_deref()).await?;
                    continue;
                }
            }
            if self.settle(ctx, &cluster, key, found.as_ref(), wanted).await? {
                return Ok(());
            }
        }
        Err(raced(&what(key)))
    }

    async fn update_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        settings: &NamespaceSettings,
        previous: &NamespaceKeys,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let cluster = self.cluster(ctx, &key.cluster).await?;
        let wanted = Desired { settings, previous, ownership };
        for _ in 0..MAX_CONFLICT_RETRIES {
            let found = self.find(ctx, &cluster, key).await?.ok_or_else(|| missing(key))?;
            if let Some(detail) = deletion::detail(&found) {
                return Err(deletion::pending(key, detail));
            }
            if !ownership.may_change(&objects::owner(&found.metadata)) {
                return Err(ownership.not_owned(what(key)));
            }
            if self.settle(ctx, &cluster, key, Some(&found), wanted).await? {
                return Ok(());
            }
        }
        Err(raced(&what(key)))
    }

    async fn foreign_objects(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        ownership: &OwnershipPolicy,
    ) -> Result<Vec<String>> {
        let cluster = self.cluster(ctx, &key.cluster).await?;
        match self.find(ctx, &cluster, key).await? {
            Some(found)
                if deletion::detail(&found).is_none() && ownership.may_delete(&objects::owner(&found.metadata)) =>
            {
                contents::not_created_by(ctx, &cluster, key, ownership).await
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn delete_namespace(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        with_contents: bool,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let cluster = self.cluster(ctx, &key.cluster).await?;
        for _ in 0..MAX_CONFLICT_RETRIES {
            let Some(found) = self.find(ctx, &cluster, key).await? else { return Ok(()) };
            if !ownership.may_delete(&objects::owner(&found.metadata)) {
                return Err(ownership.not_owned(what(key)));
            }
            if deletion::detail(&found).is_none() {
                if !with_contents {
                    let contents = contents::not_created_by(ctx, &cluster, key, ownership).await?;
                    if !contents.is_empty() {
                        return Err(Error::NotEmpty { what: what(key), contents });
                    }
                }
                let api = cluster.all::<Namespace>();
                let exactly = exactly(&found);
                match cluster.request(ctx, || api.delete(key.namespace.as_str(), &exactly)).await {
                    // It was recreated in the meantime.
                    Err(api_error) if api_error.is(409) => continue,
                    Err(api_error) if !api_error.is(404) => return Err(cluster.error(api_error)),
                    _ => {}
                }
            }
            return self.wait_until_gone(ctx, &cluster, key, found.metadata.uid.as_deref()).await;
        }
        Err(raced(&what(key)))
    }

    async fn put_quota(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        quota: &Quota,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let cluster = self.cluster(ctx, &key.cluster).await?;
        let api = cluster.within::<ResourceQuota>(key.namespace.as_str());
        let found = cluster.request(ctx, || api.get_opt(QUOTA)).await.map_err(|api_error| cluster.error(api_error))?;
        if let Some(found) = &found {
            let owner = objects::owner(&found.metadata);
            if !ownership.may_change(&owner) {
                return Err(ownership.not_owned(quota_of(key)));
            }
            if same_limits(&objects::limits(found), quota) && ownership.is_labelled(&owner) {
                return Ok(());
            }
        }
        let object = objects::quota(key, quota, ownership);
        let applied = match self.apply(ctx, &cluster, &api, &object, |_| ownership.adopt || ownership.recorded).await {
            Ok(applied) => applied,
            Err(api_error) => return Err(self.refused_within(ctx, &cluster, key, &quota_of(key), api_error).await),
        };
        let beyond = objects::limits(&applied).into_keys().filter(|resource| !quota.contains_key(resource));
        let beyond: BTreeMap<String, Json> = beyond.map(|resource| (resource, Json::Null)).collect();
        if beyond.is_empty() {
            return Ok(());
        }
        self.strip(ctx, &cluster, &api, QUOTA, json!({"spec": {"hard": beyond}})).await
    }

    async fn delete_quota(&self, ctx: &RequestContext, key: &NamespaceKey, ownership: &OwnershipPolicy) -> Result<()> {
        self.delete_within::<ResourceQuota>(ctx, key, QUOTA, || quota_of(key), ownership).await
    }

    async fn put_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        binding: &resource::RoleBinding,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        let cluster = self.cluster(ctx, &key.cluster).await?;
        let api = cluster.within::<RoleBinding>(key.namespace.as_str());
        let found = cluster.request(ctx, || api.get_opt(name)).await.map_err(|api_error| cluster.error(api_error))?;
        if let Some(found) = &found {
            let view = objects::binding_view(found);
            if !ownership.may_change(&view.owner) {
                return Err(ownership.not_owned(binding_of(key, name)));
            }
            if view.binding.role != binding.role {
                return Err(Error::Invalid(format!(
                    "role binding `{key}/{name}` grants `{}`, and Kubernetes does not allow its role to change to `{}`: \
                     delete it and create it again",
                    view.binding.role, binding.role
                )));
            }
            if view.binding == *binding && ownership.is_labelled(&view.owner) {
                return Ok(());
            }
        }
        let object = objects::role_binding(key, name, binding, ownership);
        match self.apply(ctx, &cluster, &api, &object, |_| ownership.adopt || ownership.recorded).await {
            Ok(_) => Ok(()),
            Err(api_error) => match escalation::refused(&cluster, &binding.role, &api_error) {
                Some(error) => Err(error),
                None => Err(self.refused_within(ctx, &cluster, key, &binding_of(key, name), api_error).await),
            },
        }
    }

    async fn delete_role_binding(
        &self,
        ctx: &RequestContext,
        key: &NamespaceKey,
        name: &str,
        ownership: &OwnershipPolicy,
    ) -> Result<()> {
        self.delete_within::<RoleBinding>(ctx, key, name, || binding_of(key, name), ownership).await
    }
}

/// Whether two quotas limit the same to the same, however it is spelled.
fn same_limits(a: &Quota, b: &Quota) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((a, limit), (b, other))| a == b && same_quantity(limit, other))
}

fn quota_of(key: &NamespaceKey) -> String {
    format!("quota `{QUOTA}` of {}", what(key))
}

fn binding_of(key: &NamespaceKey, name: &str) -> String {
    format!("role binding `{key}/{name}`")
}

fn raced(what: &str) -> Error {
    Error::Conflict(format!("{what} was created or deleted by others on {MAX_CONFLICT_RETRIES} attempts. Apply again"))
}
