//! A request, between the network and its handler.

use serde_json::Value;

/// A request as it came in.
#[derive(Debug)]
pub(crate) struct Request {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub token: Option<String>,
    pub quota_project: Option<String>,
    /// Whether it has the header that the metadata server requires.
    pub has_metadata_flavor: bool,
    /// Null if there was none; an error's text if it is not JSON.
    pub body: std::result::Result<Value, String>,
}
