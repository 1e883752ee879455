//! Fields that the registry's format does not know.

/// Fields the registry's format does not know, kept as they are.
pub type Extra = serde_json::Map<String, serde_json::Value>;
