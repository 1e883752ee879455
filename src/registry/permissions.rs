//! The permissions table as written: the roles of each access level.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::access::AccessLevel;
use super::names::{GoogleService, IamRole, KubernetesRole, NameError};

/// Rows of the permissions table, from the registry or from the provider block. The fan-out combines them with the built-in
/// table.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Permissions {
    /// The version of the built-in table. Default: 1.
    pub builtin: Option<u32>,
    /// IAM roles by Google service; the row `*` applies to every environment with a project.
    #[schemars(with = "Option<BTreeMap<String, Row>>")]
    pub google: GoogleRows,
    /// The ClusterRole of each level.
    #[schemars(with = "Option<KubernetesRow>")]
    pub kubernetes: BTreeMap<AccessLevel, KubernetesRole>,
}

/// The key of the row that applies to every environment with a project.
pub const EVERY: &str = "*";

/// Rows of IAM roles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GoogleRows {
    /// The row `*`.
    pub every: Option<Row>,
    /// A row for one Google service.
    pub services: BTreeMap<GoogleService, Row>,
}

impl GoogleRows {
    /// Sets a row by its key in the document: `*` or the name of a Google service.
    pub fn insert(&mut self, key: &str, row: Row) -> Result<(), NameError> {
        if key == EVERY {
            self.every = Some(row);
        } else {
            self.services.insert(key.parse()?, row);
        }
        Ok(())
    }

    /// Every row with its key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Row)> {
        let every = self.every.iter().map(|row| (EVERY, row));
        every.chain(self.services.iter().map(|(service, row)| (service.as_str(), row)))
    }
}

/// The IAM roles of each access level.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Row {
    /// Roles of viewers.
    #[schemars(with = "Option<Vec<IamRole>>")]
    pub viewers: Vec<IamRole>,
    /// Roles of operators.
    #[schemars(with = "Option<Vec<IamRole>>")]
    pub operators: Vec<IamRole>,
    /// Roles of admins.
    #[schemars(with = "Option<Vec<IamRole>>")]
    pub admins: Vec<IamRole>,
}

impl Row {
    /// The roles of one level.
    pub fn level(&self, level: AccessLevel) -> &[IamRole] {
        match level {
            AccessLevel::Viewers => &self.viewers,
            AccessLevel::Operators => &self.operators,
            AccessLevel::Admins => &self.admins,
        }
    }

    /// The roles of one level, mutable.
    pub fn level_mut(&mut self, level: AccessLevel) -> &mut Vec<IamRole> {
        match level {
            AccessLevel::Viewers => &mut self.viewers,
            AccessLevel::Operators => &mut self.operators,
            AccessLevel::Admins => &mut self.admins,
        }
    }
}

/// For the JSON Schema only.
struct KubernetesRow;

impl JsonSchema for KubernetesRow {
    fn schema_name() -> Cow<'static, str> {
        "KubernetesRow".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let role = generator.subschema_for::<KubernetesRole>();
        schemars::json_schema!({
            "type": "object",
            "properties": {"viewers": role, "operators": role, "admins": role},
            "additionalProperties": false,
        })
    }
}
