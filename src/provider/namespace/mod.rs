//! `anu_namespace`: one namespace with its quota and role bindings, with the common [`lifecycle`](super::lifecycle).
//!
//! - [`schema`](self::schema), [`model`], [`check`]: what users write, what the state records, and the rules of both;
//! - [`desired`], [`fences`]: what a configuration means, and what the registry and the provider block forbid;
//! - [`importable`], [`existing`]: what an import takes in, and what an interrupted apply has left;
//! - [`messages`]: what users read, beside what [`lifecycle`](super::lifecycle) says of all resources.

mod check;
mod desired;
mod existing;
mod fences;
mod importable;
mod messages;
mod model;
mod schema;

use async_trait::async_trait;

use super::identity::Identity;
use super::leaf;
use super::lifecycle::refresh::Refreshed;
use super::lifecycle::wording::{self, Wording};
use super::lifecycle::{Desired, Request, ResourceKind};
use super::session::{Platforms, Session};
use crate::fanout::removal::Removals;
use crate::fanout::resource::ResourceSet;
use crate::sdk::{Call, Diagnostic, Diagnostics, Schema};
use model::{NamespaceModel, key_of};

/// The resource.
pub struct Namespace;

#[async_trait]
impl ResourceKind for Namespace {
    type Model = NamespaceModel;
    const NAME: &'static str = "anu_namespace";
    const IDENTITY: &'static [&'static str] = &["cluster", "name"];
    const WORDING: &'static Wording = &wording::NAMESPACE;
    const EXCLUSIVE: bool = true;
    const DELETES_AS_LAST_USER: bool = false;

    fn schema() -> Schema {
        schema::schema()
    }

    fn check(config: &NamespaceModel) -> Result<(), Diagnostics> {
        check::check(config)
    }

    async fn platforms(session: &Session) -> Result<Platforms, Diagnostics> {
        session.clusters().await
    }

    fn imported(id: &str) -> Option<Identity> {
        id.parse().ok().map(Identity::Namespace)
    }

    fn desired(request: &Request<'_, NamespaceModel>) -> Result<Desired, Diagnostics> {
        desired::desired(request)
    }

    async fn importable(call: &mut Call, platforms: &Platforms, desired: &Desired) -> Result<Refreshed, Diagnostics> {
        importable::importable(call, platforms, key_of(&desired.identity)?, desired).await
    }

    fn plan_warnings(desired: &Desired, existing: &ResourceSet) -> Vec<Diagnostic> {
        let mut warnings = existing::role_changes(desired, existing);
        warnings.extend(desired::quota_without_effect(desired));
        warnings
    }

    fn removal_refused(before: &Identity, now: &Identity, _: &Removals) -> Diagnostic {
        let same_cluster = match (before, now) {
            (Identity::Namespace(before), Identity::Namespace(now)) => before.cluster == now.cluster,
            _ => true,
        };
        let changed = if same_cluster { "name" } else { "cluster" };
        leaf::messages::move_refused(before, now, "`cluster` and `name`", changed)
    }

    fn destroy_refused(identity: &Identity, _: &Removals) -> Diagnostic {
        leaf::messages::destroy_refused(identity)
    }
}
