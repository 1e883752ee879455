//! A line of the registry that an answer is based on.

use schemars::JsonSchema;
use serde::Serialize;

use crate::fanout::Origin;
use crate::registry::{AccessEntry, Registry};

/// A line of the registry that an answer is based on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// The place in the compiled document, as a JSON pointer.
    pub pointer: String,
    /// The place in what people wrote, as `FILE:LINE:COLUMN`; null if it cannot be told.
    pub location: Option<String>,
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// `viewers`, `operators` or `admins`, if the line is one of an access list.
    pub level: Option<String>,
    /// The team that the line names, if it is one of an access list and names one.
    pub team: Option<String>,
    /// The reason that the line states.
    pub reason: Option<String>,
}

/// Where an entry of the registry is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryPlace {
    /// The place of its entry in the compiled document, as a JSON pointer; null if it has none.
    pub pointer: Option<String>,
    /// The place of its entry in what people wrote, as `FILE:LINE:COLUMN`; null if it cannot be told.
    pub location: Option<String>,
}

impl EntryPlace {
    /// The entry at this index of a list.
    pub(super) fn of(list: &str, index: Option<usize>) -> Self {
        Self { pointer: index.map(|index| format!("/{list}/{index}")), location: None }
    }
}

/// What one entry of the registry is about.
pub trait HasEntry {
    /// Where the entry is.
    fn entry_mut(&mut self) -> &mut EntryPlace;
}

impl Line {
    pub(super) fn of(registry: &Registry, origin: &Origin) -> Self {
        let entry = origin.entry(registry);
        let (team, reason) = match entry {
            Some((_, AccessEntry::Team(team))) => (Some(team.to_string()), None),
            Some((_, AccessEntry::Principal { reason, .. })) => (None, reason.clone()),
            None => (None, None),
        };
        Self {
            pointer: origin.pointer.clone(),
            location: None,
            service: origin.service.to_string(),
            environment: origin.environment.to_string(),
            level: entry.map(|(level, _)| level.to_string()),
            team,
            reason,
        }
    }
}
