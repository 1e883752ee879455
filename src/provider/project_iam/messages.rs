//! What a user reads about IAM members that are managed by themselves. See
//! [`leaf::messages`](crate::provider::leaf::messages) and [`lifecycle::messages`](crate::provider::lifecycle::messages).

use std::collections::BTreeSet;

use crate::fanout::resource::{Grants, Key};
use crate::provider::diagnose::lines;
use crate::provider::lifecycle::Desired;
use crate::provider::lifecycle::messages::counts;
use crate::registry::google_roles;
use crate::registry::suggest::did_you_mean;
use crate::sdk::Diagnostic;

/// Predefined roles that are not in the list of Google's.
pub(super) fn unknown_roles(desired: &Desired) -> Option<Diagnostic> {
    let roles: BTreeSet<&str> = desired
        .resources
        .iam
        .values()
        .flat_map(Grants::keys)
        .map(|role| role.as_str())
        .filter(|role| is_unknown(role))
        .collect();
    let lines: String = roles
        .iter()
        .map(|role| format!("\n  {role}{}", did_you_mean(google_roles::nearest(role).as_deref())))
        .collect();
    let (number, word) = (roles.len(), if roles.len() == 1 { "role is" } else { "roles are" });
    (number > 0).then(|| {
        Diagnostic::warning(
            format!("{}: {number} {word} unknown", desired.identity.title()),
            format!(
                "Not in the list of Google's predefined roles, and Google refuses a role that does not exist:\n{lines}\n\nCorrect \
                 them, or ignore this warning if they are newer than this version of anu."
            ),
        )
    })
}

/// Grants that have ended: they are in the policy, and give no access.
pub(super) fn ended(desired: &Desired) -> Option<Diagnostic> {
    let has_ended = |key: &Key| matches!(key, Key::IamMember(_, _, member) if member.expires.is_some_and(|end| end.has_passed(desired.loaded.now)));
    let ended: BTreeSet<Key> = desired.resources.keys().into_iter().filter(has_ended).collect();
    (!ended.is_empty()).then(|| {
        Diagnostic::warning(
            format!("{}: {} ended", desired.identity.title(), counts(&ended)),
            format!(
                "The end of these grants has passed, so they give no access any more:\n{}\n\nRemove them from `members`, or write \
                 another end.",
                lines(&ended)
            ),
        )
    })
}

fn is_unknown(role: &str) -> bool {
    role.starts_with(google_roles::PREFIX) && !google_roles::is_known(role)
}
