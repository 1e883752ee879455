//! A built-in permissions table.

use crate::registry::access::AccessLevel;

/// A table: rows by Google service, and the ClusterRole of each level.
#[derive(Debug)]
pub(crate) struct Table {
    /// Sorted by service.
    pub(super) google: &'static [(&'static str, Roles)],
    pub(super) kubernetes: [&'static str; 3],
}

/// The roles of one service, by level.
pub(crate) type Roles = [&'static [&'static str]; 3];

impl Table {
    /// The roles of one service, by level.
    pub(crate) fn google(&self, service: &str) -> Option<&'static Roles> {
        let position = self.google.binary_search_by(|(known, _)| (*known).cmp(service)).ok()?;
        Some(&self.google[position].1)
    }

    /// The ClusterRole of a level.
    pub(crate) fn kubernetes(&self, level: AccessLevel) -> &'static str {
        self.kubernetes[level as usize]
    }

    /// Every row: a service, and its roles by level.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &'static (&'static str, Roles)> {
        self.google.iter()
    }

    /// Every service with a row.
    pub(crate) fn services(&self) -> impl Iterator<Item = &'static str> {
        self.google.iter().map(|(service, _)| *service)
    }
}
