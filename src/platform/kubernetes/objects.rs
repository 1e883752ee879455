//! Conversion between anu's resources and Kubernetes objects.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Namespace, ResourceQuota, ResourceQuotaSpec, ServiceAccount};
use k8s_openapi::api::rbac::v1::{RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::api::ObjectMeta;

use super::deletion;
use crate::fanout::resource::{self, ACTS_AS, Labels, NamespaceSettings, Quota};
use crate::platform::{
    KubernetesServiceAccountView, Lifecycle, NamespaceKeys, NamespaceView, OwnerLabel, OwnershipPolicy, QuotaView,
    RoleBindingView,
};
use crate::registry::names::{KubernetesRole, KubernetesServiceAccountName, Name, NamespaceKey, NamespaceName};

/// The field manager of all we apply.
pub const MANAGER: &str = "anu";

/// The name of our quota.
pub(super) const QUOTA: &str = "anu";

/// The API group of roles and their bindings.
pub(super) const RBAC: &str = "rbac.authorization.k8s.io";

/// A namespace as it is applied: the labels and annotations that are ours, and nothing else. With the `uid` of the one that
/// was read, so that a later one of the same name is not changed.
pub(super) fn namespace(
    key: &NamespaceKey,
    settings: &NamespaceSettings,
    ownership: &OwnershipPolicy,
    uid: Option<String>,
) -> Namespace {
    Namespace {
        metadata: ObjectMeta {
            name: Some(key.namespace.to_string()),
            uid,
            labels: Some(ownership.with_owner(&settings.labels)),
            annotations: Some(settings.annotations.clone()).filter(|annotations| !annotations.is_empty()),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    }
}

/// A quota as it is applied.
pub(super) fn quota(key: &NamespaceKey, quota: &Quota, ownership: &OwnershipPolicy) -> ResourceQuota {
    let hard = quota.iter().map(|(resource, limit)| (resource.clone(), Quantity(limit.clone()))).collect();
    ResourceQuota {
        metadata: owned(key, QUOTA, ownership),
        spec: Some(ResourceQuotaSpec { hard: Some(hard), ..ResourceQuotaSpec::default() }),
        ..ResourceQuota::default()
    }
}

/// A service account as it is applied: the ownership label and one annotation, and nothing else.
pub(super) fn service_account(
    key: &NamespaceKey,
    name: &KubernetesServiceAccountName,
    google_service_account: &str,
    ownership: &OwnershipPolicy,
) -> ServiceAccount {
    let annotations = [(ACTS_AS.to_owned(), google_service_account.to_owned())].into();
    let metadata = ObjectMeta { annotations: Some(annotations), ..owned(key, name.as_str(), ownership) };
    ServiceAccount { metadata, ..ServiceAccount::default() }
}

/// A role binding as it is applied.
pub(super) fn role_binding(
    key: &NamespaceKey,
    name: &str,
    binding: &resource::RoleBinding,
    ownership: &OwnershipPolicy,
) -> RoleBinding {
    let (kind, role) = binding.role.kind_and_name();
    RoleBinding {
        metadata: owned(key, name, ownership),
        role_ref: RoleRef { api_group: Some(RBAC.to_owned()), kind: kind.to_owned(), name: role.to_owned() },
        subjects: Some(binding.subjects.iter().map(|text| subject(text)).collect()),
    }
}

fn owned(key: &NamespaceKey, name: &str, ownership: &OwnershipPolicy) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(key.namespace.to_string()),
        labels: Some(ownership.with_owner(&Labels::new())),
        ..ObjectMeta::default()
    }
}

/// `Group:NAME`, `User:NAME` or `ServiceAccount:NAMESPACE/NAME`.
fn subject(text: &str) -> Subject {
    let (kind, name) = text.split_once(':').unwrap_or(("User", text));
    let (namespace, name) = match name.split_once('/').filter(|_| kind == SERVICE_ACCOUNT) {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, name),
    };
    let api_group = (kind != SERVICE_ACCOUNT).then(|| RBAC.to_owned());
    Subject { api_group, kind: kind.to_owned(), name: name.to_owned(), namespace }
}

const SERVICE_ACCOUNT: &str = "ServiceAccount";

/// The labels of an object.
pub(super) fn labels(metadata: &ObjectMeta) -> Labels {
    metadata.labels.clone().unwrap_or_default()
}

