//! Makes what a service claims into what it asks for, on whatever platforms there are.
//!
//! The order is the promise:
//! 1. what is stood on before what stands on it: projects, APIs, IAM; namespaces, quotas, role bindings;
//! 2. additions before removals, and where an addition fails, the removals of its environments wait: nobody who keeps a
//!    right ever stands outside in between;
//! 3. whatever happens, the outcome says exactly what is true now, so that a state written from it never lies.

mod add;
mod hand_over;
mod remove;

use std::collections::{BTreeMap, BTreeSet};

use super::{Claim, Clusters, Cx, Error, Projects};
use crate::fanout::removal::Removals;
use crate::fanout::resource::{Asks, Key};
use crate::registry::names::{ProjectId, RegistryName};

/// The platforms of one run. A kind with nowhere to go is `None`; nothing of that kind may then be in the work.
#[derive(Clone, Copy)]
pub struct Platforms<'p> {
    /// Projects, APIs, IAM.
    pub projects: Option<&'p dyn Projects>,
    /// Namespaces, quotas, role bindings.
    pub clusters: Option<&'p dyn Clusters>,
}

/// One service's work.
pub struct Work<'w> {
    /// The registry the marks name.
    pub registry: &'w RegistryName,
    /// What its state says was made for it and is there.
    pub claims: &'w Asks,
    /// What it asks for now.
    pub desired: &'w Asks,
    /// What becomes of the keys that leave.
    pub removals: &'w Removals,
    /// How the registry describes by now the projects and namespaces that the service lets go of for others.
    pub kept: &'w Asks,
    /// Scopes (projects, namespaces) of one environment, for rule 2. Scopes of no group stand alone.
    pub environments: &'w [BTreeSet<Key>],
    /// Whether unmarked projects and namespaces may be taken over.
    pub adopt: bool,
}

/// Something that could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was being done: `create`, `update`, `delete`, …
    pub verb: &'static str,
    /// To what. Several where one request serves several.
    pub keys: Vec<Key>,
    /// Why not.
    pub error: Error,
}

/// What is true after the work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What is there and ours now.
    pub claims: Asks,
    /// Numbers of the projects that were created or touched.
    pub numbers: BTreeMap<ProjectId, u64>,
    /// What failed, in the order it was tried.
    pub failures: Vec<Failure>,
    /// Additions not tried because what they stand on failed.
    pub skipped: BTreeSet<Key>,
    /// Removals not tried because an addition of the same environment failed.
    pub held: BTreeSet<Key>,
}

impl Outcome {
    /// Whether everything was done.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.skipped.is_empty() && self.held.is_empty()
    }

    fn fail(&mut self, verb: &'static str, keys: Vec<Key>, error: Error) {
        self.failures.push(Failure { verb, keys, error });
    }

    /// Scopes in which something that was to be added is not there.
    fn unfinished(&self) -> BTreeSet<Key> {
        let failed = self.failures.iter().flat_map(|failure| failure.keys.iter());
        failed.chain(&self.skipped).map(Key::scope).collect()
    }
}

/// Does the work.
pub async fn execute(cx: &Cx, platforms: Platforms<'_>, work: &Work<'_>) -> Outcome {
    let mut outcome = Outcome { claims: work.claims.clone(), ..Outcome::default() };
    if let Some(projects) = platforms.projects {
        add::projects(cx, projects, work, &mut outcome).await;
    }
    if let Some(clusters) = platforms.clusters {
        add::namespaces(cx, clusters, work, &mut outcome).await;
    }
    let waiting = waiting_scopes(work, &outcome);
    for key in work.removals.keep.keys().filter(|key| key.scope() != **key).chain(&work.removals.abandon) {
        outcome.claims.forget(key);
    }
    if let Some(projects) = platforms.projects {
        hand_over::projects(cx, projects, work, &mut outcome).await;
    }
    if let Some(clusters) = platforms.clusters {
        hand_over::namespaces(cx, clusters, work, &mut outcome).await;
    }
    let (held, now): (BTreeSet<Key>, BTreeSet<Key>) =
        work.removals.remove.iter().cloned().partition(|key| waiting.contains(&key.scope()));
    outcome.held = held;
    if let Some(projects) = platforms.projects {
        remove::projects(cx, projects, work, &now, &mut outcome).await;
    }
    if let Some(clusters) = platforms.clusters {
        remove::namespaces(cx, clusters, work, &now, &mut outcome).await;
    }
    outcome.claims.prune();
    outcome
}

/// Scopes whose removals have to wait: those with a failed addition, and all others of the same environments.
fn waiting_scopes(work: &Work<'_>, outcome: &Outcome) -> BTreeSet<Key> {
    let mut waiting = outcome.unfinished();
    for group in work.environments {
        if group.iter().any(|scope| waiting.contains(scope)) {
            waiting.extend(group.iter().cloned());
        }
    }
    waiting
}

impl Work<'_> {
    /// What may be taken: what the state claims already is ours even if somebody took the mark off.
    fn claim(&self, claimed: bool) -> Claim {
        Claim { registry: self.registry.clone(), adopt: self.adopt || claimed }
    }
}

impl Asks {
    /// Takes a key out.
    pub fn forget(&mut self, key: &Key) {
        match key {
            Key::Project(project) => drop(self.projects.remove(project)),
            Key::Api(project, api) => {
                if let Some(apis) = self.apis.get_mut(project) {
                    apis.remove(api);
                }
            }
            Key::IamMember(project, role, member) => {
                if let Some(members) = self.iam.get_mut(project).and_then(|grants| grants.get_mut(role)) {
                    members.remove(member);
                }
            }
            Key::Namespace(namespace) => drop(self.namespaces.remove(namespace)),
            Key::Quota(namespace) => drop(self.quotas.remove(namespace)),
            Key::RoleBinding(namespace, name) => {
                if let Some(bindings) = self.role_bindings.get_mut(namespace) {
                    bindings.remove(name);
                }
            }
        }
    }

    /// Drops empty maps, so that equal claims are equal values.
    pub fn prune(&mut self) {
        self.apis.retain(|_, apis| !apis.is_empty());
        self.iam.values_mut().for_each(|grants| grants.retain(|_, members| !members.is_empty()));
        self.iam.retain(|_, grants| !grants.is_empty());
        self.role_bindings.retain(|_, bindings| !bindings.is_empty());
    }
}
