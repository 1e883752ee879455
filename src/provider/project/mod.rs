//! `anu_project`: one project with its APIs, with the common [`lifecycle`](super::lifecycle).
//!
//! - [`schema`](self::schema), [`model`], [`check`]: what users write, what the state records, and the rules of both;
//! - [`desired`], [`fences`]: what a configuration means, and what the registry and the provider block forbid;
//! - [`importable`]: what an import reads;
//! - [`messages`]: what users read, beside what [`leaf`] and [`lifecycle`](super::lifecycle) say of all resources.

mod check;
mod desired;
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
use crate::sdk::{Call, Diagnostic, Diagnostics, Schema};
use model::{ProjectModel, id_of};

/// The resource.
pub struct Project;

#[async_trait]
impl ResourceKind for Project {
    type Model = ProjectModel;
    const NAME: &'static str = "anu_project";
    const IDENTITY: &'static [&'static str] = &["project_id"];
    const WORDING: &'static Wording = &wording::PROJECT;
    const EXCLUSIVE: bool = true;
    const DELETES_AS_LAST_USER: bool = false;

    fn schema() -> Schema {
        schema::schema()
    }

    fn check(config: &ProjectModel) -> Result<(), Diagnostics> {
        check::check(config)
    }

    async fn platforms(session: &Session) -> Result<Platforms, Diagnostics> {
        session.projects().await
    }

    fn imported(id: &str) -> Option<Identity> {
        id.parse().ok().map(Identity::Project)
    }

    fn desired(request: &Request<'_, ProjectModel>) -> Result<Desired, Diagnostics> {
        desired::desired(request)
    }

    async fn importable(call: &mut Call, platforms: &Platforms, desired: &Desired) -> Result<Refreshed, Diagnostics> {
        importable::importable(call, platforms, id_of(&desired.identity)?, desired).await
    }

    fn removal_refused(before: &Identity, now: &Identity, _: &Removals) -> Diagnostic {
        leaf::messages::move_refused(before, now, "`project_id`", "project_id")
    }

    fn destroy_refused(identity: &Identity, _: &Removals) -> Diagnostic {
        leaf::messages::destroy_refused(identity)
    }
}
