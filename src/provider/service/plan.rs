//! Planning a create, an update, a rename.
//!
//! Core calls this a second time at apply, with the same configuration and the prior private state, and wants the same
//! answer: so it depends on nothing but its arguments, the registry and, for keys that are new, what is there already.

use super::context::{Context, check_in_use, load, users};
use super::messages;
use super::model::ServiceModel;
use crate::fanout::removal::Removals;
use crate::fanout::resource::Asks;
use crate::provider::common::Who;
use crate::provider::common::look::{Sought, look};
use crate::provider::common::messages::removal_warnings;
use crate::provider::session::Session;
use crate::sdk::{Attr, Call, Diagnostics, Path, Plan};

pub(super) async fn plan(
    session: &Session,
    call: &mut Call,
    plan: Plan<ServiceModel>,
) -> Result<ServiceModel, Diagnostics> {
    let Plan { prior, config, proposed } = plan;
    // A new object has no private state. One that has is the second half of a replacement: `-replace`,
    // `replace_triggered_by` (reference: core plans an update first and hands its private state on).
    if prior.is_none() && !call.private.is_empty() {
        return Err(messages::replacement_refused(config.name.known()).into());
    }
    let Some(instance) =
        config.instance().filter(|_| !config.digest.is_unknown() && !config.deletion_policy.is_unknown())
    else {
        let mut planned = proposed;
        planned.set_unknown();
        if config.digest.is_null() {
            planned.digest = Attr::Unknown;
        }
        if config.deletion_policy.is_null() {
            planned.deletion_policy = Attr::Unknown;
        }
        return Ok(planned);
    };
    if prior.is_none() && session.memory().loaded.contains(&instance) {
        return Err(messages::exists_already(&instance.0).into());
    }
    let loaded = load(session, call).await?;
    let context = Context::of(session, loaded, instance, &config.deletion_policy).await?;
    if let Some(prior) = &prior {
        context.check_lineage(prior, &call.private)?;
    }
    if let Some(approved) = config.digest.known()
        && *approved != context.digest
    {
        let error = messages::registry_changed(&context.instance.0, approved, &context.digest);
        return Err(error.at(Path::attribute("digest")).into());
    }
    let claims = prior.as_ref().map_or_else(|| Ok(Asks::default()), ServiceModel::claims)?;
    let removals = removals(session, &context, &claims);
    if !removals.refused.is_empty() {
        return Err(messages::removal_refused(&context.instance.0, &removals).into());
    }
    check_in_use(&context.instance.0, &removals, |id| users(&context.loaded, id, |_, _| true))?;
    removal_warnings(Who::Service(&context.instance.0), &removals, &mut call.diagnostics);
    let opened = session.platforms().await?;
    let mut numbers = prior.as_ref().map(ServiceModel::numbers).unwrap_or_default();
    let adopt = config.adopt_existing.known() == Some(&true);
    let sought = Sought {
        who: Who::Service(&context.instance.0),
        registry: &context.registry,
        desired: &context.desired,
        claims: &claims,
        adopt,
        plain_names: false,
    };
    look(call, &opened, &sought, &mut numbers).await?;

    let mut planned = proposed;
    planned.digest = Attr::Known(context.digest.clone());
    planned.deletion_policy = Attr::Known(context.policy.to_string());
    planned.registry = Attr::Known(context.registry.to_string());
    planned.set_claims(&context.desired, &numbers);
    context.remember(&mut call.private);
    Ok(planned)
}

/// What becomes of the keys that leave.
pub(super) fn removals(session: &Session, context: &Context, claims: &Asks) -> Removals {
    let leaving = claims.keys().difference(&context.desired.keys()).cloned().collect();
    let mut removals = Removals::decide(claims, &leaving, |key| context.others(key));
    removals.leave(session.unmanaged(claims));
    removals
}
