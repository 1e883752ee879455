//! Carrying out a create or an update.

use super::context::Context;
use super::messages;
use super::model::ServiceModel;
use super::plan::removals;
use crate::fanout::resource::Asks;
use crate::platform::Cx;
use crate::platform::execute::{Outcome, Work, execute};
use crate::provider::common::Who;
use crate::provider::common::asking::kept;
use crate::provider::common::messages::{Then, not_done};
use crate::provider::common::observe::Numbers;
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
    session.memory().created.insert(context.instance.clone());
    let outcome = carry_out(session, call, &context, &planned, &Asks::default()).await?;
    if !outcome.is_complete() {
        return Err(not_done(Who::Service(&context.instance.0), &outcome, Then::Resume));
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
    context.check_lineage(&prior, &call.private)?;
    let claims = prior.claims()?;
    let numbers = prior.numbers();
    let outcome = carry_out(session, call, &context, &planned, &claims).await?;
    if outcome.is_complete() {
        return Ok(finished(planned, &context, &outcome, numbers));
    }
    call.diagnostics.extend(not_done(Who::Service(&context.instance.0), &outcome, Then::Finish));
    let mut state = prior;
    state.set_claims(&outcome.claims, &merged(numbers, &outcome));
    state.settle_numbers();
    Ok(state)
}

async fn context(session: &Session, call: &mut Call, planned: &ServiceModel) -> Result<Context, Diagnostics> {
    let loaded = session.registry_for_apply(call).await?;
    let instance = planned.instance().ok_or_else(|| {
        Diagnostics::from(Diagnostic::bug("Terraform asked to apply a service whose name is not known."))
    })?;
    let mut context = Context::of(session, loaded, instance, &Attr::Null).await?;
    context.desired.take_deletion_policies(&planned.claims()?);
    context.policy = planned.policy();
    Ok(context)
}

async fn carry_out(
    session: &Session,
    call: &mut Call,
    context: &Context,
    planned: &ServiceModel,
    claims: &Asks,
) -> Result<Outcome, Diagnostics> {
    let opened = session.platforms().await?;
    let removals = removals(session, context, claims);
    if !removals.refused.is_empty() {
        return Err(messages::removal_refused(&context.instance.0, &removals).into());
    }
    let work = Work {
        registry: &context.registry,
        claims,
        desired: &context.desired,
        removals: &removals,
        kept: &kept(&context.loaded, &removals),
        environments: &context.scopes(),
        adopt: planned.adopt_existing.known() == Some(&true),
    };
    let cx = Cx { cancel: call.cancel.clone() };
    Ok(execute(&cx, opened.borrow(), &work).await)
}

fn finished(planned: ServiceModel, context: &Context, outcome: &Outcome, numbers: Numbers) -> ServiceModel {
    let mut state = planned;
    state.set_claims(&context.desired, &merged(numbers, outcome));
    state.settle_numbers();
    state
}

fn merged(mut numbers: Numbers, outcome: &Outcome) -> Numbers {
    numbers.extend(outcome.numbers.iter().map(|(id, number)| (id.clone(), *number)));
    numbers
}
