//! The provider surface: what users write in HCL.
//!
//! This file is the table of contents. One file (or folder) per resource, data source and function; the only room in
//! which errors become diagnostics.

mod causes;
mod config;
mod current;
mod data_registry;
mod data_registry_resources;
mod data_registry_service;
mod data_unmanaged_grants;
mod diagnose;
mod function_compile;
mod function_decode;
mod function_fan_out;
mod function_project_id;
mod identity;
mod leaf;
mod lifecycle;
mod namespace;
mod project;
mod project_iam;
mod reported;
mod run_state;
mod selection;
mod service;
mod session;
#[cfg(test)]
mod tests;
mod views;

pub(crate) use function_fan_out::problems_of;

use std::sync::Arc;

use async_trait::async_trait;

use crate::discovery::{Clock, source_of_environment};
use crate::platform::Projects;
use crate::platform::embedded::Embedded;
use crate::sdk::{
    Call, Configure, DataSource, Diagnostics, Function, Provider, Resource, Schema, Typed, TypedData, Value, validate,
};
use current::Current;
use lifecycle::ManagedResource;
use reported::Reported;
use session::Session;

/// The provider's address in the public registry.
pub const ADDRESS: &str = "registry.terraform.io/anu-registry/anu";

/// The provider.
pub struct Anu {
    current: Current,
    embedded: Option<Embedded>,
    clock: Option<Arc<dyn Clock>>,
    projects: Option<Arc<dyn Projects>>,
    resources: Vec<Arc<dyn Resource>>,
    data_sources: Vec<Arc<dyn DataSource>>,
    functions: Vec<Arc<dyn Function>>,
}

impl Default for Anu {
    fn default() -> Self {
        Self::new()
    }
}

impl Anu {
    /// Everything it offers.
    pub fn new() -> Self {
        let current = Current::default();
        Self {
            resources: vec![
                Arc::new(Typed::new(ManagedResource::<service::Service>::new(current.clone()))),
                Arc::new(Typed::new(ManagedResource::<namespace::Namespace>::new(current.clone()))),
                Arc::new(Typed::new(ManagedResource::<project::Project>::new(current.clone()))),
                Arc::new(Typed::new(ManagedResource::<project_iam::ProjectIam>::new(current.clone()))),
            ],
            data_sources: vec![
                Arc::new(TypedData::new(Reported::new(&current, data_registry::RegistryData::new(current.clone())))),
                Arc::new(TypedData::new(Reported::new(
                    &current,
                    data_registry_service::ServiceData::new(current.clone()),
                ))),
                Arc::new(TypedData::new(Reported::new(
                    &current,
                    data_registry_resources::ResourcesData::new(current.clone()),
                ))),
                Arc::new(TypedData::new(Reported::new(
                    &current,
                    data_unmanaged_grants::UnmanagedGrantsData::new(current.clone()),
                ))),
            ],
            functions: vec![
                Arc::new(function_compile::CompileFunction),
                Arc::new(function_decode::Decode),
                Arc::new(function_fan_out::FanOutFunction),
                Arc::new(function_project_id::ProjectIdFunction),
            ],
            current,
            embedded: None,
            clock: None,
            projects: None,
        }
    }

    /// For tests: uses this open store instead of the one in the provider block, so that a test can observe every write and make
    /// some of them fail.
    #[doc(hidden)]
    pub fn with_embedded(embedded: Embedded) -> Self {
        Self { embedded: Some(embedded), ..Self::new() }
    }

    /// For tests: uses this clock instead of the machine's, so that a test can let time pass.
    #[doc(hidden)]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// For tests: uses this platform of projects instead of the one in the provider block.
    #[doc(hidden)]
    pub fn with_projects(self, projects: Arc<dyn Projects>) -> Self {
        Self { projects: Some(projects), ..self }
    }
}

#[async_trait]
impl Provider for Anu {
    fn schema(&self) -> Schema {
        config::schema()
    }

    fn resources(&self) -> &[Arc<dyn Resource>] {
        &self.resources
    }

    fn data_sources(&self) -> &[Arc<dyn DataSource>] {
        &self.data_sources
    }

    fn functions(&self) -> &[Arc<dyn Function>] {
        &self.functions
    }

    async fn validate(&self, config: Value) -> Diagnostics {
        let mut diagnostics = validate(&config::schema(), &config);
        diagnostics.extend(config::check(config));
        diagnostics
    }

    async fn configure(&self, call: &mut Call, request: Configure) {
        match config::read(request.config).map(|config| config.or_source(source_of_environment())) {
            Ok(config) => {
                let session = match &self.embedded {
                    Some(embedded) => Session::with_embedded(config, embedded.clone()),
                    None => Session::new(config),
                };
                let session = match &self.clock {
                    Some(clock) => session.with_clock(Arc::clone(clock)),
                    None => session,
                };
                self.current.set(match &self.projects {
                    Some(projects) => session.with_projects(Arc::clone(projects)),
                    None => session,
                });
            }
            Err(errors) => call.diagnostics.extend(errors),
        }
    }
}
