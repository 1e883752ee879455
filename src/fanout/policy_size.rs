//! What counts towards Google's limits for one IAM policy: the same for a registry that is checked and a policy that is written.

use std::collections::HashSet;

/// The limit of principals in one policy, with every occurrence counted (IAM quotas).
pub const MOST_PRINCIPALS: usize = 1_500;
/// The limit of groups and domains in one policy (IAM quotas).
pub const MOST_GROUPS: usize = 250;

/// The size of a policy.
#[derive(Debug, Default)]
pub struct PolicySize {
    principals: usize,
    domains: usize,
    groups: HashSet<String>,
}

impl PolicySize {
    /// Counts one member of one binding. Its principal counts each time; a group counts once towards the limit of groups, however often it
    /// occurs, and a domain each time.
    pub fn add(&mut self, principal: &str) {
        self.principals += 1;
        match principal.split_once(':') {
            // Which groups there are above the limit is not needed.
            Some(("group", group)) if self.groups.len() <= MOST_GROUPS && !self.groups.contains(group) => {
                self.groups.insert(group.to_owned());
            }
            Some(("domain", _)) => self.domains += 1,
            _ => {}
        }
    }

    /// The principals, if there are more than the limit.
    pub fn too_many_principals(&self) -> Option<usize> {
        Some(self.principals).filter(|count| *count > MOST_PRINCIPALS)
    }

    /// Whether there are more groups and domains than the limit.
    pub fn has_too_many_groups(&self) -> bool {
        self.groups.len() + self.domains > MOST_GROUPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(members: impl IntoIterator<Item = String>) -> (Option<usize>, bool) {
        let mut size = PolicySize::default();
        members.into_iter().for_each(|member| size.add(&member));
        (size.too_many_principals(), size.has_too_many_groups())
    }

    #[test]
    fn a_group_counts_once_a_domain_and_a_principal_each_time() {
        let groups = |count: usize, times: usize| {
            (0..times).flat_map(move |_| (0..count).map(|n| format!("group:g{n}@example.com")))
        };
        let domain = |times: usize| (0..times).map(|_| "domain:example.com".to_owned());
        assert_eq!(size(groups(131, 2)), (None, false));
        assert_eq!(size(groups(250, 6)), (None, false));
        assert_eq!(size(groups(250, 6).chain(groups(1, 1))), (Some(1_501), false));
        assert_eq!(size(groups(251, 1)), (None, true));
        assert_eq!(size(groups(249, 1).chain(domain(1))), (None, false));
        assert_eq!(size(groups(249, 1).chain(domain(2))), (None, true));
        assert_eq!(size((0..1_501).map(|n| format!("user:u{n}@example.com"))), (Some(1_501), false));
    }
}
