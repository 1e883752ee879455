//! What the resources and data sources of one configured provider share: the registry, the platforms, and the run state.

use crate::codes;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::OnceCell;

use super::causes::in_one_line;
use super::config::{Config, Embedded as EmbeddedConfig, GuardSettings};
use super::diagnose;
use super::run_state::RunState;
use crate::apply::PlatformRefs;
use crate::connect::RequestContext;
use crate::discovery::{Clock, FetchContext, Mode, RegistryConfig, SystemClock};
pub use crate::estate::LoadedRegistry;
use crate::estate::{LoadRequest, Loader};
use crate::fanout::impact::guard::Acknowledgements;
use crate::fanout::impact::{Kind, Present};
use crate::fanout::resource::{Key, ResourceSet};
use crate::fanout::{Fences, ProjectDefaults};
use crate::platform::embedded::Embedded;
use crate::platform::google::Google;
use crate::platform::kubernetes::Kubernetes;
use crate::platform::{ClusterCache, Clusters, ProjectCache, Projects, ServerId};
use crate::registry::names::ClusterName;
use crate::sdk::{Call, Cause, Diagnostic, Diagnostics, Path};

/// A configured provider.
pub struct Session {
    config: Config,
    loader: Option<Loader>,
    clock: Arc<dyn Clock>,
    embedded: OnceCell<Result<Arc<Embedded>, Diagnostics>>,
    projects: OnceLock<Arc<ProjectCache>>,
    clusters: OnceLock<Arc<ClusterCache>>,
    run_state: Mutex<RunState>,
    cluster_names: OnceLock<BTreeSet<ClusterName>>,
    present: OnceLock<Present>,
    acknowledgements: OnceLock<Acknowledgements>,
}

impl Session {
    /// A session. Reads no registry and opens no platform.
    pub fn new(config: Config) -> Self {
        let request = |registry: &RegistryConfig| LoadRequest {
            registry: registry.clone(),
            jsonnet: config.jsonnet.clone(),
            mode: Mode::Read,
            fan_out: config.fan_out.clone(),
            allow_empty: config.allow_empty,
            accept_older: config.accept_older.clone(),
            name: config.registry_name.clone(),
        };
        Self {
            loader: (!config.registry.source.is_empty()).then(|| Loader::new(request(&config.registry))),
            config,
            clock: Arc::new(SystemClock),
            embedded: OnceCell::new(),
            projects: OnceLock::new(),
            clusters: OnceLock::new(),
            run_state: Mutex::default(),
            cluster_names: OnceLock::new(),
            present: OnceLock::new(),
            acknowledgements: OnceLock::new(),
        }
    }

    /// With an embedded platform that is already open, instead of the one in the configuration.
    pub fn with_embedded(config: Config, embedded: Embedded) -> Self {
        Self { embedded: OnceCell::new_with(Some(Ok(Arc::new(embedded)))), ..Self::new(config) }
    }

    /// With this clock instead of the machine's.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// With this platform of projects instead of the one in the configuration.
    pub fn with_projects(self, projects: Arc<dyn Projects>) -> Self {
        Self { projects: OnceLock::from(Arc::new(ProjectCache::new(projects))), ..self }
    }

    /// The run state.
    pub fn run_state(&self) -> MutexGuard<'_, RunState> {
        self.run_state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The result of a call, in which each cause is printed in full once a run.
    ///
    /// # Errors
    /// Those of the call.
    pub fn reported<T>(&self, result: Result<T, Diagnostics>) -> Result<T, Diagnostics> {
        result.map_err(|errors| self.run_state().causes.once(errors))
    }

    /// The registry, for reading and planning: from the source, a fallback or the last good copy. The first call gets the
    /// warnings.
    pub async fn registry(&self, call: &mut Call) -> Result<Arc<LoadedRegistry>, Diagnostics> {
        let loader = self.loader.as_ref().ok_or_else(no_registry)?;
        let ctx = RequestContext { cancel: call.cancel.clone() };
        let context = FetchContext {
            clock: Arc::clone(&self.clock),
            ..FetchContext::of_this_process(std::env::current_dir().unwrap_or_default())
        };
        let loaded = loader.get(&ctx, &context).await.map_err(|error| diagnose::load_error(&error))?;
        let warnings = loaded.take_warnings();
        call.diagnostics.extend(diagnose::load_warnings(&warnings, &loaded.source));
        Ok(loaded)
    }

