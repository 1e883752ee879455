//! `anu_registry_service`: one service of the registry, with the common [`lifecycle`](super::lifecycle).
//!
//! - [`schema`](self::schema), [`model`]: what users write and what the state records;
//! - [`desired`]: what the registry says of one instance, and the checks of its arguments;
//! - [`messages`]: what users read, beside what [`lifecycle`](super::lifecycle) says of all resources.

mod desired;
mod messages;
mod model;
mod schema;

use async_trait::async_trait;

use super::identity::Identity;
use super::lifecycle::wording::{self, Wording};
use super::lifecycle::{Desired, Request, ResourceKind};
use super::session::{LoadedRegistry, Platforms, Session};
use crate::fanout::removal::Removals;
use crate::fanout::resource::ResourceSet;
use crate::sdk::{Diagnostic, Diagnostics, Schema};
use model::ServiceModel;

/// The resource.
pub struct Service;

#[async_trait]
impl ResourceKind for Service {
    type Model = ServiceModel;
    const NAME: &'static str = "anu_registry_service";
    const IDENTITY: &'static [&'static str] = &["name", "environments"];
    const WORDING: &'static Wording = &wording::SERVICE;
    const EXCLUSIVE: bool = false;
    const DELETES_AS_LAST_USER: bool = true;

    fn schema() -> Schema {
        schema::schema()
    }

    async fn platforms(session: &Session) -> Result<Platforms, Diagnostics> {
        session.platforms().await
    }

    fn imported(id: &str) -> Option<Identity> {
        let (name, environments) = match id.split_once('/') {
            None => (id, None),
            Some((name, list)) => (name, Some(list.split(',').map(str::to_owned).collect::<Vec<_>>())),
        };
        let valid = !name.is_empty() && !environments.iter().flatten().any(String::is_empty);
        valid.then(|| Identity::Service { name: name.to_owned(), environments })
    }

    fn desired(request: &Request<'_, ServiceModel>) -> Result<Desired, Diagnostics> {
        desired::desired(request)
    }

    fn is_registered(loaded: &LoadedRegistry, identity: &Identity) -> bool {
        matches!(identity, Identity::Service { name, .. } if loaded.fan_out.service(name).is_some())
    }

    fn plan_warnings(desired: &Desired, _: &ResourceSet) -> Vec<Diagnostic> {
        messages::no_longer_managed(&desired.identity, &desired.no_longer_managed).into_iter().collect()
    }

    fn removal_refused(_: &Identity, now: &Identity, removals: &Removals) -> Diagnostic {
        messages::removal_refused(now, removals)
    }

    fn destroy_refused(identity: &Identity, removals: &Removals) -> Diagnostic {
        messages::removal_refused(identity, removals)
    }
}

pub(super) use messages::unknown_service;
