//! What one kind of resource adds to the lifecycle.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::ended::Ended;
use super::provenance;
use super::refresh::{Numbers, OnUnreachable, Refreshed, refresh};
use super::wording::Wording;
use crate::fanout::SharedWith;
use crate::fanout::removal::Removals;
use crate::fanout::resource::{DeletionPolicy, Key, ResourceSet};
use crate::provider::identity::Identity;
use crate::provider::session::{LoadedRegistry, Platforms, Session};
use crate::registry::names::RegistryName;
use crate::sdk::{Call, Diagnostic, Diagnostics, Field, Schema};

/// One kind of resource: its schema, its model, its desired resources, its wording.
#[async_trait]
pub trait ResourceKind: Send + Sync + 'static {
    /// Configuration, plan and state.
    type Model: StateModel;
    /// The full type name.
    const NAME: &'static str;
    /// The arguments that identify an object.
    const IDENTITY: &'static [&'static str];
    /// What its messages say of it.
    const WORDING: &'static Wording;
    /// Whether an object may belong to one resource only. Several resources may manage parts of one service.
    const EXCLUSIVE: bool;
    /// Whether a destroy deletes what is shared only with others destroyed in the same run. Else those delete it.
    const DELETES_AS_LAST_USER: bool;

    /// Its schema.
    fn schema() -> Schema;

    /// Checks a configuration beyond the schema's rules. Anything in it may be unknown.
    ///
    /// # Errors
    /// For every rule that is broken.
    fn check(config: &Self::Model) -> Result<(), Diagnostics> {
        let _ = config;
        Ok(())
    }

    /// The platforms it works on.
    async fn platforms(session: &Session) -> Result<Platforms, Diagnostics>;

    /// What an import id names; none when it names nothing.
    fn imported(id: &str) -> Option<Identity>;

    /// What an object shall consist of.
    ///
    /// # Errors
    /// For everything in the arguments, the registry and the provider block that forbids it.
    fn desired(request: &Request<'_, Self::Model>) -> Result<Desired, Diagnostics>;

    /// Whether the registry has an entry for the object, which a destroy then contradicts.
    fn is_registered(loaded: &LoadedRegistry, identity: &Identity) -> bool {
        let _ = (loaded, identity);
        false
    }

    /// What exists and may be imported.
    ///
    /// # Errors
    /// When it cannot be read, and for what can never be imported.
    async fn importable(call: &mut Call, platforms: &Platforms, desired: &Desired) -> Result<Refreshed, Diagnostics> {
        let ownership = provenance::ownership(&desired.loaded, false)?;
        refresh(call, platforms, &ownership, &desired.resources, OnUnreachable::Fail).await
    }

    /// Warnings of a plan beyond those of the lifecycle. `existing` is what is managed, with what an interrupted apply has left
    /// and an apply must replace.
    fn plan_warnings(desired: &Desired, existing: &ResourceSet) -> Vec<Diagnostic> {
        let _ = (desired, existing);
        Vec::new()
    }

    /// An update that would delete what the stored policy protects.
    fn removal_refused(before: &Identity, now: &Identity, removals: &Removals) -> Diagnostic;

    /// A destroy that would delete what the stored policy protects.
    fn destroy_refused(identity: &Identity, removals: &Removals) -> Diagnostic;
}

/// Configuration, plan and state of one kind, as the lifecycle reads and writes them.
pub trait StateModel: Field + Send + Sync {
    /// What it manages, once known.
    fn identity(&self) -> Option<Identity>;

    /// What a stored state manages.
    ///
    /// # Errors
    /// When the state was edited manually.
    fn stored_identity(&self) -> Result<Identity, Diagnostics>;

    /// Whether enough of a configuration is known to plan its resources.
    fn is_plannable(&self) -> bool {
        self.identity().is_some()
    }

    /// The attribute whose unknown value may hide removals of what is managed, if there is one.
    fn hides_removals(&self, managed: &ResourceSet) -> Option<&'static str>;

    /// What the state records as created for it.
    ///
    /// # Errors
    /// When the state was edited manually.
    fn managed(&self) -> Result<ResourceSet, Diagnostics>;