    /// The registry, for applying: only from the source itself.
    pub async fn registry_for_apply(&self, call: &mut Call) -> Result<Arc<LoadedRegistry>, Diagnostics> {
        let loaded = self.registry(call).await?;
        match &loaded.fallback_reason {
            Some(reason) => {
                let detail = format!(
                    "{reason}\n\nPlans use the copy in `{}`. An apply does not: a copy may be out of date. Nothing was \
                     changed. Apply again when the source is readable.",
                    loaded.source
                );
                let cause = Cause::new(reason, format!("{} Nothing was changed.", in_one_line(reason)));
                Err(Diagnostic::new(codes::APPLY_NEEDS_SOURCE, detail).caused_by(cause).into())
            }
            None => Ok(loaded),
        }
    }

    /// The resources without the kinds that `manage` excludes.
    pub fn of_managed_kinds(&self, mut resources: ResourceSet) -> ResourceSet {
        if !self.config.fan_out.manage.google {
            resources.projects.clear();
            resources.apis.clear();
            resources.iam.clear();
            resources.service_accounts.clear();
            resources.workload_identity.clear();
        }
        if !self.config.fan_out.manage.kubernetes {
            resources.namespaces.clear();
            resources.quotas.clear();
            resources.kubernetes_service_accounts.clear();
            resources.role_bindings.clear();
        }
        resources
    }

    /// The keys of the kinds that `manage` excludes.
    pub fn unmanaged_keys(&self, resources: &ResourceSet) -> BTreeSet<Key> {
        if self.config.fan_out.manage.google && self.config.fan_out.manage.kubernetes {
            return BTreeSet::new();
        }
        resources.keys().difference(&self.of_managed_kinds(resources.clone()).keys()).cloned().collect()
    }

    /// Opens the platforms of the managed kinds. Opens no connection.
    ///
    /// # Errors
    /// When a managed kind has no platform, naming the block to write; when a platform cannot be opened.
    pub async fn platforms(&self) -> Result<Platforms, Diagnostics> {
        let config = &self.config;
        let here = |stands_in: fn(&EmbeddedConfig) -> bool| config.embedded.as_ref().is_some_and(stands_in);
        let (google_here, kubernetes_here) = (here(|embedded| embedded.google), here(|embedded| embedded.kubernetes));
        let mut nowhere = Vec::new();
        if config.fan_out.manage.google && !google_here && config.projects.is_none() {
            nowhere.push(NO_GOOGLE);
        }
        if config.fan_out.manage.kubernetes && !kubernetes_here && config.clusters.is_none() {
            nowhere.push(NO_KUBERNETES);
        }
        if !nowhere.is_empty() {
            return Err(no_platform(&nowhere));
        }
        let clusters = if config.fan_out.manage.kubernetes { self.open_clusters().await? } else { None };
        let projects = if config.fan_out.manage.google { self.open_projects().await? } else { None };
        Ok(Platforms { projects, clusters })
    }

    /// Opens the platform of namespaces only; none if `manage` excludes that kind. Opens no connection.
    ///
    /// # Errors
    /// When namespaces have no platform, naming the block to write; when the platform cannot be opened.
    pub async fn clusters(&self) -> Result<Platforms, Diagnostics> {
        if !self.config.fan_out.manage.kubernetes {
            return Ok(Platforms { projects: None, clusters: None });
        }
        match self.open_clusters().await? {
            None => Err(no_platform(&[NO_KUBERNETES])),
            clusters => Ok(Platforms { projects: None, clusters }),
        }
    }

