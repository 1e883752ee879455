//! What the code of an error or warning means.

use schemars::JsonSchema;
use serde::Serialize;

use crate::codes::Code;

/// `anu explain CODE`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodeExplanation {
    /// The code: `anu:unknown-team`.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// The summary. `…` is what varies.
    pub summary: String,
    /// What it means.
    pub cause: String,
    /// What to do.
    pub way_out: String,
    /// The text of an example.
    pub example: Option<String>,
    /// The address of its page.
    pub url: String,
}

impl CodeExplanation {
    /// A code, with the text of an example.
    pub fn of(code: Code, example: Option<String>) -> Self {
        Self {
            code: code.to_string(),
            severity: code.severity().word().to_owned(),
            summary: code.summary().to_owned(),
            cause: code.cause().to_owned(),
            way_out: code.way_out().to_owned(),
            example,
            url: code.page_url(),
        }
    }
}
