//! What this process has seen and done. Core plans and applies objects one by one; some decisions need to know of the others.

use std::collections::{BTreeMap, BTreeSet};

use super::causes::Causes;
use super::identity::Identity;
use super::lifecycle::instances::Instances;
use super::lifecycle::totals::Totals;
use crate::fanout::resource::{DeletionPolicy, Key};
use crate::registry::names::{ClusterName, ProjectId};

/// What this process has seen and done. Lives as long as one configuration: in debug mode a process serves many runs.
#[derive(Default)]
pub struct RunState {
    /// Those whose stored state was loaded. One of these planned as *new* is tainted, or has moved without `moved`.
    pub loaded: BTreeSet<Identity>,
    /// Whether this run refreshes: a plan does, the plan that core repeats at apply does not.
    pub refreshes: bool,
    /// Those planned. Core plans in any order: of two that have one object, the second one is refused.
    pub instances: Instances,
    /// Those created by this process. None of these is ever deleted by it: that would be the second half of a replacement
    /// under `create_before_destroy`, and would delete what was just created.
    pub created: BTreeSet<Identity>,
    /// Projects that resources planned so far create or manage.
    pub projects: BTreeSet<ProjectId>,
    /// What applies of this process have created, or have begun to.
    pub written: BTreeSet<Key>,
    /// Those whose destroy has begun in this run: they no longer count among the users of a key.
    pub destroyed: BTreeSet<Identity>,
    /// What owners destroyed in this run have left to its last user, and their policies.
    pub left: BTreeMap<Key, DeletionPolicy>,
    /// What the resources planned so far delete.
    pub totals: Totals,
    /// Clusters of which a warning has said that they are identified by their addresses.
    pub by_address: BTreeSet<ClusterName>,
    /// Whether a warning has said that the embedded store is empty.
    pub empty_store: bool,
    /// Causes of errors that have been printed in full.
    pub causes: Causes,
    /// ClusterRoles that a cluster does not have, of which a warning has said so.
    pub missing_roles: BTreeSet<(ClusterName, String)>,
}

impl RunState {
    /// Whether this process has created a key, or the project or namespace that it is in: the platform enables some APIs by itself.
    pub fn has_written(&self, key: &Key) -> bool {
        self.written.contains(key) || self.written.contains(&key.scope())
    }
}
