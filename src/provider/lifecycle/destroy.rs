//! Planning a destroy, and applying it.
//!
//! Apply deletes only what our own destroy plan listed (in its planned private state, which core hands back on every kind
//! of destroy), and decides again first: a saved destroy outlives the review in which it was right.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::failures::{NextStep, incomplete};
use super::kind::{Partial, ResourceKind, StateModel};
use super::messages;
use super::provenance::{self, DESTROY};
use super::removals;
use super::servers;
use super::users::{Users, released};
use crate::apply::{ServiceChange, apply};
use crate::fanout::removal::Removals;
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use crate::platform::RequestContext;
use crate::provider::identity::{Identity, name};
use crate::provider::session::{LoadedRegistry, Session};
use crate::sdk::{Call, Diagnostics};

/// What a destroy plan decided, as it travels to the apply.
#[derive(Debug, Serialize, Deserialize)]
struct DestroyPlan {
    /// Whether the registry had an entry for the object.
    registered: bool,
    /// Keys to delete.
    delete: BTreeSet<String>,
    /// Keys to release, and their users. If all of those are destroyed in the same run, such a key is deleted after all. Empty
    /// for kinds that leave the deletion to those users.
    release: BTreeMap<String, Vec<String>>,
}

pub async fn plan<K: ResourceKind>(session: &Session, call: &mut Call, prior: K::Model) -> Result<(), Diagnostics> {
    let identity = prior.stored_identity()?;
    if session.run_state().planned.contains(&identity) {
        return Err(messages::in_state_already(K::WORDING, &identity).into());
    }
    let managed = prior.managed()?;
    let loaded = match session.registry(call).await {
        Ok(loaded) => {
            provenance::check(&identity, &loaded, prior.registry(), &call.private)?;
            Some(loaded)
        }
        Err(errors) => {
            call.diagnostics.push(messages::destroy_without_registry(K::WORDING, &identity, &errors));
            None
        }
    };
    let registered = loaded.as_ref().is_some_and(|loaded| K::is_registered(loaded, &identity));
    if registered && prior.policy() == DeletionPolicy::Prevent {
        return Err(messages::destroy_registered(&identity).into());
    }
    let users = loaded.as_ref().map(|loaded| Users::after_destroy(loaded, &identity, &BTreeSet::new()));
    let removals = removals::of_destroy(session, &managed, prior.policy(), |key| {
        users.as_ref().map_or_else(Vec::new, |users| users.of(key))
    });
    if !removals.refused.is_empty() {
        return Err(K::destroy_refused(&identity, &removals).into());
    }
    if let Some(users) = &users {
        removals::check_in_use(&identity, &removals, users)?;
    }
    let platforms = K::platforms(session).await?;
    let names = servers::in_use(&ResourceSet::default(), &removals);
    servers::check_in_use(session, call, &platforms, &identity, &names).await?;
    messages::destroy_warnings(K::WORDING, &identity, &removals, &mut call.diagnostics);
    let released = removals.release.iter().filter(|_| K::DELETES_AS_LAST_USER);
    let plan = DestroyPlan {
        registered,
        delete: removals.delete.iter().map(name).collect(),
        release: released.map(|(key, users)| (name(key), users.clone())).collect(),
    };
    call.private.set(DESTROY, plan);
    Ok(())
}

pub async fn delete<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    prior: K::Model,
) -> Result<Option<K::Model>, Diagnostics> {
    let identity = prior.stored_identity()?;
    let approved: Option<DestroyPlan> = call.private.get(DESTROY);
    call.private.remove(DESTROY);
    let Some(approved) = approved.filter(|_| !session.run_state().created.contains(&identity)) else {
        return Err(messages::replacement_refused(K::WORDING, Some(&identity)).into());
    };
    let managed = prior.managed()?;
    let loaded = session
        .registry_for_apply(call)
        .await
        .map_err(|errors| messages::destroy_needs_registry(&identity, &errors))?;
    provenance::check(&identity, &loaded, prior.registry(), &call.private)?;
    if !approved.registered && K::is_registered(&loaded, &identity) {
        return Err(messages::registered_again(&identity).into());
    }
    let platforms = K::platforms(session).await?;
    let most = removals::of_destroy(session, &managed, prior.policy(), |_| Vec::new());
    let names = servers::in_use(&ResourceSet::default(), &most);
    servers::check_in_use(session, call, &platforms, &identity, &names).await?;
    let removals = recheck::<K>(session, &loaded, &identity, &managed, prior.policy(), &approved)?;
    let change = ServiceChange {
        registry: &provenance::name(&loaded)?,
        previous_names: loaded.fan_out.registry().previous_names(),
        relabel: false,
        managed: &managed,
        desired: &ResourceSet::default(),
        removals: &removals,
        released: &released(&loaded, &removals),
        environments: &[],
        adopt: false,
    };
    let outcome = apply(&RequestContext { cancel: call.cancel.clone() }, platforms.borrow(), &change).await;
    if outcome.is_complete() {
        return Ok(None);
    }
    call.diagnostics.extend(incomplete(&identity, &outcome, NextStep::Finish));
    let mut state = prior;
    let numbers = state.numbers();
    state.set_partial(&Partial { planned: None, removals: &removals, managed: &outcome.managed, numbers: &numbers });
    Ok(Some(state))
}

/// Decides again, on what is true now. Refuses to delete more than was planned, or what others use by now.
fn recheck<K: ResourceKind>(
    session: &Session,
    loaded: &LoadedRegistry,
    identity: &Identity,
    managed: &ResourceSet,
    policy: DeletionPolicy,
    approved: &DestroyPlan,
) -> Result<Removals, Diagnostics> {
    // One lock over decision and note: of two objects destroyed at once that share a key, the second must see the first.
    let mut run_state = session.run_state();
    let nothing = BTreeSet::new();
    let destroyed = if K::DELETES_AS_LAST_USER { &run_state.destroyed } else { &nothing };
    let users = Users::after_destroy(loaded, identity, destroyed);
    let is_destroyed = |service: &String| {
        destroyed.iter().any(|other| matches!(other, Identity::Service { name, .. } if name == service))
    };
    let removals = removals::of_destroy(session, managed, policy, |key| {
        let now = users.of(key);
        match approved.release.get(&name(key)) {
            // Planned to be released to services that are all destroyed by now, in this very run: no user is left.
            Some(planned) if now.is_empty() && planned.iter().all(is_destroyed) => Vec::new(),
            // Planned to be released to others that have left the registry since: theirs to delete, and not approved here.
            Some(planned) if now.is_empty() => planned.clone(),
            _ => now,
        }
    });
    let used: BTreeMap<Key, Vec<String>> = removals
        .release
        .iter()
        .filter(|(key, _)| approved.delete.contains(&name(key)))
        .map(|(key, users)| (key.clone(), users.clone()))
        .collect();
    if !used.is_empty() {
        return Err(messages::used_since_plan(identity, &used).into());
    }
    let planned = |key: &&Key| approved.delete.contains(&name(key)) || approved.release.contains_key(&name(key));
    let more = removals.delete.iter().filter(|key| !planned(key));
    let beyond: BTreeSet<Key> = more.chain(&removals.refused).cloned().collect();
    if !beyond.is_empty() {
        return Err(messages::beyond_plan(identity, &beyond).into());
    }
    removals::check_in_use(identity, &removals, &users)?;
    run_state.destroyed.insert(identity.clone());
    Ok(removals)
}
