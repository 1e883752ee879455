//! Namespaces that a plan deletes with the policy `delete`: one that contains what anu did not create, or whose contents may not be
//! listed, is refused before anything is approved, not only by the apply.

use super::failures::content_lines;
use super::reads::side_by_side;
use crate::codes;
use crate::fanout::removal::Removals;
use crate::fanout::resource::Key;
use crate::platform::{Clusters, Error, OwnershipPolicy, RequestContext};
use crate::provider::identity::Identity;
use crate::provider::session::Platforms;
use crate::registry::names::NamespaceKey;
use crate::sdk::{Call, Diagnostic, Diagnostics};

/// A cluster that is unreachable is left to the apply: its services are planned from the state.
///
/// # Errors
/// For each namespace that the apply would refuse to delete.
pub async fn check(
    call: &Call,
    platforms: &Platforms,
    identity: &Identity,
    ownership: &OwnershipPolicy,
    removals: &Removals,
) -> Result<(), Diagnostics> {
    let Some(clusters) = &platforms.clusters else { return Ok(()) };
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let mut deleted: Vec<NamespaceKey> = Vec::new();
    for key in removals.delete.difference(&removals.with_contents) {
        if let Key::Namespace(namespace) = key {
            deleted.push(namespace.clone());
        }
    }
    let read = async |key: NamespaceKey| {
        if clusters.server(&ctx, &key.cluster).await.is_err() {
            return None;
        }
        match clusters.foreign_objects(&ctx, &key, ownership).await {
            Ok(objects) if objects.is_empty() => None,
            Ok(contents) => Some(not_empty(identity, &key, contents)),
            Err(error) => Some(unknown(identity, &key, &error)),
        }
    };
    let errors: Diagnostics = side_by_side(deleted, read).await.into_iter().flatten().collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// A namespace with objects of others in it.
pub fn not_empty(identity: &Identity, key: &NamespaceKey, contents: Vec<String>) -> Diagnostic {
    let rule = content_lines(&contents);
    let error = Error::NotEmpty { what: format!("namespace `{key}`"), contents };
    Diagnostic::titled(
        codes::NOT_EMPTY,
        format!("Namespace `{key}` is not empty"),
        format!("The plan deletes namespace `{key}` of {identity}, but {error}:{rule}"),
    )
}

/// A namespace of which nothing is known but that it exists.
pub fn unknown(identity: &Identity, key: &NamespaceKey, error: &Error) -> Diagnostic {
    Diagnostic::titled(
        codes::CONTENTS_UNKNOWN,
        format!("Namespace `{key}`: contents are not known"),
        format!(
            "The plan deletes namespace `{key}` of {identity}, but {error}.\n\nThe policy `delete` \
             never deletes objects that anu did not create, so all of them are listed first. Correct the cause and plan again, or set \
             the policy `delete-with-contents`."
        ),
    )
}
