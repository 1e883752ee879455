//! Fields that the registry's format does not define.

/// Fields that the format does not define, unchanged.
pub type Extra = serde_json::Map<String, serde_json::Value>;