    /// Numbers of projects that the state knows.
    fn numbers(&self) -> Numbers {
        Numbers::new()
    }

    /// The registry as the state shows it.
    fn registry(&self) -> Option<&String>;

    /// Its own deletion policy, as stored. One that cannot be read protects.
    fn policy(&self) -> DeletionPolicy;

    /// Whether it adopts what exists without an ownership label.
    fn adopts(&self) -> bool;

    /// Makes everything unknown that depends on what is not known yet.
    fn set_unknown(&mut self, config: &Self);

    /// Fills in a plan. In it, what is computed and not configured is unknown, like what is configured and not known yet.
    fn set_planned(&mut self, prior: Option<&Self>, config: &Self, desired: &Desired, numbers: &Numbers);

    /// Makes a plan the state after an apply that did everything.
    fn set_applied(&mut self, desired: &Desired, numbers: &Numbers) {
        let _ = (desired, numbers);
    }

    /// Makes a prior state the state after an apply that did not do everything: exactly what is true, so that the next plan shows
    /// what is left.
    fn set_partial(&mut self, partial: &Partial<'_, Self>);

    /// Makes a state what a refresh has found of it.
    fn set_observed(&mut self, managed: &ResourceSet, refreshed: Refreshed, registry: &RegistryName) -> Presence;

    /// Makes an empty state that of an imported object.
    fn set_imported(&mut self, desired: &Desired, refreshed: &Refreshed);

    /// Removes from a generated configuration what is better not written. Defaults of the schema are not in it.
    fn set_generated(&mut self) {}
}

/// What a kind decides its desired resources from.
pub struct Request<'r, M> {
    /// The configured provider.
    pub session: &'r Session,
    /// The registry.
    pub loaded: &'r Arc<LoadedRegistry>,
    /// What is meant.
    pub identity: &'r Identity,
    /// The arguments.
    pub arguments: Arguments<'r, M>,
    /// The state before; none on create and import.
    pub prior: Option<&'r M>,
    /// What that state records.
    pub managed: &'r ResourceSet,
    /// Which grants have ended.
    pub ended: Ended,
    /// Whether this is for certain the first plan, not the one that core repeats at apply. Older cores do not say.
    pub first_plan: bool,
}

impl<M> Request<'_, M> {
    /// The arguments, unless there are none.
    pub fn config(&self) -> Option<&M> {
        match self.arguments {
            Arguments::Config(config) | Arguments::Planned(config) => Some(config),
            Arguments::Import => None,
        }
    }
}

/// Where arguments come from.
pub enum Arguments<'r, M> {
    /// The configuration: when planning.
    Config(&'r M),
    /// The plan: when applying.
    Planned(&'r M),
    /// There are none: when importing.
    Import,
}

/// What an object shall consist of.
pub struct Desired {
    /// What is meant.
    pub identity: Identity,
    /// The registry.
    pub loaded: Arc<LoadedRegistry>,
    /// Its name, as ownership labels have it.
    pub registry: RegistryName,
    /// The resources.
    pub resources: ResourceSet,
    /// The other services that use what the object owns, by resource key.
    pub shared_with: SharedWith,
    /// Scopes (projects, namespaces) whose deletions wait for each other's additions.
    pub environments: Vec<BTreeSet<Key>>,
    /// The object's own deletion policy.
    pub policy: DeletionPolicy,
    /// Digest of what the registry says of it, where there is one.
    pub digest: Option<String>,
    /// Settings that the registry has stated before and does not any more, one a line. They stay as they are.
    pub no_longer_managed: Vec<String>,
}

/// Whether an object still exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It does.
    Present,
    /// It does not: it leaves the state.
    Gone,
}

/// What an apply that did not do everything has done.
pub struct Partial<'p, M: ?Sized> {
    /// The plan; none for a destroy.
    pub planned: Option<&'p M>,
    /// What was decided about keys that leave.
    pub removals: &'p Removals,
    /// What exists and is ours now.
    pub managed: &'p ResourceSet,
    /// Numbers of projects that are known now.
    pub numbers: &'p Numbers,
}
