//! Access lists of an environment.

use std::fmt;

use schemars::JsonSchema;

use super::expiry::Expiry;
use super::names::{Principal, TeamName};

/// The three access lists of an environment. Not cumulative: an admin is not a viewer unless listed as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Read access.
    Viewers,
    /// Access for day-to-day operation.
    Operators,
    /// Full access.
    Admins,
}

impl AccessLevel {
    /// Every level, in order.
    pub const ALL: [Self; 3] = [Self::Viewers, Self::Operators, Self::Admins];

    /// As written in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewers => "viewers",
            Self::Operators => "operators",
            Self::Admins => "admins",
        }
    }

    /// The level of that name, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An environment's access lists (`rbac` in the document).
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Access {
    /// Teams and principals with read access.
    #[schemars(with = "Option<Vec<AccessEntry>>")]
    pub viewers: Vec<AccessEntry>,
    /// Teams and principals that operate the environment day to day.
    #[schemars(with = "Option<Vec<AccessEntry>>")]
    pub operators: Vec<AccessEntry>,
    /// Teams and principals with full access.
    #[schemars(with = "Option<Vec<AccessEntry>>")]
    pub admins: Vec<AccessEntry>,
}

impl Access {
    /// The list of one level.
    pub fn level(&self, level: AccessLevel) -> &[AccessEntry] {
        match level {
            AccessLevel::Viewers => &self.viewers,
            AccessLevel::Operators => &self.operators,
            AccessLevel::Admins => &self.admins,
        }
    }

    /// Every entry with its level and its index in the level's list.
    pub fn entries(&self) -> impl Iterator<Item = (AccessLevel, usize, &AccessEntry)> {
        AccessLevel::ALL
            .into_iter()
            .flat_map(|level| self.level(level).iter().enumerate().map(move |(index, entry)| (level, index, entry)))
    }
}

impl AccessEntry {
    /// When the access ends, if it does.
    pub fn expires(&self) -> Option<Expiry> {
        match self {
            Self::Team(_) => None,
            Self::Principal { expires, .. } => *expires,
        }
    }
}

/// One line of an access list.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
pub enum AccessEntry {
    /// A team, by name.
    Team(TeamName),
    /// A single principal, written out.
    Principal {
        /// The principal.
        principal: Principal,
        /// The reason, for readers of the registry.
        reason: Option<String>,
        /// When the access ends. On Google only: Kubernetes RBAC has no expiry, so not in an environment with targets.
        expires: Option<Expiry>,
    },
}
