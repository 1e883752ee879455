//! Importing what exists and is ours, or may be adopted.

use super::ended::Ended;
use super::kind::{Arguments, Request, ResourceKind, StateModel};
use super::{existing_messages, messages, provenance};
use crate::fanout::resource::ResourceSet;
use crate::platform::OwnerLabel;
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostic, Diagnostics, Field, ImportTarget, Path, Value};

pub async fn import<K: ResourceKind>(
    session: &Session,
    call: &mut Call,
    target: ImportTarget<K::Model>,
) -> Result<K::Model, Diagnostics> {
    let identity = match target {
        ImportTarget::Id(id) => K::imported(&id).ok_or_else(|| messages::bad_import_id(K::WORDING, &id))?,
        ImportTarget::Identity(model) => {
            K::check(&model)?;
            model.identity().ok_or_else(|| Diagnostic::bug("An identity that is valid names nothing."))?
        }
    };
    let loaded = session.registry(call).await?;
    provenance::check_clock(&identity, &loaded)?;
    let desired = K::desired(&Request {
        session,
        loaded: &loaded,
        identity: &identity,
        arguments: Arguments::Import,
        prior: None,
        managed: &ResourceSet::default(),
        ended: Ended::NONE,
        first_plan: false,
    })?;
    let platforms = K::platforms(session).await?;
    let found = K::importable(call, &platforms, &desired).await?;
    // What another registry created is never adopted, by an import neither.
    let ownership = provenance::ownership(&loaded, false)?;
    let others = found.owners.iter().filter(|(key, of)| {
        !ownership.is_ours(&OwnerLabel::Registry((*of).clone())) && desired.resources.contains(key)
    });
    let refused: Diagnostics =
        others.map(|(key, of)| existing_messages::of_another_registry(K::WORDING, key, of.as_str())).collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    if found.managed.is_empty() && !desired.resources.is_empty() {
        return Err(messages::nothing_to_import(K::WORDING, &identity).into());
    }
    let mut state = K::Model::from_value(Value::object(Vec::<(String, Value)>::new()), &Path::root())
        .map_err(|error| Diagnostic::bug(format!("An empty state cannot be created: {error}.")))?;
    state.set_imported(&desired, &found);
    provenance::remember(&loaded, &mut call.private);
    Ok(state)
}
