//! Planning a create, an update, a rename or move.
//!
//! Core calls this a second time at apply, with the same configuration and the prior private state, and requires the same
//! answer: so it depends on nothing but its arguments, the registry and, for new keys, what exists already.

use super::approval::Approval;
use super::ended::Ended;
use super::guard::Guarding;
use super::instances::Token;
use super::kind::{Arguments, Request, ResourceKind, StateModel};
use super::messages;
use super::preflight::{Existing, Query, preflight};
use super::users::Users;
use super::{cluster_roles, contents, deleted, provenance, removal_messages, removals, replaced, servers};
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::provider::identity::Identity;
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostics, Plan};

pub async fn plan<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    plan: Plan<K::Model>,
) -> Result<K::Model, Diagnostics> {
    let Plan { prior, config, proposed } = plan;
    // A value that was not known when the configuration was checked may be known now.
    K::check(&config)?;
    let identity = config.identity();
    // A new object has no private state. One that has is the second half of a replacement (`-replace`,
    // `replace_triggered_by`): core has planned an update first, and passes its private state on.
    if prior.is_none() && !call.private.is_empty() {
        return Err(messages::replacement_refused(K::WORDING, identity.as_ref()).into());
    }
    let before = prior.as_ref().map(StateModel::stored_identity).transpose()?;
    let managed = prior.as_ref().map_or_else(|| Ok(ResourceSet::default()), StateModel::managed)?;
    if let (Some(before), Some(attribute)) = (&before, config.hides_removals(&managed))
        && !call.stores_planned_private
    {
        return Err(removal_messages::removals_unknown(before, attribute).into());
    }
    let approval = Approval::of_plan(call);
    let mut planned = proposed;
    let Some(identity) = identity.filter(|_| config.is_plannable()) else {
        // It shows no removal, so its apply makes none.
        approval.write(&Removals::default(), &mut call.private);
        planned.set_unknown(&config);
        return Ok(planned);
    };
    check_new::<K>(session, &identity, before.as_ref(), Token::of(&call.private, prior.is_none()))?;
    let loaded = session.registry(call).await?;
    provenance::check_clock(&identity, &loaded)?;
    if let Some(prior) = &prior {
        provenance::check(&identity, &loaded, prior.registry(), &call.private)?;
    }
    let ended = Ended::of_plan(call, prior.is_none(), &loaded, &identity);
    let first_plan = call.planned_private.is_none() && (call.stores_planned_private || session.run_state().refreshes);
    let desired = K::desired(&Request {
        session,
        loaded: &loaded,
        identity: &identity,
        arguments: Arguments::Config(&config),
        prior: prior.as_ref(),
        managed: &managed,
        ended,
        first_plan,
    })?;
    let managed = deleted::with_restored(&managed, &call.private, &desired.resources);
    let users = Users::besides(&loaded, &identity, ended);
    let removals = removals::of_update(session, &desired, &managed, &users, &approval);
    let of = before.as_ref().unwrap_or(&identity);
    if !removals.refused.is_empty() {
        return Err(K::removal_refused(of, &identity, &removals).into());
    }
    let beyond = approval.beyond(&removals);
    if !beyond.is_empty() {
        return Err(removal_messages::update_beyond_plan(of, &beyond).into());
    }
    removals::check_in_use(of, &removals, |id| users.of_project(id))?;
    let has_ended = |key: &Key| ended.includes(key) || key.has_ended(loaded.now);
    let guard = Guarding::new(session, call, of, Some(&loaded));
    guard.removals(&managed, &desired.resources, &removals, |key| !has_ended(key))?;
    removal_messages::removal_warnings(of, &removals, has_ended, &mut call.diagnostics);
    call.diagnostics.extend(session.run_state().totals.add(of, &removals));

    let platforms = K::platforms(session).await?;
    let mut numbers = prior.as_ref().map(StateModel::numbers).unwrap_or_default();
    let ownership = provenance::ownership(&loaded, config.adopts())?;
    let created = {
        let mut run_state = session.run_state();
        run_state.projects.extend(desired.resources.projects.keys().cloned());
        run_state.projects.clone()
    };
    // A project or namespace of its own is news, whatever else uses it.
    let expected = |key: &Key| {
        let is_own = key.scope() == *key && !desired.resources.is_anothers(key);
        session.run_state().has_written(key) || !is_own && !users.of(key).is_empty()
    };
    let query = Query {
        created: &created,
        expected: &expected,
        identity: &identity,
        wording: K::WORDING,
        ownership: &ownership,
        loaded: &loaded,
        desired: &desired.resources,
        managed: &managed,
    };
    let names = servers::in_use(&desired.resources, &removals);
    let existing = preflight(call, &platforms, &query, &mut numbers).await;
    servers::check_in_use(session, call, &platforms, &identity, &names).await?;
    // The apply decides again what it may delete.
    if call.planned_private.is_none() {
        contents::check(call, &platforms, of, &ownership, &removals).await?;
    }
    let Existing { namespaces, recovered } = existing?;
    servers::compare_with_registry(session, call, &platforms, &loaded, &identity, &namespaces).await?;
    if prior.is_none() {
        guard.adoptions(&recovered)?;
    }
    let existing = replaced::existing(call, &platforms, &ownership, &desired, &managed).await;
    call.diagnostics.extend(K::plan_warnings(&desired, &existing));
    cluster_roles::check(session, call, &platforms, &desired.resources).await;
    planned.set_planned(prior.as_ref(), &config, &desired, &numbers);
    provenance::remember(&loaded, &mut call.private);
    approval.write(&removals, &mut call.private);
    ended.write(&mut call.private);
    Ok(planned)
}

/// Refuses to create what exists in the state: a tainted object, one whose address changed without `moved`. Refuses what another
/// resource manages or destroys.
fn check_new<K: ResourceKind>(
    session: &Session,
    identity: &Identity,
    before: Option<&Identity>,
    token: Token,
) -> Result<(), Diagnostics> {
    let mut run_state = session.run_state();
    let new = before != Some(identity);
    let in_state = if K::EXCLUSIVE { new } else { before.is_none() };
    if in_state && run_state.loaded.contains(identity) {
        return Err(messages::in_state_already(K::WORDING, identity).into());
    }
    if !run_state.instances.keep(identity, token) {
        return Err(messages::two_resources(K::WORDING, identity).into());
    }
    Ok(())
}
