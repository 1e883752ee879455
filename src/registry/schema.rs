//! The JSON Schema of the document, for editors: generated from the model.

use schemars::JsonSchema;
use serde_json::Value;

use super::entries::{Cluster, Metadata, Namespace, Project, Service, Team};
use super::envelope::Envelope;
use super::permissions::Permissions;

/// The document, for the schema only: [`Registry`](super::Registry) has the same fields without envelopes.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "its fields are read by the derive")]
struct Document {
    /// Metadata of the document.
    metadata: Option<Metadata>,
    /// Teams. If the list is present, it must contain every team that the document names.
    teams: Option<Vec<Envelope<Team>>>,
    /// Clusters. If the list is present, it must contain every cluster that the document names.
    clusters: Option<Vec<Envelope<Cluster>>>,
    /// Projects that anu creates, and those that exist. If the list is present, it must contain every project that the document
    /// names.
    projects: Option<Vec<Envelope<Project>>>,
    /// Namespaces with declared sharing or settings.
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
            "A service registry for terraform-provider-anu. Unknown fields and kinds are valid and readable, except in access \
             lists and in `permissions`, and except fields that are near a known one."
                .into(),
        );
    }
    schema
}
