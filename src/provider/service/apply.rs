//! Carrying out a create or an update.

use super::context::Context;
use super::messages;
use super::model::ServiceModel;
use super::plan::removals;
use crate::apply::{Outcome, ServiceChange, apply};
use crate::fanout::resource::ResourceSet;
use crate::platform::RequestContext;
use crate::provider::common::ManagedObject;
use crate::provider::common::messages::{NextStep, not_done};
use crate::provider::common::refresh::Numbers;
use crate::provider::common::users::released;
use crate::provider::session::Session;
use crate::sdk::{Attr, Call, Diagnostic, Diagnostics};

/// Creates. Nothing goes into the state unless all of it is there (see [`crate::sdk::Typed`]); what was made carries our
/// mark, so the next apply finds it and goes on.
pub(super) async fn create(
    session: &Session,
    call: &mut Call,
    planned: ServiceModel,
) -> Result<ServiceModel, Diagnostics> {
    let context = context(session, call, &planned).await?;
    session.run_state().created.insert(context.instance.clone());
    let outcome = carry_out(session, call, &context, &planned, &ResourceSet::default()).await?;
    if !outcome.is_complete() {
        return Err(not_done(ManagedObject::Service(&context.instance.0), &outcome, NextStep::Resume));
    }
    Ok(finished(planned, &context, &outcome, Numbers::new()))
}

/// Updates. On failure the state is what is true: the prior one with the claims as they are now, so that the next plan
/// shows exactly what is left to do.
pub(super) async fn update(
    session: &Session,
    call: &mut Call,
    prior: ServiceModel,
    planned: ServiceModel,
) -> Result<ServiceModel, Diagnostics> {
    let context = context(session, call, &planned).await?;
    context.check_provenance(&prior, &call.private)?;
    let managed = prior.managed()?;
    let numbers = prior.numbers();
    let outcome = carry_out(session, call, &context, &planned, &managed).await?;
    if outcome.is_complete() {
        return Ok(finished(planned, &context, &outcome, numbers));
    }
    call.diagnostics.extend(not_done(ManagedObject::Service(&context.instance.0), &outcome, NextStep::Finish));
    let mut state = prior;
    state.set_managed(&outcome.managed, &merged(numbers, &outcome));
    state.resolve_numbers();
    Ok(state)
}

async fn context(session: &Session, call: &mut Call, planned: &ServiceModel) -> Result<Context, Diagnostics> {
    let loaded = session.registry_for_apply(call).await?;
    let instance = planned.instance().ok_or_else(|| {
        Diagnostics::from(Diagnostic::bug("Terraform asked to apply a service whose name is not known."))
    })?;
    let mut context = Context::of(session, loaded, instance, &Attr::Null).await?;
    context.desired.copy_deletion_policies(&planned.managed()?);
    context.policy = planned.policy();
    Ok(context)
}

async fn carry_out(
    session: &Session,
    call: &mut Call,
    context: &Context,
    planned: &ServiceModel,
    managed: &ResourceSet,
) -> Result<Outcome, Diagnostics> {
    let platforms = session.platforms().await?;
    let removals = removals(session, context, managed);
    if !removals.refused.is_empty() {
        return Err(messages::removal_refused(&context.instance.0, &removals).into());
    }
    let change = ServiceChange {
        registry: &context.registry,
        managed,
        desired: &context.desired,
        removals: &removals,
        released: &released(&context.loaded, &removals),
        environments: &context.scopes(),
        adopt: planned.adopt_existing.known() == Some(&true),
    };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    Ok(apply(&ctx, platforms.borrow(), &change).await)
}

fn finished(planned: ServiceModel, context: &Context, outcome: &Outcome, numbers: Numbers) -> ServiceModel {
    let mut state = planned;
    state.set_managed(&context.desired, &merged(numbers, outcome));
    state.resolve_numbers();
    state
}

fn merged(mut numbers: Numbers, outcome: &Outcome) -> Numbers {
    numbers.extend(outcome.numbers.iter().map(|(id, number)| (id.clone(), *number)));
    numbers
}
