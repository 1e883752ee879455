//! Planning a destroy, and carrying it out.
//!
//! Apply deletes only what our own destroy plan marked (in its planned private state, which core hands back on every kind
//! of destroy), after asking the registry again: a saved destroy outlives the review in which it was right.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::context::{check_in_use, environments_of, load, project_users};
use super::messages;
use super::model::ServiceModel;
use crate::apply::{ServiceChange, apply};
use crate::fanout::removal::Removals;
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use crate::platform::RequestContext;
use crate::provider::common::messages::{
    NextStep, asked_again, beyond_plan, destroy_warnings, not_done, removal_without_registry,
};
use crate::provider::common::provenance::DESTROY;
use crate::provider::common::users::released;
use crate::provider::common::{ManagedObject, name, provenance};
use crate::provider::session::{Instance, LoadedRegistry, Session};
use crate::registry::names::{ProjectId, ServiceName};
use crate::sdk::{Call, Diagnostic, Diagnostics};

/// What a destroy plan decided, as it travels to the apply.
#[derive(Debug, Serialize, Deserialize)]
struct DestroyPlan {
    /// Whether the registry had the service.
    registered: bool,
    /// Keys to be removed.
    delete: BTreeSet<String>,
    /// Keys to be let go of, and for whom. If all of those are destroyed in the same run, such a key is removed after all.
    release: BTreeMap<String, Vec<String>>,
}

pub(super) async fn plan(session: &Session, call: &mut Call, prior: ServiceModel) -> Result<(), Diagnostics> {
    let instance = instance(&prior)?;
    let managed = prior.managed()?;
    let loaded = match load(session, call).await {
        Ok(loaded) => {
            check_provenance(&instance, &loaded, &prior, call)?;
            Some(loaded)
        }
        Err(errors) => {
            call.diagnostics.push(messages::destroy_without_registry(&instance.0, &errors));
            None
        }
    };
    let registered = loaded.as_ref().is_some_and(|loaded| loaded.fan_out.service(&instance.0).is_some());
    if registered && prior.policy() == DeletionPolicy::Prevent {
        return Err(messages::destroy_registered(&instance.0).into());
    }
    let users = loaded.as_ref().map(|loaded| Asking { loaded, instance: &instance, destroyed: &NOBODY });
    let removals = decide(session, &managed, prior.policy(), |key| {
        users.as_ref().map_or_else(Vec::new, |users| users.others(key))
    });
    if !removals.refused.is_empty() {
        return Err(messages::removal_refused(&instance.0, &removals).into());
    }
    if let Some(users) = &users {
        check_in_use(&instance.0, &removals, |id| users.project_users(id))?;
    }
    destroy_warnings(ManagedObject::Service(&instance.0), &removals, &mut call.diagnostics);
    let text = |keys: &BTreeSet<Key>| keys.iter().map(name).collect();
    let release = removals.release.iter().map(|(key, who)| (name(key), who.clone())).collect();
    call.private.set(DESTROY, DestroyPlan { registered, delete: text(&removals.delete), release });
    Ok(())
}

pub(super) async fn delete(
    session: &Session,
    call: &mut Call,
    prior: ServiceModel,
) -> Result<Option<ServiceModel>, Diagnostics> {
    let instance = instance(&prior)?;
    let approved: Option<DestroyPlan> = call.private.get(DESTROY);
    call.private.remove(DESTROY);
    let Some(approved) = approved.filter(|_| !session.run_state().created.contains(&instance)) else {
        return Err(messages::replacement_refused(Some(&instance.0)).into());
    };
    let managed = prior.managed()?;
    let loaded = session
        .registry_for_apply(call)
        .await
        .map_err(|errors| removal_without_registry(ManagedObject::Service(&instance.0), errors))?;
    check_provenance(&instance, &loaded, &prior, call)?;
    if !approved.registered && loaded.fan_out.service(&instance.0).is_some() {
        return Err(messages::registered_again(&instance.0).into());
    }
    let removals = recheck(session, &loaded, &instance, &managed, prior.policy(), &approved)?;
    let change = ServiceChange {
        registry: &loaded.fan_out.registry().name(),
        managed: &managed,
        desired: &ResourceSet::default(),
        removals: &removals,
        released: &released(&loaded, &removals),
        environments: &[],
        adopt: false,
    };
    let platforms = session.platforms().await?;
    let outcome = apply(&RequestContext { cancel: call.cancel.clone() }, platforms.borrow(), &change).await;
    if outcome.is_complete() {
        return Ok(None);
    }
    call.diagnostics.extend(not_done(ManagedObject::Service(&instance.0), &outcome, NextStep::Finish));
    let mut state = prior;
    let numbers = state.numbers();
    state.set_managed(&outcome.managed, &numbers);
    Ok(Some(state))
}

