//! Planning a destroy, and carrying it out.
//!
//! Apply deletes only what our own destroy plan marked (in its planned private state, which core hands back on every kind
//! of destroy), after asking the registry again: a saved destroy outlives the review in which it was right.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::context::{check_lineage, removals};
use super::messages;
use super::model::NamespaceModel;
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Asks, Key};
use crate::platform::Cx;
use crate::platform::execute::{Work, execute};
use crate::provider::common::asking::kept;
use crate::provider::common::lineage::DESTROY;
use crate::provider::common::messages::{
    Then, asked_again, beyond_plan, destroy_warnings, not_done, removal_without_registry,
};
use crate::provider::common::{Who, name};
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostics};

/// What a destroy plan decided, as it travels to the apply.
#[derive(Debug, Serialize, Deserialize)]
struct Marked {
    /// Keys to be removed.
    remove: BTreeSet<String>,
}

pub(super) async fn plan(session: &Session, call: &mut Call, prior: NamespaceModel) -> Result<(), Diagnostics> {
    let key = prior.stored_key()?;
    if session.memory().planned_namespaces.contains(&key) {
        return Err(messages::exists_already(&key).into());
    }
    let claims = prior.claims()?;
    let loaded = match session.registry(call).await {
        Ok(loaded) => {
            check_lineage(&key, &loaded, &call.private)?;
            Some(loaded)
        }
        Err(errors) => {
            call.diagnostics.push(messages::destroy_without_registry(&key, &errors));
            None
        }
    };
    let removals = removals(session, loaded.as_deref(), &claims, &Asks::default());
    if !removals.refused.is_empty() {
        return Err(messages::destroy_refused(&key).into());
    }
    destroy_warnings(Who::Namespace(&key), &removals, &mut call.diagnostics);
    call.private.set(DESTROY, Marked { remove: removals.remove.iter().map(name).collect() });
    Ok(())
}

pub(super) async fn delete(
    session: &Session,
    call: &mut Call,
    prior: NamespaceModel,
) -> Result<Option<NamespaceModel>, Diagnostics> {
    let key = prior.stored_key()?;
    let who = Who::Namespace(&key);
    let marked: Option<Marked> = call.private.get(DESTROY);
    call.private.remove(DESTROY);
    let Some(marked) = marked.filter(|_| !session.memory().created_namespaces.contains(&key)) else {
        return Err(messages::replacement_refused(Some(&key)).into());
    };
    let claims = prior.claims()?;
    let loaded = session.registry_for_apply(call).await.map_err(|errors| removal_without_registry(who, errors))?;
    check_lineage(&key, &loaded, &call.private)?;
    let removals = removals(session, Some(&loaded), &claims, &Asks::default());
    settle(who, &removals, &marked)?;
    let work = Work {
        registry: &loaded.fan_out.registry().name(),
        claims: &claims,
        desired: &Asks::default(),
        removals: &removals,
        kept: &kept(&loaded, &removals),
        environments: &[],
        adopt: false,
    };
    let opened = session.clusters().await?;
    let outcome = execute(&Cx { cancel: call.cancel.clone() }, opened.borrow(), &work).await;
    if outcome.is_complete() {
        return Ok(None);
    }
    call.diagnostics.extend(not_done(who, &outcome, Then::Finish));
    let mut state = prior;
    state.hold(&key, &removals, &outcome.claims);
    Ok(Some(state))
}

/// Refuses if more than was planned would be touched, or something that somebody has come to ask for.
fn settle(who: Who<'_>, removals: &Removals, marked: &Marked) -> Result<(), Diagnostics> {
    let wanted: BTreeMap<Key, Vec<String>> = removals
        .keep
        .iter()
        .filter(|(key, _)| marked.remove.contains(&name(key)))
        .map(|(key, others)| (key.clone(), others.clone()))
        .collect();
    if !wanted.is_empty() {
        return Err(asked_again(who, &wanted).into());
    }
    let more = removals.remove.iter().filter(|key| !marked.remove.contains(&name(key)));
    let beyond: BTreeSet<Key> = more.chain(&removals.refused).cloned().collect();
    if beyond.is_empty() { Ok(()) } else { Err(beyond_plan(who, &beyond).into()) }
}
