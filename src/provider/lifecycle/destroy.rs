//! Planning a destroy, and applying it.
//!
//! Apply deletes only what our own destroy plan listed (in its planned private state, which core hands back on every kind
//! of destroy), and decides again first: a saved destroy outlives the review in which it was right.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::contents;
use super::failures::{NextStep, incomplete};
use super::guard::Guarding;
use super::instances::Token;
use super::kind::{Partial, ResourceKind, StateModel};
use super::last_user::{self, labelled, without_owner};
use super::messages;
use super::provenance::{self, DESTROY};
use super::removal_messages;
use super::removals;
use super::removals::used;
use super::servers;
use super::users::{Users, released};
use crate::apply::{ServiceChange, apply};
use crate::fanout::removal::{Release, Removals};
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use crate::platform::{OwnershipPolicy, RequestContext};
use crate::provider::identity::{Identity, name};
use crate::provider::session::{LoadedRegistry, Session};
use crate::registry::names::ServiceName;
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
    let token = Token::of(&call.private, false);
    let alone = session.run_state().instances.destroy(&identity, token);
    if !alone {
        // Core plans the two at once; what is said is the same whichever comes first.
        let moved = session.run_state().instances.creates(&identity);
        let refused = if moved { messages::in_state_already } else { messages::two_resources };
        return Err(refused(K::WORDING, &identity).into());
    }
    let managed = prior.managed()?;
    let loaded = match session.registry(call).await {
        Ok(loaded) => {
            provenance::check_clock(&identity, &loaded)?;
            provenance::check(&identity, &loaded, prior.registry(), &call.private)?;
            Some(loaded)
        }
        Err(errors) => {
            let warning = messages::destroy_without_registry(K::WORDING, &identity, &errors);
            call.diagnostics.extend(session.run_state().causes.once(warning.into()));
            None
        }
    };
    let registered = loaded.as_ref().is_some_and(|loaded| K::is_registered(loaded, &identity));
    if registered && prior.policy() == DeletionPolicy::Prevent {
        return Err(messages::destroy_registered(&identity).into());
    }
    let users = loaded.as_ref().map(|loaded| Users::after_destroy(loaded, &identity, &BTreeSet::new(), &[]));
    let platforms = K::platforms(session).await?;
    let left = match &loaded {
        Some(loaded) if K::DELETES_AS_LAST_USER => labelled(call, &platforms, loaded, &managed).await,
        _ => BTreeMap::new(),
    };
    let kept = |key: &Key| {
        used(without_owner(users.as_ref()?.of(key), owner_of(loaded.as_ref()?, key), left.contains_key(&key.scope())))
    };
    let removals = removals::of_destroy(session, &managed, prior.policy(), kept, |key| left.get(key).copied());
    if !removals.refused.is_empty() {
        return Err(K::destroy_refused(&identity, &removals).into());
    }
    if let Some(users) = &users {
        removals::check_in_use(&identity, &removals, |id| {
            let key = Key::Project(id.clone());
            let owner = loaded.as_ref().and_then(|loaded| owner_of(loaded, &key));
            without_owner(users.of_project(id), owner, left.contains_key(&key))
        })?;
    }
    let names = servers::in_use(&ResourceSet::default(), &removals);
    servers::check_in_use(session, call, &platforms, &identity, &names).await?;
    if let Some(ownership) = ownership(loaded.as_deref(), prior.registry()) {
        contents::check(call, &platforms, &identity, &ownership, &removals).await?;
    }
    let has_ended = |key: &Key| loaded.as_ref().is_some_and(|loaded| key.has_ended(loaded.now));
    let guard = Guarding::new(session, call, &identity, loaded.as_deref());
    guard.removals(&managed, &ResourceSet::default(), &removals, |key| !has_ended(key))?;
    let leaves = last_user::left(&managed, &removals, &identity, loaded.as_deref());
    removal_messages::destroy_warnings(&identity, &removals, loaded.is_some(), &leaves, &mut call.diagnostics);
    call.diagnostics.extend(session.run_state().totals.add(&identity, &removals));
    let plan = DestroyPlan {
        registered,
        delete: removals.delete.iter().map(name).collect(),
        release: if K::DELETES_AS_LAST_USER { used_keys(&removals) } else { BTreeMap::new() },
    };
    call.private.set(DESTROY, plan);
    Ok(())
}

/// Whose what is deleted must be: without the registry, that of its name in the state.
fn ownership(loaded: Option<&LoadedRegistry>, recorded: Option<&String>) -> Option<OwnershipPolicy> {
    match loaded {
        Some(loaded) => provenance::ownership(loaded, false).ok(),
        None => Some(OwnershipPolicy::of(recorded?.parse().ok()?)),
    }
}