/// Whose an object is.
pub(super) fn owner(metadata: &ObjectMeta) -> OwnerLabel {
    metadata.labels.as_ref().map_or(OwnerLabel::Missing, OwnerLabel::of)
}

/// A namespace as it is, without what is in it.
pub(super) fn view(namespace: &Namespace) -> NamespaceView {
    let metadata = &namespace.metadata;
    let lifecycle = match deletion::detail(namespace) {
        Some(detail) => Lifecycle::PendingDeletion(detail),
        None => Lifecycle::Active,
    };
    NamespaceView {
        settings: settings(metadata),
        lifecycle,
        owner: owner(metadata),
        etag: metadata.resource_version.clone().unwrap_or_default(),
        set_by_us: Some(set_by_us(metadata)),
        quota: None,
        role_bindings: BTreeMap::new(),
    }
}

/// The labels and annotations that were applied under our name, as the server keeps count of them.
fn set_by_us(metadata: &ObjectMeta) -> NamespaceKeys {
    let mut keys = NamespaceKeys::default();
    let entries = metadata.managed_fields.iter().flatten();
    for entry in entries.filter(|entry| entry.manager.as_deref() == Some(MANAGER)) {
        let fields = entry.fields_v1.as_ref().map(|fields| &fields.0["f:metadata"]);
        let of = |kind: &str| {
            let fields = fields.and_then(|fields| fields[kind].as_object()).into_iter().flatten();
            fields.filter_map(|(field, _)| field.strip_prefix("f:").map(str::to_owned)).collect::<Vec<_>>()
        };
        keys.labels.extend(of("f:labels"));
        keys.annotations.extend(of("f:annotations"));
    }
    keys
}

/// All labels and annotations.
pub(super) fn settings(metadata: &ObjectMeta) -> NamespaceSettings {
    NamespaceSettings { labels: labels(metadata), annotations: metadata.annotations.clone().unwrap_or_default() }
}

/// The limits of a quota.
pub(super) fn limits(quota: &ResourceQuota) -> Quota {
    let hard = quota.spec.iter().flat_map(|spec| spec.hard.iter().flatten());
    hard.map(|(resource, limit)| (resource.clone(), limit.0.clone())).collect()
}

/// A quota as it is.
pub(super) fn quota_view(quota: &ResourceQuota) -> QuotaView {
    QuotaView { limits: limits(quota), owner: owner(&quota.metadata) }
}

/// A service account as it is.
pub(super) fn service_account_view(metadata: &ObjectMeta) -> KubernetesServiceAccountView {
    let annotations = metadata.annotations.as_ref();
    KubernetesServiceAccountView {
        google_service_account: annotations.and_then(|annotations| annotations.get(ACTS_AS)).cloned(),
        owner: owner(metadata),
    }
}

/// A role binding as it is. One that gives a Role of its namespace's own reads `Role:NAME`.
pub(super) fn binding_view(binding: &RoleBinding) -> RoleBindingView {
    let role = &binding.role_ref;
    let name = KubernetesRole::text_of(&role.kind, &role.name);
    RoleBindingView {
        binding: resource::RoleBinding { role: spelled(&name), subjects: subjects(binding) },
        owner: owner(&binding.metadata),
    }
}

/// A role's name as the registry would spell it. Kubernetes permits more characters than a registry does.
fn spelled(name: &str) -> KubernetesRole {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    name.parse().unwrap_or_else(|_| {
        let text: String = name.chars().map(|c| if fits(c) { c } else { '_' }).take(100).collect();
        text.parse().unwrap_or_else(|_| KubernetesRole::reported())
    })
}

fn subjects(binding: &RoleBinding) -> BTreeSet<String> {
    let text = |subject: &Subject| match &subject.namespace {
        Some(namespace) => format!("{}:{namespace}/{}", subject.kind, subject.name),
        None => format!("{}:{}", subject.kind, subject.name),
    };
    binding.subjects.iter().flatten().map(text).collect()
}

/// A namespace's name, unless it is one that no registry can spell, which Kubernetes does not allow either.
pub(super) fn name(namespace: &Namespace) -> Option<NamespaceName> {
    namespace.metadata.name.as_deref()?.parse().ok()
}
