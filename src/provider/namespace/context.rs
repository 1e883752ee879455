//! What the registry and the provider block have to say about one namespace, before any decision.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::messages;
use super::model::NamespaceModel;
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::RequestContext;
use crate::provider::common::users::users_of;
use crate::provider::common::{ManagedObject, provenance};
use crate::provider::session::{LoadedRegistry, Platforms, Session};
use crate::registry::names::{NamespaceKey, RegistryName};
use crate::sdk::{Call, Diagnostics, Path, Private};

/// One namespace, and the registry whose mark it gets.
pub(super) struct Context {
    pub loaded: Arc<LoadedRegistry>,
    pub registry: RegistryName,
    pub key: NamespaceKey,
}

impl Context {
    /// The context of a configuration.
    ///
    /// # Errors
    /// When the namespace is the registry's own, when `manage` leaves namespaces out, and for all that a fence forbids.
    pub fn of(
        session: &Session,
        loaded: Arc<LoadedRegistry>,
        key: NamespaceKey,
        config: &NamespaceModel,
    ) -> Result<Self, Diagnostics> {
        let registry = loaded.fan_out.registry().name();
        let context = Self { loaded, registry, key };
        let mut refused = Diagnostics::new();
        if session.leaves_out_namespaces() {
            refused.push(messages::not_managed(&context.key));
        }
        let owners = users_of(&context.loaded, &Key::Namespace(context.key.clone()));
        if !owners.is_empty() {
            refused.push(messages::the_registrys(&context.key, &owners, &context.loaded.source));
        }
        let fences = session.fences();
        if let Some(fence) = fences.reserves(context.key.namespace.as_str()) {
            refused.push(messages::reserved(&context.key, fence));
        }
        for (name, binding) in config.role_bindings.known().into_iter().flatten() {
            let Some(role) = binding.known().and_then(|binding| binding.role.known()) else { continue };
            if let Some(fence) = fences.forbids(role) {
                let path = Path::attribute("role_bindings").key(name).then("role");
                refused.push(messages::forbidden(role, fence, &path));
            }
        }
        if refused.is_empty() { Ok(context) } else { Err(refused) }
    }

    /// As messages call it.
    pub fn who(&self) -> ManagedObject<'_> {
        ManagedObject::Namespace(&self.key)
    }

    /// Refuses a registry other than the one the state was made from, and one older than the state has seen.
    pub fn check_provenance(&self, private: &Private) -> Result<(), Diagnostics> {
        check_provenance(&self.key, &self.loaded, private)
    }
}

/// See [`Context::check_provenance`]. The name is kept beside the state, since the attribute says whose mark there is.
pub(super) fn check_provenance(
    key: &NamespaceKey,
    loaded: &LoadedRegistry,
    private: &Private,
) -> Result<(), Diagnostics> {
    let before: Option<String> = private.get(provenance::REGISTRY);
    provenance::check(ManagedObject::Namespace(key), loaded, before.as_deref(), private)
}

/// What becomes of the keys that leave. A namespace that services have come to ask for is left to them.
pub(super) fn removals(
    session: &Session,
    loaded: Option<&LoadedRegistry>,
    managed: &ResourceSet,
    desired: &ResourceSet,
) -> Removals {
    let leaving = managed.keys().difference(&desired.keys()).cloned().collect();
    let mut removals =
        Removals::decide(managed, &leaving, |key| loaded.map_or_else(Vec::new, |loaded| users_of(loaded, key)));
    removals.leave(session.unmanaged_keys(managed));
    removals
}

/// The claims, with those of our bindings that are there with another role though no state knows of them: what an apply that
/// was cut short has left, before the role was changed in the configuration. A platform that does not answer adds nothing;
/// whoever is to work there will say so.
pub(super) async fn with_unfinished(
    call: &Call,
    platforms: &Platforms,
    context: &Context,
    managed: &ResourceSet,
    desired: &ResourceSet,
) -> ResourceSet {
    let mut all = managed.clone();
    let (Some(platform), Some(wanted)) = (&platforms.clusters, desired.role_bindings.get(&context.key)) else {
        return all;
    };
    let had = managed.role_bindings.get(&context.key);
    let new: BTreeMap<_, _> =
        wanted.iter().filter(|(name, _)| !had.is_some_and(|had| had.contains_key(*name))).collect();
    if new.is_empty() {
        return all;
    }
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let desired = [context.key.namespace.clone()].into();
    let Ok(views) = platform.namespaces(&ctx, &context.key.cluster, &context.registry, &desired).await else {
        return all;
    };
    for (name, is) in views.into_values().flat_map(|view| view.role_bindings) {
        if is.owner.is(&context.registry) && new.get(&name).is_some_and(|wanted| wanted.role != is.binding.role) {
            all.role_bindings.entry(context.key.clone()).or_default().insert(name, is.binding);
        }
    }
    all
}
