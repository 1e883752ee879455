//! The provider block: its schema, and the settings that it is converted to.

use crate::codes;
use std::collections::BTreeMap;
use std::path::PathBuf;

mod digests;
mod duration;
pub(super) mod fences;
pub(super) mod google;
mod guard;
mod jsonnet;
mod kubernetes;
mod permissions;
mod registry;
mod tokens;
mod unknowns;
mod verify;

pub use guard::GuardSettings;

use crate::compile::JsonnetSettings;
use crate::discovery::RegistryConfig;
use crate::fanout::{Manage, Settings};
use crate::platform::google::Settings as GoogleSettings;
use crate::platform::kubernetes::Settings as KubernetesSettings;
use crate::registry::names::{Principal, RegistryName};
use crate::sdk::{
    Attr, Attribute, Diagnostic, Diagnostics, Field, FieldError, LengthAtLeast, OneOf, Path, Predicate, Schema, Type,
    Value, validate,
};

/// The kinds of resources that can be managed, in the words of `manage`.
pub const KINDS: [&str; 2] = ["google", "kubernetes"];

/// The settings of the provider block, checked and wholly known.
#[derive(Debug, Clone)]
pub struct Config {
    /// How the registry is read. Its source is empty if the block names none.
    pub registry: RegistryConfig,
    /// How a registry that is a program is compiled.
    pub jsonnet: JsonnetSettings,
    /// The name of a registry whose document has none.
    pub registry_name: Option<RegistryName>,
    /// The embedded platform, if the block has one.
    pub embedded: Option<Embedded>,
    /// Google Cloud, if the block has it.
    pub projects: Option<GoogleSettings>,
    /// The clusters, if the block has them.
    pub clusters: Option<KubernetesSettings>,
    /// What shapes the fan-out.
    pub fan_out: Settings,
    /// The guard against mass removal.
    pub guard: GuardSettings,
    /// Whether a registry without services is accepted.
    pub allow_empty: bool,
    /// The digest of a registry that is accepted although it is older than states that it is applied to.
    pub accept_older: Option<String>,
}

impl Config {
    /// With this source of the registry, if the block names none.
    pub fn or_source(mut self, source: Option<String>) -> Self {
        if let (true, Some(source)) = (self.registry.source.is_empty(), source) {
            self.registry.source = source;
            self.registry.names.source = "the variable `ANU_REGISTRY`";
        }
        self
    }
}

/// The settings of the embedded platform.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The database file.
    pub path: PathBuf,
    /// Whether it contains projects, APIs and IAM members.
    pub google: bool,
    /// Whether it contains namespaces, quotas and role bindings.
    pub kubernetes: bool,
}

crate::model! {
    /// The provider block.
    struct Block {
        registry: Attr<registry::RegistryBlock>,
        embedded: Attr<EmbeddedBlock>,
        google: Attr<google::GoogleBlock>,
        kubernetes: Attr<kubernetes::KubernetesBlock>,
        manage: Attr<Vec<Attr<String>>>,
        member_template: Attr<String>,
        labels: Attr<BTreeMap<String, Attr<String>>>,
        permissions: Attr<permissions::PermissionsBlock>,
        fences: Attr<fences::FencesBlock>,
        guard: Attr<guard::GuardBlock>,
        allow_empty: Attr<bool>,
    }

    struct EmbeddedBlock {
        path: Attr<String>,
        replaces: Attr<Vec<Attr<String>>>,
    }
}

/// The provider block's schema.
pub fn schema() -> Schema {
    Schema::new(
        "Reads a company's service registry and makes it the definition of what exists: every service fans out into its \
         Google project, its Kubernetes namespaces and its access grants.",
    )
    .with(registry::attribute())
    .with(
        Attribute::block(
            "embedded",
            vec![
                Attribute::string("path")
                    .required()
                    .rule(LengthAtLeast(1))
                    .describe("The database file; created when it does not exist."),
                Attribute::of("replaces", Type::list(Type::String))
                    .rule(LengthAtLeast(1))
                    .rule(Predicate { describe: "`google`, `kubernetes`", check: kind })
                    .describe("The platforms that it replaces: `google`, `kubernetes`. Both by default; required if the provider block also has a block for a real platform."),
            ],
        )
        .describe("A local store that replaces Google and Kubernetes, for trying the provider and for tests. It needs no account and no network."),
    )
    .with(google::attribute())
    .with(kubernetes::attribute())
    .with(
        Attribute::of("manage", Type::list(Type::String))
            .rule(LengthAtLeast(1))
            .rule(Predicate { describe: "`google`, `kubernetes`", check: kind })
            .describe("What `anu_registry_service` provisions: `google` (projects, enabled APIs, IAM members), `kubernetes` (namespaces, quotas, role bindings). Both by default; omit one to manage only the other."),
    )
    .with(
        Attribute::string("member_template")
            .rule(Predicate { describe: "text with `{team}` in it", check: member_template })
            .describe("The principal of a team that has no `email` and no `principals` of its own, for example `group:{team}-team@example.com`. Must contain `{team}`."),
    )
    .with(
        Attribute::of("labels", Type::map(Type::String))
            .describe("Labels for every project and namespace that is managed, in addition to those of the registry. They override labels of the registry with the same keys. A label follows the rules of what has it: Google's if the registry has a project that anu creates, Kubernetes' if it has a namespace."),
    )
    .with(permissions::attribute())
    .with(fences::attribute())
    .with(guard::attribute())
    .with(
        Attribute::bool("allow_empty")
            .describe("Accept a registry without services. Off by default, because an empty registry is almost always a mistake."),
    )
}

