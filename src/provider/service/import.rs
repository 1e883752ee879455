//! Import by name: `NAME`, or `NAME/ENVIRONMENT,…` for an instance with an `environments` filter.

use super::context::{Context, load};
use super::messages;
use super::model::ServiceModel;
use crate::provider::common::ManagedObject;
use crate::provider::common::messages::another_registrys;
use crate::provider::common::refresh::{OnUnreachable, Refreshed, refresh};
use crate::provider::session::Session;
use crate::sdk::{Attr, Call, Diagnostics, Field, Path, Value};

pub(super) async fn import(session: &Session, call: &mut Call, id: String) -> Result<ServiceModel, Diagnostics> {
    let (name, environments) = match id.split_once('/') {
        None => (id.as_str(), None),
        Some((name, list)) => (name, Some(list.split(',').map(str::to_owned).collect::<Vec<_>>())),
    };
    if name.is_empty() || environments.as_ref().is_some_and(|names| names.iter().any(String::is_empty)) {
        return Err(messages::bad_import_id(&id).into());
    }
    let loaded = load(session, call).await?;
    let context = Context::of(session, loaded, (name.to_owned(), environments.clone()), &Attr::Null).await?;
    let platforms = session.platforms().await?;
    let refreshed = refresh(call, &platforms, &context.registry, &context.desired, OnUnreachable::Fail).await?;
    refuse_others(&refreshed, &context)?;
    if refreshed.managed.is_empty() && !context.desired.is_empty() {
        return Err(messages::nothing_to_import(name).into());
    }
    let mut state = ServiceModel::from_value(Value::object(Vec::<(String, Value)>::new()), &Path::root())
        .map_err(|error| crate::sdk::Diagnostic::bug(format!("An empty state cannot be made: {error}.")))?;
    state.name = Attr::Known(name.to_owned());
    state.environments = environments.map(|names| names.into_iter().map(Attr::Known).collect()).into();
    state.digest = Attr::Known(context.digest.clone());
    state.deletion_policy = Attr::Known(context.policy.to_string());
    state.registry = Attr::Known(context.registry.to_string());
    state.set_managed(&refreshed.managed, &refreshed.numbers);
    state.resolve_numbers();
    context.remember(&mut call.private);
    Ok(state)
}

/// What another registry made is never taken over, by import neither.
fn refuse_others(refreshed: &Refreshed, context: &Context) -> Result<(), Diagnostics> {
    let others =
        refreshed.owners.iter().filter(|(key, name)| **name != context.registry && context.desired.contains(key));
    let who = ManagedObject::Service(&context.instance.0);
    let refused: Diagnostics = others.map(|(key, name)| another_registrys(who, key, name.as_str())).collect();
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}
