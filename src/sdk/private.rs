//! Private state: data of the provider that core stores with a resource's state and does not show.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

/// Named JSON values, encoded as one JSON object. An empty private state is encoded as no bytes, because its presence has a
/// meaning (see [`Private::is_empty`]).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Private(BTreeMap<String, Json>);

impl Private {
    /// Decodes the bytes of [`Private::to_bytes`].
    ///
    /// # Errors
    /// If the bytes are not a JSON object: the state was not written by this provider.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        if bytes.is_empty() { Ok(Self::default()) } else { serde_json::from_slice(bytes).map(Self) }
    }

    /// The bytes for the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        // A map of JSON values can always be serialized.
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    /// Whether there are no values. For a *new* object core sends no private state. A non-empty private state without a prior
    /// state means that core plans the create of a replacement.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a name, if it exists and has this type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.0.get(name).and_then(|json| serde_json::from_value(json.clone()).ok())
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: impl Serialize) {
        if let Ok(json) = serde_json::to_value(value) {
            self.0.insert(name.to_owned(), json);
        }
    }

    /// Removes a value.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}
