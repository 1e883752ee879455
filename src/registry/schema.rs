//! The JSON Schema of the document, for editors: generated from the model.

use schemars::JsonSchema;
use serde_json::Value;

use super::entries::{Cluster, Metadata, Namespace, Project, Service, Team};
use super::envelope::Envelope;
use super::permissions::Permissions;

/// The document, for the schema only: [`Registry`](super::Registry) holds the same without envelopes.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "its fields are read by the derive")]
struct Document {
    /// About the document itself.
    metadata: Option<Metadata>,
    /// Teams. Once the list is there, every team that is named has to be in it.
    teams: Option<Vec<Envelope<Team>>>,
    /// Clusters. Once the list is there, every cluster that is named has to be in it.
    clusters: Option<Vec<Envelope<Cluster>>>,
    /// Projects the registry creates, or whose sharing it declares.
    projects: Option<Vec<Envelope<Project>>>,
    /// Namespaces whose sharing or settings the registry declares.
    namespaces: Option<Vec<Envelope<Namespace>>>,
    /// Services.
    services: Vec<Envelope<Service>>,
    /// The registry's own rows of the permissions table.
    permissions: Option<Permissions>,
}

/// The JSON Schema (2020-12) of a registry document.
pub fn schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12().for_deserialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Document>().to_value();
    if let Value::Object(schema) = &mut schema {
        schema.insert("title".into(), "Service registry, version 1".into());
        schema.insert(
            "description".into(),
            "A company's service registry as terraform-provider-anu reads it. Unknown fields and kinds are kept."
                .into(),
        );
    }
    schema
}
