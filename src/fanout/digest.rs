//! The digest of a service's desired resources.

use std::collections::BTreeMap;

use crate::registry::canonical;
use crate::registry::names::{NamespaceKey, ProjectId};

use super::resource::{DeletionPolicy, KubernetesServiceAccount, Member, ResourceSet, Scope, ServiceAccount};
use super::shared_with::SharedWith;

/// `sha256:` and the hex of the SHA-256 of the canonical JSON of the desired resources. The settings and the policy of a
/// shared resource are part of its owner's digest only, because an owner's change does not concern the other users.
pub(crate) fn of(resources: &ResourceSet, content: &Content<'_>, text: &mut Vec<u8>) -> String {
    text.clear();
    write(resources, content, text);
    canonical::digest(text)
}

/// What a plan shows beside the resources: otherwise a plan could differ from the approved digest.
pub(crate) struct Content<'c> {
    /// The users of what the service owns: a new one is approved with the owner.
    pub(crate) shared_with: &'c SharedWith,
    /// The registry's name.
    pub(crate) registry: &'c str,
    /// The service's deletion policy.
    pub(crate) policy: DeletionPolicy,
}

/// Kinds that few services have are written only where there are some. Every map in [`ResourceSet`] is sorted (namespaces by cluster, then by name), so the output is canonical.
fn write(resources: &ResourceSet, content: &Content<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"apis\":");
    object(out, &resources.apis, ProjectId::as_str, |out, apis| array(out, apis.iter().map(|api| api.as_str())));
    out.extend_from_slice(b",\"deletionPolicy\":");
    canonical::write_string(out, content.policy.as_str());
    out.extend_from_slice(b",\"iam\":");
    object(out, &resources.iam, ProjectId::as_str, |out, grants| {
        object(out, grants, |role| role.as_str(), |out, members| array(out, members.iter().map(Member::text)));
    });
    if !resources.kubernetes_service_accounts.is_empty() {
        out.extend_from_slice(b",\"kubernetesServiceAccounts\":");
        keyed(out, resources.kubernetes_service_accounts.iter(), |out, accounts| {
            object(out, accounts, |name| name.as_str(), kubernetes_service_account);
        });
    }
    out.extend_from_slice(b",\"namespaces\":");
    keyed(out, resources.namespaces.iter(), |out, desired| {
        self::desired(out, desired, |out, settings| {
            out.extend_from_slice(b"{\"annotations\":");
            strings(out, &settings.annotations);
            out.extend_from_slice(b",\"labels\":");
            strings(out, &settings.labels);
            out.push(b'}');
        });
    });
    out.extend_from_slice(b",\"projects\":");
    object(out, &resources.projects, ProjectId::as_str, |out, desired| {
        self::desired(out, desired, |out, settings| {
            out.extend_from_slice(b"{\"billingAccount\":");
            optional(out, settings.billing_account.as_deref());
            out.extend_from_slice(b",\"displayName\":");
            canonical::write_string(out, &settings.display_name);
            out.extend_from_slice(b",\"labels\":");
            strings(out, &settings.labels);
            out.extend_from_slice(b",\"parent\":");
            optional(out, settings.parent.as_deref());
            out.push(b'}');
        });
    });
    out.extend_from_slice(b",\"quotas\":");
    keyed(out, resources.quotas.iter(), strings);
    out.extend_from_slice(b",\"registry\":");
    canonical::write_string(out, content.registry);
    out.extend_from_slice(b",\"roleBindings\":");
    keyed(out, resources.role_bindings.iter(), |out, bindings| {
        object(out, bindings, String::as_str, |out, binding| {
            out.extend_from_slice(b"{\"role\":");
            canonical::write_string(out, binding.role.as_str());
            out.extend_from_slice(b",\"subjects\":");
            array(out, binding.subjects.iter().map(String::as_str));
            out.push(b'}');
        });
    });
    if !resources.service_accounts.is_empty() {
        out.extend_from_slice(b",\"serviceAccounts\":");
        object(out, &resources.service_accounts, ProjectId::as_str, |out, accounts| {
            object(out, accounts, |name| name.as_str(), service_account);
        });
    }
    out.extend_from_slice(b",\"sharedWith\":");
    object(out, content.shared_with, String::as_str, |out, users| array(out, users.iter().map(|user| user.as_str())));
    if !resources.workload_identity.is_empty() {
        out.extend_from_slice(b",\"workloadIdentity\":");
        object(out, &resources.workload_identity, ProjectId::as_str, |out, accounts| {
            object(
                out,
                accounts,
                |name| name.as_str(),
                |out, members| array(out, members.iter().map(|member| member.as_str())),
            );
        });
    }
    out.push(b'}');
}

fn service_account(out: &mut Vec<u8>, account: &ServiceAccount) {
    out.extend_from_slice(b"{\"deletionPolicy\":");
    canonical::write_string(out, account.deletion_policy.as_str());
    out.extend_from_slice(b",\"description\":");
    canonical::write_string(out, &account.settings.description);
    out.extend_from_slice(b",\"displayName\":");
    canonical::write_string(out, &account.settings.display_name);
    out.push(b'}');
}

fn kubernetes_service_account(out: &mut Vec<u8>, account: &KubernetesServiceAccount) {
    out.extend_from_slice(b"{\"deletionPolicy\":");
    canonical::write_string(out, account.deletion_policy.as_str());
    out.extend_from_slice(b",\"googleServiceAccount\":");
    canonical::write_string(out, &account.google_service_account);
    out.push(b'}');
}

fn desired<T>(out: &mut Vec<u8>, desired: &Scope<T>, settings: impl Fn(&mut Vec<u8>, &T)) {
    if desired.shared {
        out.extend_from_slice(b"{\"shared\":true}");
    } else {
        out.extend_from_slice(b"{\"deletionPolicy\":");
        canonical::write_string(out, desired.deletion_policy.as_str());
        out.extend_from_slice(b",\"settings\":");
        settings(out, &desired.settings);
        out.push(b'}');
    }
}

fn object<K, V>(out: &mut Vec<u8>, map: &BTreeMap<K, V>, key: impl Fn(&K) -> &str, value: impl Fn(&mut Vec<u8>, &V)) {
    out.push(b'{');
    for (position, (name, entry)) in map.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        canonical::write_string(out, key(name));
        out.push(b':');
        value(out, entry);
    }
    out.push(b'}');
}

fn keyed<'v, V: 'v>(
    out: &mut Vec<u8>,
    entries: impl Iterator<Item = (&'v NamespaceKey, &'v V)>,
    value: impl Fn(&mut Vec<u8>, &V),
) {
    out.push(b'{');
    for (position, (key, entry)) in entries.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        // Names of clusters and namespaces contain no characters that need escapes in JSON.
        out.push(b'"');
        out.extend_from_slice(key.cluster.as_str().as_bytes());
        out.push(b'/');
        out.extend_from_slice(key.namespace.as_str().as_bytes());
        out.extend_from_slice(b"\":");
        value(out, entry);
    }
    out.push(b'}');
}

fn strings(out: &mut Vec<u8>, map: &BTreeMap<String, String>) {
    object(out, map, String::as_str, |out, value| canonical::write_string(out, value));
}

fn array(out: &mut Vec<u8>, values: impl Iterator<Item = impl AsRef<str>>) {
    out.push(b'[');
    for (position, value) in values.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        canonical::write_string(out, value.as_ref());
    }
    out.push(b']');
}

fn optional(out: &mut Vec<u8>, value: Option<&str>) {
    match value {
        Some(value) => canonical::write_string(out, value),
        None => out.extend_from_slice(b"null"),
    }
}
