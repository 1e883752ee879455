//! Planning a create, an update, a move to another name or cluster.
//!
//! Core calls this a second time at apply, with the same configuration and the prior private state, and wants the same
//! answer: so it depends on nothing but its arguments, the registry and, for what is new, what is there already.

use std::collections::BTreeMap;

use super::context::{Context, removals, with_unfinished};
use super::model::NamespaceModel;
use super::{check, messages};
use crate::fanout::resource::{Key, ResourceSet, RoleBinding};
use crate::provider::common::messages::{another_registrys, removal_warnings};
use crate::provider::common::preflight::{Query, preflight};
use crate::provider::common::refresh::Numbers;
use crate::provider::common::{ManagedObject, provenance};
use crate::provider::session::Session;
use crate::registry::names::NamespaceKey;
use crate::sdk::{Attr, Call, Diagnostics, Plan};

pub(super) async fn plan(
    session: &Session,
    call: &mut Call,
    plan: Plan<NamespaceModel>,
) -> Result<NamespaceModel, Diagnostics> {
    let Plan { prior, config, proposed } = plan;
    // A value that was not known when the configuration was checked may be by now.
    check::check(&config)?;
    let key = config.key().ok().flatten();
    // A new object has no private state. One that has is the second half of a replacement: `-replace`,
    // `replace_triggered_by`. Core has planned an update first, and hands its private state on.
    if prior.is_none() && !call.private.is_empty() {
        return Err(messages::replacement_refused(key.as_ref()).into());
    }
    let mut planned = proposed;
    let Some(key) = key else {
        planned.registry = Attr::Unknown;
        planned.id = Attr::Unknown;
        return Ok(planned);
    };
    let before = prior.as_ref().map(NamespaceModel::stored_key).transpose()?;
    one_owner(session, &key, before.as_ref() != Some(&key))?;
    let loaded = session.registry(call).await?;
    let context = Context::of(session, loaded, key, &config)?;
    if prior.is_some() {
        context.check_provenance(&call.private)?;
    }
    if let Some(prior) = &prior {
        if let Some(other) =
            prior.registry.known().filter(|name| !name.is_empty() && *name != context.registry.as_str())
        {
            let thing = Key::Namespace(prior.stored_key()?);
            return Err(another_registrys(context.who(), &thing, other).into());
        }
        planned.normalize_to_prior(prior);
    }
    let managed = prior.as_ref().map_or_else(|| Ok(ResourceSet::default()), NamespaceModel::managed)?;
    let desired = planned.desired(&context.key, &context.registry, &managed)?;
    let removals = removals(session, Some(&context.loaded), &managed, &desired);
    if let Some(before) = before.as_ref().filter(|_| !removals.refused.is_empty()) {
        return Err(messages::move_refused(before, &context.key).into());
    }
    let who = ManagedObject::Namespace(before.as_ref().unwrap_or(&context.key));
    removal_warnings(who, &removals, &mut call.diagnostics);

    let platforms = session.clusters().await?;
    let query = Query {
        who: context.who(),
        registry: &context.registry,
        desired: &desired,
        managed: &managed,
        adopt: config.adopt_existing.known() == Some(&true),
        plain_names: true,
    };
    preflight(call, &platforms, &query, &mut Numbers::new()).await?;
    let there = with_unfinished(call, &platforms, &context, &managed, &desired).await;
    let changes = role_changes(&context, &there, &desired);
    if !changes.is_empty() {
        call.diagnostics.push(messages::made_anew(&context.key, &changes));
    }
    planned.id = Attr::Known(context.key.to_string());
    planned.registry = Attr::Known(context.registry.to_string());
    provenance::remember(&context.loaded, &mut call.private);
    Ok(planned)
}

/// Refuses a namespace that another resource has, or is to have.
fn one_owner(session: &Session, key: &NamespaceKey, new: bool) -> Result<(), Diagnostics> {
    let mut run_state = session.run_state();
    let others = if new { &run_state.loaded_namespaces } else { &run_state.planned_namespaces };
    if others.contains(key) {
        return Err(messages::exists_already(key).into());
    }
    if new && !run_state.planned_namespaces.insert(key.clone()) {
        return Err(messages::declared_twice(key).into());
    }
    Ok(())
}

/// Bindings that keep their names and change their roles: the binding as it is and as it is to be.
fn role_changes<'a>(
    context: &Context,
    there: &'a ResourceSet,
    desired: &'a ResourceSet,
) -> BTreeMap<&'a String, (&'a RoleBinding, &'a RoleBinding)> {
    let had = there.role_bindings.get(&context.key);
    let wanted = desired.role_bindings.get(&context.key).into_iter().flatten();
    let both = wanted.filter_map(|(name, binding)| Some((name, (had?.get(name)?, binding))));
    both.filter(|(_, (before, binding))| before.role != binding.role).collect()
}
