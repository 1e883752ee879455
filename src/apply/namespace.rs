//! One namespace: its creation and settings, its quota, its Kubernetes service accounts, its role bindings.

use std::collections::BTreeSet;

use super::change::ServiceChange;
use super::outcome::{Outcome, scope_first};
use crate::fanout::resource::{Key, Labels, NamespaceSettings, RoleBinding, Scope};
use crate::platform::{Clusters, Error, NamespaceKeys, RequestContext, Result};
use crate::registry::names::NamespaceKey;
use crate::registry::owner_label::DELETION_LABEL;

/// Additions and changes.
pub(super) async fn add(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    outcome: &mut Outcome,
) {
    let Some(desired) = change.desired.namespaces.get(key) else { return };
    let before = change.managed.namespaces.get(key);
    match settings(ctx, platform, change, key, desired, before).await {
        Ok(()) => drop(outcome.managed.namespaces.insert(key.clone(), desired.clone())),
        Err(error) => {
            outcome.fail(if before.is_none() { "create" } else { "update" }, vec![Key::Namespace(key.clone())], error);
            if before.is_none() {
                let keys = change.desired.keys_in_namespace(key);
                outcome.skipped.extend(keys.into_iter().filter(|key| !matches!(key, Key::Namespace(_))));
                return;
            }
        }
    }
    set_quota(ctx, platform, change, key, outcome).await;
    add_service_accounts(ctx, platform, change, key, outcome).await;
    bind_all(ctx, platform, change, key, outcome).await;
}

/// Creates the namespace or changes its settings, where there is anything to do.
async fn settings(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    desired: &Scope<NamespaceSettings>,
    before: Option<&Scope<NamespaceSettings>>,
) -> Result<()> {
    match before {
        None => platform.ensure_namespace(ctx, key, &desired.settings, &change.ownership(false)).await,
        Some(before) if desired.shared => take_off(ctx, platform, change, key, before, &desired.settings).await,
        // The namespace was being deleted when the state was written, and has none of our labels: it is recreated.
        Some(before) if !before.shared && before.settings.labels.is_empty() => {
            platform.ensure_namespace(ctx, key, &desired.settings, &change.ownership(false)).await
        }
        Some(before) if before.shared || before.settings != desired.settings || change.relabel => {
            let previous = NamespaceKeys::of(&before.settings);
            platform.update_namespace(ctx, key, &desired.settings, &previous, &change.ownership(true)).await
        }
        Some(_) => Ok(()),
    }
}

async fn set_quota(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    outcome: &mut Outcome,
) {
    let Some(quota) = change.desired.quotas.get(key) else { return };
    let before = change.managed.quotas.get(key);
    if before == Some(quota) && !change.relabel {
        return;
    }
    match platform.put_quota(ctx, key, quota, &change.ownership(before.is_some())).await {
        Ok(()) => drop(outcome.managed.quotas.insert(key.clone(), quota.clone())),
        Err(error) => outcome.fail("set", vec![Key::Quota(key.clone())], error),
    }
}

async fn add_service_accounts(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    outcome: &mut Outcome,
) {
    for (name, desired) in change.desired.kubernetes_service_accounts.get(key).into_iter().flatten() {
        let before = change.managed.kubernetes_service_account(key, name);
        let address = &desired.google_service_account;
        let done = match before {
            Some(before) if before.google_service_account == *address && !change.relabel => Ok(()),
            _ => {
                let ownership = change.ownership(before.is_some());
                platform.put_kubernetes_service_account(ctx, key, name, address, &ownership).await
            }
        };
        match done {
            Ok(()) => {
                let managed = outcome.managed.kubernetes_service_accounts.entry(key.clone()).or_default();
                managed.insert(name.clone(), desired.clone());
            }
            Err(error) => {
                let verb = if before.is_none() { "create" } else { "update" };
                outcome.fail(verb, vec![Key::KubernetesServiceAccount(key.clone(), name.clone())], error);
            }
        }
    }
}

