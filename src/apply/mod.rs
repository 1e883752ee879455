//! Makes what a service claims into what it asks for, on whatever platforms there are.
//!
//! The order is the promise:
//! 1. what is stood on before what stands on it: projects, APIs, IAM; namespaces, quotas, role bindings;
//! 2. additions before removals, and where an addition fails, the removals of its environments wait: nobody who keeps a
//!    right ever stands outside in between;
//! 3. whatever happens, the outcome says exactly what is true now, so that a state written from it never lies.

mod add;
mod release;
mod remove;

use std::collections::{BTreeMap, BTreeSet};

use crate::fanout::removal::Removals;
use crate::fanout::resource::{Key, ResourceSet};
use crate::platform::{Clusters, Error, OwnershipPolicy, Projects, RequestContext};
use crate::registry::names::{ProjectId, RegistryName};

/// The platforms of one run. A kind with nowhere to go is `None`; nothing of that kind may then be in the work.
#[derive(Clone, Copy)]
pub struct PlatformRefs<'p> {
    /// Projects, APIs, IAM.
    pub projects: Option<&'p dyn Projects>,
    /// Namespaces, quotas, role bindings.
    pub clusters: Option<&'p dyn Clusters>,
}

/// One service's work.
pub struct ServiceChange<'w> {
    /// The registry the marks name.
    pub registry: &'w RegistryName,
    /// What its state says was made for it and is there.
    pub managed: &'w ResourceSet,
    /// What it asks for now.
    pub desired: &'w ResourceSet,
    /// What becomes of the keys that leave.
    pub removals: &'w Removals,
    /// How the registry describes by now the projects and namespaces that the service lets go of for others.
    pub released: &'w ResourceSet,
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
    pub managed: ResourceSet,
    /// Numbers of the projects that were created or touched.
    pub numbers: BTreeMap<ProjectId, u64>,
    /// What failed, in the order it was tried.
    pub failures: Vec<Failure>,
    /// Additions not tried because what they stand on failed.
    pub skipped: BTreeSet<Key>,
    /// Removals not tried because an addition of the same environment failed.
    pub deferred: BTreeSet<Key>,
}

impl Outcome {
    /// Whether everything was done.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.skipped.is_empty() && self.deferred.is_empty()
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
pub async fn apply(ctx: &RequestContext, platforms: PlatformRefs<'_>, change: &ServiceChange<'_>) -> Outcome {
    let mut outcome = Outcome { managed: change.managed.clone(), ..Outcome::default() };
    if let Some(projects) = platforms.projects {
        add::projects(ctx, projects, change, &mut outcome).await;
    }
    if let Some(clusters) = platforms.clusters {
        add::namespaces(ctx, clusters, change, &mut outcome).await;
    }
    let waiting = waiting_scopes(change, &outcome);
    for key in change.removals.release.keys().filter(|key| key.scope() != **key).chain(&change.removals.abandon) {
        outcome.managed.forget(key);
    }
    if let Some(projects) = platforms.projects {
        release::projects(ctx, projects, change, &mut outcome).await;
    }
    if let Some(clusters) = platforms.clusters {
        release::namespaces(ctx, clusters, change, &mut outcome).await;
    }
    let (deferred, now): (BTreeSet<Key>, BTreeSet<Key>) =
        change.removals.delete.iter().cloned().partition(|key| waiting.contains(&key.scope()));
    outcome.deferred = deferred;
    if let Some(projects) = platforms.projects {
        remove::projects(ctx, projects, change, &now, &mut outcome).await;
    }
    if let Some(clusters) = platforms.clusters {
        remove::namespaces(ctx, clusters, change, &now, &mut outcome).await;
    }
    outcome.managed.prune();
    outcome
}

/// Scopes whose removals have to wait: those with a failed addition, and all others of the same environments.
fn waiting_scopes(change: &ServiceChange<'_>, outcome: &Outcome) -> BTreeSet<Key> {
    let mut waiting = outcome.unfinished();
    for group in change.environments {
        if group.iter().any(|scope| waiting.contains(scope)) {
            waiting.extend(group.iter().cloned());
        }
    }
    waiting
}

impl ServiceChange<'_> {
    /// What may be taken: what the state claims already is ours even if somebody took the mark off.
    fn ownership(&self, managed: bool) -> OwnershipPolicy {
        OwnershipPolicy { registry: self.registry.clone(), adopt: self.adopt || managed }
    }
}
