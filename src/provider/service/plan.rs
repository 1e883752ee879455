//! Planning a create, an update, a rename.
//!
//! Core calls this a second time at apply, with the same configuration and the prior private state, and wants the same
//! answer: so it depends on nothing but its arguments, the registry and, for keys that are new, what is there already.

use super::context::{Context, check_in_use, load, project_users};
use super::messages;
use super::model::ServiceModel;
use crate::fanout::removal::Removals;
use crate::fanout::resource::ResourceSet;
use crate::provider::common::ManagedObject;
use crate::provider::common::messages::removal_warnings;
use crate::provider::common::preflight::{Query, preflight};
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
    if prior.is_none() && session.run_state().loaded.contains(&instance) {
        return Err(messages::exists_already(&instance.0).into());
    }
    let loaded = load(session, call).await?;
    let context = Context::of(session, loaded, instance, &config.deletion_policy).await?;
    if let Some(prior) = &prior {
        context.check_provenance(prior, &call.private)?;
    }
    if let Some(approved) = config.digest.known()
        && *approved != context.digest
    {
        let error = messages::registry_changed(&context.instance.0, approved, &context.digest);
        return Err(error.at(Path::attribute("digest")).into());
    }
    let managed = prior.as_ref().map_or_else(|| Ok(ResourceSet::default()), ServiceModel::managed)?;
    let removals = removals(session, &context, &managed);
    if !removals.refused.is_empty() {
        return Err(messages::removal_refused(&context.instance.0, &removals).into());
    }
    check_in_use(&context.instance.0, &removals, |id| project_users(&context.loaded, id, |_, _| true))?;
    removal_warnings(ManagedObject::Service(&context.instance.0), &removals, &mut call.diagnostics);
    let platforms = session.platforms().await?;
    let mut numbers = prior.as_ref().map(ServiceModel::numbers).unwrap_or_default();
    let adopt = config.adopt_existing.known() == Some(&true);
    let query = Query {
        who: ManagedObject::Service(&context.instance.0),
        registry: &context.registry,
        desired: &context.desired,
        managed: &managed,
        adopt,
        plain_names: false,
    };
    preflight(call, &platforms, &query, &mut numbers).await?;

    let mut planned = proposed;
    planned.digest = Attr::Known(context.digest.clone());
    planned.deletion_policy = Attr::Known(context.policy.to_string());
    planned.registry = Attr::Known(context.registry.to_string());
    planned.set_managed(&context.desired, &numbers);
    context.remember(&mut call.private);
    Ok(planned)
}

/// What becomes of the keys that leave.
pub(super) fn removals(session: &Session, context: &Context, managed: &ResourceSet) -> Removals {
    let leaving = managed.keys().difference(&context.desired.keys()).cloned().collect();
    let mut removals = Removals::decide(managed, &leaving, |key| context.others(key));
    removals.leave(session.unmanaged_keys(managed));
    removals
}