fn kind(text: &str) -> Result<(), String> {
    OneOf(&KINDS)
        .0
        .contains(&text)
        .then_some(())
        .ok_or_else(|| format!("`{text}` is not a kind that can be managed; write `google`, `kubernetes` or both"))
}

fn member_template(text: &str) -> Result<(), String> {
    match text.replace("{team}", "a-team").parse::<Principal>() {
        _ if !text.contains("{team}") => {
            Err(format!("`{text}` does not contain `{{team}}`, so every team would be the same principal"))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(format!("with the name of a team inserted, {error}")),
    }
}

/// Checks that need only the block itself. Unknown values pass: they may be known at apply.
pub fn check(config: Value) -> Diagnostics {
    let block = match Block::from_value(config, &Path::root()) {
        Ok(block) => block,
        Err(error) => return misfit(&error),
    };
    let mut diagnostics = Diagnostics::new();
    if let Err(errors) = permissions::read(&block.permissions) {
        diagnostics.extend(errors);
    }
    diagnostics.extend(kubernetes::check(&block.kubernetes));
    diagnostics.extend(fences::check(&block.fences));
    diagnostics.extend(registry::check(&block.registry));
    if block.embedded.known().is_some_and(|embedded| embedded.replaces.is_null()) {
        diagnostics.extend(two_platforms(block.google.known().is_some(), block.kubernetes.known().is_some()));
    }
    diagnostics
}

/// An error, if a block for a real platform is beside an `embedded` block that does not name what it replaces.
fn two_platforms(google: bool, kubernetes: bool) -> Option<Diagnostic> {
    let detail = match (google, kubernetes) {
        (false, false) => return None,
        (false, true) => {
            "The block has both `embedded`, which replaces Google and Kubernetes, and `kubernetes`. Set \
             `replaces = [\"google\"]` in `embedded` to create namespaces, quotas and role bindings on real clusters, or \
             remove one of the two blocks."
        }
        (true, false) => {
            "The block has both `embedded`, which replaces Google and Kubernetes, and `google`. Set \
             `replaces = [\"kubernetes\"]` in `embedded` to create projects, APIs and IAM members on Google Cloud, or \
             `replaces = [\"google\", \"kubernetes\"]` to create all in the local store with the defaults of `google`; or \
             remove one of the two blocks."
        }
        (true, true) => {
            "The block has `embedded`, which replaces Google and Kubernetes, and also `google` and `kubernetes`. Remove `embedded` \
             to create all on the real platforms, or name in its `replaces` those that it replaces: `[\"google\"]`, \
             `[\"kubernetes\"]` or both."
        }
    };
    let path = Path::attribute("embedded").then("replaces");
    Some(Diagnostic::new(codes::TWO_PLATFORMS, detail).at(path))
}

/// Core ensures that a block fits its schema.
fn misfit(error: &FieldError) -> Diagnostics {
    Diagnostic::bug(format!("The provider block does not fit its schema: {error}.")).into()
}

/// Converts the block to settings.
///
/// # Errors
/// For everything that the schema and [`check`] refuse, since values may have been unknown before; for each value that must be
/// known at plan and is not.
pub fn read(config: Value) -> Result<Config, Diagnostics> {
    let schema = schema();
    let mut wrong = validate(&schema, &config);
    wrong.extend(unknowns::refused(&schema, &config));
    wrong.extend(check(config.clone()));
    if wrong.has_errors() {
        return Err(wrong);
    }
    let block = Block::from_value(config, &Path::root()).map_err(|error| misfit(&error))?;
    let registry::Settings { config: registry, name: registry_name, accept_older, jsonnet } =
        registry::read(block.registry);
    let embedded = block.embedded.into_known().and_then(|block| {
        let replaces = block.replaces.into_known_items();
        let stands_in = |kind: &str| replaces.as_ref().is_none_or(|kinds| kinds.iter().any(|k| k == kind));
        let path = block.path.into_known()?.into();
        Some(Embedded { path, google: stands_in("google"), kubernetes: stands_in("kubernetes") })
    });
    let project_defaults = google::defaults(&block.google);
    let projects = block.google.into_known().map(google::read);
    let clusters = block.kubernetes.into_known().map(kubernetes::read);
    let names = clusters.iter().flat_map(|settings: &KubernetesSettings| settings.clusters.keys().cloned()).collect();
    let manage = block.manage.into_known_items();
    let manages = |kind: &str| manage.as_ref().is_none_or(|kinds| kinds.iter().any(|k| k == kind));
    let labels = block
        .labels
        .into_known()
        .map(|labels| labels.into_iter().filter_map(|(key, value)| Some((key, value.into_known()?))).collect());
    let fences = block.fences.into_known().map(fences::read).unwrap_or_default();
    let config = Config {
        registry,
        jsonnet,
        registry_name,
        accept_older,
        embedded,
        projects,
        clusters,
        fan_out: Settings {
            permissions: permissions::read(&block.permissions)?,
            manage: Manage { google: manages("google"), kubernetes: manages("kubernetes") },
            member_template: block.member_template.into_known(),
            labels: labels.unwrap_or_default(),
            clusters: names,
            project_defaults,
            fences,
        },
        guard: guard::read(block.guard),
        allow_empty: block.allow_empty.into_known().unwrap_or(false),
    };
    Ok(config)
}

#[cfg(test)]
mod tests;
