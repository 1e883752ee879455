//! `data "anu_registry"`: the registry, checked and typed.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::config::fences;
use super::current::Current;
use super::selection::{self, SelectBlock};
use super::views::{self, ClusterView, ProjectView, ServiceView, TeamView};
use crate::sdk::{Attr, Attribute, Call, DataSourceType, Diagnostics, Schema, Type, Value};

crate::model! {
    pub struct RegistryModel {
        select: Attr<SelectBlock>,
        include_document: Attr<bool>,
        name: Attr<String>,
        revision: Attr<String>,
        compiled_at: Attr<String>,
        source: Attr<String>,
        sha256: Attr<String>,
        signed_by: Attr<String>,
        fences: Value,
        digest: Attr<String>,
        service_digests: Attr<BTreeMap<String, String>>,
        services: Attr<BTreeMap<String, ServiceView>>,
        teams: Attr<BTreeMap<String, TeamView>>,
        clusters: Attr<BTreeMap<String, ClusterView>>,
        projects: Attr<BTreeMap<String, ProjectView>>,
        document: Attr<String>,
    }
}

/// The data source.
pub struct RegistryData {
    current: Current,
}

impl RegistryData {
    pub(super) fn new(current: Current) -> Self {
        Self { current }
    }
}

#[async_trait]
impl DataSourceType for RegistryData {
    type Model = RegistryModel;
    const NAME: &'static str = "anu_registry";

    fn schema() -> Schema {
        let schema = Schema::new(
            "The service registry, checked and typed, or a selection of it. Everything is known at plan.\n\nUse \
             `service_digests` for `for_each`, through a local: Terraform and OpenTofu evaluate `for_each` again for every \
             instance. A map of strings is the cheapest value, and the local keeps them from evaluating the whole data source \
             each time, which takes OpenTofu minutes from a few hundred services on.",
        )
        .with(selection::attribute())
        .with(
            Attribute::bool("include_document")
                .describe("Also return the document's text. Default: false, because it is stored in the state."),
        )
        .with(Attribute::string("name").computed().describe("The registry's name (`metadata.name`)."))
        .with(Attribute::string("revision").computed().describe("The revision it was compiled from (`metadata.revision`)."))
        .with(Attribute::string("compiled_at").computed().describe("When it was compiled (RFC 3339)."))
        .with(Attribute::string("source").computed().describe("Where it was read: the source, a fallback, or the last good copy."))
        .with(
            Attribute::string("sha256")
                .computed()
                .describe("SHA-256 that the provider block requires of the registry's bytes (`registry.sha256`). Null without one."),
        )
        .with(
            Attribute::string("signed_by")
                .computed()
                .describe("Public key in `registry.verify.minisign` whose signature of the registry was accepted. Null if the provider block requires none."),
        )
        .with(fences::in_force_attribute())
        .with(
            Attribute::string("digest")
                .computed()
                .describe("SHA-256 of the document's canonical JSON. The order of keys and of named entries does not matter."),
        )
        .with(
            Attribute::of("service_digests", Type::map(Type::String))
                .computed()
                .describe("Digest of what each service fans out into, by service. A digest changes exactly when its service's resources do."),
        );
        let schema = views::registry_attributes().into_iter().fold(schema, Schema::with);
        schema.with(
            Attribute::string("document").computed().describe("The document's text, if `include_document` is true."),
        )
    }

    async fn read(&self, call: &mut Call, config: RegistryModel) -> Result<RegistryModel, Diagnostics> {
        let session = self.current.get()?;
        let loaded = session.registry(call).await?;
        let fan_out = &loaded.fan_out;
        let registry = fan_out.registry();
        let picks = selection::select(&loaded, &config.select)?.services;
        let digests: BTreeMap<&str, &str> = fan_out.digests().map(|(name, digest)| (name.as_str(), digest)).collect();
        let digest = |name: &str| digests.get(name).copied().unwrap_or_default().to_owned();
        let clusters = config.select.known().and_then(|select| selection::names(&select.clusters));
        let service_digests = picks.iter().map(|(s, _)| (s.name.to_string(), digest(s.name.as_str()))).collect();
        let services = picks.iter().map(|(service, environments)| {
            let environment =
                |e: &crate::registry::Environment| environments.as_ref().is_none_or(|set| set.contains(&e.name));
            let target = |t: &crate::registry::Target| {
                clusters.as_ref().is_none_or(|names| names.iter().any(|n| n == t.cluster.as_str()))
            };
            (service.name.to_string(), views::service_view(service, environment, target))
        });
        Ok(RegistryModel {
            name: registry.name().map(ToString::to_string).into(),
            revision: registry.metadata.revision.clone().into(),
            compiled_at: registry.metadata.compiled_at.map(|at| at.to_string()).into(),
            source: loaded.source.clone().into(),
            sha256: session.pin().cloned().into(),
            signed_by: loaded.signed_by.clone().into(),
            fences: fences::in_force(session.fences()),
            digest: fan_out.digest().to_owned().into(),
            service_digests: Attr::Known(service_digests),
            services: Attr::Known(services.collect()),
            teams: Attr::Known(views::teams(registry)),
            clusters: Attr::Known(views::clusters(registry)),
            projects: Attr::Known(views::projects(registry)),
            document: if config.include_document.known() == Some(&true) {
                loaded.document.clone().into()
            } else {
                Attr::Null
            },
            ..config
        })
    }
}