pub async fn delete<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    prior: K::Model,
) -> Result<Option<K::Model>, Diagnostics> {
    let identity = prior.stored_identity()?;
    let approved: Option<DestroyPlan> = call.private.get(DESTROY);
    call.private.remove(DESTROY);
    let token = Token::of(&call.private, false);
    let Some(approved) = approved.filter(|_| !session.run_state().created.contains(&identity)) else {
        return Err(messages::replacement_refused(K::WORDING, Some(&identity)).into());
    };
    let managed = prior.managed()?;
    let loaded = session
        .registry_for_apply(call)
        .await
        .map_err(|errors| messages::destroy_needs_registry(&identity, &errors))?;
    provenance::check_clock(&identity, &loaded)?;
    provenance::check(&identity, &loaded, prior.registry(), &call.private)?;
    if !approved.registered && K::is_registered(&loaded, &identity) {
        return Err(messages::registered_again(&identity).into());
    }
    let platforms = K::platforms(session).await?;
    let most = removals::of_destroy(session, &managed, prior.policy(), |_| None, |_| Some(DeletionPolicy::Delete));
    let names = servers::in_use(&ResourceSet::default(), &most);
    servers::check_in_use(session, call, &platforms, &identity, &names).await?;
    let labelled = labelled(call, &platforms, &loaded, &managed).await;
    let removals =
        recheck::<K>(session, &loaded, (&identity, &token), (&managed, prior.policy()), &approved, &labelled)?;
    let change = ServiceChange {
        registry: &provenance::name(&loaded)?,
        previous_names: loaded.fan_out.registry().previous_names(),
        relabel: false,
        managed: &managed,
        desired: &ResourceSet::default(),
        removals: &removals,
        released: &released(&loaded, &removals, &last_user::left(&managed, &removals, &identity, Some(&*loaded))),
        environments: &[],
        adopt: false,
    };
    let outcome = apply(&RequestContext { cancel: call.cancel.clone() }, platforms.borrow(), &change).await;
    if outcome.is_complete() {
        return Ok(None);
    }
    call.diagnostics.extend(incomplete(&identity, &outcome, NextStep::Finish, None));
    let mut state = prior;
    let numbers = state.numbers();
    state.set_partial(&Partial { planned: None, removals: &removals, managed: &outcome.managed, numbers: &numbers });
    Ok(Some(state))
}

/// Decides again, on what is true now. Refuses to delete more than was planned, or what others use by now.
fn recheck<K: ResourceKind>(
    session: &Session,
    loaded: &LoadedRegistry,
    (identity, token): (&Identity, &Token),
    (managed, policy): (&ResourceSet, DeletionPolicy),
    approved: &DestroyPlan,
    labelled: &BTreeMap<Key, DeletionPolicy>,
) -> Result<Removals, Diagnostics> {
    // One lock over decision and note: of two objects destroyed at once that share a key, the second must see the first.
    let mut run_state = session.run_state();
    let (no_one, nothing) = (BTreeSet::new(), BTreeMap::new());
    let (destroyed, left) =
        if K::DELETES_AS_LAST_USER { (&run_state.destroyed, &run_state.left) } else { (&no_one, &nothing) };
    let left = |key: &Key| left.get(key).or_else(|| labelled.get(key)).copied();
    // What another instance of this run manages by now is not ours to delete.
    let beside = run_state.instances.beside(identity, token);
    let users = Users::after_destroy(loaded, identity, destroyed, &beside);
    let is_destroyed = |service: &String| {
        destroyed.iter().any(|other| matches!(other, Identity::Service { name, .. } if name == service))
    };
    let kept = |key: &Key| {
        let now = without_owner(users.of(key), owner_of(loaded, key), left(&key.scope()).is_some());
        match approved.release.get(&name(key)) {
            _ if !now.is_empty() => used(now),
            // Planned to be released to services that are all destroyed by now, in this very run: no user is left.
            Some(planned) if planned.iter().all(is_destroyed) => None,
            // Planned to be released to others that have left the registry since: theirs to delete, and not approved here.
            Some(planned) => Some(Release::Planned(planned.clone())),
            None => None,
        }
    };
    let removals = removals::of_destroy(session, managed, policy, kept, left);
    let by_beside =
        |user: &String| beside.iter().any(|other| matches!(other, Identity::Service { name, .. } if name == user));
    let is_used = |release: &Release| matches!(release, Release::UsedBy(users) if !users.iter().all(by_beside));
    let used: BTreeMap<Key, Release> = removals
        .release
        .iter()
        .filter(|(key, release)| approved.delete.contains(&name(key)) && is_used(release))
        .map(|(key, release)| (key.clone(), release.clone()))
        .collect();
    if !used.is_empty() {
        return Err(removal_messages::used_since_plan(identity, &used).into());
    }
    let planned = |key: &&Key| approved.delete.contains(&name(key)) || approved.release.contains_key(&name(key));
    let more = removals.delete.iter().filter(|key| !planned(key));
    let beyond: BTreeSet<Key> = more.chain(&removals.refused).cloned().collect();
    if !beyond.is_empty() {
        return Err(removal_messages::beyond_plan(identity, &beyond).into());
    }
    removals::check_in_use(identity, &removals, |id| {
        let key = Key::Project(id.clone());
        without_owner(users.of_project(id), owner_of(loaded, &key), left(&key).is_some())
    })?;
    run_state.left.extend(last_user::left(managed, &removals, identity, Some(loaded)));
    run_state.destroyed.insert(identity.clone());
    Ok(removals)
}

/// The keys that are released because others use them, and those others.
fn used_keys(removals: &Removals) -> BTreeMap<String, Vec<String>> {
    let users = |(key, release): (&Key, &Release)| match release {
        Release::UsedBy(users) | Release::Planned(users) => Some((name(key), users.clone())),
        Release::NotOwner | Release::StaysEnabled => None,
    };
    removals.release.iter().filter_map(users).collect()
}

/// The service that owns a project or namespace, or the one that a key is in.
fn owner_of<'l>(loaded: &'l LoadedRegistry, key: &Key) -> Option<&'l str> {
    let registry = loaded.fan_out.registry();
    let owner = match key.scope() {
        Key::Project(id) => registry.projects.get(id.as_str())?.owner.as_ref(),
        Key::Namespace(key) => registry.namespaces.get(&key.to_string())?.owner.as_ref(),
        _ => None,
    };
    owner.map(ServiceName::as_str)
}
