//! Import by `CLUSTER/NAME`: what is there and ours goes into the state. Of labels and annotations, those that anu set: those of
//! others would go with the next apply.

use std::collections::BTreeMap;

use super::context::Context;
use super::messages;
use super::model::NamespaceModel;
use crate::fanout::resource::{DeletionPolicy, Key, Labels, NamespaceSettings, ResourceSet, Scope};
use crate::platform::{Lifecycle, NamespaceView, OwnerLabel, RequestContext};
use crate::provider::common::messages::{another_registrys, being_deleted, cannot_look};
use crate::provider::common::provenance;
use crate::provider::session::Session;
use crate::registry::names::{NamespaceKey, RegistryName};
use crate::sdk::{Attr, Call, Diagnostic, Diagnostics, Field, Path, Value};

pub(super) async fn import(session: &Session, call: &mut Call, id: String) -> Result<NamespaceModel, Diagnostics> {
    let key: NamespaceKey = id.parse().map_err(|_| messages::bad_import_id(&id))?;
    let loaded = session.registry(call).await?;
    let mut state = NamespaceModel::from_value(Value::object(Vec::<(String, Value)>::new()), &Path::root())
        .map_err(|error| Diagnostic::bug(format!("An empty state cannot be made: {error}.")))?;
    let context = Context::of(session, loaded, key, &state)?;
    let key = &context.key;
    let platforms = session.clusters().await?;
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let view = match &platforms.clusters {
        Some(platform) => {
            let views =
                platform.namespaces(&ctx, &key.cluster, &context.registry, &[key.namespace.clone()].into()).await;
            views.map_err(|error| cannot_look(&format!("cluster `{}`", key.cluster), &error))?.remove(&key.namespace)
        }
        None => None,
    };
    let Some(view) = view else { return Err(messages::nothing_to_import(key).into()) };
    let thing = Key::Namespace(key.clone());
    if let Lifecycle::PendingDeletion(detail) = &view.lifecycle {
        return Err(being_deleted(&thing, detail).into());
    }
    let registry = match &view.owner {
        OwnerLabel::Registry(other) if *other != context.registry => {
            return Err(another_registrys(context.who(), &thing, other.as_str()).into());
        }
        OwnerLabel::Registry(ours) => ours.to_string(),
        OwnerLabel::Missing => String::new(),
    };
    state.cluster = Attr::Known(key.cluster.to_string());
    state.name = Attr::Known(key.namespace.to_string());
    state.set_observed(key, &ours(key, &context.registry, view));
    state.deletion_policy = Attr::Known(DeletionPolicy::default().to_string());
    state.registry = Attr::Known(registry);
    state.id = Attr::Known(key.to_string());
    provenance::remember(&context.loaded, &mut call.private);
    Ok(state)
}

/// What of a namespace is ours.
fn ours(key: &NamespaceKey, registry: &RegistryName, view: NamespaceView) -> ResourceSet {
    let marked = view.owner.is(registry);
    let of = |all: Labels, set_by_us: Option<&std::collections::BTreeSet<String>>| -> Labels {
        // Where nobody knows who set what, all that is on a namespace of ours is taken to be ours.
        let ours = |key: &String| set_by_us.map_or(marked, |set_by_us| set_by_us.contains(key));
        all.into_iter().filter(|(key, _)| ours(key) && key != "kubernetes.io/metadata.name").collect()
    };
    let set_by_us = view.set_by_us.as_ref();
    let settings = NamespaceSettings {
        labels: of(view.settings.labels, set_by_us.map(|keys| &keys.labels)),
        annotations: of(view.settings.annotations, set_by_us.map(|keys| &keys.annotations)),
    };
    let desired = Scope { settings, shared: false, deletion_policy: DeletionPolicy::default() };
    let bindings = view.role_bindings.into_iter().filter(|(_, binding)| binding.owner.is(registry));
    let bindings: BTreeMap<_, _> = bindings.map(|(name, binding)| (name, binding.binding)).collect();
    let mut resources = ResourceSet { namespaces: [(key.clone(), desired)].into(), ..ResourceSet::default() };
    resources.quotas.extend(view.quota.filter(|_| marked).map(|quota| (key.clone(), quota)));
    resources.role_bindings.insert(key.clone(), bindings);
    resources.prune();
    resources
}
