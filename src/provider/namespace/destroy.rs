//! Planning a destroy, and carrying it out.
//!
//! Apply deletes only what our own destroy plan marked (in its planned private state, which core hands back on every kind
//! of destroy), after asking the registry again: a saved destroy outlives the review in which it was right.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::context::{check_provenance, removals};
use super::messages;
use super::model::NamespaceModel;
use crate::apply::{ServiceChange, apply};
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::RequestContext;
use crate::provider::common::messages::{
    NextStep, asked_again, beyond_plan, destroy_warnings, not_done, removal_without_registry,
};
use crate::provider::common::provenance::DESTROY;
use crate::provider::common::users::released;
use crate::provider::common::{ManagedObject, name};
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostics};

/// What a destroy plan decided, as it travels to the apply.
#[derive(Debug, Serialize, Deserialize)]
struct DestroyPlan {
    /// Keys to be removed.
    delete: BTreeSet<String>,
}

pub(super) async fn plan(session: &Session, call: &mut Call, prior: NamespaceModel) -> Result<(), Diagnostics> {
    let key = prior.stored_key()?;
    if session.run_state().planned_namespaces.contains(&key) {
        return Err(messages::exists_already(&key).into());
    }
    let managed = prior.managed()?;
    let loaded = match session.registry(call).await {
        Ok(loaded) => {
            check_provenance(&key, &loaded, &call.private)?;
            Some(loaded)
        }
        Err(errors) => {
            call.diagnostics.push(messages::destroy_without_registry(&key, &errors));
            None
        }
    };
    let removals = removals(session, loaded.as_deref(), &managed, &ResourceSet::default());
    if !removals.refused.is_empty() {
        return Err(messages::destroy_refused(&key).into());
    }
    destroy_warnings(ManagedObject::Namespace(&key), &removals, &mut call.diagnostics);
    call.private.set(DESTROY, DestroyPlan { delete: removals.delete.iter().map(name).collect() });
    Ok(())
}

pub(super) async fn delete(
    session: &Session,
    call: &mut Call,
    prior: NamespaceModel,
) -> Result<Option<NamespaceModel>, Diagnostics> {
    let key = prior.stored_key()?;
    let who = ManagedObject::Namespace(&key);
    let approved: Option<DestroyPlan> = call.private.get(DESTROY);
    call.private.remove(DESTROY);
    let Some(approved) = approved.filter(|_| !session.run_state().created_namespaces.contains(&key)) else {
        return Err(messages::replacement_refused(Some(&key)).into());
    };
    let managed = prior.managed()?;
    let loaded = session.registry_for_apply(call).await.map_err(|errors| removal_without_registry(who, errors))?;
    check_provenance(&key, &loaded, &call.private)?;
    let removals = removals(session, Some(&loaded), &managed, &ResourceSet::default());
    recheck(who, &removals, &approved)?;
    let change = ServiceChange {
        registry: &loaded.fan_out.registry().name(),
        managed: &managed,
        desired: &ResourceSet::default(),
        removals: &removals,
        released: &released(&loaded, &removals),
        environments: &[],
        adopt: false,
    };
    let platforms = session.clusters().await?;
    let outcome = apply(&RequestContext { cancel: call.cancel.clone() }, platforms.borrow(), &change).await;
    if outcome.is_complete() {
        return Ok(None);
    }
    call.diagnostics.extend(not_done(who, &outcome, NextStep::Finish));
    let mut state = prior;
    state.record_partial_apply(&key, &removals, &outcome.managed);
    Ok(Some(state))
}

/// Refuses if more than was planned would be touched, or something that somebody has come to ask for.
fn recheck(who: ManagedObject<'_>, removals: &Removals, approved: &DestroyPlan) -> Result<(), Diagnostics> {
    let wanted: BTreeMap<Key, Vec<String>> = removals
        .release
        .iter()
        .filter(|(key, _)| approved.delete.contains(&name(key)))
        .map(|(key, others)| (key.clone(), others.clone()))
        .collect();
    if !wanted.is_empty() {
        return Err(asked_again(who, &wanted).into());
    }
    let more = removals.delete.iter().filter(|key| !approved.delete.contains(&name(key)));
    let beyond: BTreeSet<Key> = more.chain(&removals.refused).cloned().collect();
    if beyond.is_empty() { Ok(()) } else { Err(beyond_plan(who, &beyond).into()) }
}