/// Decides again, now, and refuses if more than was planned would be touched, or something somebody has come to ask for.
fn recheck(
    session: &Session,
    loaded: &LoadedRegistry,
    instance: &Instance,
    managed: &ResourceSet,
    policy: DeletionPolicy,
    approved: &DestroyPlan,
) -> Result<Removals, Diagnostics> {
    // One lock over decision and note: of two services destroyed at once that share a thing, the second must see the first.
    let mut run_state = session.run_state();
    let users = Asking { loaded, instance, destroyed: &run_state.destroyed };
    let destroyed = |service: &String| run_state.destroyed.iter().any(|(name, _)| name == service);
    let mut wanted = BTreeMap::new();
    let mut beyond = BTreeSet::new();
    let removals = decide(session, managed, policy, |key| {
        let now = users.others(key);
        match approved.release.get(&name(key)) {
            // Planned to be kept for services that are all destroyed by now, in this very run: nobody is left.
            Some(planned) if now.is_empty() && planned.iter().all(destroyed) => Vec::new(),
            // Planned to be kept for others who have left the registry since: theirs to remove, not approved here.
            Some(planned) if now.is_empty() => planned.clone(),
            Some(_) => now,
            None => now,
        }
    });
    for (key, who) in &removals.release {
        if approved.delete.contains(&name(key)) {
            wanted.insert(key.clone(), who.clone());
        }
    }
    for key in &removals.delete {
        if !approved.delete.contains(&name(key)) && !approved.release.contains_key(&name(key)) {
            beyond.insert(key.clone());
        }
    }
    if !wanted.is_empty() {
        return Err(asked_again(ManagedObject::Service(&instance.0), &wanted).into());
    }
    if !beyond.is_empty() || !removals.refused.is_empty() {
        beyond.extend(removals.refused);
        return Err(beyond_plan(ManagedObject::Service(&instance.0), &beyond).into());
    }
    check_in_use(&instance.0, &removals, |id| users.project_users(id))?;
    run_state.destroyed.insert(instance.clone());
    Ok(removals)
}

/// The fate of everything a destroyed service claims. Its own policy speaks for what has none: the grants on projects that
/// it does not create.
fn decide(
    session: &Session,
    managed: &ResourceSet,
    policy: DeletionPolicy,
    others: impl Fn(&Key) -> Vec<String>,
) -> Removals {
    let mut removals = Removals::decide(managed, &managed.keys(), others);
    if policy == DeletionPolicy::Abandon {
        let (scopes, on): (BTreeSet<Key>, BTreeSet<Key>) = std::mem::take(&mut removals.delete)
            .into_iter()
            .partition(|key| managed.deletion_policy(&key.scope()).is_some());
        removals.delete = scopes;
        removals.abandon.extend(on);
    }
    removals.leave(session.unmanaged_keys(managed));
    removals
}

/// Nobody has been destroyed yet.
static NOBODY: BTreeSet<Instance> = BTreeSet::new();

/// Who asks, besides the instance that is destroyed and those that were destroyed before it in this run.
struct Asking<'l> {
    loaded: &'l LoadedRegistry,
    instance: &'l Instance,
    destroyed: &'l BTreeSet<Instance>,
}

impl Asking<'_> {
    /// The services that ask for a key: this one too, for environments that are another instance's.
    fn others(&self, key: &Key) -> Vec<String> {
        let fan_out = &self.loaded.fan_out;
        let resources = |service: &&ServiceName| {
            if self.gone(service.as_str()).next().is_none() {
                return true;
            }
            let environments = environments_of(self.loaded, service.as_str());
            let left = environments.filter(|name| !self.is_gone(service.as_str(), name.as_str())).cloned().collect();
            fan_out.select(service.as_str(), &left).contains(key)
        };
        fan_out.users_of(key).into_iter().filter(resources).map(ToString::to_string).collect()
    }

    /// The services that have a project in some environment, listed in the registry or not.
    fn project_users(&self, id: &ProjectId) -> Vec<String> {
        project_users(self.loaded, id, |service, environment| !self.is_gone(service, environment))
    }

    /// The instances of a service that are destroyed in this run.
    fn gone(&self, service: &str) -> impl Iterator<Item = &Instance> {
        std::iter::once(self.instance).chain(self.destroyed).filter(move |(name, _)| name == service)
    }

    fn is_gone(&self, service: &str, environment: &str) -> bool {
        self.gone(service).any(|(_, filter)| match filter {
            None => true,
            Some(names) => names.iter().any(|name| name == environment),
        })
    }
}

fn check_provenance(
    instance: &Instance,
    loaded: &LoadedRegistry,
    prior: &ServiceModel,
    call: &Call,
) -> Result<(), Diagnostics> {
    provenance::check(
        ManagedObject::Service(&instance.0),
        loaded,
        prior.registry.known().map(String::as_str),
        &call.private,
    )
}

fn instance(prior: &ServiceModel) -> Result<Instance, Diagnostics> {
    match prior.instance() {
        Some(instance) => Ok(instance),
        None => Err(Diagnostic::bug("A stored service has no name.").into()),
    }
}
