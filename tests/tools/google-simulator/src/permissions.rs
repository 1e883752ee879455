//! Who may do what: the principal of a request, the roles that it has on a resource and above it, their permissions.

use std::collections::BTreeSet;

use crate::roles;
use crate::state::{Binding, State};

/// The principal that may do everything: that of requests without a known token, with
/// [`Authentication::Optional`](crate::Authentication::Optional).
pub const ADMINISTRATOR: &str = "user:administrator@example.com";

/// Who sends a request, as a member of a policy: `serviceAccount:ci@….iam.gserviceaccount.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub principal: String,
}

impl Caller {
    pub fn is_administrator(&self) -> bool {
        self.principal == ADMINISTRATOR
    }
}

/// Whether the caller has a permission on a resource, through its own policy or that of what it is in.
pub(crate) fn is_allowed(state: &State, caller: &Caller, permission: &str, resource: &str) -> bool {
    if caller.is_administrator() {
        return true;
    }
    let names = names_of(state, &caller.principal);
    state.ancestry(resource).iter().any(|resource| {
        state.policy(resource).bindings.iter().any(|binding| {
            binding.members.iter().any(|member| names.contains(member))
                && is_in_force(state, binding)
                && roles::has_permission(state, &binding.role, permission)
        })
    })
}

/// The principal and the groups that it is in, also through other groups.
fn names_of(state: &State, principal: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::from([principal.to_owned(), "allUsers".to_owned(), "allAuthenticatedUsers".to_owned()]);
    loop {
        let more: Vec<String> = state
            .groups
            .iter()
            .filter(|(group, members)| !names.contains(*group) && !members.is_disjoint(&names))
            .map(|(group, _)| group.clone())
            .collect();
        if more.is_empty() {
            return names;
        }
        names.extend(more);
    }
}

/// Whether a binding's condition is met. Only those that compare the time of the request are understood; others are not met.
fn is_in_force(state: &State, binding: &Binding) -> bool {
    let Some(condition) = &binding.condition else { return true };
    let expression: String = condition.expression.chars().filter(|letter| !letter.is_whitespace()).collect();
    expression
        .strip_prefix("request.time<timestamp(\"")
        .and_then(|rest| rest.strip_suffix("\")"))
        .and_then(|until| until.parse::<jiff::Timestamp>().ok())
        .is_some_and(|until| state.now() < until)
}
