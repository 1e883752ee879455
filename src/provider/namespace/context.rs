//! What the registry and the provider block have to say about one namespace, before any decision.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::messages;
use super::model::NamespaceModel;
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Asks, Key};
use crate::platform::Cx;
use crate::provider::common::asking::askers;
use crate::provider::common::{Who, lineage};
use crate::provider::session::{Loaded, Opened, Session};
use crate::registry::names::{NamespaceKey, RegistryName};
use crate::sdk::{Call, Diagnostics, Path, Private};

/// One namespace, and the registry whose mark it gets.
pub(super) struct Context {
    pub loaded: Arc<Loaded>,
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
        loaded: Arc<Loaded>,
        key: NamespaceKey,
        config: &NamespaceModel,
    ) -> Result<Self, Diagnostics> {
        let registry = loaded.fan_out.registry().name();
        let context = Self { loaded, registry, key };
        let mut refused = Diagnostics::new();
        if session.leaves_out_namespaces() {
            refused.push(messages::not_managed(&context.key));
        }
        let owners = askers(&context.loaded, &Key::Namespace(context.key.clone()));
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
    pub fn who(&self) -> Who<'_> {
        Who::Namespace(&self.key)
    }

    /// Refuses a registry other than the one the state was made from, and one older than the state has seen.
    pub fn check_lineage(&self, private: &Private) -> Result<(), Diagnostics> {
        check_lineage(&self.key, &self.loaded, private)
    }
}

/// See [`Context::check_lineage`]. The name is kept beside the state, since the attribute says whose mark there is.
pub(super) fn check_lineage(key: &NamespaceKey, loaded: &Loaded, private: &Private) -> Result<(), Diagnostics> {
    let before: Option<String> = private.get(lineage::REGISTRY);
    lineage::check(Who::Namespace(key), loaded, before.as_deref(), private)
}

/// What becomes of the keys that leave. A namespace that services have come to ask for is left to them.
pub(super) fn removals(session: &Session, loaded: Option<&Loaded>, claims: &Asks, desired: &Asks) -> Removals {
    let leaving = claims.keys().difference(&desired.keys()).cloned().collect();
    let mut removals =
        Removals::decide(claims, &leaving, |key| loaded.map_or_else(Vec::new, |loaded| askers(loaded, key)));
    removals.leave(session.unmanaged(claims));
    removals
}

/// The claims, with those of our bindings that are there with another role though no state knows of them: what an apply that
/// was cut short has left, before the role was changed in the configuration. A platform that does not answer adds nothing;
/// whoever is to work there will say so.
pub(super) async fn with_unfinished(
    call: &Call,
    opened: &Opened,
    context: &Context,
    claims: &Asks,
    desired: &Asks,
) -> Asks {
    let mut all = claims.clone();
    let (Some(platform), Some(wanted)) = (&opened.clusters, desired.role_bindings.get(&context.key)) else {
        return all;
    };
    let had = claims.role_bindings.get(&context.key);
    let new: BTreeMap<_, _> =
        wanted.iter().filter(|(name, _)| !had.is_some_and(|had| had.contains_key(*name))).collect();
    if new.is_empty() {
        return all;
    }
    let cx = Cx { cancel: call.cancel.clone() };
    let asked = [context.key.namespace.clone()].into();
    let Ok(views) = platform.look(&cx, &context.key.cluster, &context.registry, &asked).await else { return all };
    for (name, is) in views.into_values().flat_map(|view| view.role_bindings) {
        if is.mark.is(&context.registry) && new.get(&name).is_some_and(|wanted| wanted.role != is.binding.role) {
            all.role_bindings.entry(context.key.clone()).or_default().insert(name, is.binding);
        }
    }
    all
}
