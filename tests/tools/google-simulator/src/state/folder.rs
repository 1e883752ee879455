//! A folder.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Lifecycle;

/// A folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Folder {
    pub name: String,
    pub parent: String,
    pub display_name: String,
    pub state: Lifecycle,
    pub create_time: Timestamp,
    pub update_time: Timestamp,
    pub etag: String,
}

impl Folder {
    /// As Resource Manager shows it.
    pub fn render(&self) -> Value {
        json!({
            "name": self.name,
            "parent": self.parent,
            "displayName": self.display_name,
            "state": self.state.name(),
            "createTime": self.create_time.to_string(),
            "updateTime": self.update_time.to_string(),
            "etag": self.etag,
        })
    }
}
