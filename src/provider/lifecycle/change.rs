//! Applying a create or an update.

use std::collections::BTreeMap;

use super::approval::Approval;
use super::ended::Ended;
use super::failures::{NextStep, incomplete};
use super::instances::ensure_token;
use super::kind::{Arguments, Desired, Partial, Request, ResourceKind, StateModel};
use super::messages;
use super::refresh::Numbers;
use super::users::{Users, released};
use super::{creator_messages, deleted, provenance, removal_messages, removals, replaced, servers};
use crate::apply::{Outcome, ServiceChange, apply};
use crate::fanout::removal::Removals;
use crate::fanout::resource::ResourceSet;
use crate::platform::RequestContext;
use crate::provider::identity::Identity;
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostic, Diagnostics};

/// Creates. Nothing goes into the state unless all of it exists (see [`crate::sdk::Typed`]); what was created carries the
/// ownership label, so the next apply finds it and continues.
pub async fn create<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    planned: K::Model,
) -> Result<K::Model, Diagnostics> {
    let managed = ResourceSet::default();
    let approval = Approval::of_apply(&mut call.private);
    let desired = desired::<K>(session, call, None, &planned, &managed).await?;
    note_created::<K>(session, &desired.identity)?;
    let (_, outcome) =
        carry_out::<K>(session, call, &desired, &planned, (&managed, &desired.identity), (&approval, false)).await?;
    if !outcome.is_complete() {
        return Err(incomplete(&desired.identity, &outcome, NextStep::Resume, Some(&desired.loaded.fan_out)));
    }
    ensure_token(&mut call.private);
    let mut state = planned;
    state.set_applied(&desired, &outcome.numbers);
    Ok(state)
}

/// Updates. On failure the state is what is true of the prior one, so that the next plan shows exactly what is left to do. An
/// object that moves to another identity is created there before the old one is deleted.
pub async fn update<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    prior: K::Model,
    planned: K::Model,
) -> Result<K::Model, Diagnostics> {
    let before = prior.stored_identity()?;
    let managed = prior.managed()?;
    let approval = Approval::of_apply(&mut call.private);
    let desired = desired::<K>(session, call, Some(&prior), &planned, &managed).await?;
    let managed = deleted::with_restored(&managed, &call.private, &desired.resources);
    if K::EXCLUSIVE && before != desired.identity {
        note_created::<K>(session, &desired.identity)?;
    }
    // The state is that of the registry's earlier name: everything gets the label of the new one.
    let relabel = prior.registry().is_some_and(|name| provenance::is_previous(&desired.loaded, name));
    let (removals, outcome) =
        carry_out::<K>(session, call, &desired, &planned, (&managed, &before), (&approval, relabel)).await?;
    let mut numbers: Numbers = prior.numbers();
    numbers.extend(outcome.numbers.iter().map(|(id, number)| (id.clone(), *number)));
    if outcome.is_complete() {
        let mut state = planned;
        state.set_applied(&desired, &numbers);
        return Ok(state);
    }
    let fan_out = Some(&desired.loaded.fan_out);
    call.diagnostics.extend(incomplete(&desired.identity, &outcome, NextStep::Finish, fan_out));
    let mut state = prior;
    state.set_partial(&Partial {
        planned: Some(&planned),
        removals: &removals,
        managed: &outcome.managed,
        numbers: &numbers,
    });
    Ok(state)
}

/// Remembers that this process created an object.
fn note_created<K: ResourceKind>(session: &Session, identity: &Identity) -> Result<(), Diagnostics> {
    if session.run_state().created.insert(identity.clone()) || !K::EXCLUSIVE {
        Ok(())
    } else {
        Err(messages::two_resources(K::WORDING, identity).into())
    }
}

async fn desired<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    prior: Option<&K::Model>,
    planned: &K::Model,
    managed: &ResourceSet,
) -> Result<Desired, Diagnostics> {
    let loaded = session.registry_for_apply(call).await?;
    let identity = planned.identity().ok_or_else(|| {
        let kind = K::WORDING.kind;
        Diagnostics::from(Diagnostic::bug(format!("Terraform applied a {kind} whose name is not known.")))
    })?;
    provenance::check_clock(&identity, &loaded)?;
    if let Some(prior) = prior {
        provenance::check(&identity, &loaded, prior.registry(), &call.private)?;
    }
    let arguments = Arguments::Planned(planned);
    let ended = Ended::noted(&call.private);
    let loaded = &loaded;
    let identity = &identity;
    K::desired(&Request { session, loaded, identity, arguments, prior, managed, ended, first_plan: false })
}

async fn carry_out<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    desired: &Desired,
    planned: &K::Model,
    (managed, before): (&ResourceSet, &Identity),
    (approval, relabel): (&Approval, bool),
) -> Result<(Removals, Outcome), Diagnostics> {
    let platforms = K::platforms(session).await?;
    let users = Users::besides(&desired.loaded, &desired.identity, Ended::noted(&call.private));
    let removals = removals::of_update(session, desired, managed, &users, approval);
    if !removals.refused.is_empty() {
        return Err(K::removal_refused(before, &desired.identity, &removals).into());
    }
    let beyond = approval.beyond(&removals);
    if !beyond.is_empty() {
        return Err(removal_messages::update_beyond_plan(before, &beyond).into());
    }
    let names = servers::in_use(&desired.resources, &removals);
    servers::check_in_use(session, call, &platforms, &desired.identity, &names).await?;
    let ownership = provenance::ownership(&desired.loaded, planned.adopts())?;
    let change = ServiceChange {
        registry: &desired.registry,
        previous_names: &ownership.previous,
        relabel,
        managed: &replaced::existing(call, &platforms, &ownership, desired, managed).await,
        desired: &desired.resources,
        removals: &removals,
        released: &released(&desired.loaded, &removals, &BTreeMap::new()),
        environments: &desired.environments,
        adopt: planned.adopts(),
    };
    let new = desired.resources.keys().into_iter().filter(|key| !managed.contains(key));
    session.run_state().written.extend(new);
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let outcome = apply(&ctx, platforms.borrow(), &change).await;
    call.diagnostics.extend(creator_messages::owners_by_creation(&desired.identity, &outcome.owners));
    if outcome.is_complete() {
        deleted::after_apply(&mut call.private, &desired.resources, &outcome.withheld);
    }
    Ok((removals, outcome))
}
