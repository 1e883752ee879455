//! `anu_project_iam`: IAM members of one project, with the common [`lifecycle`](super::lifecycle). The project need not be managed
//! here, and its other members stay.
//!
//! - [`schema`](self::schema), [`model`], [`check`]: what users write, what the state records, and the rules of both;
//! - [`desired`], [`fences`]: what a configuration means, and what the provider block forbids;
//! - [`messages`]: what users read, beside what [`leaf`] and [`lifecycle`](super::lifecycle) say of all resources.

mod check;
mod desired;
mod fences;
mod messages;
mod model;
mod schema;

use async_trait::async_trait;

use super::identity::Identity;
use super::leaf;
use super::lifecycle::wording::{self, Wording};
use super::lifecycle::{Desired, Request, ResourceKind};
use super::session::{Platforms, Session};
use crate::fanout::removal::Removals;
use crate::fanout::resource::ResourceSet;
use crate::sdk::{Diagnostic, Diagnostics, Schema};
use model::ProjectIamModel;

/// The resource.
pub struct ProjectIam;

#[async_trait]
impl ResourceKind for ProjectIam {
    type Model = ProjectIamModel;
    const NAME: &'static str = "anu_project_iam";
    const IDENTITY: &'static [&'static str] = &["project_id"];
    const WORDING: &'static Wording = &wording::PROJECT_IAM;
    const EXCLUSIVE: bool = true;
    const DELETES_AS_LAST_USER: bool = false;

    fn schema() -> Schema {
        schema::schema()
    }

    fn check(config: &ProjectIamModel) -> Result<(), Diagnostics> {
        check::check(config)
    }

    async fn platforms(session: &Session) -> Result<Platforms, Diagnostics> {
        session.projects().await
    }

    fn imported(id: &str) -> Option<Identity> {
        id.parse().ok().map(Identity::ProjectIam)
    }

    fn desired(request: &Request<'_, ProjectIamModel>) -> Result<Desired, Diagnostics> {
        desired::desired(request)
    }

    fn plan_warnings(desired: &Desired, _: &ResourceSet) -> Vec<Diagnostic> {
        let Desired { identity, resources, loaded, .. } = desired;
        let ended = messages::ended(identity, resources, loaded.now);
        messages::unknown_roles(identity, resources).into_iter().chain(ended).collect()
    }

    // Grants have no deletion policy, so neither of these is ever refused.

    fn removal_refused(before: &Identity, now: &Identity, _: &Removals) -> Diagnostic {
        leaf::messages::move_refused(before, now, "`project_id`", "project_id")
    }

    fn destroy_refused(identity: &Identity, _: &Removals) -> Diagnostic {
        leaf::messages::destroy_refused(identity)
    }
}
