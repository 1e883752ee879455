//! How much a run deletes, revokes and adopts, over all its resources.
//!
//! Core plans resources one by one and does not say which is the last, so the total of a run is known to no call. Each plan adds what
//! it deletes; when the sum has reached a threshold, that plan warns with the totals so far, and the threshold doubles. So the last
//! of these warnings says at least half of the total, and each has a title of its own. What [`guard`](super::guard) limits is added
//! in the same way.

use std::collections::{BTreeMap, BTreeSet};

use super::messages::counts;
use super::removal_messages;
use crate::fanout::impact::guard::Guarded;
use crate::fanout::removal::Removals;
use crate::fanout::resource::Key;
use crate::provider::identity::Identity;
use crate::sdk::Diagnostic;

/// From how many deleted projects and namespaces on a run is said to delete much.
pub const FIRST_THRESHOLD: usize = 10;

/// What one resource adds to a sum of the guard, or the sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub number: usize,
    /// Those of them that the registry does not fan out into.
    pub outside: usize,
}

/// What the resources that were planned so far delete.
#[derive(Debug)]
pub struct Totals {
    /// By resource: a resource may be planned more than once.
    deleted: BTreeMap<Identity, Vec<Key>>,
    /// Deleted projects and namespaces.
    scopes: usize,
    threshold: usize,
    /// What the guard limits, by resource, and in words.
    guarded: BTreeMap<Guarded, BTreeMap<Identity, (Counted, String)>>,
    sums: BTreeMap<Guarded, Counted>,
    /// The limits that are exceeded.
    pub exceeded: BTreeSet<Guarded>,
    /// Whether a warning has said that the acknowledgement is of another revision.
    pub spent_is_told: bool,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            deleted: BTreeMap::new(),
            scopes: 0,
            threshold: FIRST_THRESHOLD,
            guarded: BTreeMap::new(),
            sums: BTreeMap::new(),
            exceeded: BTreeSet::new(),
            spent_is_told: false,
        }
    }
}

impl Totals {
    /// Adds what the guard counts of a resource, and what that is in words: the sum with it.
    pub fn count(&mut self, guarded: Guarded, identity: &Identity, counted: Counted, words: String) -> Counted {
        let before = self.guarded.entry(guarded).or_default().insert(identity.clone(), (counted, words));
        let before = before.map(|(before, _)| before).unwrap_or_default();
        let sum = self.sums.entry(guarded).or_default();
        sum.number = sum.number + counted.number - before.number;
        sum.outside = sum.outside + counted.outside - before.outside;
        *sum
    }

    /// What was counted so far, by resource.
    pub fn counted(&self, guarded: Guarded) -> impl ExactSizeIterator<Item = (&Identity, &str)> {
        let all = self.guarded.get(&guarded).unwrap_or(const { &BTreeMap::new() });
        all.iter().map(|(identity, (_, words))| (identity, words.as_str()))
    }

    /// Adds what a resource deletes; a warning, if that makes it much.
    pub fn add(&mut self, identity: &Identity, removals: &Removals) -> Option<Diagnostic> {
        let scopes = |keys: &[Key]| keys.iter().filter(|key| key.scope() == **key).count();
        if removals.delete.is_empty() {
            return None;
        }
        let deleted: Vec<Key> = removals.delete.iter().cloned().collect();
        self.scopes += scopes(&deleted);
        if let Some(before) = self.deleted.insert(identity.clone(), deleted) {
            self.scopes -= scopes(&before);
        }
        if self.scopes < self.threshold {
            return None;
        }
        while self.threshold <= self.scopes {
            self.threshold *= 2;
        }
        let by_resource: BTreeMap<&Identity, String> =
            self.deleted.iter().map(|(identity, keys)| (identity, counts(keys))).collect();
        let all = counts(self.deleted.values().flatten());
        Some(removal_messages::much_is_deleted(&by_resource, &all, self.threshold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removals(name: &str, projects: usize) -> (Identity, Removals) {
        let delete: BTreeSet<Key> =
            (0..projects).map(|nth| Key::Project(format!("proj-of-{name}-{nth}").parse().unwrap())).collect();
        let identity = Identity::Service { name: name.into(), environments: None };
        (identity, Removals { delete, ..Removals::default() })
    }

    /// Sixty services that delete two projects each: the last warning is at most half of the total off.
    #[test]
    fn a_run_that_deletes_much_says_so_at_every_doubling() {
        let mut totals = Totals::default();
        let mut warnings = Vec::new();
        for nth in 0..60 {
            let (identity, removals) = removals(&format!("svc-{nth:02}"), 2);
            warnings.extend(totals.add(&identity, &removals));
            // Planned again, it counts once.
            assert_eq!(totals.add(&identity, &removals), None);
        }
        let summaries: Vec<&str> = warnings.iter().map(|warning| warning.summary.as_str()).collect();
        assert_eq!(
            summaries,
            [
                "This run deletes 10 projects of 5 services or more",
                "This run deletes 20 projects of 10 services or more",
                "This run deletes 40 projects of 20 services or more",
                "This run deletes 80 projects of 40 services or more",
            ]
        );
    }

    #[test]
    fn a_run_that_deletes_little_says_nothing() {
        let mut totals = Totals::default();
        let (identity, few) = removals("pay", FIRST_THRESHOLD - 1);
        assert_eq!(totals.add(&identity, &few), None);
        assert_eq!(totals.add(&removals("ledger", 0).0, &removals("ledger", 0).1), None);
    }
}