    /// Opens the platform of projects only; none if `manage` excludes that kind. Opens no connection.
    ///
    /// # Errors
    /// When projects have no platform, naming the block to write; when the platform cannot be opened.
    pub async fn projects(&self) -> Result<Platforms, Diagnostics> {
        if !self.config.fan_out.manage.google {
            return Ok(Platforms { projects: None, clusters: None });
        }
        match self.open_projects().await? {
            None => Err(no_platform(&[NO_GOOGLE])),
            projects => Ok(Platforms { projects, clusters: None }),
        }
    }

    /// The platform of projects, if the block has one.
    async fn open_projects(&self) -> Result<Option<Arc<dyn Projects>>, Diagnostics> {
        let projects = match (&self.config.embedded, &self.config.projects) {
            (Some(embedded), _) if embedded.google => self.embedded(embedded).await? as Arc<dyn Projects>,
            (_, Some(settings)) => Arc::new(Google::new(settings)),
            (_, None) => return Ok(None),
        };
        Ok(Some(Arc::clone(self.projects.get_or_init(|| Arc::new(ProjectCache::new(projects)))) as Arc<dyn Projects>))
    }

    /// The platform of namespaces, if the block has one.
    async fn open_clusters(&self) -> Result<Option<Arc<ClusterCache>>, Diagnostics> {
        let config = &self.config;
        let clusters = match &config.embedded {
            Some(embedded) if embedded.kubernetes => Some(self.embedded(embedded).await? as Arc<dyn Clusters>),
            _ => config.clusters.clone().map(|settings| Arc::new(Kubernetes::new(settings)) as Arc<dyn Clusters>),
        };
        Ok(clusters.map(|clusters| Arc::clone(self.clusters.get_or_init(|| Arc::new(ClusterCache::new(clusters))))))
    }

    /// The clusters that the registry's services use, and those that the provider block lists.
    pub fn cluster_names(&self, loaded: &LoadedRegistry) -> &BTreeSet<ClusterName> {
        self.cluster_names.get_or_init(|| {
            let registry = loaded.fan_out.registry();
            let environments = registry.services.iter().flat_map(|service| &service.environments);
            let targets = environments.flat_map(|environment| &environment.targets);
            let listed = self.config.clusters.iter().flat_map(|settings| settings.clusters.keys());
            let listed = listed.filter_map(|name| name.parse().ok());
            targets.map(|target| target.cluster.clone()).chain(listed).collect()
        })
    }

    /// The guard against mass removal.
    pub fn guard(&self) -> &GuardSettings {
        &self.config.guard
    }

    /// How much the registry fans out into.
    pub fn present(&self, loaded: &LoadedRegistry) -> &Present {
        self.present.get_or_init(|| Present::of(&loaded.fan_out))
    }

    /// What may be acknowledged of the registry.
    pub fn acknowledgements(&self, loaded: &LoadedRegistry) -> &Acknowledgements {
        self.acknowledgements.get_or_init(|| Acknowledgements::of(&loaded.fan_out))
    }

    /// Whether `manage` includes a kind.
    pub fn manages(&self, kind: Kind) -> bool {
        if kind.is_of_google() { self.config.fan_out.manage.google } else { self.config.fan_out.manage.kubernetes }
    }

    /// Whether the provider block says that this cluster was rebuilt from that API server.
    pub fn is_replaced(&self, cluster: &ClusterName, before: &ServerId) -> bool {
        let replaced = self.config.clusters.iter().filter_map(|settings| settings.replaced.get(cluster.as_str()));
        matches!(before, ServerId::Uid(uid) if replaced.into_iter().any(|replaced| replaced == uid))
    }

