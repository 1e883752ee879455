//! Google's limits for one IAM policy.

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, Result};
use crate::fanout::{MOST_CONDITIONS, MOST_GROUPS, MOST_PRINCIPALS};
use crate::registry::names::ProjectId;

/// One member in one binding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant<'g> {
    pub role: &'g str,
    pub member: &'g str,
    pub conditional: bool,
}

/// Refuses a policy that would grow over the limits: every occurrence of a member counts, and every group once.
pub(super) fn within_limits<'g>(id: &ProjectId, grants: impl Iterator<Item = Grant<'g>>) -> Result<()> {
    let (mut count, mut groups, mut conditions) = (0, BTreeSet::new(), BTreeMap::<(&str, &str), usize>::new());
    for Grant { role, member, conditional } in grants {
        count += 1;
        if member.starts_with("group:") {
            groups.insert(member);
        }
        if conditional {
            *conditions.entry((role, member)).or_default() += 1;
        }
    }
    for (count, limit, of) in
        [(count, MOST_PRINCIPALS, "members, counted once for every role,"), (groups.len(), MOST_GROUPS, "groups")]
    {
        if count > limit {
            return Err(Error::Invalid(format!(
                "the policy of project `{id}` would have {count} {of} and may have {limit} (a limit of Google)"
            )));
        }
    }
    match conditions.into_iter().find(|(_, count)| *count > MOST_CONDITIONS) {
        Some(((role, member), count)) => Err(Error::Invalid(format!(
            "the policy of project `{id}` would grant `{role}` to `{member}` under {count} conditions, and may under \
             {MOST_CONDITIONS} (a limit of Google)"
        ))),
        None => Ok(()),
    }
}
