//! What a user reads about IAM members that are managed by themselves. See
//! [`leaf::messages`](crate::provider::leaf::messages) and [`lifecycle::messages`](crate::provider::lifecycle::messages).

use crate::codes;
use std::collections::BTreeSet;

use crate::fanout::resource::{Grants, Key, ResourceSet};
use crate::provider::diagnose::lines;
use crate::provider::identity::Identity;
use crate::provider::lifecycle::messages::counts;
use crate::registry::google_roles;
use crate::registry::suggest::did_you_mean;
use crate::sdk::Diagnostic;

/// Predefined roles that are not in the list of Google's.
pub(super) fn unknown_roles(identity: &Identity, resources: &ResourceSet) -> Option<Diagnostic> {
    let roles: BTreeSet<&str> = resources
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
        Diagnostic::titled(
            codes::UNKNOWN_ROLES,
            format!("{}: {number} {word} unknown", identity.title()),
            format!(
                "Not in the list of Google's predefined roles, and Google refuses a role that does not exist:\n{lines}\n\nCorrect \
                 them, or ignore this warning if they are newer than this version of anu."
            ),
        )
    })
}

/// Grants that have ended: they are in the policy, and give no access.
pub(super) fn ended(identity: &Identity, resources: &ResourceSet, now: jiff::Timestamp) -> Option<Diagnostic> {
    let ended: BTreeSet<Key> = resources.keys().into_iter().filter(|key| key.has_ended(now)).collect();
    (!ended.is_empty()).then(|| {
        Diagnostic::titled(
            codes::ENDED_GRANTS,
            format!("{}: {} ended", identity.title(), counts(&ended)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::lifecycle::messages::test_text;

    #[test]
    fn every_message() {
        let id: crate::registry::names::ProjectId = "gc-prd-log".parse().expect("an id");
        let identity = Identity::ProjectIam(id.clone());
        let resources = |roles: &[&str]| {
            let members = ["user:a@example.com", "user:b@example.com until 2026-01-31T00:00:00Z"];
            let members: BTreeSet<_> = members.iter().map(|member| member.parse().expect("a member")).collect();
            let grants = roles.iter().map(|role| (role.parse().expect("a role"), members.clone()));
            ResourceSet { iam: [(id.clone(), grants.collect())].into(), ..ResourceSet::default() }
        };
        let (one, two) =
            (resources(&["roles/pubsub.viwer"]), resources(&["roles/pubsub.viwer", "roles/nothing.like.it"]));
        let now = |text: &str| text.parse().expect("a time");
        assert_eq!(unknown_roles(&identity, &resources(&["roles/pubsub.viewer", "projects/x/roles/y"])), None);
        assert_eq!(ended(&identity, &one, now("2026-01-30T00:00:00Z")), None);
        let all = [
            unknown_roles(&identity, &one),
            unknown_roles(&identity, &two),
            ended(&identity, &one, now("2026-02-01T00:00:00Z")),
        ];
        insta::assert_snapshot!(test_text(all.into_iter().flatten()));
    }
}
