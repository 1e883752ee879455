//! An embedded store to which nothing was ever written, under a state that records what is in it. The refresh finds nothing, and the
//! plan would create all of it again: a file that was deleted, another folder, a path that was changed.

use std::path::Path;

use crate::codes;
use crate::fanout::resource::ResourceSet;
use crate::platform::RequestContext;
use crate::provider::session::Session;
use crate::sdk::{Call, Diagnostic};

/// Warns of it once in a run.
pub async fn check(session: &Session, call: &mut Call, managed: &ResourceSet) {
    if session.run_state().empty_store {
        return;
    }
    let ctx = RequestContext { cancel: call.cancel.clone() };
    let Some(path) = session.unwritten_store(&ctx, managed).await else { return };
    // Core refreshes several resources at the same time.
    if !std::mem::replace(&mut session.run_state().empty_store, true) {
        call.diagnostics.push(empty_store(&path));
    }
}

pub(super) fn empty_store(path: &Path) -> Diagnostic {
    Diagnostic::titled(
        codes::EMPTY_EMBEDDED_STORE,
        format!("Embedded store `{}` is empty", path.display()),
        "The state records resources in an embedded store, and nothing was ever written to this one. So this run takes all of them for \
         deleted, and a plan creates them again.\n\nIf the store is another file, correct `path` in the `embedded` block, or put the file \
         back, before you apply. A relative path begins at the folder in which Terraform runs. If the store was deleted on purpose, apply \
         creates everything again.",
    )
}
