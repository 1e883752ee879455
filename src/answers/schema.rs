//! The JSON Schema of what programs read.

use schemars::JsonSchema;
use serde_json::Value;

use super::access::AccessReport;
use super::checks::Checks;
use super::clusters::Clusters;
use super::code::CodeExplanation;
use super::links::ServiceLinks;
use super::places::ServicePlaces;
use super::projects::{ProjectDetails, Projects};
use super::reason::Explanations;
use super::services::{ServiceDetails, Services};
use super::teams::{TeamDetails, Teams};

/// Every answer, by the verb that gives it. For the schema only.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "its fields are read by the derive")]
struct Answers {
    #[schemars(rename = "service list")]
    service_list: Services,
    #[schemars(rename = "service show")]
    service_show: ServiceDetails,
    #[schemars(rename = "service where")]
    service_where: ServicePlaces,
    #[schemars(rename = "team list")]
    team_list: Teams,
    #[schemars(rename = "team show")]
    team_show: TeamDetails,
    #[schemars(rename = "project list")]
    project_list: Projects,
    #[schemars(rename = "project show")]
    project_show: ProjectDetails,
    #[schemars(rename = "cluster list")]
    cluster_list: Clusters,
    #[schemars(rename = "access who")]
    access_who: AccessReport,
    #[schemars(rename = "access can")]
    access_can: AccessReport,
    doctor: Checks,
    open: ServiceLinks,
    #[schemars(rename = "explain KEY")]
    explain_key: Explanations,
    #[schemars(rename = "explain CODE")]
    explain_code: CodeExplanation,
}

/// The JSON Schema (2020-12) of the answers: each is a property, by its verb.
pub fn schema() -> Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Answers>().to_value();
    if let Value::Object(schema) = &mut schema {
        schema.insert("title".into(), "Results of anu in JSON".into());
        schema.insert(
            "description".into(),
            "What `anu VERB --format json` prints, by verb: `#/properties/service where` is the schema of `anu service where`. Later \
             versions may add properties."
                .into(),
        );
    }
    schema
}