async fn bind_all(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    outcome: &mut Outcome,
) {
    let Some(bindings) = change.desired.role_bindings.get(key) else { return };
    let had = change.managed.role_bindings.get(key);
    let before = |name: &String| had.and_then(|had| had.get(name));
    let changed = bindings.iter().filter(|(name, binding)| change.relabel || before(name) != Some(*binding));
    // The role of a binding is immutable: it is deleted and recreated, and its subjects have no access in between. So these come
    // last, when all other bindings exist. (The names of a service's bindings contain the role: there it is one that was
    // recreated outside Terraform.)
    let (recreated, others): (Vec<_>, Vec<_>) =
        changed.partition(|(name, binding)| before(name).is_some_and(|before| before.role != binding.role));
    for (name, binding) in others {
        bind(ctx, platform, change, key, (name, binding), outcome).await;
    }
    for (name, binding) in recreated {
        let binding_key = Key::RoleBinding(key.clone(), name.clone());
        match platform.delete_role_binding(ctx, key, name, &change.ownership(true)).await {
            Ok(()) => {
                outcome.managed.forget(&binding_key);
                bind(ctx, platform, change, key, (name, binding), outcome).await;
            }
            Err(error) => outcome.fail("bind", vec![binding_key], error),
        }
    }
}

async fn bind(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    (name, binding): (&String, &RoleBinding),
    outcome: &mut Outcome,
) {
    let managed = change.managed.role_bindings.get(key).is_some_and(|had| had.contains_key(name));
    match platform.put_role_binding(ctx, key, name, binding, &change.ownership(managed)).await {
        Ok(()) => {
            let managed = outcome.managed.role_bindings.entry(key.clone()).or_default();
            managed.insert(name.clone(), binding.clone());
        }
        Err(error) => outcome.fail("bind", vec![Key::RoleBinding(key.clone(), name.clone())], error),
    }
}

/// Stops managing a namespace that others still use, once the settings of this owner are off it.
pub(super) async fn release(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    outcome: &mut Outcome,
) {
    let done = match change.managed.namespaces.get(key).zip(change.released.namespaces.get(key)) {
        Some((before, now)) => take_off(ctx, platform, change, key, before, &now.settings).await,
        None => Ok(()),
    };
    // Its last user may have deleted it in the meantime.
    let done = match done {
        Err(Error::NotFound(_) | Error::PendingDeletion { .. }) => Ok(()),
        done => done,
    };
    outcome.removed("release", vec![Key::Namespace(key.clone())], done);
}

/// Removes the labels and annotations that this service set as the owner and that the registry no longer contains: the next
/// owner's state does not record them, so no later apply would. Sets the deletion label, where the last user is to delete the
/// namespace.
async fn take_off(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    key: &NamespaceKey,
    before: &Scope<NamespaceSettings>,
    now: &NamespaceSettings,
) -> Result<()> {
    let covered = |before: &Labels, now: &Labels| before.keys().all(|key| now.contains_key(key));
    let settings = &before.settings;
    let left = now.labels.contains_key(DELETION_LABEL);
    let covered = covered(&settings.labels, &now.labels) && covered(&settings.annotations, &now.annotations);
    if before.shared || !left && covered {
        return Ok(());
    }
    platform.update_namespace(ctx, key, now, &NamespaceKeys::of(settings), &change.ownership(true)).await
}

/// Deletes the namespace, or those of its keys that are no longer desired, in the reverse order of their creation. What is in a deleted
/// namespace is not deleted first, so that a deletion that is refused changes nothing.
pub(super) async fn remove(
    ctx: &RequestContext,
    platform: &dyn Clusters,
    change: &ServiceChange<'_>,
    namespace: &NamespaceKey,
    keys: &BTreeSet<Key>,
    outcome: &mut Outcome,
) {
    let scope = Key::Namespace(namespace.clone());
    if keys.contains(&scope) {
        let contents = change.removals.with_contents.contains(&scope);
        let done = platform.delete_namespace(ctx, namespace, contents, &change.ownership(false)).await;
        outcome.removed("delete", scope_first(keys, &scope), done);
        return;
    }
    // What the state records is revoked even if its ownership label was removed.
    let ownership = change.ownership(true);
    for key in keys.iter().rev() {
        let done = match key {
            Key::RoleBinding(_, name) => platform.delete_role_binding(ctx, namespace, name, &ownership).await,
            Key::KubernetesServiceAccount(_, name) => {
                let ownership = change.ownership(false);
                platform.delete_kubernetes_service_account(ctx, namespace, name, &ownership).await
            }
            Key::Quota(_) => platform.delete_quota(ctx, namespace, &ownership).await,
            _ => continue,
        };
        outcome.removed("delete", vec![key.clone()], done);
    }
}
