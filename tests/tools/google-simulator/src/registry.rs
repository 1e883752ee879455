//! What a service registry takes to exist already: the folders and billing accounts that its projects name, and the projects that
//! it marks with `existing`. Anu creates none of these.

use serde_json::Value;

use crate::Simulator;

/// An open billing account, for projects that exist.
const BILLING_ACCOUNT: &str = "billingAccounts/000000-AAAAAA-000000";

impl Simulator {
    /// Adds what a compiled registry takes to exist already, unless it is there.
    ///
    /// # Errors
    ///
    /// When the text is not the JSON of a registry.
    pub fn add_registry(&self, text: &str) -> Result<(), String> {
        let registry: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if !registry.is_object() {
            return Err("it is not a JSON object".to_owned());
        }
        let projects = match &registry["projects"] {
            Value::Null => &[],
            Value::Array(entries) => entries.as_slice(),
            _ => return Err("`projects` is not a list".to_owned()),
        };
        for (position, entry) in projects.iter().enumerate() {
            let spec = &entry["spec"];
            let Some(id) = spec["id"].as_str() else {
                return Err(format!("`/projects/{position}/spec/id` is not a text"));
            };
            if let Some(parent) = spec["parent"].as_str().filter(|parent| parent.starts_with("folders/")) {
                self.add_folder(parent, &self.engine.options.organization);
            }
            if let Some(account) = spec["billingAccount"].as_str() {
                self.add_billing_account(account);
            }
            if spec["existing"] == Value::Bool(true) && self.project(id).is_none() {
                self.add_project(id, &[]);
                self.add_billing_account(BILLING_ACCOUNT);
                self.set_billing_account(id, Some(BILLING_ACCOUNT));
            }
        }
        Ok(())
    }
}
