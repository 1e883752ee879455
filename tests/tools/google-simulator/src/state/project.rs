//! A project: what Resource Manager, Billing and Service Usage know of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whether a project or folder is being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Lifecycle {
    Active,
    DeleteRequested,
}

impl Lifecycle {
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::DeleteRequested => "DELETE_REQUESTED",
        }
    }
}

/// A project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Project {
    pub id: String,
    pub number: u64,
    pub parent: Option<String>,
    pub display_name: String,
    pub labels: BTreeMap<String, String>,
    pub state: Lifecycle,
    pub create_time: Timestamp,
    pub update_time: Timestamp,
    pub delete_time: Option<Timestamp>,
    pub etag: String,
    /// `billingAccounts/…`
    pub billing_account: Option<String>,
    /// The names of the enabled APIs.
    pub services: BTreeSet<String>,
    /// Who has created it.
    pub creator: String,
}

impl Project {
    /// As Resource Manager shows it.
    pub fn render(&self) -> Value {
        let mut project = json!({
            "name": format!("projects/{}", self.number),
            "projectId": self.id,
            "displayName": self.display_name,
            "state": self.state.name(),
            "createTime": self.create_time.to_string(),
            "updateTime": self.update_time.to_string(),
            "etag": self.etag,
        });
        if let Some(parent) = &self.parent {
            project["parent"] = json!(parent);
        }
        if !self.labels.is_empty() {
            project["labels"] = json!(self.labels);
        }
        if let Some(at) = self.delete_time {
            project["deleteTime"] = json!(at.to_string());
        }
        project
    }

    /// As Service Usage shows one of its APIs.
    pub fn render_service(&self, service: &str) -> Value {
        let state = if self.services.contains(service) { "ENABLED" } else { "DISABLED" };
        json!({
            "name": service_name(self.number, service),
            "parent": format!("projects/{}", self.number),
            "state": state,
            "config": {"name": service},
        })
    }
}

/// The name of an API on a project.
pub(crate) fn service_name(number: u64, service: &str) -> String {
    format!("projects/{number}/services/{service}")
}
