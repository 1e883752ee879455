//! Google's limits for one IAM policy.

use std::collections::BTreeMap;

use super::{Error, Result};
use crate::fanout::{MOST_CONDITIONS, MOST_GROUPS, MOST_PRINCIPALS, PolicySize};
use crate::registry::names::ProjectId;

/// One member in one binding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant<'g> {
    pub role: &'g str,
    pub member: &'g str,
    pub conditional: bool,
}

/// Refuses a policy that would grow over the limits.
pub(super) fn within_limits<'g>(id: &ProjectId, grants: impl Iterator<Item = Grant<'g>>) -> Result<()> {
    let (mut size, mut conditions) = (PolicySize::default(), BTreeMap::<(&str, &str), usize>::new());
    for Grant { role, member, conditional } in grants {
        size.add(member);
        if conditional {
            *conditions.entry((role, member)).or_default() += 1;
        }
    }
    if let Some(count) = size.too_many_principals() {
        return Err(Error::Invalid(format!(
            "the policy of project `{id}` would have {count} members, counted once for every role, and may have {MOST_PRINCIPALS} (a \
             limit of Google)"
        )));
    }
    if size.has_too_many_groups() {
        return Err(Error::Invalid(format!(
            "the policy of project `{id}` would have more than {MOST_GROUPS} groups, each counted once, and domains (a limit of Google)"
        )));
    }
    match conditions.into_iter().find(|(_, count)| *count > MOST_CONDITIONS) {
        Some(((role, member), count)) => Err(Error::Invalid(format!(
            "the policy of project `{id}` would grant `{role}` to `{member}` under {count} conditions, and may under \
             {MOST_CONDITIONS} (a limit of Google)"
        ))),
        None => Ok(()),
    }
}
