//! Carrying out a create or an update.

use std::collections::BTreeSet;

use super::context::{Context, removals, with_unfinished};
use super::messages;
use super::model::NamespaceModel;
use crate::apply::{Outcome, ServiceChange, apply};
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::RequestContext;
use crate::provider::common::messages::{NextStep, not_done};
use crate::provider::common::users::released;
use crate::provider::session::Session;
use crate::sdk::{Attr, Call, Diagnostic, Diagnostics};

/// Creates. Nothing goes into the state unless all of it is there (see [`crate::sdk::Typed`]); what was made carries our
/// mark, so the next apply finds it and goes on.
pub(super) async fn create(
    session: &Session,
    call: &mut Call,
    planned: NamespaceModel,
) -> Result<NamespaceModel, Diagnostics> {
    let context = context(session, call, &planned).await?;
    made_here(session, &context)?;
    let (_, outcome) = carry_out(session, call, &context, &planned, &ResourceSet::default()).await?;
    if !outcome.is_complete() {
        return Err(not_done(context.who(), &outcome, NextStep::Resume));
    }
    Ok(planned)
}

/// Updates, or moves to another name or cluster: then the new namespace is made before the old one goes. On failure the state
/// is what is true of the namespace that it had before, so that the next plan shows exactly what is left to do; of a new one,
/// what was made is found again by its mark.
pub(super) async fn update(
    session: &Session,
    call: &mut Call,
    prior: NamespaceModel,
    planned: NamespaceModel,
) -> Result<NamespaceModel, Diagnostics> {
    let context = context(session, call, &planned).await?;
    context.check_provenance(&call.private)?;
    let before = prior.stored_key()?;
    if before != context.key {
        made_here(session, &context)?;
    }
    let managed = prior.managed()?;
    let (removals, outcome) = carry_out(session, call, &context, &planned, &managed).await?;
    if outcome.is_complete() {
        return Ok(planned);
    }
    call.diagnostics.extend(not_done(context.who(), &outcome, NextStep::Finish));
    let mut state = prior;
    state.record_partial_apply(&before, &removals, &outcome.managed);
    // Of two policies the more careful one, until the whole change is done.
    state.deletion_policy = Attr::Known(state.policy().min(planned.policy()).to_string());
    Ok(state)
}

/// Remembers that this process made the namespace.
fn made_here(session: &Session, context: &Context) -> Result<(), Diagnostics> {
    if session.run_state().created_namespaces.insert(context.key.clone()) {
        Ok(())
    } else {
        Err(messages::declared_twice(&context.key).into())
    }
}

async fn context(session: &Session, call: &mut Call, planned: &NamespaceModel) -> Result<Context, Diagnostics> {
    let loaded = session.registry_for_apply(call).await?;
    let key = planned.key().ok().flatten().ok_or_else(|| {
        Diagnostics::from(Diagnostic::bug("Terraform asked to apply a namespace whose name is not known."))
    })?;
    Context::of(session, loaded, key, planned)
}

async fn carry_out(
    session: &Session,
    call: &Call,
    context: &Context,
    planned: &NamespaceModel,
    managed: &ResourceSet,
) -> Result<(Removals, Outcome), Diagnostics> {
    let platforms = session.clusters().await?;
    let desired = planned.desired(&context.key, &context.registry, managed)?;
    let removals = removals(session, Some(&context.loaded), managed, &desired);
    if let Some(Key::Namespace(before)) = removals.refused.first() {
        return Err(messages::move_refused(before, &context.key).into());
    }
    // The old name's removals wait for the new one's additions.
    let scopes: BTreeSet<Key> =
        managed.namespaces.keys().chain([&context.key]).map(|key| Key::Namespace(key.clone())).collect();
    let change = ServiceChange {
        registry: &context.registry,
        managed: &with_unfinished(call, &platforms, context, managed, &desired).await,
        desired: &desired,
        removals: &removals,
        released: &released(&context.loaded, &removals),
        environments: &[scopes],
        adopt: planned.adopt_existing.known() == Some(&true),
    };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let outcome = apply(&ctx, platforms.borrow(), &change).await;
    Ok((removals, outcome))
}
