//! How much of what a registry fans out into a change concerns.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::FanOut;
use super::kind::Kind;
use super::present::Present;

/// How many of one kind there are, and how many of them change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// In the old registry.
    pub before: usize,
    /// In the new registry.
    pub after: usize,
    /// In the new one only.
    pub created: usize,
    /// In both, with another content.
    pub changed: usize,
    /// In the old one only.
    pub removed: usize,
}

impl Count {
    /// Which part of what was there is removed, in tenths of a percent, rounded up: a removal is never nothing.
    pub fn removed_share(&self) -> usize {
        if self.before == 0 { 0 } else { (self.removed * 1000).div_ceil(self.before) }
    }

    fn add(&mut self, other: &Self) {
        self.before += other.before;
        self.after += other.after;
        self.created += other.created;
        self.changed += other.changed;
        self.removed += other.removed;
    }
}

/// How many principals have access to a project or namespace, once for each of the two, whatever their roles; and how many of them
/// lose some of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AccessCount {
    /// In the old registry.
    pub before: usize,
    /// In the new registry.
    pub after: usize,
    /// Those that lose a role and get no other in its place, where the project or namespace remains.
    pub revoked: usize,
}

/// The counts of services and of each kind of resource. What several services use counts once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Services.
    pub services: Count,
    /// Resources of all kinds.
    pub resources: Count,
    /// Resources by kind: those of which there are some, before or after.
    pub kinds: BTreeMap<Kind, Count>,
    /// Principals with access to a project or namespace.
    pub access: AccessCount,
}

impl Counts {
    /// Of two fan-outs, with nothing changed yet.
    pub(super) fn of(old: &FanOut, new: &FanOut) -> Self {
        let mut counts = Self::default();
        let (old_has, new_has) = (Present::of(old), Present::of(new));
        counts.access = AccessCount { before: old_has.access(|_| true), after: new_has.access(|_| true), revoked: 0 };
        for kind in Kind::ALL {
            let (before, after) = (old_has.kind(kind), new_has.kind(kind));
            if before + after > 0 {
                counts.kinds.insert(kind, Count { before, after, ..Count::default() });
            }
        }
        counts.services.before = old.registry.services.len();
        counts.services.after = new.registry.services.len();
        counts
    }

    pub(super) fn kind(&mut self, kind: Kind) -> &mut Count {
        self.kinds.entry(kind).or_default()
    }

    pub(super) fn sum_up(&mut self) {
        self.resources = Count::default();
        for count in self.kinds.values() {
            self.resources.add(count);
        }
    }
}
