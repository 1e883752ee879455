//! What a plan of an update has shown of removals, so that its apply removes nothing else.
//!
//! Core plans an update a second time at apply, and the apply knows what that second plan decided. What the *first* plan showed,
//! which is what was approved, it learns in one of two ways:
//!
//! - Terraform 1.16 and later send the first plan's private state with the second plan: it lists the keys ([`Approval`]).
//! - Older ones, and OpenTofu, send the private state of the refresh before the first plan. The refresh notes which keys other
//!   services used then ([`note_users`]): those were to be released, whatever the registry says now. A configuration with
//!   unknown values would hide removals from the first plan, so it is refused there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ended::Ended;
use super::users::Users;
use crate::fanout::removal::{Release, Removals};
use crate::fanout::resource::{Key, ResourceSet};
use crate::provider::identity::{Identity, name};
use crate::provider::session::LoadedRegistry;
use crate::sdk::{Call, Private};

/// In planned private state: the removals that the plan of an update has shown.
const REMOVALS: &str = "removals";
/// In private state: managed keys that other services used at the last refresh, and those services.
const USED: &str = "used";

/// The removals of a plan, as they travel to its apply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Shown {
    /// Keys to delete.
    delete: BTreeSet<String>,
    /// Keys to abandon.
    abandon: BTreeSet<String>,
    /// Keys to release, and the services that used them.
    release: BTreeMap<String, Vec<String>>,
}

/// What is known of what was approved.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// The removals that were shown; none if this is the first plan, or a core that does not say.
    shown: Option<Shown>,
    /// What other services used at the last refresh.
    used: BTreeMap<String, Vec<String>>,
}

impl Approval {
    /// In a plan request: of the first plan, if core sends its private state.
    pub fn of_plan(call: &Call) -> Self {
        let shown = call.planned_private.as_ref().map(|private| private.get(REMOVALS).unwrap_or_default());
        Self { shown, used: call.private.get(USED).unwrap_or_default() }
    }

    /// In an apply request: of the plan before it. It is not stored with the state.
    pub fn of_apply(private: &mut Private) -> Self {
        let shown = Some(private.get(REMOVALS).unwrap_or_default());
        private.remove(REMOVALS);
        Self { shown, used: private.get(USED).unwrap_or_default() }
    }

    /// The services for which a key was to be released.
    pub fn released(&self, key: &Key) -> Option<Vec<String>> {
        let released = self.shown.as_ref().map_or(&self.used, |shown| &shown.release);
        released.get(&name(key)).filter(|users| !users.is_empty()).cloned()
    }

    /// The keys that would leave without having been shown.
    pub fn beyond(&self, removals: &Removals) -> BTreeSet<Key> {
        let Some(shown) = &self.shown else { return BTreeSet::new() };
        let is_shown = |key: &&Key| shown.delete.contains(&name(key)) || shown.abandon.contains(&name(key));
        removals.delete.iter().chain(&removals.abandon).filter(|key| !is_shown(key)).cloned().collect()
    }

    /// Writes what this plan shows into its private state: what was approved already, if it is the second one.
    pub fn write(self, removals: &Removals, private: &mut Private) {
        private.remove(REMOVALS);
        let users = |(key, release): (&Key, &Release)| {
            let users = match release {
                Release::UsedBy(users) | Release::Planned(users) => users.clone(),
                Release::NotOwner | Release::StaysEnabled => Vec::new(),
            };
            (name(key), users)
        };
        let shown = self.shown.unwrap_or_else(|| Shown {
            delete: removals.delete.iter().map(name).collect(),
            abandon: removals.abandon.iter().map(name).collect(),
            release: removals.release.iter().map(users).collect(),
        });
        if shown != Shown::default() {
            private.set(REMOVALS, shown);
        }
    }
}

/// Notes which managed keys other services use.
pub fn note_users(loaded: &LoadedRegistry, identity: &Identity, managed: &ResourceSet, private: &mut Private) {
    let users = Users::besides(loaded, identity, Ended::noted(private));
    let used = |key: Key| {
        let services = users.of(&key);
        (!services.is_empty()).then(|| (name(&key), services))
    };
    let used: BTreeMap<String, Vec<String>> = managed.keys().into_iter().filter_map(used).collect();
    private.remove(USED);
    if !used.is_empty() {
        private.set(USED, used);
    }
}