    /// The kind in `manage` that a project or namespace belongs to, if `manage` excludes it.
    pub fn excluded_kind(&self, scope: &Key) -> Option<&'static str> {
        let (kind, managed) = match scope.scope() {
            Key::Namespace(_) => ("kubernetes", self.config.fan_out.manage.kubernetes),
            _ => ("google", self.config.fan_out.manage.google),
        };
        (!managed).then_some(kind)
    }

    /// The SHA-256 that the provider block requires of the registry, in hexadecimal.
    pub fn pin(&self) -> Option<&String> {
        self.config.registry.sha256.as_ref()
    }

    /// The fences of the provider block.
    pub fn fences(&self) -> &Fences {
        &self.config.fan_out.fences
    }

    /// What a project has that does not state it.
    pub fn project_defaults(&self) -> &ProjectDefaults {
        &self.config.fan_out.project_defaults
    }

    /// The path of the embedded store, if nothing was ever written to it and some of these resources would be in it.
    pub async fn unwritten_store(&self, ctx: &RequestContext, resources: &ResourceSet) -> Option<PathBuf> {
        let config = self.config.embedded.as_ref()?;
        let google = self.config.fan_out.manage.google && config.google && !resources.project_ids().is_empty();
        let kubernetes =
            self.config.fan_out.manage.kubernetes && config.kubernetes && !resources.namespace_keys().is_empty();
        if !google && !kubernetes {
            return None;
        }
        let embedded = self.embedded(config).await.ok()?;
        // A store that cannot be read has failed the refresh already.
        let unwritten = embedded.is_unwritten(ctx).await.unwrap_or(false);
        let path = embedded.store().path();
        unwritten.then(|| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    async fn embedded(&self, config: &EmbeddedConfig) -> Result<Arc<Embedded>, Diagnostics> {
        self.embedded
            .get_or_init(|| async {
                Embedded::open(&config.path).await.map(Arc::new).map_err(|error| {
                    let error = error.to_string();
                    Diagnostic::new(codes::EMBEDDED_NOT_OPENED, &error)
                        .at(Path::attribute("embedded").then("path"))
                        .caused_by(Cause::new(&error, in_one_line(&error)))
                        .into()
                })
            })
            .await
            .clone()
    }
}

fn no_registry() -> Diagnostics {
    Diagnostic::new(
        codes::NO_REGISTRY,
        "The provider block has no `source` in `registry`, and the variable `ANU_REGISTRY` is not set. Write, for example:\n\n  \
         provider \"anu\" {\n    registry { source = \"registry.json\" }\n  }\n\nor set the variable: \
         `export ANU_REGISTRY=registry.json`.",
    )
    .at(Path::attribute("registry"))
    .caused_by(Cause::new("no registry", "Neither the provider block nor the variable `ANU_REGISTRY` names a registry."))
    .into()
}

/// For kinds that are managed and have no platform.
fn no_platform(missing: &[&str]) -> Diagnostics {
    let text = missing.join("\n\n");
    let first = missing.iter().map(|text| text.split_inclusive(". ").next().unwrap_or(text).trim_end());
    let cause = Cause::new(&text, first.collect::<Vec<_>>().join("\n"));
    Diagnostic::new(codes::NO_PLATFORM, text).caused_by(cause).into()
}

const NO_GOOGLE: &str = "No platform is configured for projects, APIs and IAM members. Set in the provider block `google { … }` for \
                         Google Cloud, or `embedded { path = \"anu.db\" }`, a local store that replaces it (with `kubernetes`, \
                         also `replaces = [\"google\"]` in it); or exclude them with `manage = [\"kubernetes\"]`.";
const NO_KUBERNETES: &str = "No platform is configured for namespaces, quotas and role bindings. Set in the provider block \
                             `kubernetes { … }` with the clusters, or `embedded { path = \"anu.db\" }`, a local store \
                             that replaces them; or exclude them with `manage = [\"google\"]`.";

/// The platforms of a run.
pub struct Platforms {
    /// Projects, APIs, IAM, each project read once for the whole run; none when not managed.
    pub projects: Option<Arc<dyn Projects>>,
    /// Namespaces, quotas, role bindings, read once for the whole run; none when not managed.
    pub clusters: Option<Arc<ClusterCache>>,
}

impl Platforms {
    /// For `apply`.
    pub fn borrow(&self) -> PlatformRefs<'_> {
        let clusters = self.clusters.as_deref().map(|clusters| clusters as &dyn Clusters);
        PlatformRefs { projects: self.projects.as_deref(), clusters }
    }
}
