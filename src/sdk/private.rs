//! Private state: what a provider keeps beside a resource's state, unseen by users.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

/// Named JSON values. Travels as one JSON object; empty travels as no bytes at all, because "is there any private state"
/// is a question core's behaviour makes us ask (see [`Private::is_empty`]).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Private(BTreeMap<String, Json>);

impl Private {
    /// Reads what [`Private::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are not a JSON object: the state was not written by this provider.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        if bytes.is_empty() { Ok(Self::default()) } else { serde_json::from_slice(bytes).map(Self) }
    }

    /// For the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        // A map of JSON values always serialises.
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    /// Whether nothing is kept. Core hands a plan for a *new* object no private state at all; a non-empty one without a
    /// prior state means that core is planning the second half of a replacement.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value under a name, if it is there and of that shape.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.0.get(name).and_then(|json| serde_json::from_value(json.clone()).ok())
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: impl Serialize) {
        if let Ok(json) = serde_json::to_value(value) {
            self.0.insert(name.to_owned(), json);
        }
    }

    /// Forgets a value.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}
